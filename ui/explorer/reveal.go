package explorer

import (
	"strings"
	"time"
)

// typingFor is the maximum time until a text that arrived at once is on the screen.
const typingFor = 2 * time.Second

// typingRate is the speed at which a short text appears, in bytes a second.
const typingRate = 900

// A typewriter shows a text that arrived all at once bit by bit, so that the eye can follow. The
// whole text is visible after at most two seconds, or after a call of skip.
type typewriter struct {
	on    bool // the text is shown bit by bit
	start time.Time
	over  bool
}

// visible returns the part of the text to show now, up to the end of a word.
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
