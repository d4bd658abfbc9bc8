package load

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// The limits of files within files: attachments of mail, members of archives.
const (
	maxNesting  = 5         // messages in archives in messages …
	maxMembers  = 10_000    // files within one file, at all depths
	maxUnpacked = 128 << 20 // bytes of them
)

// nesting is how deep a file lies in others, and what the outermost one has left to be read.
type nesting struct {
	depth int
	left  *allowance
}

// An allowance is shared by all files that lie in one.
type allowance struct {
	bytes   int64
	members int
	began   time.Time
}

func newNesting() nesting {
	return nesting{left: &allowance{bytes: maxUnpacked, members: maxMembers, began: time.Now()}}
}

// exhausted says why no more files within the file are read; "" while they are.
func (in input) exhausted() string {
	left := in.nest.left
	switch {
	case left.members <= 0:
		return fmt.Sprintf("it holds more than %d files", maxMembers)
	case left.bytes <= 0:
		return "it unpacks to more than " + bytesText(maxUnpacked)
	case time.Since(left.began) > in.opts.Timeout*2/3: // what was read is kept
		return "reading it takes too long"
	}
	return ""
}

// A member is a file within a file.
type member struct {
	name  string // its path there
	place string // its place: "attachment list.csv"
	data  []byte
}

// embed reads a file within a file and writes its text under a heading of the given level. The error
// says why it is not read; the context's error is returned as it is.
func (l *Loader) embed(ctx context.Context, in input, out *builder, m member, level int) ([]string, error) {
	outer := in
	outer.opts.MaxText = max(out.max-out.b.Len(), 1<<10)
	doc, err := l.nested(ctx, outer, m.name, m.data)
	if err != nil {
		var failure *Error
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.As(err, &failure):
			return nil, failure
		}
		return nil, &Error{Reason: Damaged, Detail: "cannot be read: " + causeOf(err), Err: err}
	}
	out.place(m.place)
	out.heading(level, m.name)
	for _, f := range doc.Fields {
		out.listItem(0, f.Name+": "+f.Value)
	}
	out.embed(doc, m.place, level)
	return doc.Notes, nil
}

// embed writes a document into another one. Its places follow the given one; its headings become
// deeper by some levels.
func (b *builder) embed(doc Document, place string, levels int) {
	marks := doc.Marks
	byLine := len(marks) == 0
	if byLine {
		marks = lineMarks(doc.Text)
	}
	switch doc.Kind {
	case "source", "json", "yaml", "toml", "log":
		b.place(place)
		b.code(Language(doc.Path), doc.Text)
		return
	}
	for i, mark := range marks {
		end := len(doc.Text)
		if i+1 < len(marks) {
			end = marks[i+1].Offset
		}
		text := strings.Trim(doc.Text[mark.Offset:end], "\n")
		if strings.TrimSpace(text) == "" {
			continue
		}
		b.place(place + " " + mark.Place)
		switch doc.Kind {
		case "csv", "tsv", "xlsx", "xls", "ods":
			for row := range strings.Lines(text) {
				b.paragraph(row)
			}
		case "text", "rst", "org", "asciidoc", "pdf":
			b.paragraph(text)
		default:
			b.write(deeper(text, levels), false)
		}
	}
}

// lineMarks gives each block between blank lines its line as its place, but for fences, which stay
// whole.
func lineMarks(text string) []Mark {
	var marks []Mark
	at, line, fresh := 0, 1, true
	fence := ""
	for l := range strings.Lines(text) {
		trimmed := strings.TrimSpace(l)
		if fresh && trimmed != "" && fence == "" {
			marks = append(marks, Mark{Offset: at, Place: placeOfLines(line, line)})
			fresh = false
		}
		switch {
		case fence != "" && strings.HasPrefix(trimmed, fence):
			fence = ""
		case fence == "" && (strings.HasPrefix(trimmed, "```") || strings.HasPrefix(trimmed, "~~~")):
			fence = trimmed[:3]
		case trimmed == "":
			fresh = true
		}
		at += len(l)
		line++
	}
	return marks
}

// deeper moves the headings of a text in Markdown some levels down.
func deeper(text string, levels int) string {
	if levels <= 0 || !strings.Contains(text, "#") {
		return text
	}
	var out strings.Builder
	fence := ""
	for l := range strings.Lines(text) {
		trimmed := strings.TrimSpace(l)
		switch {
		case fence != "" && strings.HasPrefix(trimmed, fence):
			fence = ""
		case fence == "" && (strings.HasPrefix(trimmed, "```") || strings.HasPrefix(trimmed, "~~~")):
			fence = trimmed[:3]
		case fence == "" && strings.HasPrefix(l, "#"):
			marks := len(l) - len(strings.TrimLeft(l, "#"))
			if marks <= 6 && strings.HasPrefix(l[marks:], " ") {
				out.WriteString(strings.Repeat("#", min(marks+levels, 6)-marks))
			}
		}
		out.WriteString(l)
	}
	return out.String()
}

// A noteList collects what is not read of the files within a file: each one is named, up to a limit,
// beyond which they are counted.
type noteList struct {
	notes []string
	more  int
}

// maxNotes is how many files within a file are named one by one.
const maxNotes = 12

func (n *noteList) add(format string, args ...any) {
	if len(n.notes) >= maxNotes {
		n.more++
		return
	}
	n.notes = append(n.notes, tidy(fmt.Sprintf(format, args...)))
}

func (n *noteList) list() []string {
	if n.more > 0 {
		return append(n.notes, fmt.Sprintf("%d more files in it are not read, or not whole", n.more))
	}
	return n.notes
}
