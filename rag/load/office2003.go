package load

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"strings"

	"weft/rag/lazyregexp"
)

// readSheetML reads workbooks that Excel 2003 and many programs since write as one XML file
// (SpreadsheetML); the output has the form that [readXLSX] describes.
func readSheetML(ctx context.Context, in input) (Document, error) {
	r := &sheetMLReader{out: &builder{max: in.opts.MaxText}, formats: map[string]string{}}
	err := walkXML(ctx, bytes.NewReader(in.data), xmlHandler{
		whole: func(name string) bool {
			return name == "Style" || name == "WorksheetOptions" || name == "DocumentProperties" || r.row != nil && name == "Cell"
		},
		tree: r.tree, start: r.start, end: r.end,
	}, r.out.full)
	if err != nil && r.out.b.Len() == 0 {
		return Document{}, err
	}
	doc := r.out.document()
	doc.Title, doc.Notes = r.title, r.omitted.notes()
	if err != nil {
		doc.note("what follows a fault in the file is not read: " + err.Error())
	}
	return doc, nil
}

// A sheetMLReader collects the rows of one sheet at a time.
type sheetMLReader struct {
	out     *builder
	omitted tally
	title   string
	formats map[string]string // number formats by style

	sheet     string
	hidden    bool
	rows      []gridRow
	merged    []cellRange
	cells     int
	size      int
	cut       bool
	at        int         // column of the next Column element, from 0
	concealed []cellRange // hidden columns

	row     *gridRow // the open row; nil between rows
	rowSpan int      // rows that follow the open one and are like it
	skipped bool     // the open row is hidden
	number  int      // of the next row, from 1
	column  int      // of the next cell, from 0
}

func (r *sheetMLReader) start(name string, attr func(string) string) {
	switch name {
	case "Worksheet":
		*r = sheetMLReader{out: r.out, omitted: r.omitted, title: r.title, formats: r.formats, number: 1,
			sheet: tidy(attr("Name"))}
		if r.sheet == "" {
			r.sheet = "Sheet"
		}
	case "Column":
		if n := numberIn(attr("Index")); n > 0 {
			r.at = n - 1
		}
		last := r.at + max(numberIn(attr("Span")), 0)
		if attr("Hidden") == "1" && len(r.concealed) < maxColumns {
			r.concealed = append(r.concealed, cellRange{left: r.at, right: last})
		}
		r.at = last + 1
	case "Row":
		if n := numberIn(attr("Index")); n > r.number {
			r.number = n
		}
		r.row, r.column = &gridRow{from: r.number, to: r.number}, 0
		r.skipped, r.rowSpan = attr("Hidden") == "1", max(numberIn(attr("Span")), 0)
	}
}

func (r *sheetMLReader) end(name string) {
	switch name {
	case "Row":
		if r.row == nil {
			return
		}
		switch {
		case len(r.row.cells) == 0:
		case r.skipped:
			r.omitted.add("a hidden row", "left out")
		case r.full():
			r.cut = true
		default:
			r.rows = append(r.rows, *r.row)
		}
		r.number += 1 + r.rowSpan
		r.row = nil
	case "Worksheet":
		r.write()
	}
}

func (r *sheetMLReader) full() bool {
	return r.size > r.out.max || r.cells > maxGridCells || len(r.rows) >= maxGridRows
}

// tree reads a cell, a style, or the properties of the sheet and the file.
func (r *sheetMLReader) tree(n *node) {
	switch n.name {
	case "DocumentProperties":
		r.title = tidy(n.child("Title").content())
	case "Style":
		if code := n.child("NumberFormat").attr("Format"); code != "" {
			r.formats[n.attr("ID")] = code
		}
	case "WorksheetOptions":
		r.hidden = strings.HasPrefix(n.child("Visible").content(), "SheetHidden") ||
			n.child("Visible").content() == "SheetVeryHidden"
	case "Cell":
		r.cell(n)
	}
}

func (r *sheetMLReader) cell(n *node) {
	if at := numberIn(n.attr("Index")); at > 0 {
		r.column = at - 1
	}
	across, down := max(numberIn(n.attr("MergeAcross")), 0), max(numberIn(n.attr("MergeDown")), 0)
	column := r.column
	r.column += 1 + across
	for _, c := range r.concealed {
		if column >= c.left && column <= c.right {
			r.omitted.add("a hidden column", "left out")
			return
		}
	}
	if comment := tidy(n.child("Comment", "Data").content()); comment != "" {
		r.row.notes = append(r.row.notes, comment)
	}
	text := r.text(n)
	if text == "" || column >= maxInRow {
		return
	}
	if (across > 0 || down > 0) && len(r.merged) < maxMerged {
		r.merged = append(r.merged, cellRange{column, r.number, column + across, r.number + down})
	}
	if last := len(r.row.cells) - 1; last >= 0 && r.row.cells[last].column >= column {
		return // cells are in order; a file that goes back is damaged
	}
	r.row.cells = append(r.row.cells, gridCell{column, text})
	r.cells++
	r.size += len(text) + 2
}

// namedFormats are the number formats that SpreadsheetML calls by a name.
var namedFormats = map[string]string{
	"Fixed": "0.00", "Standard": "#,##0.00", "Percent": "0.00%", "Scientific": "0.00E+00", "Currency": "#,##0.00",
}

// text returns the displayed text of a cell.
func (r *sheetMLReader) text(n *node) string {
	data := n.child("Data")
	text := tidy(data.content())
	switch data.attr("Type") {
	case "Number":
		code := r.formats[n.attr("StyleID")]
		if named, ok := namedFormats[code]; ok {
			code = named
		}
		return formatCell(text, code, false)
	case "DateTime":
		date, clock, _ := strings.Cut(text, "T")
		clock, _, _ = strings.Cut(clock, ".")
		if clock == "" || clock == "00:00:00" {
			return date
		}
		return date + " " + clock
	case "Boolean":
		if text == "1" {
			return "TRUE"
		}
		return "FALSE"
	}
	return text
}

// write writes the sheet that has ended.
func (r *sheetMLReader) write() {
	if r.hidden {
		r.omitted.add("hidden sheet "+r.sheet, "left out")
		return
	}
	if r.cut {
		r.omitted.add(fmt.Sprintf("what follows row %d of sheet %s", len(r.rows), r.sheet), "left out")
	}
	if len(r.rows) == 0 {
		return
	}
	r.out.place("sheet " + r.sheet)
	r.out.heading(1, r.sheet)
	r.out.writeGrid(fillMerged(r.rows, r.merged, r.out.max),
		func(row gridRow) string { return fmt.Sprintf("sheet %s row %d", r.sheet, row.from) })
}

// readWordML reads documents that Word writes as one XML file: WordprocessingML of 2003, or a
// package whose parts are elements ("flat OPC"). Both become a package in memory.
func readWordML(ctx context.Context, l *Loader, in input) (Document, error) {
	parts := map[string][]byte{"word/document.xml": in.data, "word/styles.xml": in.data}
	if flat := flatParts(in.data); flat != nil {
		parts = flat
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, data := range parts {
		w, err := z.CreateHeader(&zip.FileHeader{Name: strings.TrimPrefix(name, "/"), Method: zip.Store})
		if err == nil {
			_, err = w.Write(data)
		}
		if err != nil {
			return Document{}, err
		}
	}
	if err := z.Close(); err != nil {
		return Document{}, err
	}
	in.data = b.Bytes()
	return readDocx(ctx, l, in)
}

var flatPart = lazyregexp.New(`(?s)<pkg:part\s[^>]*pkg:name="([^"]+)"[^>]*>\s*<pkg:xmlData[^>]*>(.*?)</pkg:xmlData>`)

// flatParts returns the XML parts of a package that is written as one XML file; nil for another
// file. Pictures and other parts that are not XML are left out.
func flatParts(data []byte) map[string][]byte {
	if !bytes.Contains(data[:min(len(data), sniffed)], []byte("<pkg:package")) {
		return nil
	}
	parts := map[string][]byte{}
	for _, m := range flatPart.FindAllStringSubmatch(string(data), maxParts) {
		parts[m[1]] = []byte(m[2])
	}
	return parts
}
