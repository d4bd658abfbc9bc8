package load

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"
)

// readXLSX reads workbooks, sheet by sheet and row by row, with the values as they are shown. See [readCSV] for how a row is written.
func readXLSX(ctx context.Context, _ *Loader, in input) (Document, error) {
	p, err := openPacked(in.data)
	if err != nil {
		return Document{}, err
	}
	total := uint64(0)
	for _, f := range p.files { // the library unpacks all parts: none may be a bomb
		if err := checkPart(f); err != nil {
			return Document{}, err
		}
		total += f.UncompressedSize64
	}
	if total > maxPart {
		return Document{}, &Error{Reason: TooLarge, Detail: fmt.Sprintf("unpacks to %s; the limit is %s", bytesText(int64(total)), bytesText(maxPart))}
	}
	if p.files["xl/workbook.xml"] == nil && p.files["_rels/.rels"] == nil {
		return Document{}, lacks("xl/workbook.xml")
	}
	if err := p.shallow(ctx); err != nil {
		return Document{}, err
	}
	if err := p.modest(ctx, in.opts.MaxText); err != nil {
		return Document{}, err
	}
	book, err := excelize.OpenReader(bytes.NewReader(in.data), excelize.Options{UnzipSizeLimit: maxPart, UnzipXMLSizeLimit: maxPart})
	if err != nil {
		return Document{}, err
	}
	defer book.Close()
	out := &builder{max: in.opts.MaxText}
	for _, sheet := range book.GetSheetList() {
		if out.full() {
			break
		}
		if err := readSheet(ctx, book, sheet, out); err != nil {
			return Document{}, fmt.Errorf("sheet %s: %w", printable(sheet), err)
		}
	}
	doc := out.document()
	doc.Title = p.titleIn(ctx, "docProps/core.xml")
	return doc, nil
}

// shallow refuses parts whose elements are nested deeper than the library can bear.
func (p *packed) shallow(ctx context.Context) error {
	for name, f := range p.files {
		if !strings.HasSuffix(name, ".xml") || strings.HasPrefix(name, "xl/worksheets/") && f.UncompressedSize64 > 1<<20 {
			continue // sheets are streamed by the library
		}
		if err := p.walk(ctx, name, xmlHandler{}, nil); err != nil {
			return err
		}
	}
	return nil
}

// longText is how many bytes a text may have that cells share, before it is looked at how many of them do.
const longText = 4 << 10

// modest refuses rows whose cells share long texts so often that one row, which the library holds in memory, would be larger than max.
func (p *packed) modest(ctx context.Context, max int) error {
	longest, size := 0, 0
	err := p.walk(ctx, "xl/sharedStrings.xml", xmlHandler{
		start: func(name string, _ func(string) string) {
			if name == "si" {
				size = 0
			}
		},
		text: func(s string) {
			if size += len(s); size > longest {
				longest = size
			}
		},
	}, nil)
	if err != nil || longest < longText {
		return err
	}
	for name := range p.files {
		if !strings.HasPrefix(name, "xl/worksheets/") || !strings.HasSuffix(name, ".xml") {
			continue
		}
		cells, most := 0, 0
		err := p.walk(ctx, name, xmlHandler{start: func(name string, attr func(string) string) {
			switch name {
			case "row":
				cells = 0
			case "c":
				if cells++; attr("t") == "s" && cells > most {
					most = cells
				}
			}
		}}, func() bool { return most*longest > max })
		if err != nil {
			return err
		}
		if most*longest > max {
			return &Error{Reason: TooLarge, Detail: fmt.Sprintf("has a row whose cells share a text of %s: more than can be read", bytesText(int64(longest)))}
		}
	}
	return nil
}

func readSheet(ctx context.Context, book *excelize.File, sheet string, out *builder) error {
	rows, err := book.Rows(sheet)
	if err != nil {
		if strings.Contains(err.Error(), "is not a worksheet") { // a chart on a sheet of its own
			return nil
		}
		return err
	}
	defer rows.Close()
	name := tidy(sheet)
	before := out.b.Len()
	out.place("sheet " + name)
	out.heading(1, name)
	began := out.b.Len()
	w := rowWriter{out: out}
	for n := 1; rows.Next() && !out.full(); n++ {
		if n%64 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		cells, err := rows.Columns()
		if err != nil {
			return err
		}
		if out.blank += len(cells); out.blank > out.max { // rows that reach to the last column, with nothing before it
			return nil
		}
		w.write(cells, fmt.Sprintf("sheet %s row %d", name, n))
	}
	w.end()
	if out.b.Len() == began { // nothing on it: its name says nothing either
		kept := out.b.String()[:before]
		out.b.Reset()
		out.b.WriteString(kept)
		for len(out.marks) > 0 && out.marks[len(out.marks)-1].Offset >= before {
			out.marks = out.marks[:len(out.marks)-1]
		}
	}
	return rows.Error()
}
