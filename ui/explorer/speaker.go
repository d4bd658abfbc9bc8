package explorer

import (
	"time"
)

// A speaker is the explorer for those who listen to their terminal or feel it: a second renderer of
// the same panes. In place of a screen that is drawn over and over there are lines of text, one
// after the other, of what happened and of what a key has led to, and below them the one line in
// which is typed. Nothing that was written is ever changed.
type speaker struct {
	on       bool
	lines    []string // to be written, wrapped
	printing bool     // some are on their way: those that follow wait, so that they keep their order
	greeted  bool
	at       spot // where the keys were when that was last spoken of
}

// printedMsg says that lines are written.
type printedMsg struct{}

// longestRead is how many bytes of one text are read: a line of megabytes is of no use.
const longestRead = 4096

// promptFrame is how long it takes at most until the next frame is drawn: with it the alternate
// screen is left, on which lines are lost.
const promptFrame = 50 * time.Millisecond
