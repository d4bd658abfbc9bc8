package load

import (
	"context"
	"fmt"
	"strings"
)

// readODS reads OpenDocument spreadsheets; the output has the form that [readXLSX] describes.
func readODS(ctx context.Context, _ *Loader, in input) (Document, error) {
	w, err := newODFWriter(ctx, in)
	if err != nil {
		return Document{}, err
	}
	w.places = false
	r := &odsReader{w: w}
	if err := w.file.walk("content.xml", xmlHandler{
		whole: func(name string) bool {
			return r.sheet != "" && (name == "table-cell" || name == "covered-table-cell" || name == "shapes")
		},
		tree: r.tree, start: r.start, end: r.end,
	}, w.out.full); err != nil {
		return Document{}, err
	}
	doc := w.out.document()
	doc.Title, doc.Date = w.file.properties()
	doc.Notes = w.omitted.notes()
	return doc, nil
}

// An odsReader collects the rows of one sheet at a time.
type odsReader struct {
	w      *odfWriter
	sheet  string // name of the open sheet; "" between sheets and in hidden ones
	rows   []gridRow
	merged []cellRange
	shapes []*node
	size   int
	cells  int
	cut    bool

	number, column int // of the next row, from 1, and of the next cell, from 0
	repeated       int // how often the open row is repeated
	hiddenRow      bool
	hidden         []cellRange // hidden columns; top is set once one has been reported
	at             int         // column of the next table-column element, from 0
	row            gridRow
}

func (r *odsReader) start(name string, attr func(string) string) {
	repeated := max(numberIn(attr("number-columns-repeated")), 1)
	switch name {
	case "table":
		*r = odsReader{w: r.w, number: 1}
		if r.w.styles.hidden("table", attr("style-name")) {
			r.w.omitted.add("hidden sheet "+tidy(attr("name")), "left out")
			return
		}
		if r.sheet = tidy(attr("name")); r.sheet == "" {
			r.sheet = "Sheet"
		}
	case "table-column":
		if v := attr("visibility"); v == "collapse" || v == "filter" {
			r.hidden = append(r.hidden, cellRange{left: r.at, right: r.at + repeated - 1})
		}
		r.at += repeated
	case "table-row":
		r.repeated = max(numberIn(attr("number-rows-repeated")), 1)
		v := attr("visibility")
		r.hiddenRow = v == "collapse" || v == "filter"
		r.column = 0
		r.row = gridRow{from: r.number, to: r.number}
	}
}

func (r *odsReader) end(name string) {
	switch name {
	case "table-row":
		r.endRow()
	case "table":
		if r.sheet != "" {
			r.write()
		}
		r.sheet = ""
	}
}

func (r *odsReader) full() bool {
	return r.size > r.w.out.max || r.cells > maxGridCells || len(r.rows) >= maxGridRows
}

func (r *odsReader) endRow() {
	if len(r.row.cells) > 0 || len(r.row.notes) > 0 {
		if r.hiddenRow {
			r.w.omitted.add("a hidden row", "left out")
		} else if len(r.row.cells) > 0 {
			for i := range r.repeated {
				if r.full() {
					r.cut = true
					break
				}
				row := r.row
				row.from, row.to = r.number+i, r.number+i
				r.rows = append(r.rows, row)
				for _, c := range row.cells {
					r.size += len(c.text) + 2
				}
				r.cells += len(row.cells)
				r.row.notes = nil
			}
		}
	}
	r.number += r.repeated
	r.row = gridRow{}
}

// tree adds a cell to the open row, or collects the shapes of the sheet.
func (r *odsReader) tree(n *node) {
	if n.name == "shapes" {
		r.shapes = append(r.shapes, n.kids...)
		return
	}
	repeated := max(numberIn(n.attr("number-columns-repeated")), 1)
	defer func() { r.column += repeated }()
	text := r.text(n)
	if n.name == "covered-table-cell" || text == "" || r.full() {
		r.cut = r.cut || text != "" && r.full()
		return
	}
	if columns, rows := numberIn(n.attr("number-columns-spanned")), numberIn(n.attr("number-rows-spanned")); (columns > 1 || rows > 1) && len(r.merged) < maxMerged {
		r.merged = append(r.merged, cellRange{r.column, r.number, r.column + max(columns, 1) - 1,
			r.number + max(rows, 1) - 1})
	}
	for i := range repeated {
		column := r.column + i
		if column >= maxInRow || len(r.row.cells)*(len(text)+2) > r.w.out.max {
			break
		}
		if r.isHidden(column) {
			continue
		}
		r.row.cells = append(r.row.cells, gridCell{column, text})
	}
}

func (r *odsReader) isHidden(column int) bool {
	for i := range r.hidden {
		if h := &r.hidden[i]; column >= h.left && column <= h.right {
			if h.top == 0 {
				h.top = 1
				r.w.omitted.add("a hidden column", "left out")
			}
			return true
		}
	}
	return false
}

// text returns the displayed text of a cell. Comments on the cell are added to the open row.
func (r *odsReader) text(n *node) string {
	var b strings.Builder
	for _, k := range n.kids {
		switch k.name {
		case "p":
			if b.Len() > 0 {
				b.WriteByte(' ')
			}
			r.w.inline(k, &b)
			r.w.later = nil
		case "annotation":
			if s := annotationText(k); s != "" {
				r.row.notes = append(r.row.notes, s)
			}
		case "frame", "custom-shape", "g":
			r.shapes = append(r.shapes, k)
		}
	}
	if text := tidy(b.String()); text != "" || n.attr("value") == "" {
		return text
	}
	return generalText(n.attr("value"))
}

// write writes the sheet that has ended.
func (r *odsReader) write() {
	out := r.w.out
	mark := out.mark()
	out.place("sheet " + r.sheet)
	out.heading(1, r.sheet)
	empty := out.b.Len()
	if r.cut {
		r.w.omitted.add(fmt.Sprintf("what follows row %d of sheet %s", len(r.rows), r.sheet), "left out")
	}
	out.writeGrid(fillMerged(r.rows, r.merged, out.max),
		func(row gridRow) string { return fmt.Sprintf("sheet %s row %d", r.sheet, row.from) })
	if len(r.shapes) > 0 {
		out.place("sheet " + r.sheet + " drawings")
	}
	for _, shape := range r.shapes {
		r.w.block(shape)
	}
	if out.b.Len() == empty { // the sheet is empty: drop its heading too
		out.reset(mark)
	}
}
