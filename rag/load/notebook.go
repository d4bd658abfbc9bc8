package load

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// maxOutput is how many bytes of one output of a cell are read. Longer outputs are mostly loops
// that print similar lines.
const maxOutput = 8 << 10

// The limits of notebooks.
const (
	maxCells = 20_000   // per notebook
	maxCell  = 24 << 20 // bytes of one cell, with its pictures
)

// A notebook is the decoded part of a notebook file.
type notebook struct {
	cells []notebookCell
	meta  struct {
		Title  string `json:"title"`
		Kernel struct {
			Language string `json:"language"`
		} `json:"kernelspec"`
	}
	more bool // the file has more cells than were read
}

type notebookCell struct {
	Type    string           `json:"cell_type"`
	Source  multiline        `json:"source"`
	Input   multiline        `json:"input"` // nbformat 3
	Level   int              `json:"level"` // of a heading, nbformat 3
	Outputs []notebookOutput `json:"outputs"`
}

// A notebookOutput is a printed text, a result or an error of a cell. In nbformat 3 the
// representations of a result are fields of the output; in nbformat 4 they are in "data".
type notebookOutput struct {
	Text      multiline   `json:"text"`
	HTML      multiline   `json:"html"`
	Picture   isThere     `json:"png"`
	Name      multiline   `json:"ename"`
	Value     multiline   `json:"evalue"`
	Traceback multiline   `json:"traceback"`
	Data      resultForms `json:"data"`
}

// resultForms are the representations of one result, by media type.
type resultForms struct {
	Markdown multiline `json:"text/markdown"`
	HTML     multiline `json:"text/html"`
	Latex    multiline `json:"text/latex"`
	Plain    multiline `json:"text/plain"`
	PNG      isThere   `json:"image/png"`
	JPEG     isThere   `json:"image/jpeg"`
	SVG      isThere   `json:"image/svg+xml"`
	Widget   isThere   `json:"application/vnd.jupyter.widget-view+json"`
}

// isThere is true when a field is present in the JSON, whatever its value. The value itself is not
// kept.
type isThere bool

func (i *isThere) UnmarshalJSON([]byte) error {
	*i = true
	return nil
}

// readNotebook reads Jupyter notebooks (nbformat 3 and 4): the cells in order, with the textual
// outputs of code.
func readNotebook(ctx context.Context, _ *Loader, in input) (Document, error) {
	var book notebook
	if err := book.read(in.data, in.opts.MaxText); err != nil {
		var large *Error
		if errors.As(err, &large) {
			return Document{}, large
		}
		return Document{}, &Error{Reason: Damaged, Detail: "is not a notebook: " + causeOf(err), Err: err}
	}
	language := book.meta.Kernel.Language
	if language == "" || len(language) > 20 ||
		strings.ContainsFunc(language, func(r rune) bool { return !(r >= 'a' && r <= 'z') }) {
		language = ""
	}
	out := &builder{max: in.opts.MaxText}
	var fields fieldList
	unread := 0
	for i, c := range book.cells {
		if err := ctx.Err(); err != nil {
			return Document{}, err
		}
		out.place(fmt.Sprintf("cell %d", i+1))
		source := clean(string(c.Source + c.Input))
		switch c.Type {
		case "code":
			out.code(language, source)
		case "heading":
			out.heading(c.Level, source)
		default:
			if i == 0 {
				fields, source = takeFrontMatter(source)
			}
			if s := strings.Trim(source, "\n"); strings.TrimSpace(s) != "" {
				out.write(s, false)
			}
		}
		for _, o := range c.Outputs {
			shown, err := o.write(ctx, out)
			if err != nil {
				return Document{}, err
			}
			if !shown {
				unread++
			}
		}
	}
	doc := out.document()
	doc.Fields = fields
	if doc.Title = cmp.Or(book.meta.Title, fields.value("title")); doc.Title == "" {
		doc.Title = titleOfMarkdown(doc.Text[:min(len(doc.Text), 64<<10)])
	}
	if unread > 0 {
		doc.Notes = append(doc.Notes, fmt.Sprintf("outputs that are pictures or widgets and not read: %d", unread))
	}
	if book.more {
		doc.Notes = append(doc.Notes, fmt.Sprintf("only the first %d of its cells are read", len(book.cells)))
	}
	return doc, nil
}

// texts returns pointers to all texts of an output.
func (o *notebookOutput) texts() []*multiline {
	return []*multiline{&o.Text, &o.HTML, &o.Name, &o.Value, &o.Traceback, &o.Data.Markdown,
		&o.Data.HTML, &o.Data.Latex, &o.Data.Plain}
}

// write writes the best representation of an output. shown is false when the output has no text.
// Tables are read from HTML, because their plain form separates columns by blanks only; for other
// results the plain form is preferred.
func (o *notebookOutput) write(ctx context.Context, out *builder) (shown bool, err error) {
	page := cmp.Or(o.Data.HTML, o.HTML)
	plain := cmp.Or(o.Text, o.Data.Plain)
	isTable := strings.Contains(string(page), "<t")
	switch {
	case o.Name != "" || o.Value != "":
		out.code("", strings.Trim(string(o.Name)+": "+string(o.Value), ": \n"))
		return true, nil
	case o.Traceback != "":
		out.code("", string(o.Traceback))
		return true, nil
	case o.Data.Markdown != "":
		out.markdown(clean(string(o.Data.Markdown)))
		return true, nil
	case page != "" && (isTable || plain == "" || strings.HasPrefix(string(plain), "<")):
		h := &htmlReader{out: out}
		before := out.b.Len()
		_, err := h.read(ctx, string(page), false)
		out.endTables()
		if err != nil || out.b.Len() > before {
			return true, err
		}
	}
	if text := cmp.Or(plain, o.Data.Latex); strings.TrimSpace(string(text)) != "" {
		if picture := bool(o.Picture || o.Data.PNG || o.Data.JPEG || o.Data.SVG || o.Data.Widget); picture &&
			strings.HasPrefix(string(text), "<") {
			return false, nil // such as "<Figure size 640x480 with 1 Axes>"
		}
		out.code("", string(text))
		return true, nil
	}
	return !bool(o.Picture || o.Data.PNG || o.Data.JPEG || o.Data.SVG || o.Data.Widget), nil
}

// errEnough stops the decoding of a notebook once enough text has been read.
var errEnough = errors.New("enough is read")

// read decodes the cells of a notebook one at a time. Most of a notebook is pictures, which are
// dropped as soon as their cell has been decoded.
func (b *notebook) read(data []byte, most int) error {
	r := &boundedReader{r: bytes.NewReader(data), most: maxCell, what: "a cell"}
	d := json.NewDecoder(r)
	err := each(d, '{', func(key string) error {
		switch key {
		case "metadata":
			return d.Decode(&b.meta)
		case "cells":
			return b.readCells(d, r, &most)
		case "worksheets":
			return each(d, '[', func(string) error {
				return each(d, '{', func(key string) error {
					if key == "cells" {
						return b.readCells(d, r, &most)
					}
					return d.Decode(&skipped{})
				})
			})
		}
		return d.Decode(&skipped{})
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// readCells decodes a list of cells. most is the remaining budget of text in bytes; decoding stops
// with errEnough when it is spent.
func (b *notebook) readCells(d *json.Decoder, r *boundedReader, most *int) error {
	return each(d, '[', func(string) error {
		if b.more = len(b.cells) == maxCells || *most < 0; b.more {
			return errEnough
		}
		r.read = 0
		var c notebookCell
		err := d.Decode(&c)
		*most -= len(c.Source) + len(c.Input)
		for i := range c.Outputs {
			for _, text := range c.Outputs[i].texts() {
				*text = text.cut()
				*most -= len(*text)
			}
		}
		b.cells = append(b.cells, c)
		return err
	})
}

// each calls f before each value of an object or a list; key is "" in a list. f must read the
// value.
func each(d *json.Decoder, open json.Delim, f func(key string) error) error {
	t, err := d.Token()
	if err != nil || t == nil { // null
		return err
	}
	if t != open {
		return fmt.Errorf("there is %v where %v should be", t, open)
	}
	for d.More() {
		key := ""
		if open == '{' {
			t, err := d.Token()
			if err != nil {
				return err
			}
			key, _ = t.(string)
		}
		if err := f(key); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}

// skipped discards a value.
type skipped struct{}

func (*skipped) UnmarshalJSON([]byte) error { return nil }

// A multiline is a text that a notebook stores as a string or as a list of lines. Other values
// (pictures, widgets) decode to "".
type multiline string

// UnmarshalJSON accepts a string or a list of strings.
func (m *multiline) UnmarshalJSON(data []byte) error {
	var s string
	var list []string
	switch {
	case len(data) > 0 && data[0] == '"' && json.Unmarshal(data, &s) == nil:
		*m = multiline(s)
	case len(data) > 0 && data[0] == '[' && json.Unmarshal(data, &list) == nil:
		*m = multiline(strings.Join(list, ""))
	}
	return nil
}

// cut limits an output to maxOutput bytes and copies it, so that the full text can be
// garbage-collected.
func (m multiline) cut() multiline {
	if len(m) <= maxOutput {
		return m
	}
	return multiline(strings.ToValidUTF8(string(m[:maxOutput]), "") + "\n…")
}
