package load

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// readDocx reads Word documents (ECMA-376, WordprocessingML): headings by style or outline level, lists, tables, notes. What was deleted with changes
// tracked is not read, what was inserted is.
func readDocx(ctx context.Context, _ *Loader, in input) (Document, error) {
	p, err := openPacked(in.data)
	if err != nil {
		return Document{}, err
	}
	if p.files["word/document.xml"] == nil {
		return Document{}, lacks("word/document.xml")
	}
	levels, err := p.docxStyles(ctx)
	if err != nil {
		return Document{}, err
	}
	w := &docxReader{out: &builder{max: in.opts.MaxText}, levels: levels, noun: "paragraph"}
	if err := p.walk(ctx, "word/document.xml", w.handler(), w.out.full); err != nil {
		return Document{}, err
	}
	for _, part := range []string{"footnotes", "endnotes"} {
		w.noun, w.count = strings.TrimSuffix(part, "s"), 0
		if err := p.walk(ctx, "word/"+part+".xml", w.handler(), w.out.full); err != nil {
			return Document{}, err
		}
	}
	doc := w.out.document()
	if doc.Title = p.titleIn(ctx, "docProps/core.xml"); strings.TrimSpace(doc.Title) == "" {
		doc.Title = w.title
	}
	return doc, nil
}

// docxStyles gives the outline level of each style: 1 to 9 for headings, 0 for the title's.
func (p *packed) docxStyles(ctx context.Context) (map[string]int, error) {
	levels, based := map[string]int{}, map[string]string{}
	id := ""
	err := p.walk(ctx, "word/styles.xml", xmlHandler{start: func(name string, attr func(string) string) {
		switch name {
		case "style":
			id = attr("styleId")
		case "name":
			n := strings.ToLower(attr("val"))
			if digits, ok := strings.CutPrefix(n, "heading "); ok {
				if level, err := strconv.Atoi(digits); err == nil {
					levels[id] = level
				}
			} else if n == "title" {
				levels[id] = 0
			}
		case "basedOn":
			based[id] = attr("val")
		case "outlineLvl":
			if level, err := strconv.Atoi(attr("val")); err == nil && level < 9 {
				if _, known := levels[id]; !known {
					levels[id] = level + 1
				}
			}
		}
	}}, nil)
	for style := range based {
		for at, n := style, 0; n < 16; n++ {
			if level, ok := levels[at]; ok {
				levels[style] = level
				break
			}
			at = based[at]
		}
	}
	return levels, err
}

type docxReader struct {
	out    *builder
	levels map[string]int
	title  string
	noun   string // what the paragraphs are called in places
	count  int

	text     strings.Builder
	inText   bool
	skip     int // open elements whose text is not the document's
	style    string
	outline  int
	list     int // the depth in lists; -1: in none
	inParas  int
	property bool // inside w:pPr
}

func (w *docxReader) handler() xmlHandler {
	return xmlHandler{
		start: w.start, end: w.end,
		text: func(s string) {
			if w.inText && w.skip == 0 {
				w.text.WriteString(s)
			}
		},
	}
}

func (w *docxReader) start(name string, attr func(string) string) {
	if w.skip > 0 || name == "Fallback" || name == "del" || name == "moveFrom" {
		w.skip++
		return
	}
	switch name {
	case "p":
		if w.inParas++; w.inParas > 1 { // a text box inside a paragraph: the paragraph so far stands by itself
			w.flush()
		}
		w.style, w.outline, w.list = "", 0, -1
	case "pPr":
		w.property = true
	case "pStyle":
		w.style = attr("val")
	case "outlineLvl":
		if level, err := strconv.Atoi(attr("val")); err == nil && level < 9 && w.property {
			w.outline = level + 1
		}
	case "numPr":
		w.list = max(w.list, 0)
	case "ilvl":
		w.list, _ = strconv.Atoi(attr("val"))
	case "numId":
		if attr("val") == "0" {
			w.list = -1
		}
	case "t":
		w.inText = true
	case "tab":
		if !w.property {
			w.text.WriteByte('\t')
		}
	case "br", "cr":
		w.text.WriteByte('\n')
	case "noBreakHyphen":
		w.text.WriteByte('-')
	case "tbl":
		w.out.beginTable()
	case "tr":
		w.out.beginRow()
	case "tc":
		w.out.beginCell()
	}
}

func (w *docxReader) end(name string) {
	if w.skip > 0 {
		w.skip--
		return
	}
	switch name {
	case "t":
		w.inText = false
	case "pPr":
		w.property = false
	case "p":
		w.flush()
		w.inParas--
	case "tbl":
		w.out.endTable()
	}
}

func (w *docxReader) flush() {
	s := w.text.String()
	w.text.Reset()
	if strings.TrimSpace(s) == "" {
		return
	}
	w.count++
	w.out.place(fmt.Sprintf("%s %d", w.noun, w.count))
	level, styled := w.levels[w.style]
	switch {
	case styled && level == 0:
		if w.title == "" {
			w.title = s
		}
		w.out.heading(1, s)
	case styled || w.outline > 0:
		w.out.heading(max(level, w.outline), s)
	case w.list >= 0:
		w.out.listItem(w.list, s)
	default:
		w.out.paragraph(s)
	}
}
