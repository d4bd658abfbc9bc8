package load

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"weft/rag/lazyregexp"
)

// The limits of spreadsheets.
const (
	maxShared = 64 << 20 // bytes of shared texts
	maxMerged = 200_000  // cells that are filled with the text of a merged cell
	maxSheets = 2_000
)

// readXLSX reads workbooks (ECMA-376, SpreadsheetML, and MS-XLSB) sheet by sheet and row by row,
// with values as they are displayed. [readCSV] describes how a row is written. Hidden sheets, rows
// and columns are left out, with a note.
func readXLSX(ctx context.Context, l *Loader, in input) (Document, error) {
	p, err := openPacked(in.data)
	if err != nil {
		return Document{}, err
	}
	main, err := p.mainPart(ctx, "xlsx", "xl/workbook.xml")
	if err != nil {
		return Document{}, err
	}
	if main == "" {
		return Document{}, lacks("xl/workbook.xml")
	}
	w := &xlsxReader{office: office{p: p, ctx: ctx, out: &builder{max: in.opts.MaxText}, embedded: embedder{l: l, in: in}}}
	w.binary = path.Ext(main) == ".bin"
	sheets, err := w.workbook(main)
	if err != nil {
		return Document{}, err
	}
	for _, s := range sheets {
		if w.out.full() {
			break
		}
		if err := w.sheet(s); err != nil {
			return Document{}, err
		}
	}
	doc := w.out.document()
	doc.Notes = w.notes()
	doc.Title, doc.Date = p.coreProperties(ctx)
	return doc, nil
}

// An xlsxReader writes the sheets of a workbook.
type xlsxReader struct {
	office
	shared   []string
	readings map[int]string // those shared texts that have readings (furigana), with the readings
	formats  []string       // number formats, by the style of a cell
	from1904 bool
	binary   bool // the parts hold records instead of XML (.xlsb)
}

// An xlsxSheet is an entry in the workbook's list of sheets.
type xlsxSheet struct{ name, part, kind string }

// workbook returns the visible sheets, and reads the parts that their cells refer to.
func (w *xlsxReader) workbook(main string) (sheets []xlsxSheet, err error) {
	if w.binary {
		return w.binaryWorkbook(main)
	}
	rels, err := w.p.related(w.ctx, main)
	if err != nil {
		return nil, err
	}
	err = w.p.walk(w.ctx, main, xmlHandler{start: func(name string, attr func(string) string) {
		switch name {
		case "workbookPr":
			v := attr("date1904")
			w.from1904 = v == "1" || v == "true"
		case "sheet":
			id := attr("r:id")
			if state := attr("state"); state == "hidden" || state == "veryHidden" {
				w.leftOut("hidden sheet " + tidy(attr("name")))
			} else if part := rels.targets[id]; part != "" && len(sheets) < maxSheets {
				sheets = append(sheets, xlsxSheet{tidy(attr("name")), part, rels.types[id]})
				delete(rels.targets, id) // a sheet that is listed repeatedly is read once
			}
		}
	}}, nil)
	if err != nil {
		return nil, err
	}
	if err := w.styles(w.p.beside(rels, main, "styles")); err != nil {
		return nil, err
	}
	return sheets, w.strings(w.p.beside(rels, main, "sharedStrings"))
}

// styles reads the number formats.
func (w *xlsxReader) styles(part string) error {
	if part == "" {
		return nil
	}
	own := map[int]string{}
	return w.p.walk(w.ctx, part, xmlHandler{
		whole: func(name string) bool { return name == "numFmt" || name == "cellXfs" },
		tree: func(n *node) {
			if n.name == "numFmt" {
				own[numberIn(n.attr("numFmtId"))] = n.attr("formatCode")
				return
			}
			n.each("xf", func(xf *node) {
				id := numberIn(xf.attr("numFmtId"))
				code, ok := own[id]
				if !ok {
					code = builtinFormats[id]
				}
				w.formats = append(w.formats, code)
			})
		},
	}, nil)
}

// strings reads the texts that cells share.
func (w *xlsxReader) strings(part string) error {
	if part == "" {
		return nil
	}
	size := 0
	return w.p.walk(w.ctx, part, xmlHandler{
		whole: func(name string) bool { return name == "si" },
		tree: func(n *node) {
			text, reading := richText(n)
			if size += len(text) + 16; size > maxShared {
				return
			}
			if reading != "" {
				if w.readings == nil {
					w.readings = map[int]string{}
				}
				w.readings[len(w.shared)] = reading
			}
			w.shared = append(w.shared, text)
		},
	}, func() bool { return size > maxShared })
}

// escapedRune matches an escaped character: one that XML cannot contain, such as a carriage return
// (_x000D_), or an underscore that would otherwise begin an escape (_x005F_).
var escapedRune = lazyregexp.New(`_[xX]([0-9A-Fa-f]{4})_`)

// unescaped decodes the escapes in a text of a workbook.
func unescaped(s string) string {
	if !strings.Contains(s, "_x") && !strings.Contains(s, "_X") {
		return s
	}
	return escapedRune.ReplaceAllStringFunc(s, func(m string) string {
		n, err := strconv.ParseUint(m[2:6], 16, 32)
		if err != nil {
			return m
		}
		return string(rune(n))
	})
}

// richText returns the text of several runs. If it has readings (furigana), reading is the text
// with each reading in parentheses after its word.
func richText(n *node) (text, reading string) {
	var b strings.Builder
	var phonetic []*node
	for _, k := range n.kids {
		switch k.name {
		case "t":
			b.WriteString(k.content())
		case "r":
			k.each("t", func(t *node) { b.WriteString(t.content()) })
		case "rPh":
			phonetic = append(phonetic, k)
		}
	}
	if text = unescaped(b.String()); len(phonetic) == 0 {
		return text, ""
	}
	b.Reset()
	runes, at := []rune(text), 0
	for _, ph := range phonetic {
		end := min(numberIn(ph.attr("eb")), len(runes))
		if end <= at {
			continue
		}
		b.WriteString(string(runes[at:end]) + "(" + tidy(ph.child("t").content()) + ")")
		at = end
	}
	return text, b.String() + string(runes[at:])
}

// sheet writes a sheet with its comments and drawings.
func (w *xlsxReader) sheet(s xlsxSheet) error {
	if s.kind != "worksheet" && s.kind != "chartsheet" {
		w.unread(s.kind)
		return nil
	}
	if err := w.relate(s.part); err != nil {
		return err
	}
	rels := w.rels
	r := &xlsxRows{w: w, sheet: s.name, hidden: map[int]bool{}}
	if w.binary {
		err := r.readBinary(s.part)
		if err != nil {
			return err
		}
	} else if err := w.p.walk(w.ctx, s.part, r.handler(), r.full); err != nil {
		return err
	}
	rows := r.finish()
	comments, err := w.sheetComments(rels)
	if err != nil {
		return err
	}
	mark := w.out.mark()
	w.out.place("sheet " + s.name)
	w.out.heading(1, s.name)
	empty := w.out.b.Len()
	for i := range rows {
		rows[i].notes = comments[rows[i].from]
		delete(comments, rows[i].from)
	}
	w.out.writeGrid(rows, func(r gridRow) string { return fmt.Sprintf("sheet %s row %d", s.name, r.from) })
	for _, number := range sortedKeys(comments) { // comments on rows without values
		w.out.place(fmt.Sprintf("sheet %s row %d", s.name, number))
		for _, comment := range comments[number] {
			w.out.paragraph(comment)
		}
	}
	if part := rels.first("drawing"); part != "" {
		w.out.place("sheet " + s.name + " drawings")
		if err := w.sheetDrawing(part); err != nil {
			return err
		}
	}
	for _, kind := range []string{"oleObject", "package"} {
		for _, id := range rels.ids(kind) {
			w.out.place("sheet " + s.name + " objects")
			w.object(rels.targets[id], "", nil)
		}
	}
	if w.out.b.Len() == empty { // the sheet is empty: drop its heading too
		w.out.reset(mark)
	}
	return nil
}

func sortedKeys(m map[int][]string) []int {
	keys := make([]int, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// sheetComments returns the comments on cells, by row.
func (w *xlsxReader) sheetComments(rels relationList) (map[int][]string, error) {
	comments := map[int][]string{}
	part := rels.first("comments")
	if part == "" {
		return comments, nil
	}
	if w.binary {
		return w.binaryComments(part)
	}
	var authors []string
	err := w.p.walk(w.ctx, part, xmlHandler{
		whole: func(name string) bool { return name == "author" || name == "comment" },
		tree: func(n *node) {
			if n.name == "author" {
				authors = append(authors, n.content())
				return
			}
			text, _ := richText(n.child("text").orEmpty())
			author := ""
			if i, err := strconv.Atoi(n.attr("authorId")); err == nil && i >= 0 && i < len(authors) {
				author = authors[i]
			}
			// Excel puts a hint for programs without threaded comments before the text.
			if strings.HasPrefix(text, "[Threaded comment]") {
				_, text, _ = strings.Cut(text, "Comment:")
				author = ""
			}
			text = strings.TrimPrefix(strings.TrimSpace(text), author+":")
			_, row := cellReference(n.attr("ref"))
			if s := commentText(author, text); s != "" {
				comments[row] = append(comments[row], s)
			}
		},
	}, nil)
	return comments, err
}

// sheetDrawing writes the texts, descriptions and charts of the drawings on a sheet.
func (w *xlsxReader) sheetDrawing(part string) error {
	if err := w.relate(part); err != nil {
		return err
	}
	root, err := w.p.tree(w.ctx, part)
	if err != nil {
		return err
	}
	var look func(n *node)
	look = func(n *node) {
		for _, k := range n.kids {
			switch k.name {
			case "cNvPr":
				if alt := description(k); alt != "" {
					w.out.paragraph("[" + alt + "]")
				}
			case "txBody":
				w.out.paragraph(strings.Join(drawingParagraphs(k), "\n"))
			case "chart":
				w.chart(w.rels.targets[k.attr("r:id")])
			case "relIds":
				w.diagram(w.rels.targets[k.attr("r:dm")])
			case "pic":
				look(k)
				picture := w.rels.targets[k.child("blipFill", "blip").attr("r:embed")]
				if !w.pictures([]string{picture}) && description(k.child("nvPicPr", "cNvPr")) == "" {
					w.unread("picture without a description")
				}
			case "AlternateContent":
				look(alternative(k))
			default:
				look(k)
			}
		}
	}
	if root != nil {
		look(root)
	}
	return nil
}
