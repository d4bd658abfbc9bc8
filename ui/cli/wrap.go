package cli

import (
	"io"
	"regexp"
	"strings"

	"github.com/charmbracelet/x/term"

	"weft/ui/canvas"
)

// narrowest is the width below which lines are left to the terminal.
const narrowest = 20

// A wrap breaks lines between words where a terminal would break them within one. It takes text as it comes, piece by piece: a word is
// written when it has ended, so end must be called. What follows on a break stands below the text of its line, behind blanks and the mark
// of a list.
type wrap struct {
	w      io.Writer
	width  int
	col    int // where the line has come to
	blanks int // before the word
	indent int // of the lines that a line is broken into
	word   strings.Builder
	err    error
}

// wrapped returns a writer that breaks lines at the width of the terminal that w is, or w if it is none.
func wrapped(w io.Writer) (out io.Writer, end func()) {
	cols := terminalWidth(w)
	if cols < narrowest {
		return w, func() {}
	}
	wr := &wrap{w: w, width: cols}
	return wr, wr.end
}

// terminalWidth is the width of the terminal that w is; 0 if it is none.
func terminalWidth(w any) int {
	f, ok := w.(interface{ Fd() uintptr })
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
	for _, b := range p { // blanks are bytes that are a part of no other character
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

// end writes the word that has begun.
func (w *wrap) end() { w.put() }

var mark = regexp.MustCompile(`^(?:[-*•]|\d{1,3}[.)])$`)

// put writes the word, on a line of its own if it does not fit into this one.
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
	if w.col += w.blanks + wide; w.col > w.width { // the terminal has broken it
		w.col %= w.width
	}
	w.blanks = 0
}

func (w *wrap) out(s string) {
	if w.err == nil {
		_, w.err = io.WriteString(w.w, s)
	}
}
