package explorer

import (
	"strings"
	"time"
)

// typingFor is how long it may take at most until a text that came at once is on the screen.
const typingFor = 2 * time.Second

// typingRate is how fast a short one appears, in bytes a second.
const typingRate = 900

// A typewriter lets a text that came all at once appear as if it were written, so that the eye can
// follow. It never holds back anything for longer than two seconds in all, and not at all once it
// is skipped.
type typewriter struct {
	on    bool // this answer appears bit by bit
	start time.Time
	over  bool
}

// visible returns the part of the text that is to be seen now, up to the end of a word.
func (p *typewriter) visible(text string, now time.Time) string {
	if !p.on || p.over {
		return text
	}
	if p.start.IsZero() {
		p.start = now
	}
	in := min(time.Duration(len(text))*time.Second/typingRate, typingFor)
	gone := now.Sub(p.start)
	if gone >= in {
		return text
	}
	n := int(int64(len(text)) * int64(gone) / int64(max(in, 1)))
	if i := strings.LastIndexByte(text[:n], ' '); i >= 0 {
		return text[:i]
	}
	return ""
}

// skip shows everything.
func (p *typewriter) skip() { p.over = true }
