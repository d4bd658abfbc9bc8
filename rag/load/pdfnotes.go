package load

import "strings"

// The limits on the annotations of a page and on the text of each.
const (
	maxAnnotations = 2000
	maxAnnotation  = 4000
)

// The types of PDFium's annotations (FPDF_ANNOT_…) that are handled differently here.
const (
	pdfiumLink     = 2
	pdfiumFreeText = 3
	pdfiumPopup    = 16
	pdfiumWidget   = 20
)

// The types of PDFium's form fields (FPDF_FORMFIELD_…) whose text a person has entered or chosen.
const (
	pdfiumCombo     = 4
	pdfiumList      = 5
	pdfiumTextField = 6
)

// A pdfValue is a text that belongs in a rectangle of a page.
type pdfValue struct {
	text                     string
	left, bottom, right, top float32
}

// annotations reads the annotations of a page: comments as notes, and the values of form fields and
// text boxes, which the page itself may or may not show. fields reports whether the page has
// annotations that must be flattened to be read.
func (f *pdfFile) annotations(page uint64) (notes []string, values []pdfValue, fields bool) {
	p := f.pdf
	for i := range min(p.number("FPDFPage_GetAnnotCount", page), maxAnnotations) {
		annotation := p.call("FPDFPage_GetAnnot", page, uint64(i))
		if annotation == 0 {
			continue
		}
		const hidden = 1<<1 | 1<<5 // Hidden, NoView
		kind := p.number("FPDFAnnot_GetSubtype", annotation)
		if kind == pdfiumLink || kind == pdfiumPopup || p.number("FPDFAnnot_GetFlags", annotation)&hidden != 0 {
			p.call("FPDFPage_CloseAnnot", annotation)
			continue
		}
		v := pdfValue{}
		switch kind {
		case pdfiumWidget:
			fields = true
			switch p.number("FPDFAnnot_GetFormFieldType", f.form, annotation) {
			case pdfiumCombo, pdfiumList, pdfiumTextField:
				v.text = p.text("FPDFAnnot_GetFormFieldValue", f.form, annotation)
			}
		default:
			v.text = p.text("FPDFAnnot_GetStringValue", annotation, p.key("Contents"))
		}
		v.text = tidy(v.text)
		if len(v.text) > maxAnnotation {
			v.text = strings.ToValidUTF8(v.text[:maxAnnotation], "") + " …"
		}
		switch {
		case kind == pdfiumWidget || kind == pdfiumFreeText:
			p.call("FPDFAnnot_GetRect", annotation, uint64(p.scratch))
			b := p.bytes(p.scratch, 16)
			v.left, v.top, v.right, v.bottom = floatAt(b, 0), floatAt(b, 4), floatAt(b, 8), floatAt(b, 12)
			fields = true
			if v.text != "" {
				values = append(values, v)
			}
		case v.text != "":
			note := "Note: " + v.text
			if author := tidy(p.text("FPDFAnnot_GetStringValue", annotation,
				p.key("T"))); author != "" && len(author) < 100 {
				note = "Note by " + author + ": " + v.text
			}
			notes = append(notes, note)
			fields = true
		default:
			fields = true // such as a stamp, whose appearance may contain text
		}
		p.call("FPDFPage_CloseAnnot", annotation)
	}
	return notes, values, fields
}

// addValues adds the values that the page does not show in their rectangle because no appearance
// was stored for them.
func (raw *pdfRaw) addValues(values []pdfValue) {
	for _, v := range values {
		if !finite(v.left) || !finite(v.bottom) || raw.shows(v) {
			continue
		}
		size := min(max((v.top-v.bottom)*0.6, 6), 12)
		raw.styles = append(raw.styles, glyphStyle{size: size, content: -1})
		x := v.left + 2
		for _, r := range v.text {
			raw.glyphs = append(raw.glyphs, glyph{r: r, x0: x, x1: x + size/2,
				y: v.bottom + size*0.35, style: int32(len(raw.styles) - 1)})
			x += size / 2
		}
	}
}

// shows reports whether the page has characters of about the value's length in the value's
// rectangle.
func (raw *pdfRaw) shows(v pdfValue) bool {
	inside := 0
	for _, g := range raw.glyphs {
		s := raw.styles[g.style]
		if s.direction == 0 && g.r > ' ' && g.x0 >= v.left-1 && g.x1 <= v.right+1+s.size &&
			g.y >= v.bottom-1 && g.y <= v.top+1 {
			inside++
		}
	}
	return inside*2 >= min(len([]rune(strings.ReplaceAll(v.text, " ", ""))), 40)
}

// structure returns the heading levels in the structure tree of a page, by marked-content
// identifier.
func (f *pdfFile) structure(page uint64) map[int]int {
	p := f.pdf
	tree := p.work("FPDF_StructTree_GetForPage", page)
	if tree == 0 {
		return nil
	}
	defer p.call("FPDF_StructTree_Close", tree)
	levels := map[int]int{}
	left := 5000
	var visit func(element uint64, level, depth int)
	visit = func(element uint64, level, depth int) {
		if left--; element == 0 || left <= 0 || depth > 40 || p.err != nil {
			return
		}
		switch kind := p.text("FPDF_StructElement_GetType", element); {
		case kind == "Title":
			level = 1
		case kind == "H":
			level = 2
		case len(kind) == 2 && kind[0] == 'H' && kind[1] >= '1' && kind[1] <= '6':
			level = int(kind[1] - '0')
		}
		if level > 0 {
			for i := range min(p.number("FPDF_StructElement_GetMarkedContentIdCount", element), 100) {
				levels[p.number("FPDF_StructElement_GetMarkedContentIdAtIndex", element, uint64(i))] = level
			}
		}
		for i := range min(p.number("FPDF_StructElement_CountChildren", element), 5000) {
			if left <= 0 {
				return
			}
			child := p.call("FPDF_StructElement_GetChildAtIndex", element, uint64(i))
			if child == 0 {
				left--
				if level > 0 {
					levels[p.number("FPDF_StructElement_GetChildMarkedContentID", element, uint64(i))] = level
				}
				continue
			}
			visit(child, level, depth+1)
		}
	}
	for i := range min(p.number("FPDF_StructTree_CountChildren", tree), 5000) {
		visit(p.call("FPDF_StructTree_GetChildAtIndex", tree, uint64(i)), 0, 0)
	}
	delete(levels, -1)
	return levels
}

// A pdfHeading is an entry of a PDF's outline.
type pdfHeading struct {
	Page  int // from 0
	Level int // from 1
	Title string
}

// The limits of a PDF's outline; that of a damaged file may be cyclic.
const (
	maxOutline      = 3000
	maxOutlineDepth = 6
)

// outline returns the entries of a PDF's outline. It gives only the page of each; markHeadings
// finds the line.
func (f *pdfFile) outline() (entries []pdfHeading) {
	p := f.pdf
	left := maxOutline
	var visit func(parent uint64, level int)
	visit = func(parent uint64, level int) {
		at := p.call("FPDFBookmark_GetFirstChild", f.doc, parent)
		for ; at != 0 && left > 0; at = p.call("FPDFBookmark_GetNextSibling", f.doc, at) {
			left--
			title := tidy(p.text("FPDFBookmark_GetTitle", at))
			if dest := p.call("FPDFBookmark_GetDest", f.doc, at); dest != 0 && title != "" {
				entries = append(entries, pdfHeading{p.number("FPDFDest_GetDestPageIndex", f.doc, dest), level, title})
			}
			if level < maxOutlineDepth {
				visit(at, level+1)
			}
		}
	}
	visit(0, 1)
	return entries
}
