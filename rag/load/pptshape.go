package load

import (
	"encoding/binary"
	"encoding/xml"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode/utf16"
)

// maxShapes is how many shapes of a slide are read.
const maxShapes = 20_000

// pptShapes collects the shapes of one slide of PowerPoint 97 to 2003 (MS-ODRAW).
type pptShapes struct {
	outline  []pptText
	used     map[int]bool // indices of outline texts that a shape shows
	shapes   []*slideShape
	texts    []pptText
	comments []string
	pictures int // pictures without a description
	store    *pptStore
	hidden   bool
	master   bool // a master: the texts of its placeholders are not shown on slides
}

// pptFootPlace is the place of shapes in the head and the foot of a slide.
const pptFootPlace = "foot"

func (s *pptShapes) add(t pptText, at box, placed bool) *slideShape {
	shape := &slideShape{box: at, placed: placed}
	s.shapes, s.texts = append(s.shapes, shape), append(s.texts, t)
	return shape
}

// look collects the shapes and comments in a list of records. within converts coordinates of the
// current group to those of the slide.
func (s *pptShapes) look(body []byte, depth int, within func(box) box) {
	if depth > maxRecordDepth || len(s.shapes) > maxShapes {
		return
	}
	for i, r := range recordsIn(body) {
		switch r.kind {
		case pptSlideInfo:
			if len(r.body) >= 12 {
				s.hidden = s.hidden || binary.LittleEndian.Uint16(r.body[10:])&4 != 0
			}
		case pptComment:
			author, text := "", ""
			for _, c := range recordsIn(r.body) {
				if c.kind == pptString && c.instance == 0 {
					author = pptCharacters(c)
				} else if c.kind == pptString && c.instance == 1 {
					text = pptCharacters(c)
				}
			}
			s.comments = append(s.comments, commentText(author, text))
		case artGroup:
			inGroup, at, placed := groupWithin(r.body, within)
			before := len(s.shapes)
			s.look(r.body, depth+1, inGroup)
			if placed {
				s.tabulate(before, at)
			}
		case artShape:
			// The first shape of a group describes the group itself.
			if i > 0 || depth == 0 || !hasRecord(r.body, artGroupBox) {
				s.shape(r, within)
			}
		default:
			if isContainer(r.kind) {
				s.look(r.body, depth+1, within)
			}
		}
	}
}

// isContainer reports whether records of a kind contain shapes or comments.
func isContainer(kind int) bool {
	switch kind {
	case 0x40c, 0xf002, 0x1388, 0x138a, 0x138b: // drawings and program-specific data
		return true
	}
	return false
}

func hasRecord(body []byte, kind int) bool {
	for _, r := range recordsIn(body) {
		if r.kind == kind {
			return true
		}
	}
	return false
}

// groupWithin returns the conversion of coordinates in a group to those of the slide, and the
// group's rectangle on the slide. The first shape of a group defines both.
func groupWithin(body []byte, within func(box) box) (inGroup func(box) box, at box, placed bool) {
	list := recordsIn(body)
	if len(list) == 0 || list[0].kind != artShape {
		return within, box{}, false
	}
	var inner, outer box
	for _, r := range recordsIn(list[0].body) {
		switch r.kind {
		case artGroupBox:
			if len(r.body) >= 16 {
				inner = edges(number4(r.body, 0), number4(r.body, 4), number4(r.body, 8), number4(r.body, 12))
			}
		case artAnchor, artChildAnchor:
			outer, placed = anchor(r)
		}
	}
	if !placed || inner.w <= 0 || inner.h <= 0 {
		return within, box{}, false
	}
	sx, sy := outer.w/inner.w, outer.h/inner.h
	return func(b box) box {
		return within(box{outer.x + (b.x-inner.x)*sx, outer.y + (b.y-inner.y)*sy, b.w * sx, b.h * sy})
	}, within(outer), true
}

// tabulate replaces the shapes of a group by one table if they are arranged in rows and columns.
// The group's shapes are those from an index on.
func (s *pptShapes) tabulate(from int, at box) {
	columns, rows := map[float64]int{}, map[float64]int{}
	group := s.shapes[from:]
	for i, shape := range group {
		if s.texts[from+i].object != 0 {
			return
		}
		columns[math.Round(shape.box.x)], rows[math.Round(shape.box.y)] = 0, 0
	}
	if len(columns) < 2 || len(rows) < 2 || len(columns) > maxColumns ||
		len(group)*4 < len(columns)*len(rows)*3 || len(group) > len(columns)*len(rows) {
		return
	}
	for _, edges := range []map[float64]int{columns, rows} {
		for i, edge := range slices.Sorted(maps.Keys(edges)) {
			edges[edge] = i
		}
	}
	table := make([][]string, len(rows))
	for i := range table {
		table[i] = make([]string, len(columns))
	}
	for i, shape := range group {
		cell := &table[rows[math.Round(shape.box.y)]][columns[math.Round(shape.box.x)]]
		*cell = joinDistinct(" ", *cell, shape.alt, s.texts[from+i].text)
	}
	s.shapes, s.texts = s.shapes[:from], s.texts[:from]
	s.add(pptText{kind: 4, table: table}, at, true)
}

func edges(left, top, right, bottom int) box {
	return box{float64(left), float64(top), float64(right - left), float64(bottom - top)}
}

// anchor returns the rectangle of a shape.
func anchor(r pptRecord) (box, bool) {
	short := func(at int) int { return int(int16(binary.LittleEndian.Uint16(r.body[at:]))) }
	switch {
	case r.kind == artChildAnchor && len(r.body) >= 16:
		return edges(number4(r.body, 0), number4(r.body, 4), number4(r.body, 8), number4(r.body, 12)), true
	case r.kind == artAnchor && len(r.body) >= 16:
		return edges(number4(r.body, 4), number4(r.body, 0), number4(r.body, 8), number4(r.body, 12)), true
	case r.kind == artAnchor && len(r.body) >= 8:
		return edges(short(2), short(0), short(4), short(6)), true
	}
	return box{}, false
}

// shape adds a shape: its rectangle, text and description.
func (s *pptShapes) shape(r pptRecord, within func(box) box) {
	var at box
	placed, title, placeholder, foot, object := false, false, false, false, 0
	var look pptLook
	text := pptText{kind: 4}
	for _, part := range recordsIn(r.body) {
		switch part.kind {
		case artAnchor, artChildAnchor:
			if at, placed = anchor(part); placed {
				at = within(at)
			}
		case artOptions:
			look = shapeOptions(part)
		case artText:
			text = s.text(part)
		case artData:
			for _, data := range recordsIn(part.body) {
				if data.kind == pptObject {
					object = number4(data.body, 0)
				}
				if data.kind != pptPlaceholder || len(data.body) <= 4 {
					continue
				}
				placeholder = true
				switch data.body[4] {
				case 0x0d, 0x0f, 0x11:
					title = true
				case 0x07, 0x08, 0x09, 0x0a: // date, number, foot, head
					foot = true
				}
			}
		}
	}
	if s.master && placeholder {
		return
	}
	if tidy(text.text) == "" {
		text.text = look.art
	}
	alt := description(&node{attrs: []xml.Attr{{Name: xml.Name{Local: "descr"}, Value: look.alt}}})
	if tidy(text.text) == "" && !s.master {
		text.text = strings.ReplaceAll(s.store.drawing(look.picture), "\n", "\v")
		text.object = object
	}
	if tidy(text.text) == "" && alt == "" && text.object == 0 {
		if look.picture != 0 && !s.master { // what a master shows is the same on every slide
			s.pictures++
		}
		return
	}
	if title {
		text.kind = 0
	}
	shape := s.add(text, at, placed)
	if shape.alt = alt; foot {
		shape.place = pptFootPlace
	}
}

// text returns the text of a shape, which is stored in the shape or in the outline.
func (s *pptShapes) text(r pptRecord) pptText {
	t := pptText{kind: 4}
	for _, part := range recordsIn(r.body) {
		switch part.kind {
		case pptTextHeader:
			t.kind = number4(part.body, 0)
		case pptTextChars, pptTextBytes:
			t.text += pptCharacters(part)
		case pptOutlineRef:
			if i := number4(part.body, 0); i >= 0 && i < len(s.outline) {
				s.used[i] = true
				t = s.outline[i]
			}
		}
	}
	return t
}

// A pptLook is what the options of a shape say about it.
type pptLook struct {
	alt     string // its description
	art     string // the text of its WordArt
	picture int    // the number of its picture; 0: none
}

// The options of shapes that are read.
const (
	artPicture, artWords, artDescription = 0x104, 0xc0, 0x381
	artComplex, artOption                = 0x8000, 0x3fff // bits of an option's identifier
)

func shapeOptions(r pptRecord) (look pptLook) {
	data := r.body
	complex := 6 * r.instance
	for i := range r.instance {
		if 6*i+6 > len(data) {
			break
		}
		id := int(binary.LittleEndian.Uint16(data[6*i:]))
		value := int(binary.LittleEndian.Uint32(data[6*i+2:]))
		if id&artOption == artPicture {
			look.picture = value
		}
		if id&artComplex == 0 {
			continue
		}
		if complex > len(data) || value > len(data)-complex {
			break
		}
		switch id & artOption {
		case artDescription:
			look.alt = optionText(data[complex : complex+value])
		case artWords:
			look.art = optionText(data[complex : complex+value])
		}
		complex += value
	}
	return look
}

// optionText returns a text in UTF-16, without its end marks.
func optionText(data []byte) string {
	var units []uint16
	for at := 0; at+2 <= len(data); at += 2 {
		if u := binary.LittleEndian.Uint16(data[at:]); u != 0 {
			units = append(units, u)
		}
	}
	return string(utf16.Decode(units))
}
