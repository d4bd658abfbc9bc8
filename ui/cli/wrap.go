package cli

import (
	"io"
	"strings"

	"github.com/charmbracelet/x/term"

	"weft/rag/lazyregexp"
	"weft/ui/canvas"
)

// narrowest is the width below which text is not wrapped.
const narrowest = 20

// A wrap is a writer that wraps text between words. Text may arrive in pieces; a word is written
// once it is complete, so end must be called. Continuation lines are indented to the text of their
// line, past its blanks and its list marker.
type wrap struct {
	w      io.Writer
	width  int
	col    int // current column
	blanks int // blanks before the word
	indent int // indentation of continuation lines
	word   strings.Builder
	err    error
}

// wrapped returns a writer that wraps at the width of the terminal w, or w itself if it is not a
// terminal.
func wrapped(w io.Writer) (out io.Writer, end func()) {
	cols := terminalWidth(w)
	if cols < narrowest {
		return w, func() {}
	}
	wr := &wrap{w: w, width: cols}
	return wr, wr.end
}

// terminalWidth returns the width of the terminal w, or 0 if it is not one.
func terminalWidth(w io.Writer) int {
	f, ok := behind(w).(interface{ Fd() uintptr })
	if !ok || !term.IsTerminal(f.Fd()) {
		return 0
	}
	cols, _, err := term.GetSize(f.Fd())
	if err != nil {
		return 0
	}
	return cols
}

func (w *wrap) Write(p []byte) (int, error) {
	// A loop over bytes is safe: in UTF-8 the byte of a blank is never part of another character.
	for _, b := range p {
		switch b {
		case '\n':
			w.put()
			w.out("\n")
			w.col, w.blanks, w.indent = 0, 0, 0
		case ' ':
			w.put()
			w.blanks++
		default:
			w.word.WriteByte(b)
		}
	}
	return len(p), w.err
}

// end writes the last word.
func (w *wrap) end() { w.put() }

var mark = lazyregexp.New(`^(?:[-*•]|\d{1,3}[.)])$`)

// put writes the word, on a new line if it does not fit.
func (w *wrap) put() {
	word := w.word.String()
	if word == "" {
		return
	}
	w.word.Reset()
	wide := canvas.Width(word)
	if w.col == 0 && w.blanks < w.width/2 {
		if w.indent = w.blanks; mark.MatchString(word) {
			w.indent += wide + 1
		}
	} else if w.col > w.indent && w.col+w.blanks+wide > w.width {
		w.out("\n")
		w.col, w.blanks = 0, w.indent
	}
	w.out(strings.Repeat(" ", w.blanks) + word)
	if w.col += w.blanks + wide; w.col > w.width { // the terminal has wrapped it
		w.col %= w.width
	}
	w.blanks = 0
}

func (w *wrap) out(s string) {
	if w.err == nil {
		_, w.err = io.WriteString(w.w, s)
	}
}
