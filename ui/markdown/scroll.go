package markdown

import (
	"io"
	"strings"
	"sync"
	"time"

	"weft/ui/canvas"
)

// broadest is the greatest width in cells that is comfortable to read; the terminal may be wider.
const broadest = 120

// A Scroll writes a growing Markdown text to a terminal, below what is there already. Blocks that
// no later byte can change are written once; the open end is overwritten as text is added. It is
// safe for concurrent use.
type Scroll struct {
	w    io.Writer
	r    *Renderer
	size func() (cols, rows int)

	mu    sync.Mutex
	text  string // the part that is still open
	below bool   // a block was written above the open part: a blank row separates them
	rows  []string
	// inside is the size of the terminal when the rows were written. The cursor is after the last
	// row.
	inside [2]int
	drawn  int // how many bytes of the text the rows show
	at     time.Time
	took   time.Duration // how long the last drawing took
	late   *time.Timer   // timer that draws text which has waited for maxDelay
}

// NewScroll returns a Scroll that writes to the terminal w. size is called before each drawing.
func NewScroll(w io.Writer, r *Renderer, size func() (cols, rows int)) *Scroll {
	return &Scroll{w: w, r: r, size: size}
}

// Add appends to the text. As in a Stream, it is drawn when at least 40 bytes have come or some
// time has passed.
func (s *Scroll) Add(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text += canvas.Clean(text)
	wait := maxDelay
	if len(s.text)-s.drawn >= minGrowth {
		// Drawing a long open end is slow: wait as long as the last drawing took, so that drawing
		// takes at most half of the time.
		wait = s.took
	}
	if wait -= time.Since(s.at); wait <= 0 {
		s.draw(false)
	} else if s.late == nil {
		s.late = time.AfterFunc(wait, s.drawLate)
	}
}

func (s *Scroll) drawLate() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.late != nil { // End has not been called meanwhile
		s.late = nil
		s.draw(false)
	}
}

// End completes the text. The cursor is left on the line below it, where another text can begin.
func (s *Scroll) End() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.late != nil {
		s.late.Stop()
		s.late = nil
	}
	s.draw(true)
	s.below = false
}

func (s *Scroll) draw(done bool) {
	begin := time.Now()
	var size [2]int
	size[0], size[1] = s.size()
	// On a resize the terminal rewraps the rows: leave them, and write the open end again below.
	if size != s.inside && len(s.rows) > 0 {
		s.write("\r\n")
		s.rows = nil
	}
	s.inside = size
	settled := len(s.text)
	if !done {
		settled = s.r.settled(s.text)
	}
	rows := s.lines(s.text[:settled])
	s.below = s.below || len(rows) > 0
	s.text = s.text[settled:]
	open := s.lines(s.text)
	open = open[max(0, len(open)-max(1, size[1]-1)):] // lines off the screen cannot be overwritten
	s.show(append(rows, open...))
	if s.rows = open; done && len(rows) > 0 {
		s.write("\r\n")
	}
	s.drawn, s.at = len(s.text), time.Now()
	s.took = s.at.Sub(begin)
}

// lines returns the rows of a piece of the text, after a blank row if a block is above it.
func (s *Scroll) lines(src string) []string {
	src = strings.TrimRight(strings.TrimLeft(src, "\n"), " \n")
	rows := s.r.picture(src, min(max(s.inside[0], 1), broadest), anyNumber()).Rows()
	if s.below && len(rows) > 0 {
		rows = append([]string{""}, rows...)
	}
	return rows
}

// show replaces the rows on the screen, from the first that differs, in one write: a terminal that
// draws in between would flicker.
func (s *Scroll) show(rows []string) {
	same := 0
	for same < min(len(rows), len(s.rows)) && rows[same] == s.rows[same] {
		same++
	}
	if same == len(rows) && same == len(s.rows) {
		return
	}
	var b strings.Builder
	if same == len(s.rows) && same > 0 {
		b.WriteString("\r\n")
	} else if len(s.rows) > 0 {
		// Rewrite at least the last row: the cursor stays after it
		same = max(0, min(same, len(rows)-1))
		// Erase line by line: at the top of the screen, tmux takes "erase below" for clearing the
		// screen and keeps the old lines in its scrollback.
		b.WriteString("\r\x1b[K" + strings.Repeat("\x1b[A\x1b[K", len(s.rows)-1-same))
	}
	b.WriteString(strings.Join(rows[same:], "\r\n"))
	s.write(b.String())
}

// write ignores errors: there is no other way to reach a terminal that is gone.
func (s *Scroll) write(text string) { _, _ = io.WriteString(s.w, text) }
