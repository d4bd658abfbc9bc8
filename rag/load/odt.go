package load

import (
	"context"
	"fmt"
	"strings"
)

// readODT reads OpenDocument texts: headings and lists with their numbers, tables, notes, comments,
// formulas, charts, text boxes, and page headers and footers. Tracked deletions and hidden text are
// left out, with a note.
func readODT(ctx context.Context, _ *Loader, in input) (Document, error) {
	w, err := newODFWriter(ctx, in)
	if err != nil {
		return Document{}, err
	}
	skip := 0
	err = w.file.walk("content.xml", xmlHandler{
		whole: func(name string) bool { return skip == 0 && w.body && w.isBlock(name) },
		tree:  w.block,
		start: func(name string, attr func(string) string) {
			switch {
			case skip > 0 || name == "tracked-changes" || name == "forms" ||
				name == "sequence-decls" || name == "master-styles":
				if skip == 0 && name == "tracked-changes" {
					w.deletions = true
				}
				skip++
			case name == "body":
				w.body = true
			default:
				w.begin(name, attr)
			}
			if name == "deletion" && w.deletions {
				w.omitted.add("deleted text of tracked changes", "left out")
			}
		},
		end: func(name string) {
			if skip > 0 {
				skip--
				return
			}
			w.end(name)
		},
	}, w.out.full)
	if err != nil {
		return Document{}, err
	}
	w.marginals()
	doc := w.out.document()
	doc.Title, doc.Date = w.file.properties()
	doc.Notes = w.omitted.notes()
	if strings.TrimSpace(doc.Text) == "" && len(doc.Notes) > 0 {
		return Document{}, nothingRead(doc.Notes)
	}
	return doc, nil
}

// An odfWriter writes the blocks of an OpenDocument text, slide or cell.
type odfWriter struct {
	file    *odfFile
	styles  *odfStyles
	out     *builder
	omitted tally

	body      bool // the walk has reached the document's body
	deletions bool
	count     int  // paragraphs so far
	places    bool // each paragraph starts a place; otherwise the caller sets places
	lists     []odfList
	saved     map[string][10]int // last numbers of lists, by identifier and by "style " plus style
	headings  [10]int            // last numbers of headings, by level
	notes     int
	headRows  int
	later     []func()
}

// An odfList is an open list.
type odfList struct {
	style, id string
	counts    [10]int
	fresh     bool // the next paragraph is the first of its item
}

func newODFWriter(ctx context.Context, in input) (*odfWriter, error) {
	file, err := openODF(ctx, in.data)
	if err != nil {
		return nil, err
	}
	styles, err := file.styles()
	if err != nil {
		return nil, err
	}
	return &odfWriter{file: file, styles: styles, out: &builder{max: in.opts.MaxText},
		saved: map[string][10]int{}, places: true}, nil
}

// isBlock reports whether an element is read as a whole tree.
func (w *odfWriter) isBlock(name string) bool {
	switch name {
	case "p", "h", "frame", "custom-shape", "rect", "ellipse", "line", "path", "polygon",
		"polyline", "connector", "caption", "g", "annotation", "table-column", "shapes":
		return true
	}
	return false
}

// block writes an element and everything in it.
func (w *odfWriter) block(n *node) {
	switch n.name {
	case "p", "h":
		var line strings.Builder
		w.inline(n, &line)
		w.flush(n, line.String())
		later := w.later
		w.later = nil
		for _, f := range later {
			f()
		}
	case "frame", "custom-shape", "rect", "ellipse", "line", "path", "polygon", "polyline", "connector", "caption", "g":
		w.drawing(n)
	case "annotation":
		w.out.paragraph(annotationText(n))
	case "table-column", "shapes", "":
	default:
		w.begin(n.name, n.attr)
		for _, k := range n.kids {
			w.block(k)
		}
		w.end(n.name)
	}
}

func (w *odfWriter) begin(name string, attr func(string) string) {
	switch name {
	case "list":
		w.beginList(attr)
	case "list-item":
		if n := len(w.lists); n > 0 {
			l := &w.lists[n-1]
			l.fresh = true
			at := min(n, 10) - 1
			if start := attr("start-value"); start != "" {
				l.counts[at] = numberIn(start)
			} else if l.counts[at] == 0 {
				l.counts[at] = w.level(l.style, at).start
			} else {
				l.counts[at]++
			}
		}
	case "table":
		if len(w.out.tables) == 0 && w.places {
			w.out.place(fmt.Sprintf("paragraph %d", w.count+1))
		}
		w.out.beginTable()
	case "table-header-rows":
		w.headRows++
	case "table-row":
		w.out.beginRow()
		if w.headRows > 0 {
			w.out.headRow()
		}
	case "table-cell":
		w.out.beginCell()
		w.out.spanCell(numberIn(attr("number-columns-spanned")), numberIn(attr("number-rows-spanned")))
	}
}

func (w *odfWriter) end(name string) {
	switch name {
	case "list":
		if n := len(w.lists); n > 0 {
			l := w.lists[n-1]
			if w.lists = w.lists[:n-1]; n == 1 {
				w.saved[l.id], w.saved["style "+l.style] = l.counts, l.counts
			}
		}
	case "table":
		w.out.endTable()
	case "table-header-rows":
		w.headRows--
	}
}

// beginList opens a list, which may continue the numbers of an earlier one.
func (w *odfWriter) beginList(attr func(string) string) {
	if len(w.lists) > 200 {
		return
	}
	l := odfList{style: attr("style-name"), id: attr("id")}
	if n := len(w.lists); n > 0 {
		outer := w.lists[n-1]
		if l.style == "" {
			l.style = outer.style
		}
		l.counts = outer.counts
		for i := min(n, 10); i < 10; i++ {
			l.counts[i] = 0
		}
	} else if id := attr("continue-list"); id != "" {
		l.counts = w.saved[id]
	} else if attr("continue-numbering") == "true" {
		l.counts = w.saved["style "+l.style]
	}
	w.lists = append(w.lists, l)
}

func (w *odfWriter) level(style string, at int) odfLevel {
	if levels := w.styles.lists[style]; levels != nil {
		return levels[at]
	}
	return odfLevel{format: "bullet", start: 1}
}

// flush writes a paragraph or heading with its number.
func (w *odfWriter) flush(n *node, s string) {
	if strings.TrimSpace(s) == "" {
		return
	}
	w.count++
	if len(w.out.tables) == 0 && w.places {
		w.out.place(fmt.Sprintf("paragraph %d", w.count))
	}
	mark, item := "", false
	depth := len(w.lists) - 1
	if depth >= 0 && w.lists[depth].fresh {
		l := &w.lists[depth]
		l.fresh, item = false, true
		if levels := w.styles.lists[l.style]; levels != nil {
			mark = odfLabel(levels, &l.counts, min(depth, 9))
		}
	}
	if n.name == "h" {
		level := min(max(numberIn(n.attr("outline-level")), 1), 10)
		if !item && w.styles.outline != nil && n.attr("is-list-header") != "true" {
			w.headings[level-1] = max(w.headings[level-1]+1, w.styles.outline[level-1].start)
			for i := level; i < len(w.headings); i++ {
				w.headings[i] = 0
			}
			mark = odfLabel(w.styles.outline, &w.headings, level-1)
		}
		w.out.heading(level, labelled(mark, s))
		return
	}
	switch {
	case item && mark != "":
		w.out.numbered(mark, s)
	case item:
		w.out.listItem(depth, s)
	default:
		w.out.paragraph(s)
	}
}

// marginals writes page headers and footers, each distinct text once.
func (w *odfWriter) marginals() {
	seen := map[string]bool{}
	for _, margin := range w.styles.margins {
		var lines []string
		margin.all("p", func(p *node) {
			var line strings.Builder
			w.inline(p, &line)
			lines = append(lines, line.String())
		})
		w.later = nil
		if s := tidy(strings.Join(lines, " ")); saysSomething(s) && !seen[s] {
			seen[s] = true
			w.out.place("head or foot of the pages")
			w.out.paragraph("Head or foot of the pages: " + s)
		}
	}
}
