package markdown

import (
	"io"
	"strings"
	"sync"
	"time"

	"weft/ui/canvas"
)

// broadest is the width in which text is still read easily; a terminal may be wider.
const broadest = 120

// A Scroll writes a Markdown text that grows into the lines of a terminal, below what stands there. Blocks that no later byte can change
// are written once; the open end is written over as often as more has come.
type Scroll struct {
	w    io.Writer
	r    *Renderer
	size func() (cols, rows int)

	mu     sync.Mutex
	text   string // what is still open
	below  bool   // there is a block above it
	rows   []string
	inside [2]int // the size of the terminal in which the rows were written; the cursor stands behind the last one
	drawn  int    // bytes of the text that they show
	at     time.Time
	took   time.Duration // to draw them
	late   *time.Timer   // draws what has waited long enough
}

// NewScroll returns a Scroll that writes to the terminal w, whose size may change.
func NewScroll(w io.Writer, r *Renderer, size func() (cols, rows int)) *Scroll {
	return &Scroll{w: w, r: r, size: size}
}

// Add continues the text. Like a Stream, it is drawn when at least 40 bytes have come, or after a lull.
func (s *Scroll) Add(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text += canvas.Clean(text)
	wait := lull
	if len(s.text)-s.drawn >= enough {
		wait = s.took // a long open end takes its time: half of it is left to others
	}
	if wait -= time.Since(s.at); wait <= 0 {
		s.draw(false)
	} else if s.late == nil {
		s.late = time.AfterFunc(wait, s.lull)
	}
}

func (s *Scroll) lull() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.late != nil { // the text has not ended meanwhile
		s.late = nil
		s.draw(false)
	}
}

// End says that the text is complete. The cursor stands on the line below it, where another text can begin.
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
	if size != s.inside && len(s.rows) > 0 { // the terminal has moved the lines: they stay, and the open end is written once more
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
	open = open[max(0, len(open)-max(1, size[1]-1)):] // what has left the screen could not be written over
	s.show(append(rows, open...))
	if s.rows = open; done && len(rows) > 0 {
		s.write("\r\n")
	}
	s.drawn, s.at = len(s.text), time.Now()
	s.took = s.at.Sub(begin)
}

// lines are those of a piece of the text, with a blank one between it and the block above.
func (s *Scroll) lines(src string) []string {
	src = strings.TrimRight(strings.TrimLeft(src, "\n"), " \n")
	rows := s.r.picture(src, min(max(s.inside[0], 1), broadest)).Rows()
	if s.below && len(rows) > 0 {
		rows = append([]string{""}, rows...)
	}
	return rows
}

// show puts rows in the place of those that are on the screen, beginning with the first that differs, in one piece: a terminal that
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
		same = max(0, min(same, len(rows)-1)) // the cursor must come to stand behind a row
		// Line by line: from the top of the screen on, tmux takes "erase what is below" for clearing, which keeps the lines among those that scrolled by.
		b.WriteString("\r\x1b[K" + strings.Repeat("\x1b[A\x1b[K", len(s.rows)-1-same))
	}
	b.WriteString(strings.Join(rows[same:], "\r\n"))
	s.write(b.String())
}

func (s *Scroll) write(text string) { _, _ = io.WriteString(s.w, text) } // a terminal that is gone cannot be told so
