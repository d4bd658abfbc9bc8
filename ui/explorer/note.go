package explorer

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"weft/ui/canvas"
)

// A note is a message for the person, over the footer.
type note struct {
	text string
	warn bool
	gen  int
}

// noteMsg asks for a note; noteOver ends it, if it is still the one.
type (
	noteMsg struct {
		text string
		warn bool
	}
	noteOver struct{ gen int }
)

// noteFor is how long a note stays when no key is pressed.
const noteFor = 6 * time.Second

// say shows a message for a while.
func (m *model) say(text string, warn bool) tea.Cmd {
	m.note = note{text: text, warn: warn, gen: m.note.gen + 1}
	gen := m.note.gen
	return tea.Tick(noteFor, func(time.Time) tea.Msg { return noteOver{gen} })
}

// noteMargin is what of a border stays to be seen beside a note, its mark included.
const noteMargin = 8

// noteBorder is the panel in whose lower border the note has room and moves nothing: that of the question line, or else of the inspector
// beside it. It is empty where there is none.
func (m *model) noteBorder() (in canvas.Rect) {
	l := m.layout
	n := canvas.Width(canvas.Line(canvas.Head(m.note.text, m.w)))
	for _, r := range []canvas.Rect{l.line, l.inspector} {
		if l.boxed && n <= r.Dx()-noteMargin && r.Max.Y == l.footer.Min.Y && !(r == l.line && m.formShown()) {
			return r
		}
	}
	return in
}

// noteRows is how many rows of its own the note needs: all else makes way for them, so that it hides nothing.
func (m *model) noteRows() int {
	if m.note.text == "" || m.layout.shape == tiny || !m.noteBorder().Empty() {
		return 0
	}
	return len(m.noteLines())
}

// noteLines breaks the note into rows of its own: no more than a quarter of the screen, and three.
func (m *model) noteLines() []string {
	return canvas.Fit(canvas.Line(canvas.Head(m.note.text, 3*m.w)), m.w-4, between(m.h/4, 1, 3))
}

// drawNote shows the note.
func (m *model) drawNote(c *canvas.Canvas) {
	l, t := m.layout, &m.theme
	if m.note.text == "" || l.shape == tiny {
		return
	}
	st, mark := t.Info, "•"
	if m.note.warn {
		st, mark = t.Warn, "!"
	}
	if l.note.Empty() {
		r := m.noteBorder()
		x, y := r.Min.X+3, r.Max.Y-1
		c.Clear(canvas.R(x-1, y, canvas.Width(canvas.Line(m.note.text))+4, 1))
		c.TextN(x, y, 1, mark, st)
		c.TextN(x+2, y, r.Max.X-x-4, m.note.text, t.Text)
		return
	}
	c.TextN(1, l.note.Min.Y, 1, mark, st)
	for i, text := range m.noteLines() {
		c.TextN(3, l.note.Min.Y+i, m.w-4, text, t.Text)
	}
}
