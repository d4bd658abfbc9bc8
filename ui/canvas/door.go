package canvas

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// A Door is a writer in front of a terminal, a file or a pipe. What is written to it reaches the
// other side as [Clean] returns it, except that tabs stay. It is the last check of all text that is
// not drawn on a Canvas: also of errors and of what libraries print. Several goroutines may write to
// it; each call of Write reaches the other side as one.
type Door struct {
	w io.Writer

	mu   sync.Mutex
	rest []byte // the beginning of a character whose other bytes have not come yet
	err  error
}

// NewDoor returns a Door to w.
func NewDoor(w io.Writer) *Door { return &Door{w: w} }

// Write writes the clean text of p. Bytes at its end that only begin a character are kept for the
// next call.
func (d *Door) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	text := append(d.rest, p...)
	whole := len(text) - incomplete(text)
	d.rest = append([]byte(nil), text[whole:]...)
	parts := strings.Split(string(text[:whole]), "\t")
	for i := range parts {
		parts[i] = Clean(parts[i])
	}
	if _, err := io.WriteString(d.w, strings.Join(parts, "\t")); err != nil {
		d.err = cmp.Or(d.err, err)
		return 0, err
	}
	return len(p), nil
}

// Err returns the error of the first write that failed, or nil. So a program need not look at the
// error of each line that it prints.
func (d *Door) Err() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.err
}

// Behind returns the writer behind the door, for what weft itself has composed of escape sequences
// and clean text.
func (d *Door) Behind() io.Writer { return d.w }

// incomplete returns how many bytes at the end of text begin a character that is not complete.
func incomplete(text []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if tail := text[len(text)-n:]; utf8.RuneStart(tail[0]) {
			if utf8.FullRune(tail) {
				return 0
			}
			return n
		}
	}
	return 0
}

// EscapeJSON returns a writer that passes JSON on to w, and escapes in it every character that
// [Clean] would change: such JSON is harmless on a terminal, and means the same. Each call must
// write whole characters, as an encoder does.
func EscapeJSON(w io.Writer) io.Writer { return escaper{w} }

type escaper struct{ w io.Writer }

func (e escaper) Write(p []byte) (int, error) {
	text := string(p)
	if !isPlain(text, true) {
		text = escape(text)
	}
	if _, err := io.WriteString(e.w, text); err != nil {
		return 0, err
	}
	return len(p), nil
}

func escape(text string) string {
	var b strings.Builder
	marks := 0
	for _, r := range text {
		if marks++; !unicode.In(r, unicode.Mn, unicode.Me) {
			marks = 0
		}
		switch {
		case r == '\n' || r == '\t' || r == '\r': // between values: in strings they are escaped already
			b.WriteRune(r)
		case marks == 0 && !invisible(r):
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default: // a mark too: without its letter it would combine with the quotation mark before it
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}
