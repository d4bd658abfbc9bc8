package explorer

import (
	"bytes"
	"io"
	"os"

	"github.com/charmbracelet/x/ansi"
)

// cleared is what the renderer writes before it draws the whole screen, as after a resize.
const cleared = ansi.CursorHomePosition + ansi.EraseEntireScreen

const resetMargins = "\x1b[r" // to the whole screen

// withoutMargins resets the terminal's scroll margins whenever the screen is cleared.
//
// To scroll a part of the screen, the renderer sets margins, and then sets them to the whole screen
// of the size that it knows. When the window grows before the program is told, those margins
// remain: the next line feed at the old last row scrolls the upper part of the screen.
type withoutMargins struct{ io.Writer }

func (o withoutMargins) Write(p []byte) (int, error) {
	if !bytes.Contains(p, []byte(cleared)) {
		return o.Writer.Write(p)
	}
	all := bytes.ReplaceAll(p, []byte(cleared), []byte(resetMargins+cleared))
	if _, err := o.Writer.Write(all); err != nil {
		return 0, err
	}
	return len(p), nil
}

// A terminalFile is withoutMargins for a file, which the library asks whether it is a terminal.
type terminalFile struct {
	withoutMargins
	file *os.File
}

func (t terminalFile) Fd() uintptr                { return t.file.Fd() }
func (t terminalFile) Read(p []byte) (int, error) { return t.file.Read(p) }
func (t terminalFile) Close() error               { return t.file.Close() }

// drawTo returns where the library draws so that it appears on w.
func drawTo(w io.Writer) io.Writer {
	if f, ok := w.(*os.File); ok {
		return terminalFile{withoutMargins{f}, f}
	}
	return withoutMargins{w}
}
