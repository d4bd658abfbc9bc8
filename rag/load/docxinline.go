package load

import (
	"strconv"
	"strings"
)

// inline writes the text of runs to line. It adds text boxes and comments to w.later, so that they
// are written after the paragraph.
func (w *docxReader) inline(n *node, line *strings.Builder) {
	for _, k := range n.kids {
		switch k.name {
		case "r":
			w.run(k, line)
		case "hyperlink", "ins", "moveTo", "smartTag", "sdt", "sdtContent", "fldSimple", "customXml",
			"bdo", "dir", "rubyBase", "rt":
			w.inline(k, line)
		case "oMath":
			spaced(line, mathText(k))
		case "oMathPara":
			k.each("oMath", func(m *node) { spaced(line, mathText(m)) })
		case "AlternateContent":
			w.inline(alternative(k), line)
		case "drawing", "pict", "object":
			w.drawing(k)
		case "p": // of a text box without a frame
			w.inline(k, line)
		case "del", "moveFrom":
			w.leftOut("deleted text of tracked changes")
		}
	}
}

// spaced writes an equation with spaces around it.
func spaced(line *strings.Builder, s string) {
	if line.Len() > 0 && !strings.HasSuffix(line.String(), " ") {
		line.WriteByte(' ')
	}
	line.WriteString(s)
	line.WriteByte(' ')
}

// alternative returns the preferred form of content that a file holds in several forms: the newest
// one.
func alternative(n *node) *node {
	if choice := n.child("Choice"); choice != nil && len(choice.kids) > 0 {
		return choice
	}
	if fallback := n.child("Fallback"); fallback != nil {
		return fallback
	}
	return &node{}
}

// run writes a run: text with uniform properties.
func (w *docxReader) run(n *node, line *strings.Builder) {
	properties := n.child("rPr")
	hidden := properties.child("vanish").on()
	if style := properties.child("rStyle").attr("val"); style != "" && properties.child("vanish") == nil {
		hidden = w.styles.hidden(style)
	}
	if hidden && properties.child("specVanish") == nil {
		if strings.TrimSpace(n.content()) != "" {
			w.leftOut("hidden text")
		}
		return
	}
	script := properties.child("vertAlign").attr("val")
	if script == "baseline" {
		script = ""
	}
	begins := script != "" && script != w.script
	w.script = script
	for _, k := range n.kids {
		switch k.name {
		case "t":
			s := k.content()
			if begins {
				begins = false
				line.WriteString(scriptMark(line.String(), s, script == "superscript"))
			}
			line.WriteString(s)
		case "tab", "ptab":
			line.WriteByte('\t')
		case "br", "cr":
			line.WriteByte('\n')
		case "noBreakHyphen":
			line.WriteByte('-')
		case "sym":
			line.WriteString(symbol(k.attr("font"), k.attr("char")))
		case "ruby":
			w.inline(k.child("rubyBase"), line)
			var reading strings.Builder
			w.inline(k.child("rt"), &reading)
			if s := tidy(reading.String()); s != "" {
				line.WriteString("(" + s + ")")
			}
		case "footnoteReference", "endnoteReference":
			kind := strings.TrimSuffix(k.name, "Reference")
			number := w.noteMarks[kind+k.attr("id")]
			if number == 0 {
				w.noteCount++
				number = w.noteCount
				w.noteMarks[kind+k.attr("id")] = number
			}
			line.WriteString("[" + strconv.Itoa(number) + "]")
		case "commentReference":
			if s := w.comments[k.attr("id")]; s != "" {
				w.later = append(w.later, func() { w.out.paragraph(s) })
				delete(w.comments, k.attr("id"))
			}
		case "AlternateContent":
			w.run(&node{name: "r", kids: alternative(k).kids}, line)
		case "drawing", "pict", "object":
			w.drawing(k)
		case "fldChar":
			if box := k.child("ffData", "checkBox"); box != nil {
				checked := box.child("checked")
				if checked == nil {
					checked = box.child("default")
				}
				if checked.on() {
					line.WriteString("☒")
				} else {
					line.WriteString("☐")
				}
			}
		}
	}
}

// drawing adds the contents of a drawing to w.later: its description, text boxes, charts, diagrams,
// embedded documents, and the text of its pictures.
func (w *docxReader) drawing(n *node) {
	described := false
	var pictures []string // parts
	var objects []*node
	var look func(n *node)
	look = func(n *node) {
		for _, k := range n.kids {
			switch k.name {
			case "docPr", "cNvPr", "shape", "rect", "imagedata":
				alt := description(k)
				if alt != "" && !described {
					described = true
					w.later = append(w.later, func() { w.out.paragraph("[" + alt + "]") })
				}
				look(k)
			case "txbxContent":
				w.later = append(w.later, func() {
					for _, block := range k.kids {
						w.block(block)
					}
				})
			case "chart":
				part := w.rels.targets[k.attr("r:id")]
				w.later = append(w.later, func() { w.chart(part) })
				described = true
			case "relIds":
				part := w.rels.targets[k.attr("r:dm")]
				w.later = append(w.later, func() { w.diagram(part) })
				described = true
			case "textpath":
				s := k.attr("string")
				w.later = append(w.later, func() { w.out.paragraph(s) })
			case "AlternateContent":
				look(alternative(k))
			case "blip":
				pictures = append(pictures, w.rels.targets[k.attr("r:embed")])
			case "OLEObject":
				objects = append(objects, k)
			default:
				look(k)
			}
			if k.name == "imagedata" {
				pictures = append(pictures, w.rels.targets[k.attr("r:id")])
			}
		}
	}
	look(&node{kids: []*node{n}})
	w.later = append(w.later, func() {
		for _, k := range objects {
			w.object(w.rels.targets[k.attr("r:id")], k.attr("ProgID"), pictures)
		}
		if len(objects) == 0 && !w.pictures(pictures) && len(pictures) > 0 && !described {
			w.unread("picture without a description")
		}
	})
}
