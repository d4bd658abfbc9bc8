package explorer

import (
	"time"
)

// A speaker is the screen-reader mode of the explorer: a second renderer of the same panes, for
// people who listen to their terminal or read it in braille. Instead of a screen it writes lines of
// text, one after the other, about events and the effects of keys, and below them the input line.
// Lines that were written never change.
type speaker struct {
	on       bool
	lines    []string // to be written, wrapped
	printing bool     // lines are being written: later ones wait, to keep the order
	greeted  bool
	at       spot // where the focus was at the last announcement
}

// printedMsg reports that lines were written.
type printedMsg struct{}

// longestRead is the maximum number of bytes of one text that are read aloud.
const longestRead = 4096

// promptFrame is the maximum time until the next frame is drawn. That frame leaves the alternate
// screen, on which written lines would be lost.
const promptFrame = 50 * time.Millisecond
