package tools

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// The limits of reading.
const (
	DefaultLines = 100
	MostLines    = 200
	mostLine     = 2000 // bytes of one line
	linesBefore  = 10   // shown before a passage that is read by its id
)

// ReadInput is the input of the tool read.
type ReadInput struct {
	Path  string `json:"path,omitempty" jsonschema:"the document, relative to the corpus"`
	ID    string `json:"id,omitempty" jsonschema:"instead of path: the id of a passage that search has found; it is shown with the lines around it"`
	Line  int    `json:"line,omitempty" jsonschema:"first line to read, from 1"`
	Lines int    `json:"lines,omitempty" jsonschema:"most lines to read, 1 to 200; 100 if left out"`
}

// ReadOutput is the result of the tool read.
type ReadOutput struct {
	Path       string   `json:"path"`
	Kind       string   `json:"kind" jsonschema:"of the document: markdown, pdf, source and so on"`
	Line       int      `json:"line" jsonschema:"number of the first line; 0 if there is none"`
	EndLine    int      `json:"end_line" jsonschema:"number of the last line that was read"`
	LastLine   int      `json:"last_line" jsonschema:"number of the document's last line"`
	NextLine   int      `json:"next_line,omitempty" jsonschema:"where to continue reading; left out at the end of the document"`
	Place      string   `json:"place,omitempty" jsonschema:"page, slide, sheet or cell of the first line, if the document has no lines of its own"`
	Text       string   `json:"text" jsonschema:"the lines, each after its number and a tab"`
	Notes      []string `json:"notes,omitempty" jsonschema:"which parts of the document are not in the index"`
	Incomplete string   `json:"incomplete,omitempty" jsonschema:"which documents could not be searched"`
	Notice     string   `json:"notice"`
}

// pathWithLine matches a path as citations have it: "a.md:12" or "a.md:12-20".
var pathWithLine = regexp.MustCompile(`^(.+):(\d+)(?:[-–](\d+))?$`)

// Read returns lines of a document.
func (d *Documents) Read(ctx context.Context, in ReadInput) (ReadOutput, error) {
	out := ReadOutput{Notice: Notice}
	most, err := limited("lines", in.Lines, DefaultLines, MostLines)
	if err != nil {
		return out, err
	}
	if in.Line < 0 {
		return out, &Error{fmt.Sprintf("line is %d", in.Line), "lines are counted from 1"}
	}
	t, err := d.tree(ctx)
	if err != nil {
		return out, err
	}
	out.Incomplete = d.missing()
	doc, line, err := d.target(t, in)
	if err != nil {
		return out, err
	}
	l := t.linesOf(doc)
	at := l.from(line)
	out.Path, out.Kind, out.LastLine = doc.path, doc.kind, l.numbers[len(l.numbers)-1]
	out.Notes = t.view.Notes(doc.passages[0])
	if at == len(l.text) {
		return out, &Error{fmt.Sprintf("%s ends at line %d", doc.path, out.LastLine), "read from an earlier line"}
	}
	out.Line, out.Place = l.numbers[at], l.place(at)
	var b strings.Builder
	for n := 0; at < len(l.text) && n < most; n++ {
		text, _ := clip(l.text[at], mostLine)
		if b.Len()+len(text) > mostText {
			break
		}
		fmt.Fprintf(&b, "%d\t%s\n", l.numbers[at], text)
		out.EndLine = l.numbers[at]
		at++
	}
	for at < len(l.text) && l.numbers[at] == out.EndLine { // one line of the file may be several here
		text, _ := clip(l.text[at], mostLine)
		if b.Len()+len(text) > 2*mostText {
			break
		}
		fmt.Fprintf(&b, "%d\t%s\n", l.numbers[at], text)
		at++
	}
	if at < len(l.text) {
		out.NextLine = l.numbers[at]
	}
	out.Text = b.String()
	return out, nil
}

// target returns the document of an input, and the first line to read.
func (d *Documents) target(t *tree, in ReadInput) (*document, int, error) {
	if in.Path == "" && in.ID == "" {
		return nil, 0, &Error{"neither path nor id is given", "give one of them"}
	}
	if in.ID != "" {
		id, known := t.byID[in.ID]
		if known {
			c := t.view.Chunk(id)
			doc, err := t.file(c.Path)
			if in.Line == 0 {
				in.Line = max(1, c.Line-linesBefore)
			}
			return doc, in.Line, err
		}
		if in.Path == "" {
			return nil, 0, &Error{"there is no passage with the id " + in.ID, "its document has changed: search again, or read it by its path"}
		}
	}
	at, err := d.relative(in.Path)
	if err != nil {
		return nil, 0, err
	}
	doc, err := t.file(at)
	if err != nil {
		if m := pathWithLine.FindStringSubmatch(at); m != nil {
			if cited, citedErr := t.file(m[1]); citedErr == nil {
				line, _ := strconv.Atoi(m[2]) // digits, too large ones give the last line's error
				if in.Line == 0 {
					in.Line = line
				}
				return cited, max(in.Line, 1), nil
			}
		}
	}
	return doc, max(in.Line, 1), err
}

// Summary describes the result in one line.
func (o ReadOutput) Summary() string {
	s := fmt.Sprintf("%s lines %d–%d of %d", o.Path, o.Line, o.EndLine, o.LastLine)
	if o.Place != "" {
		s += ", " + o.Place
	}
	return incomplete(s, o.Incomplete)
}

// Text returns the text of a document, at most the given number of bytes of it.
func (d *Documents) Text(ctx context.Context, path string, most int) (string, error) {
	t, err := d.tree(ctx)
	if err != nil {
		return "", err
	}
	at, err := d.relative(path)
	if err != nil {
		return "", err
	}
	doc, err := t.file(at)
	if err != nil {
		return "", err
	}
	text, _ := clip(strings.Join(t.linesOf(doc).text, "\n"), most)
	return text, nil
}
