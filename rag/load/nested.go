package load

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// The limits of files inside another file: attachments of mail, members of archives.
const (
	maxNesting  = 5         // levels, such as a message in an archive in a message
	maxMembers  = 10_000    // files inside one file, at all depths
	maxUnpacked = 128 << 20 // bytes of all these files
)

// nesting is the depth of a file inside other files, and the unused part of the limits of the
// outermost file.
type nesting struct {
	depth int
	left  *allowance
}

// An allowance is the unused part of the limits of an outermost file. All files inside that file
// share one allowance.
type allowance struct {
	bytes   int64
	members int
	began   time.Time
}

func newNesting() nesting {
	return nesting{left: &allowance{bytes: maxUnpacked, members: maxMembers, began: time.Now()}}
}

// exhausted says why no more files inside the outermost file are read; "" while the limits allow
// it.
func (in input) exhausted() string {
	left := in.nest.left
	switch {
	case left.members <= 0:
		return fmt.Sprintf("it holds more than %d files", maxMembers)
	case left.bytes <= 0:
		return "it unpacks to more than " + bytesText(maxUnpacked)
	case time.Since(left.began) > in.opts.Timeout*2/3: // leaves time to write the text read so far
		return "reading it takes too long"
	}
	return ""
}

// A member is a file inside another file.
type member struct {
	name  string // its path in the outer file
	place string // its place in the outer file, such as "attachment list.csv"
	data  []byte
}

// embed reads a file inside another one and writes its text under a heading of the given level. It
// returns the notes of the file. The error is an [*Error] that says why the file is not read, or
// that of the context.
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
	out.meta(doc.Fields)
	out.embed(doc, m.place, level)
	for _, remark := range doc.Remarks {
		out.remark(m.place + ": " + remark)
	}
	return doc.Notes, nil
}

// remark adds a remark on an embedded document.
func (b *builder) remark(text string) {
	if len(b.remarks) >= maxNotes {
		b.moreRemarks++
		return
	}
	b.remarks = append(b.remarks, tidy(text))
}

// embed writes a document into another one. Its places are prefixed with place, and its headings
// become deeper by levels.
func (b *builder) embed(doc Document, place string, levels int) {
	marks := doc.Marks
	if _, keepsLines := textFormats[doc.Kind]; keepsLines || len(marks) == 0 {
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
				if strings.HasPrefix(row, "# ") && doc.Kind != "csv" && doc.Kind != "tsv" { // the name of a sheet
					b.heading(1+levels, row[2:])
				} else {
					b.paragraph(row)
				}
			}
		case "text", "rst", "org", "pdf":
			b.paragraph(text)
		default:
			b.write(deeper(text, levels), false)
		}
	}
}

// lineMarks returns a mark with its line number for each block between blank lines. A fenced block
// is not divided.
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

// deeper moves the headings of a Markdown text down by some levels, to the sixth at most.
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

// A noteList collects notes about the files inside a file that are not read. The first maxNotes are
// kept and the rest are counted.
type noteList struct {
	notes []string
	more  int
}

// maxNotes is how many notes a noteList keeps.
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
