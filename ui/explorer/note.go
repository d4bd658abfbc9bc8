package explorer

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"weft/ui/canvas"
	"weft/ui/speech"
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
func (s *shell) say(text string, warn bool) tea.Cmd {
	s.note = note{text: text, warn: warn, gen: s.note.gen + 1}
	gen := s.note.gen
	return tea.Tick(noteFor, func(time.Time) tea.Msg { return noteOver{gen} })
}

// forget takes the message away whose time is over, unless there is another.
func (s *shell) forget(over noteOver) {
	if over.gen == s.note.gen {
		s.note.text = ""
	}
}

// noteMargin is what of a border stays to be seen beside a note, its mark included.
const noteMargin = 8

// noteBorder is the pane in whose lower border the note has room and moves nothing: that of the question line, or else of the
// detail part beside it. It is empty where there is none.
func (s *shell) noteBorder() (in canvas.Rect) {
	l := s.layout
	n := canvas.Width(canvas.Line(canvas.Head(s.note.text, s.w)))
	for _, r := range []canvas.Rect{l.line, l.detail} {
		if l.boxed && n <= r.Dx()-noteMargin && r.Max.Y == l.footer.Min.Y && !(r == l.line && s.shows(linePart) != s.home[linePart]) {
			return r
		}
	}
	return in
}

// noteRows is how many rows of its own the note needs: all else makes way for them, so that it hides nothing.
func (s *shell) noteRows() int {
	if s.note.text == "" || s.layout.shape == tiny || !s.noteBorder().Empty() {
		return 0
	}
	return len(s.noteLines())
}

// noteLines breaks the note into rows of its own: no more than a quarter of the screen, and three.
func (s *shell) noteLines() []string {
	return canvas.Fit(canvas.Line(canvas.Head(s.note.text, 3*s.w)), s.w-4, between(s.h/4, 1, 3))
}

// drawNote shows the note.
func (s *shell) drawNote(c *canvas.Canvas) {
	l, t := s.layout, &s.theme
	if s.note.text == "" || l.shape == tiny {
		return
	}
	st, mark := t.Info, "•"
	if s.note.warn {
		st, mark = t.Warn, "!"
	}
	if l.note.Empty() {
		r := s.noteBorder()
		x, y := r.Min.X+3, r.Max.Y-1
		c.Clear(canvas.R(x-1, y, canvas.Width(canvas.Line(s.note.text))+4, 1))
		c.TextN(x, y, 1, mark, st)
		c.TextN(x+2, y, r.Max.X-x-4, s.note.text, t.Text)
		return
	}
	c.TextN(1, l.note.Min.Y, 1, mark, st)
	for i, text := range s.noteLines() {
		c.TextN(3, l.note.Min.Y+i, s.w-4, text, t.Text)
	}
}

// Report reads a new note.
func (s *shell) Report(a arrival) {
	if s.note.gen == s.speaker.note {
		return
	}
	s.speaker.note = s.note.gen
	if s.note.text != "" {
		a.say(speech.Sentence(speech.Plain(s.note.text)))
	}
}
