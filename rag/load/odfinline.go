package load

import (
	"fmt"
	"strings"
)

// inline appends the text of a paragraph to line. Content outside the text flow, such as drawings
// and notes, is appended to later and written after the paragraph.
func (w *odfWriter) inline(n *node, line *strings.Builder) {
	for _, k := range n.kids {
		switch k.name {
		case "":
			line.WriteString(strings.Join(strings.FieldsFunc(k.text,
				func(r rune) bool { return r == '\n' || r == '\r' }), " "))
		case "s":
			line.WriteByte(' ')
		case "tab":
			line.WriteByte('\t')
		case "line-break":
			line.WriteByte('\n')
		case "span":
			if w.styles.hidden("text", k.attr("style-name")) {
				w.omitted.add("hidden text", "left out")
				continue
			}
			if up := w.styles.script(k.attr("style-name")); up != 0 {
				line.WriteString(scriptMark(line.String(), k.content(), up > 0))
			}
			w.inline(k, line)
		case "hidden-text", "hidden-paragraph":
			w.omitted.add("hidden text", "left out")
		case "note":
			w.note(k, line)
		case "annotation":
			s := annotationText(k)
			w.later = append(w.later, func() { w.out.paragraph(s) })
		case "ruby":
			w.inline(k.child("ruby-base").orEmpty(), line)
			if reading := tidy(k.child("ruby-text").content()); reading != "" {
				line.WriteString("(" + reading + ")")
			}
		case "frame":
			if s := w.formula(k); s != "" {
				spaced(line, s)
				continue
			}
			w.later = append(w.later, func() { w.drawing(k) })
		case "custom-shape", "rect", "ellipse", "path", "polygon", "polyline", "line", "connector",
			"caption", "g", "text-box":
			w.later = append(w.later, func() { w.drawing(k) })
		case "change-start", "change-end", "change", "bookmark", "reference-mark", "toc-mark",
			"alphabetical-index-mark", "soft-page-break":
		default:
			w.inline(k, line)
		}
	}
}

// note writes the mark of a footnote or endnote into the line, and the note itself after the
// paragraph.
func (w *odfWriter) note(n *node, line *strings.Builder) {
	w.notes++
	mark := tidy(n.child("note-citation").content())
	if mark == "" {
		mark = fmt.Sprint(w.notes)
	}
	line.WriteString("[" + mark + "]")
	var parts []string
	n.child("note-body").all("p", func(p *node) {
		var b strings.Builder
		w.inline(p, &b)
		parts = append(parts, b.String())
	})
	w.later = append(w.later, func() { w.out.paragraph("[" + mark + "] " + strings.Join(parts, "\n")) })
}

// annotationText returns a comment with its author, as it is written into the text.
func annotationText(n *node) string {
	var lines []string
	n.all("p", func(p *node) { lines = append(lines, p.content()) })
	return commentText(n.child("creator").content(), strings.Join(lines, " "))
}

// formula returns the formula in a frame on one line; "" when the frame holds none.
func (w *odfWriter) formula(frame *node) string {
	object := frame.child("object")
	if object == nil {
		return ""
	}
	if math := object.find("math"); math != nil { // inline in a flat file
		return mathML(math)
	}
	root, err := w.file.object(object.attr("href"))
	if err != nil || root == nil {
		return ""
	}
	if root.name == "math" {
		return mathML(root)
	}
	if math := root.find("math"); math != nil {
		return mathML(math)
	}
	return ""
}

// drawing writes the content of a frame, shape or group: text, a table, a chart, or the description
// of a picture.
func (w *odfWriter) drawing(n *node) {
	described := false
	for _, name := range []string{"desc", "title"} {
		if s := tidy(n.child(name).content()); s != "" && !fileLike(s) && !described {
			w.out.paragraph("[" + s + "]")
			described = true
		}
	}
	if s := w.formula(n); s != "" {
		w.out.paragraph(s)
		return
	}
	if object := firstChild(n, "object", "object-ole"); object != nil {
		if !w.chart(object) {
			w.omitted.add("embedded object", "not read")
		}
		return
	}
	for _, k := range n.kids {
		switch k.name {
		case "text-box":
			lists := w.lists
			w.lists = nil
			for _, block := range k.kids {
				w.block(block)
			}
			w.lists = lists
		case "image":
			if !described && n.child("text-box") == nil && n.child("table") == nil {
				w.omitted.add("picture without a description", "not read")
			}
			described = true
		case "plugin":
			w.omitted.add("video or sound", "not read")
		case "p", "list", "table", "frame", "custom-shape", "rect", "ellipse", "path", "polygon",
			"polyline", "line", "connector", "caption", "g":
			w.block(k)
		}
	}
}

// chart writes the data of an embedded chart. It returns false when the object is not a chart.
func (w *odfWriter) chart(object *node) bool {
	root := object
	if object.child("document") == nil {
		var err error
		if root, err = w.file.object(object.attr("href")); err != nil || root == nil {
			return false
		}
	}
	chart := root.find("chart")
	if chart == nil {
		return false
	}
	if inner := chart.child("chart"); inner != nil {
		chart = inner
	}
	title := tidy(chart.child("title").content())
	var rows [][]string
	chart.child("table").all("table-row", func(row *node) {
		var cells []string
		row.each("table-cell", func(c *node) {
			text := tidy(c.child("p").content())
			if v := c.attr("value"); v != "" && v != "NaN" {
				text = generalText(v)
			}
			cells = append(cells, text)
		})
		rows = append(rows, cells)
	})
	if len(rows) == 0 {
		w.out.paragraph(title)
		return true
	}
	for at := 1; at < len(rows[0]); at++ {
		var b strings.Builder
		for i, r := range rows[1:] {
			if i == maxPoints {
				b.WriteString(" …")
				break
			}
			if at < len(r) && r[at] != "" {
				if b.Len() > 0 {
					b.WriteString("; ")
				}
				b.WriteString(strings.TrimSpace(r[0] + " " + r[at]))
			}
		}
		w.out.paragraph(joinDistinct(", ", title, rows[0][at]) + ": " + b.String())
	}
	return true
}

// generalText formats a number with at most 15 significant digits.
func generalText(raw string) string { return formatCell(raw, "", false) }

// mathML writes a formula in MathML on one line; see [mathText].
func mathML(n *node) string {
	var parts []*node
	for _, k := range n.kids {
		if k.name != "" && k.name != "annotation" && k.name != "annotation-xml" {
			parts = append(parts, k)
		}
	}
	part := func(i int) string {
		if i < len(parts) {
			return strings.TrimSpace(mathML(parts[i]))
		}
		return ""
	}
	switch n.name {
	case "mi", "mn", "mtext", "ms":
		return tidy(n.content())
	case "mo":
		// Invisible operators: function application, which separates words, times, separator.
		if s := tidy(n.content()); s != "\u2061" {
			return strings.Trim(s, "\u2061\u2062\u2063")
		}
		return " "
	case "mfrac":
		return "(" + part(0) + ")/(" + part(1) + ")"
	case "msup", "mover":
		return mathBase(part(0)) + "^" + mathOperand(part(1))
	case "msub", "munder":
		return mathBase(part(0)) + "_" + mathOperand(part(1))
	case "msubsup", "munderover":
		return mathBase(part(0)) + "_" + mathOperand(part(1)) + "^" + mathOperand(part(2))
	case "msqrt":
		var b strings.Builder
		for i := range parts {
			b.WriteString(part(i))
		}
		return "√(" + b.String() + ")"
	case "mroot":
		return "root_" + mathOperand(part(1)) + "(" + part(0) + ")"
	case "mfenced":
		var list []string
		for i := range parts {
			list = append(list, part(i))
		}
		return "(" + strings.Join(list, ", ") + ")"
	case "mtable":
		var rows []string
		for i := range parts {
			rows = append(rows, part(i))
		}
		return "[" + strings.Join(rows, "; ") + "]"
	case "mtr":
		var cells []string
		for i := range parts {
			cells = append(cells, part(i))
		}
		return strings.Join(cells, ", ")
	}
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(mathML(p))
	}
	return b.String()
}
