package load

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// maxOutput is how many bytes of one output of a notebook's cell are read: prints of loops say the same again and again.
const maxOutput = 8 << 10

// The limits of notebooks.
const (
	maxCells = 20_000   // that are read
	maxCell  = 24 << 20 // bytes of one, with its pictures
)

// A notebook is what is read of one.
type notebook struct {
	cells []notebookCell
	meta  struct {
		Title  string `json:"title"`
		Kernel struct {
			Language string `json:"language"`
		} `json:"kernelspec"`
	}
	more bool // there are more cells than are read
}

type notebookCell struct {
	Type    string    `json:"cell_type"`
	Source  multiline `json:"source"`
	Input   multiline `json:"input"` // nbformat 3
	Level   int       `json:"level"` // of a heading, nbformat 3
	Outputs []struct {
		Text multiline `json:"text"`
		Data struct {
			Markdown multiline `json:"text/markdown"`
			Plain    multiline `json:"text/plain"`
		} `json:"data"`
	} `json:"outputs"`
}

// readNotebook reads Jupyter notebooks (nbformat 3 and 4): the cells in their order, code with its textual outputs.
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
	if language == "" || len(language) > 20 || strings.ContainsFunc(language, func(r rune) bool { return !(r >= 'a' && r <= 'z') }) {
		language = ""
	}
	out := &builder{max: in.opts.MaxText}
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
			if s := strings.Trim(source, "\n"); strings.TrimSpace(s) != "" {
				out.write(s, false)
			}
		}
		for _, o := range c.Outputs {
			text := string(o.Text)
			if text == "" {
				text = string(o.Data.Markdown)
			}
			if text == "" {
				text = string(o.Data.Plain)
			}
			out.code("", text)
		}
	}
	doc := out.document()
	if doc.Title = book.meta.Title; doc.Title == "" {
		doc.Title = titleOfMarkdown(doc.Text[:min(len(doc.Text), 64<<10)])
	}
	if book.more {
		doc.Notes = append(doc.Notes, fmt.Sprintf("only the first %d of its cells are read", len(book.cells)))
	}
	return doc, nil
}

// errEnough ends the reading of a notebook before its end.
var errEnough = errors.New("enough is read")

// read reads a notebook's cells, wherever they stand, one after the other: most of a notebook are pictures, which need not be kept in memory.
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

// readCells reads a list of cells; most is how many bytes are still wanted.
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
			o := &c.Outputs[i]
			o.Text, o.Data.Markdown, o.Data.Plain = o.Text.cut(), o.Data.Markdown.cut(), o.Data.Plain.cut()
			*most -= len(o.Text) + len(o.Data.Markdown) + len(o.Data.Plain)
		}
		b.cells = append(b.cells, c)
		return err
	})
}

// each calls f before each value of an object, with its key, or of a list. It is for f to read the value.
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

// skipped is a value that nobody wants.
type skipped struct{}

// UnmarshalJSON reads it.
func (*skipped) UnmarshalJSON([]byte) error { return nil }

// A multiline is a text that a notebook stores as a string or as a list of lines. What is neither (pictures, widgets) reads as nothing.
type multiline string

// UnmarshalJSON reads either form.
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

// cut shortens an output, and lets go of what it was cut from.
func (m multiline) cut() multiline {
	if len(m) <= maxOutput {
		return m
	}
	return multiline(strings.ToValidUTF8(string(m[:maxOutput]), "") + "\n…")
}
