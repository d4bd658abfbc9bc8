package explorer

import (
	"strings"
	"time"
)

// paceFor is how long it may take at most until a text that came at once is on the screen.
const paceFor = 2 * time.Second

// paceRate is how fast a short one appears, in bytes a second.
const paceRate = 900

// A pacer lets a text that came all at once appear as if it were written, so that the eye can follow. It never holds back
// anything for longer than two seconds in all, and not at all once it is skipped.
type pacer struct {
	on    bool // this answer is paced
	start time.Time
	over  bool
}

// cut returns the part of the text that is to be seen now, up to the end of a word.
func (p *pacer) cut(text string, now time.Time) string {
	if !p.on || p.over {
		return text
	}
	if p.start.IsZero() {
		p.start = now
	}
	in := min(time.Duration(len(text))*time.Second/paceRate, paceFor)
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
func (p *pacer) skip() { p.over = true }
