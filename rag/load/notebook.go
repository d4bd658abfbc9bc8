package load

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
)

// maxOutput is how many bytes of one output of a notebook's cell are read: prints of loops say the same again and again.
const maxOutput = 8 << 10

// readNotebook reads Jupyter notebooks (nbformat 3 and 4): the cells in their order, code with its textual outputs.
func readNotebook(ctx context.Context, _ *Loader, in input) (Document, error) {
	type output struct {
		Text multiline            `json:"text"`
		Data map[string]multiline `json:"data"`
	}
	type cell struct {
		Type    string    `json:"cell_type"`
		Source  multiline `json:"source"`
		Input   multiline `json:"input"` // nbformat 3
		Level   int       `json:"level"` // of a heading, nbformat 3
		Outputs []output  `json:"outputs"`
	}
	var book struct {
		Cells      []cell `json:"cells"`
		Worksheets []struct {
			Cells []cell `json:"cells"`
		} `json:"worksheets"`
		Metadata struct {
			Title  string `json:"title"`
			Kernel struct {
				Language string `json:"language"`
			} `json:"kernelspec"`
		} `json:"metadata"`
	}
	if err := json.Unmarshal(in.data, &book); err != nil {
		return Document{}, &Error{Reason: Damaged, Detail: "is not a notebook: " + causeOf(err), Err: err}
	}
	cells := book.Cells
	for _, sheet := range book.Worksheets {
		cells = append(cells, sheet.Cells...)
	}
	language := book.Metadata.Kernel.Language
	if language == "" || len(language) > 20 || strings.ContainsFunc(language, func(r rune) bool { return !(r >= 'a' && r <= 'z') }) {
		language = ""
	}
	out := &builder{max: in.opts.MaxText}
	for i, c := range cells {
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
				text = string(o.Data["text/markdown"])
			}
			if text == "" {
				text = string(o.Data["text/plain"])
			}
			if len(text) > maxOutput {
				text = strings.ToValidUTF8(text[:maxOutput], "") + "\n…"
			}
			out.code("", text)
		}
	}
	doc := out.document()
	if doc.Title = book.Metadata.Title; doc.Title == "" {
		doc.Title = titleOfMarkdown(doc.Text[:min(len(doc.Text), 64<<10)])
	}
	return doc, nil
}

// A multiline is a text that a notebook stores as a string or as a list of lines. What is neither (pictures, widgets) reads as nothing.
type multiline string

// UnmarshalJSON reads either form.
func (m *multiline) UnmarshalJSON(data []byte) error {
	var s string
	if json.Unmarshal(data, &s) == nil {
		*m = multiline(s)
		return nil
	}
	var list []string
	if json.Unmarshal(data, &list) == nil {
		*m = multiline(strings.Join(list, ""))
	}
	return nil
}
