package load

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// readODT reads OpenDocument texts (ISO/IEC 26300): headings, lists, tables, notes. Comments and tracked deletions are not read.
func readODT(ctx context.Context, _ *Loader, in input) (Document, error) {
	p, err := openPacked(in.data)
	if err != nil {
		return Document{}, err
	}
	if p.files["content.xml"] == nil {
		return Document{}, lacks("content.xml")
	}
	encrypted := false
	if err := p.walk(ctx, "META-INF/manifest.xml", xmlHandler{start: func(name string, _ func(string) string) {
		encrypted = encrypted || name == "encryption-data"
	}}, nil); err != nil {
		return Document{}, err
	}
	if encrypted {
		return Document{}, &Error{Reason: Encrypted, Detail: "is encrypted: save it without a password"}
	}
	w := &odtReader{out: &builder{max: in.opts.MaxText}}
	if err := p.walk(ctx, "content.xml", xmlHandler{start: w.start, end: w.end, text: w.chars}, w.out.full); err != nil {
		return Document{}, err
	}
	doc := w.out.document()
	doc.Title = p.titleIn(ctx, "meta.xml")
	return doc, nil
}

type odtReader struct {
	out   *builder
	count int
	skip  int
	lists int
	open  []*odtBlock // paragraphs around the current place: a note stands inside one
}

// An odtBlock is a paragraph or heading that was begun.
type odtBlock struct {
	text  strings.Builder
	level int // of a heading
}

func (w *odtReader) chars(s string) {
	if n := len(w.open); n > 0 && w.skip == 0 {
		w.open[n-1].text.WriteString(strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\r' }), " "))
	}
}

func (w *odtReader) start(name string, attr func(string) string) {
	switch name {
	case "tracked-changes", "annotation", "note-citation", "sequence-decls", "desc":
		w.skip++
		return
	}
	if w.skip > 0 {
		w.skip++
		return
	}
	switch name {
	case "h":
		level, _ := strconv.Atoi(attr("outline-level"))
		w.open = append(w.open, &odtBlock{level: max(level, 1)})
	case "p":
		w.open = append(w.open, &odtBlock{})
	case "s":
		w.chars(" ")
	case "tab":
		w.chars("\t")
	case "line-break":
		if n := len(w.open); n > 0 {
			w.open[n-1].text.WriteByte('\n')
		}
	case "list":
		w.lists++
	case "table":
		w.out.beginTable()
	case "table-row":
		w.out.beginRow()
	case "table-cell", "covered-table-cell":
		w.out.beginCell()
	}
}

func (w *odtReader) end(name string) {
	if w.skip > 0 {
		w.skip--
		return
	}
	switch name {
	case "h", "p":
		if n := len(w.open); n > 0 {
			b := w.open[n-1]
			w.flush(b.text.String(), b.level)
			w.open = w.open[:n-1]
		}
	case "list":
		w.lists--
	case "table":
		w.out.endTable()
	}
}

func (w *odtReader) flush(s string, level int) {
	if strings.TrimSpace(s) == "" {
		return
	}
	w.count++
	w.out.place(fmt.Sprintf("paragraph %d", w.count))
	switch {
	case level > 0:
		w.out.heading(level, s)
	case w.lists > 0:
		w.out.listItem(w.lists-1, s)
	default:
		w.out.paragraph(s)
	}
}
