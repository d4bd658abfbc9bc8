package explorer

import (
	"image"

	"weft/ui/canvas"
)

// A shape is the way in which a screen is divided.
type shape uint8

const (
	tiny    shape = iota // below 40×10: a status line, the conversation, the question
	compact              // below 60×15: a list of steps, no borders
	stacked              // the timeline above the conversation
	wide                 // conversation left, timeline and detail right
	linear               // nothing is drawn: see shell.arrangeLinear
)

// A part is a place on the screen. Each shows one pane at a time.
type part uint8

const (
	noPart part = iota
	timelinePart
	conversationPart
	detailPart // what is selected, a document, a graph
	linePart   // where questions are typed and forms are filled in
	parts      // how many there are
)

// contents describes what the layout has to make room for.
type contents struct {
	alone  part // the part that is shown alone; noPart: none is
	rows   int  // rows of the timeline, its ruler included; 0: there is no run to show
	lines  int  // rows of the question line's text, or of the form in its place with its border
	form   bool // a form replaces the question line
	folded bool // one row is enough for the timeline where an answer needs its room
	answer int  // rows that the selected answer needs
	note   int  // rows over the footer that a message needs
	detail bool // a pane was opened in the detail part: it is shown on small screens too
}

// A layout holds the rectangle of every part. A part that does not fit has an empty one.
type layout struct {
	shape
	header, timeline, conversation, detail, line, note, footer canvas.Rect
	form                                                       bool // a form is open
	folded                                                     bool // the timeline has one row, without a border
	boxed                                                      bool // panes have borders
}

// The smallest screen on which the timeline is drawn.
const (
	leastWidth  = 40
	leastHeight = 10
)

// leastReading is how many rows an answer that needs them has before the timeline of a run that is
// over is folded.
const leastReading = 16

// arrange divides w by h cells. It is total: every size gives rectangles within the screen that do
// not overlap.
func arrange(w, h int, k contents) layout {
	l := layout{shape: stacked, boxed: true, form: k.form}
	switch {
	case w < leastWidth || h < leastHeight:
		l.shape, l.boxed = tiny, false
	case w < 60 || h < 15:
		l.shape, l.boxed = compact, false
	case w >= 150 && h >= 30:
		l.shape = wide
	}
	screen := canvas.R(0, 0, w, h)
	top := func(n int) (r canvas.Rect) { r, screen = split(screen, n); return r }
	bottom := func(n int) (r canvas.Rect) {
		screen, r = split(screen, screen.Dy()-n)
		return r
	}
	l.header = top(1)
	if l.shape == tiny {
		l.line = bottom(min(1, screen.Dy()))
		if k.form {
			l.line = canvas.R(0, 1, w, h-1)
			return l
		}
		l.alone(screen, k)
		if l.conversation.Empty() && l.timeline.Empty() && l.detail.Empty() {
			l.conversation = screen
		}
		return l
	}
	l.footer = bottom(1)
	l.note = bottom(k.note)
	border := 0
	if l.boxed {
		border = 2
	}
	lines := max(min(k.lines, max(h/3-border, 1)), 1) + border
	if k.form {
		lines = min(max(k.lines, 4), screen.Dy()*2/3)
	}
	if k.alone != noPart && k.alone != conversationPart && !k.form {
		lines = 0 // the part that is shown alone takes the rows of the question line too
	}
	if l.shape == wide && k.alone == noPart {
		left, right := canvas.R(0, screen.Min.Y, w*38/100, screen.Dy()), canvas.R(w*38/100, screen.Min.Y, w-w*38/100, screen.Dy())
		l.conversation, l.line = split(left, left.Dy()-lines)
		l.timeline, l.detail = split(right, between(k.rows+2, 8, right.Dy()*6/10))
		return l
	}
	l.line = bottom(lines)
	if k.alone != noPart || k.detail {
		l.alone(screen, k)
		return l
	}
	if k.rows > 0 {
		n := between(k.rows+border, min(4+border, screen.Dy()/2), screen.Dy()*55/100)
		if k.folded && l.boxed && screen.Dy()-n-border < min(k.answer, leastReading) {
			n, l.folded = 1, true
		}
		l.timeline = top(n)
	}
	l.conversation = screen
	return l
}

// of returns the rectangle of a part; empty if it has no room.
func (l *layout) of(p part) canvas.Rect {
	switch p {
	case timelinePart:
		return l.timeline
	case conversationPart:
		return l.conversation
	case detailPart:
		return l.detail
	case linePart:
		return l.line
	}
	return canvas.Rect{}
}

// partAt returns the part that contains a cell.
func (l *layout) partAt(p image.Point) (part, bool) {
	for _, q := range []part{linePart, timelinePart, conversationPart, detailPart} {
		if p.In(l.of(q)) {
			return q, true
		}
	}
	return noPart, false
}

// alone gives all of r to the single part that is shown.
func (l *layout) alone(r canvas.Rect, k contents) {
	switch {
	case k.alone == timelinePart:
		l.timeline = r
	case k.alone == conversationPart:
		l.conversation = r
	case k.alone == detailPart || k.detail:
		l.detail = r
	}
}

// split cuts r after n rows, or as many as it has.
func split(r canvas.Rect, n int) (upper, lower canvas.Rect) {
	n = between(n, 0, r.Dy())
	upper, lower = r, r
	upper.Max.Y, lower.Min.Y = r.Min.Y+n, r.Min.Y+n
	return upper, lower
}

func between(n, low, high int) int { return max(min(n, high), min(low, high)) }
