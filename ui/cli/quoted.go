package cli

import (
	"fmt"
	"io"
	"strings"

	"weft/rag/lazyregexp"
	"weft/ui/canvas"
)

// A quoted writes text of a model or a document to plain output, among lines of weft's own. A line
// that looks like one of those (the title of the sources, a source, a note, an event) begins with
// "> ", so that no text can pretend to be a source or a note.
type quoted struct {
	w       io.Writer
	begun   string // the beginning of a line that may still become such a line
	decided bool   // the rest of the line is written as it comes
}

// decoration may precede a line of weft's own in an imitation: Markdown's signs and blanks.
const decoration = " \t>*#_·•-"

// sourcesTitle is the line above the sources of an answer. A model often writes it for one source too.
const (
	sourceTitle  = "Source"
	sourcesTitle = sourceTitle + "s"
)

// The labels of the lines in brackets about an answer or a result.
const (
	asideUnderstood = "understood as"
	asideCutOff     = "cut off"
	asideDegraded   = "degraded"
	asideNote       = "note"
	asideIncomplete = "incomplete"
)

// printAside writes a line in brackets, after an empty line. label is one of the aside constants.
func printAside(w io.Writer, label, text string) {
	fmt.Fprintf(w, "\n[%s: %s]\n", label, canvas.Line(text))
}

// ownLine matches, behind decoration, the lines that weft itself writes.
var ownLine = lazyregexp.New(`(?i)^(?:` + sourceTitle + `s?[\s:.*_]*$|\[\d{1,3}\](?:\s|$)|\[(?:` +
	asideUnderstood + `|` + asideCutOff + `|` + asideDegraded + `|` + asideNote + `|` + asideIncomplete +
	`)\s*:|\d+\.\d{3}s\s)`)

// longestOwn is the length in bytes from which the beginning of a line decides whether the line looks
// like one of weft's own.
const longestOwn = 24

// write writes a piece of the text.
func (q *quoted) write(text string) {
	for line := range strings.Lines(canvas.Clean(text)) {
		if !q.decided {
			q.begun += line
			if whole := strings.HasSuffix(line, "\n"); !whole && undecided(q.begun) {
				continue
			}
			line = q.decide()
		}
		_, _ = io.WriteString(q.w, line) // a failed write to standard output cannot be reported
		q.decided = !strings.HasSuffix(line, "\n")
	}
}

// decide returns the beginning of the line as it is written.
func (q *quoted) decide() string {
	line := q.begun
	q.begun, q.decided = "", true
	if ownLine.MatchString(strings.TrimLeft(strings.TrimSuffix(line, "\n"), decoration)) {
		line = "> " + line
	}
	return line
}

// end ends the last line.
func (q *quoted) end() {
	_, _ = io.WriteString(q.w, q.decide()+"\n")
	q.decided = false
}

// undecided reports whether what follows the beginning of a line can still make it look like one of
// weft's own.
func undecided(begun string) bool {
	text, title := strings.ToLower(strings.TrimLeft(begun, decoration)), strings.ToLower(sourceTitle)
	switch {
	case text == "":
		return true
	case strings.HasPrefix(title, text), strings.HasPrefix(text, title),
		text[0] == '[', text[0] >= '0' && text[0] <= '9':
		return len(text) < longestOwn
	}
	return false
}
