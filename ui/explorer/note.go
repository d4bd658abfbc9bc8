package explorer

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"weft/ui/canvas"
	"weft/ui/speech"
	"weft/ui/theme"
)

// A noteBar shows a message for a while, over the footer or in a border.
type noteBar struct {
	text string
	warn bool
	gen  int
	read int // the generation that was announced last

	closed bool // the last key has removed a note
}

// noteMsg shows a note; noteOver removes it, if it is still the same one.
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
func (n *noteBar) say(text string, warn bool) tea.Cmd {
	n.text, n.warn = text, warn
	n.gen++
	gen := n.gen
	return tea.Tick(noteFor, func(time.Time) tea.Msg { return noteOver{gen} })
}

// clear removes the message.
func (n *noteBar) clear() { n.text = "" }

// forget removes the message whose time is over, unless a newer one is shown.
func (n *noteBar) forget(gone noteOver) {
	if gone.gen == n.gen {
		n.clear()
	}
}

// noteMargin is how many cells of a border stay visible beside a note, its mark included.
const noteMargin = 8

// border returns the pane whose lower border has room for the note: that of the question line, else
// that of the detail part next to it. It is empty if neither has.
func (n *noteBar) border(l layout) (in canvas.Rect) {
	if !l.boxed {
		return in
	}
	w := canvas.Width(canvas.Line(canvas.Head(n.text, l.footer.Dx())))
	for _, r := range []canvas.Rect{l.line, l.detail} {
		if w <= r.Dx()-noteMargin && r.Max.Y == l.footer.Min.Y && !(r == l.line && l.form) {
			return r
		}
	}
	return in
}

// rows returns how many rows of its own the note needs on a screen of w by h cells. All else makes
// room for them, so that the note hides nothing.
func (n *noteBar) rows(l layout, w, h int) int {
	if n.text == "" || l.shape == tiny || !n.border(l).Empty() {
		return 0
	}
	return len(n.lines(w, h))
}

// lines wraps the note to rows of its own: at most a quarter of the screen, and at most three.
func (n *noteBar) lines(w, h int) []string {
	return canvas.Fit(canvas.Line(canvas.Head(n.text, 3*w)), w-4, between(h/4, 1, 3))
}

// draw shows the note.
func (n *noteBar) draw(c *canvas.Canvas, l layout, t *theme.Theme) {
	if n.text == "" || l.shape == tiny {
		return
	}
	st, mark := t.Info, "•"
	if n.warn {
		st, mark = t.Warn, "!"
	}
	if l.note.Empty() {
		r := n.border(l)
		x, y := r.Min.X+3, r.Max.Y-1
		c.Clear(canvas.R(x-1, y, canvas.Width(canvas.Line(n.text))+4, 1))
		c.TextN(x, y, 1, mark, st)
		c.TextN(x+2, y, r.Max.X-x-4, n.text, t.Text)
		return
	}
	w, h := c.Size()
	c.Clear(l.note) // an overlay may have drawn on the rows of the note
	c.TextN(1, l.note.Min.Y, 1, mark, st)
	for i, text := range n.lines(w, h) {
		c.TextN(3, l.note.Min.Y+i, w-4, text, t.Text)
	}
}

// Report reads a new note.
func (n *noteBar) Report(a arrival) {
	if n.gen == n.read && !a.first {
		return
	}
	n.read = n.gen
	if n.text != "" {
		a.say(speech.Sentence(speech.Plain(n.text)))
	}
}
