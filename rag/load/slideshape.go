package load

import (
	"strconv"
	"strings"
)

// A box is a rectangle on a slide or a page, in any unit.
type box struct{ x, y, w, h float64 }

// A slideShape is a shape on a slide: a text, picture, table or chart.
type slideShape struct {
	node   *node
	place  string // placeholder type, such as "title" or "body"; "placeholder" if it has none
	alt    string // description
	box    box
	placed bool // box is known
}

func (s *slideShape) title() bool { return s.place == "title" || s.place == "ctrTitle" }

func (s *slideShape) text() string {
	return strings.TrimSpace(strings.Join(drawingParagraphs(s.node.child("txBody")), " "))
}

// A slideLayout holds the rectangles of placeholders, for slides that do not set their own, and the
// texts that it shows on each slide.
type slideLayout struct {
	boxes  map[string]box // by type and by "#" plus index
	texts  []string
	master *slideLayout
	hides  bool // the texts of the master are not shown
}

// layout returns a layout and the master it is based on; nil for no part. Layouts are cached.
func (w *pptxReader) layout(part string) (*slideLayout, error) {
	if part == "" {
		return nil, nil
	}
	if layout, ok := w.layouts[part]; ok {
		return layout, nil
	}
	layout := &slideLayout{boxes: map[string]box{}}
	w.layouts[part] = layout
	root, err := w.p.tree(w.ctx, part)
	if err != nil {
		return nil, err
	}
	root.all("sp", func(sp *node) {
		ph := placeholder(sp)
		at, ok := boxOf(sp.child("spPr", "xfrm"))
		if hidden := sp.child("nvSpPr", "cNvPr").attr("hidden"); ph == nil && hidden != "1" && hidden != "true" {
			for _, text := range drawingParagraphs(sp.child("txBody")) {
				if text = tidy(text); saysSomething(text) && len(layout.texts) < 100 {
					layout.texts = append(layout.texts, text)
				}
			}
		}
		if ph == nil || !ok {
			return
		}
		if kind := ph.attr("type"); kind != "" {
			if _, known := layout.boxes[kind]; !known {
				layout.boxes[kind] = at
			}
		}
		layout.boxes["#"+ph.attr("idx")] = at
	})
	layout.hides = hidesMaster(root)
	rels, err := w.p.related(w.ctx, part)
	if err != nil {
		return nil, err
	}
	if master := rels.first("slideMaster"); master != "" && master != part {
		layout.master, err = w.layout(master)
	}
	return layout, err
}

// layoutTexts writes the texts that a layout and its master show on each slide, the first time only.
func (w *pptxReader) layoutTexts(l *slideLayout) {
	for n := 0; l != nil && n < 3; n++ {
		for _, text := range l.texts {
			if !w.feet[text] {
				w.feet[text] = true
				w.out.paragraph(text)
			}
		}
		if l.hides {
			return
		}
		l = l.master
	}
}

// hidesMaster reports whether a slide or a layout does not show the texts of what it is based on.
func hidesMaster(root *node) bool {
	show := root.attr("showMasterSp")
	return show == "0" || show == "false"
}

// find returns the rectangle of a placeholder, from the layout or its master.
func (l *slideLayout) find(ph *node) (box, bool) {
	for n := 0; l != nil && n < 3; l, n = l.master, n+1 {
		if idx := ph.attr("idx"); idx != "" {
			if at, ok := l.boxes["#"+idx]; ok {
				return at, true
			}
		}
		kind := ph.attr("type")
		for _, k := range []string{kind,
			map[string]string{"ctrTitle": "title", "subTitle": "body", "obj": "body", "": "body"}[kind]} {
			if at, ok := l.boxes[k]; ok && k != "" {
				return at, true
			}
		}
	}
	return box{}, false
}

// placeholder returns the placeholder element of a shape; nil when the shape fills none.
func placeholder(sp *node) *node {
	for _, k := range sp.kids {
		if strings.HasPrefix(k.name, "nv") {
			return k.child("nvPr", "ph")
		}
	}
	return nil
}

func boxOf(xfrm *node) (box, bool) {
	off, ext := xfrm.child("off"), xfrm.child("ext")
	if off == nil {
		return box{}, false
	}
	return box{number(off, "x"), number(off, "y"), number(ext, "cx"), number(ext, "cy")}, true
}

func number(n *node, name string) float64 {
	v, err := strconv.ParseFloat(n.attr(name), 64)
	if err != nil || v > 1e15 || v < -1e15 {
		return 0
	}
	return v
}

// shapes returns the visible shapes of a slide, including those in groups.
func (w *pptxReader) shapes(tree *node, layout *slideLayout) []*slideShape {
	var list []*slideShape
	var look func(n *node, within func(box) box)
	look = func(n *node, within func(box) box) {
		for _, k := range n.kids {
			switch k.name {
			case "sp", "pic", "graphicFrame", "cxnSp":
				if s := w.shapeOf(k, layout); s != nil {
					s.box = within(s.box)
					list = append(list, s)
				}
			case "grpSp":
				if hiddenShape(k) {
					w.leftOut("a hidden shape")
					continue
				}
				if alt := description(k.child("nvGrpSpPr", "cNvPr").orEmpty()); alt != "" {
					at, ok := boxOf(k.child("grpSpPr", "xfrm"))
					list = append(list, &slideShape{node: &node{name: "sp"}, alt: alt, box: within(at), placed: ok})
				}
				look(k, inGroup(k.child("grpSpPr", "xfrm"), within))
			case "AlternateContent":
				look(alternative(k), within)
			}
		}
	}
	look(tree.orEmpty(), func(b box) box { return b })
	return list
}

// inGroup returns the conversion of coordinates in a group to those of the slide.
func inGroup(xfrm *node, within func(box) box) func(box) box {
	outer, ok := boxOf(xfrm)
	inner := box{number(xfrm.child("chOff"), "x"), number(xfrm.child("chOff"), "y"),
		number(xfrm.child("chExt"), "cx"), number(xfrm.child("chExt"), "cy")}
	if !ok || inner.w <= 0 || inner.h <= 0 {
		return within
	}
	sx, sy := outer.w/inner.w, outer.h/inner.h
	return func(b box) box {
		return within(box{outer.x + (b.x-inner.x)*sx, outer.y + (b.y-inner.y)*sy, b.w * sx, b.h * sy})
	}
}

func hiddenShape(n *node) bool {
	for _, k := range n.kids {
		if strings.HasPrefix(k.name, "nv") {
			hidden := k.child("cNvPr").attr("hidden")
			return hidden == "1" || hidden == "true"
		}
	}
	return false
}

// shapeOf returns the type, rectangle and description of a shape; nil when it is hidden.
func (w *pptxReader) shapeOf(n *node, layout *slideLayout) *slideShape {
	if hiddenShape(n) {
		w.leftOut("a hidden shape")
		return nil
	}
	s := &slideShape{node: n}
	for _, k := range n.kids {
		if strings.HasPrefix(k.name, "nv") {
			s.alt = description(k.child("cNvPr").orEmpty())
		}
	}
	if s.box, s.placed = boxOf(n.child("spPr", "xfrm")); !s.placed {
		s.box, s.placed = boxOf(n.child("xfrm"))
	}
	if ph := placeholder(n); ph != nil {
		if s.place = ph.attr("type"); s.place == "" {
			s.place = "placeholder"
		}
		if !s.placed {
			s.box, s.placed = layout.find(ph)
		}
	}
	return s
}
