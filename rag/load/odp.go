package load

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// readODP reads OpenDocument presentations; the output has the form that [readPptx] describes.
func readODP(ctx context.Context, _ *Loader, in input) (Document, error) {
	w, err := newODFWriter(ctx, in)
	if err != nil {
		return Document{}, err
	}
	w.places = false
	number := 0
	var hidden, blank []int
	body := false
	if err := w.file.walk("content.xml", xmlHandler{
		start: func(name string, _ func(string) string) { body = body || name == "body" },
		whole: func(name string) bool { return body && name == "page" },
		tree: func(n *node) {
			if number++; w.styles.hidden("drawing-page", n.attr("style-name")) {
				hidden = append(hidden, number)
			} else if !w.page(n, number) {
				blank = append(blank, number)
			}
		},
	}, w.out.full); err != nil {
		return Document{}, err
	}
	if number == 0 {
		return Document{}, lacks("slides")
	}
	doc := w.out.document()
	doc.Title, doc.Date = w.file.properties()
	doc.Notes = w.omitted.notes()
	if len(hidden) > 0 {
		doc.Notes = append(doc.Notes, "hidden "+numbers("slide", hidden)+" left out")
	}
	if len(blank) > 0 {
		doc.Notes = append(doc.Notes, numbers("slide", blank)+noTextNote)
	}
	if strings.TrimSpace(doc.Text) == "" {
		return Document{}, &Error{Reason: NoText, Detail: "has no text on its slides: they are pictures, or hidden"}
	}
	return doc, nil
}

// page writes one slide. It returns false when the slide is blank.
func (w *odfWriter) page(n *node, number int) bool {
	w.out.place(fmt.Sprintf("slide %d", number))
	mark := w.out.mark()
	title := ""
	var shapes []*slideShape
	for _, k := range n.kids {
		switch k.name {
		case "frame", "custom-shape", "rect", "ellipse", "path", "polygon", "polyline", "line",
			"connector", "caption", "g":
			s := &slideShape{node: k, place: k.attr("class")}
			s.box, s.placed = odfBox(k)
			if text := tidy(strings.Join(odfParagraphs(k), " ")); s.place == "title" && title == "" && text != "" {
				title = text
				continue
			}
			shapes = append(shapes, s)
		}
	}
	found := title != ""
	if !found {
		title = fmt.Sprintf("Slide %d", number)
	}
	w.out.heading(2, title)
	empty := w.out.b.Len()
	for _, s := range readingOrder(shapes) {
		switch s.place {
		case "page-number", "date-time", "page", "header":
		case "footer":
			if text := strings.Join(odfParagraphs(s.node), " "); saysSomething(text) &&
				w.saved["footer "+text] == ([10]int{}) {
				w.saved["footer "+text] = [10]int{1}
				w.out.paragraph(text)
			}
		default:
			w.block(s.node)
		}
	}
	n.each("annotation", func(a *node) { w.out.paragraph(annotationText(a)) })
	first := true
	for _, text := range odfParagraphs(n.child("notes")) {
		if strings.TrimSpace(text) != "" && first {
			text, first = "Notes: "+text, false
		}
		w.out.paragraph(text)
	}
	if w.out.b.Len() == empty && !found {
		w.out.reset(mark)
		return false
	}
	return true
}

func odfParagraphs(n *node) []string {
	var list []string
	n.all("p", func(p *node) { list = append(list, p.content()) })
	return list
}

// odfBox returns the rectangle of a shape in centimetres. For a group it is that of the first shape
// in it that has one.
func odfBox(n *node) (box, bool) {
	if n.name == "g" {
		for _, k := range n.kids {
			if b, ok := odfBox(k); ok {
				return b, true
			}
		}
		return box{}, false
	}
	b := box{x: length(n.attr("x")), y: length(n.attr("y")), w: length(n.attr("width")), h: length(n.attr("height"))}
	_, moved, translated := strings.Cut(n.attr("transform"), "translate")
	if inside := strings.FieldsFunc(moved, func(r rune) bool { return r == '(' || r == ')' || r == ' ' || r == ',' }); translated && len(inside) >= 2 {
		b.x, b.y = length(inside[0]), length(inside[1])
	}
	return b, translated || n.attr("x") != "" || n.attr("y") != ""
}

// length parses a length such as "1.5cm" or "20pt" and returns centimetres; 0 when it is malformed
// or out of range.
func length(s string) float64 {
	unit := strings.TrimLeft(s, "+-0123456789.eE")
	v, err := strconv.ParseFloat(strings.TrimSuffix(s, unit), 64)
	if err != nil || v > 1e9 || v < -1e9 {
		return 0
	}
	switch unit {
	case "mm":
		return v / 10
	case "in":
		return v * 2.54
	case "pt":
		return v * 2.54 / 72
	case "pc":
		return v * 2.54 / 6
	case "px":
		return v * 2.54 / 96
	}
	return v
}
