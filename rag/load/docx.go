package load

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// readDocx reads Word documents (ECMA-376, WordprocessingML): headings by style or outline level,
// numbered as in Word, lists, tables, equations, text boxes, charts, diagrams, notes, comments, and
// page headers and footers. It reads the inserted text of tracked changes; it leaves out deleted
// and hidden text.
func readDocx(ctx context.Context, l *Loader, in input) (Document, error) {
	p, err := openPacked(in.data)
	if err != nil {
		return Document{}, err
	}
	main, err := p.mainPart(ctx, "docx", "word/document.xml")
	if err != nil {
		return Document{}, err
	}
	if main == "" {
		return Document{}, lacks("word/document.xml")
	}
	w := &docxReader{office: office{p: p, ctx: ctx, out: &builder{max: in.opts.MaxText}, embedded: embedder{l: l, in: in}}, loader: l,
		in: in, noun: "paragraph"}
	if err := w.prepare(main); err != nil {
		return Document{}, err
	}
	if err := w.part(main); err != nil {
		return Document{}, err
	}
	for _, kind := range []string{"footnote", "endnote"} {
		if part := w.p.beside(w.main, main, kind+"s"); part != "" {
			w.noun, w.count = kind, 0
			if err := w.part(part); err != nil {
				return Document{}, err
			}
		}
	}
	if err := w.marginals(); err != nil {
		return Document{}, err
	}
	doc := w.out.document()
	doc.Notes = w.notes()
	if strings.TrimSpace(doc.Text) == "" && len(doc.Notes) > 0 {
		return Document{}, nothingRead(doc.Notes)
	}
	if doc.Title, doc.Date = p.coreProperties(ctx); strings.TrimSpace(doc.Title) == "" {
		doc.Title = w.title
	}
	return doc, nil
}

// A docxReader writes the parts of a Word document one by one.
type docxReader struct {
	office
	loader    *Loader
	in        input
	main      relationList // relations of the main part
	styles    *docxStyles
	numbering *docxNumbering
	comments  map[string]string
	noteMarks map[string]int // numbers of footnotes and endnotes, by kind and identifier
	margins   []string       // page headers and footers, in document order

	title string
	noun  string // name of a paragraph in places: "paragraph", "footnote"
	count int
	note  string // number of the current note, written at the start of its first paragraph
	joins string // text of a paragraph whose end mark was deleted; the next paragraph continues it
	later []func()

	script string // "superscript" or "subscript" for the run written last
}

// prepare reads the parts that the text refers to: styles, numbering and comments.
func (w *docxReader) prepare(main string) (err error) {
	if w.main, err = w.p.related(w.ctx, main); err != nil {
		return err
	}
	if w.styles, err = w.p.docxStyles(w.ctx, w.p.beside(w.main, main, "styles")); err != nil {
		return err
	}
	if w.numbering, err = w.p.docxNumbering(w.ctx, w.p.beside(w.main, main, "numbering"), w.styles); err != nil {
		return err
	}
	w.comments, w.noteMarks = map[string]string{}, map[string]int{}
	part := w.p.beside(w.main, main, "comments")
	if part == "" {
		return nil
	}
	return w.p.walk(w.ctx, part, xmlHandler{
		whole: func(name string) bool { return name == "comment" },
		tree: func(n *node) {
			var lines []string
			n.all("p", func(p *node) {
				var line strings.Builder
				w.inline(p, &line)
				lines = append(lines, line.String())
			})
			w.later = nil
			w.comments[n.attr("id")] = commentText(n.attr("author"), strings.Join(lines, " "))
		},
	}, nil)
}

// commentText returns a comment as it is shown in the text, or "" if it is empty.
func commentText(author, text string) string {
	author, text = tidy(author), tidy(text)
	switch {
	case text == "":
		return ""
	case author == "":
		return "[Comment: " + text + "]"
	}
	return "[Comment by " + author + ": " + text + "]"
}

// part writes the paragraphs and tables of a part.
func (w *docxReader) part(name string) error {
	if err := w.relate(name); err != nil {
		return err
	}
	skip := 0
	err := w.p.walk(w.ctx, name, xmlHandler{
		whole: func(name string) bool {
			switch name {
			case "p", "trPr", "tcPr", "sectPr", "sdtPr", "tblPr", "altChunk", "oMathPara", "oMath":
				return true
			}
			return false
		},
		tree: func(n *node) {
			if skip == 0 {
				w.block(n)
			}
		},
		start: func(name string, attr func(string) string) {
			if skip > 0 || name == "Fallback" || name == "del" || name == "moveFrom" {
				skip++
				return
			}
			w.begin(name, attr)
		},
		end: func(name string) {
			if skip > 0 {
				skip--
				return
			}
			if name == "tbl" {
				w.out.endTable()
			}
		},
	}, w.out.full)
	w.flush("", nil)
	return err
}

func (w *docxReader) begin(name string, attr func(string) string) {
	switch name {
	case "tbl":
		if len(w.out.tables) == 0 {
			w.out.place(fmt.Sprintf("%s %d", w.noun, w.count+1))
		}
		w.out.beginTable()
	case "tr":
		w.out.beginRow()
	case "tc":
		w.out.beginCell()
	case "footnote", "endnote":
		w.note = ""
		if kind := attr("type"); kind != "" && kind != "normal" {
			return
		}
		if n := w.noteMarks[name+attr("id")]; n > 0 {
			w.note = fmt.Sprintf("[%d] ", n)
		}
	}
}

// block writes a paragraph or an element between paragraphs.
func (w *docxReader) block(n *node) {
	switch n.name {
	case "p":
		w.paragraph(n)
	case "oMathPara", "oMath":
		w.flush(mathText(n), nil)
	case "trPr":
		if n.child("del") != nil {
			w.out.dropRow()
			w.leftOut("deleted text of tracked changes")
		} else if n.child("tblHeader").on() {
			w.out.headRow()
		}
	case "tcPr":
		w.out.spanCell(numberIn(n.child("gridSpan").attr("val")), 1)
		if merge := n.child("vMerge"); merge != nil && merge.attr("val") != "restart" {
			w.out.continueCell()
		}
	case "sectPr":
		for _, kind := range []string{"headerReference", "footerReference"} {
			n.each(kind, func(r *node) {
				if part := w.main.targets[r.attr("r:id")]; part != "" {
					w.margins = append(w.margins, part)
				}
			})
		}
	case "altChunk":
		w.chunk(w.rels.targets[n.attr("r:id")])
	case "tbl", "sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag", "tr", "tc", "Choice",
		"AlternateContent": // in a text box
		attr := n.attr
		w.begin(n.name, attr)
		for _, k := range n.kids {
			w.block(k)
		}
		if n.name == "tbl" {
			w.out.endTable()
		}
	}
}

// chunk writes a nested document, which has a format of its own.
func (w *docxReader) chunk(part string) {
	data, err := w.p.read(part)
	if err != nil || len(data) == 0 {
		w.unread("embedded text")
		return
	}
	doc, err := w.loader.nested(w.ctx, w.in, part, data)
	if err != nil {
		w.unread("embedded text")
		return
	}
	w.count++
	w.out.place(fmt.Sprintf("%s %d", w.noun, w.count))
	w.out.markdown(doc.Text)
}

// paragraph writes a paragraph, and then its text boxes, comments and drawings.
func (w *docxReader) paragraph(n *node) {
	var line strings.Builder
	properties := n.child("pPr")
	w.inline(n, &line)
	if section := properties.child("sectPr"); section != nil {
		w.block(section)
	}
	s := w.joins + line.String()
	w.joins = ""
	mark := properties.child("rPr")
	if mark.child("del") != nil || mark.child("specVanish").on() {
		w.joins = s
	} else {
		w.flush(s, properties)
	}
	later := w.later
	w.later = nil
	for _, f := range later {
		f()
	}
}

// flush writes a paragraph with the given text and properties. Without properties it writes pending
// text (joins) too.
func (w *docxReader) flush(s string, properties *node) {
	if properties == nil {
		s, w.joins = w.joins+s, ""
	}
	if strings.TrimSpace(s) == "" {
		return
	}
	w.count++
	if len(w.out.tables) == 0 {
		w.out.place(fmt.Sprintf("%s %d", w.noun, w.count))
	}
	style := properties.child("pStyle").attr("val")
	if style == "" {
		style = w.styles.standard
	}
	level := w.styles.heading(style)
	if outline := properties.child("outlineLvl"); outline != nil {
		if own, err := strconv.Atoi(outline.attr("val")); err == nil && own >= 0 && own < 9 {
			level = own + 1
		} else {
			level = -1
		}
	}
	num, depth, listed := w.numbering.of(properties, style)
	label := ""
	if listed {
		label = num.next(depth)
	}
	s, w.note = w.note+s, ""
	switch {
	case level == 0:
		if w.title == "" {
			w.title = s
		}
		w.out.heading(1, labelled(label, s))
	case level > 0:
		w.out.heading(level, labelled(label, s))
	case listed && label == "":
		w.out.listItem(depth, s)
	case listed:
		w.out.numbered(label, s)
	default:
		w.out.paragraph(s)
	}
}

func labelled(label, s string) string {
	if label == "" {
		return s
	}
	return label + " " + s
}

// marginals writes the distinct page headers and footers that hold more than page numbers.
func (w *docxReader) marginals() error {
	seen := map[string]bool{}
	for _, part := range w.margins {
		if seen[part] {
			continue
		}
		seen[part] = true
		if err := w.relate(part); err != nil {
			return err
		}
		var lines []string
		if err := w.p.walk(w.ctx, part, xmlHandler{
			whole: func(name string) bool { return name == "p" },
			tree: func(n *node) {
				var line strings.Builder
				w.inline(n, &line)
				lines = append(lines, line.String())
			},
		}, nil); err != nil {
			return err
		}
		w.later = nil
		if s := tidy(strings.Join(lines, " ")); saysSomething(s) && !seen[s] {
			seen[s] = true
			w.out.place("head or foot of the pages")
			w.out.paragraph("Head or foot of the pages: " + s)
		}
	}
	return nil
}

// saysSomething reports whether a page header or footer holds more than page numbers such as "Page
// 3 of 10".
func saysSomething(s string) bool {
	words := 0
	for word := range strings.FieldsFuncSeq(s, func(r rune) bool { return !unicode.IsLetter(r) }) {
		switch strings.ToLower(word) {
		case "page", "of", "p", "pg", "seite", "von", "des", "sur", "página", "pagina", "de", "di",
			"strona", "z", "страница", "из":
		default:
			words++
		}
	}
	return words > 0
}
