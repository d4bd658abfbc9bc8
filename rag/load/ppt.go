package load

import (
	"context"
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf16"
)

// readPPT reads presentations of PowerPoint 97 to 2003 (MS-PPT): titles, texts in reading order,
// tables, descriptions of pictures, comments, speaker notes, and once what masters and feet show on
// every slide. Embedded documents are read like files, and the texts of drawings and of the pictures
// of other objects, such as charts, as they are drawn. Hidden slides are left out, with a note. The
// nesting of lists is not read.
func readPPT(ctx context.Context, l *Loader, in input) (Document, error) {
	if !isCompound(in.data) {
		return Document{}, &Error{Reason: Unsupported,
			Detail: "is no presentation of PowerPoint 97 or later: save it as .pptx"}
	}
	c, err := openCompound(in.data)
	if err != nil {
		return Document{}, err
	}
	w := &pptReader{ctx: ctx, out: &builder{max: in.opts.MaxText},
		data: c.read("PowerPoint Document"), places: map[int]int{}, notes: map[int]string{},
		masters: map[int]int{}, read: map[int]bool{}, feet: map[string]bool{}, embedded: embedder{l: l, in: in}}
	document, err := w.persisted(c.read("Current User"))
	if err != nil {
		return Document{}, err
	}
	w.store = newPPTStore(c, document.body)
	if err := w.slides(document); err != nil {
		return Document{}, err
	}
	doc := w.out.document()
	doc.Title, doc.Date = c.compoundProperties()
	doc.Notes = append(w.omitted.notes(), w.embedded.notes.list()...)
	if len(w.hidden) > 0 {
		doc.Notes = append(doc.Notes, "hidden "+numbers("slide", w.hidden)+" left out")
	}
	if len(w.blank) > 0 {
		doc.Notes = append(doc.Notes, numbers("slide", w.blank)+noTextNote)
	}
	if strings.TrimSpace(doc.Text) == "" {
		return Document{}, &Error{Reason: NoText, Detail: "has no text on its slides: they are pictures, or hidden"}
	}
	return doc, nil
}

// The types of records that are read.
const (
	pptDocument, pptSlide, pptNotes, pptNotesAtom  = 0x3e8, 0x3ee, 0x3f0, 0x3f1
	pptSlideInfo, pptSlideList, pptSlidePersist    = 0x3f9, 0xff0, 0x3f3
	pptTextHeader, pptTextChars, pptTextBytes      = 0xf9f, 0xfa0, 0xfa8
	pptOutlineRef, pptComment, pptString           = 0xf9e, 0x2ee0, 0xfba
	pptUserEdit, pptPersistDirectory               = 0xff5, 0x1772
	artGroup, artShape, artGroupBox, artText       = 0xf003, 0xf004, 0xf009, 0xf00d
	artChildAnchor, artAnchor, artOptions, artData = 0xf00f, 0xf010, 0xf00b, 0xf011
	pptPlaceholder, pptObject                      = 0xbc3, 0xbc1
)

// maxRecordDepth is how deeply records may be nested.
const maxRecordDepth = 40

// A pptReader reads the records of a presentation.
type pptReader struct {
	ctx     context.Context
	out     *builder
	omitted tally
	data    []byte
	places  map[int]int     // offsets of objects in the stream, by identifier
	notes   map[int]string  // speaker notes, by the identifier of the slide
	masters map[int]int     // identifiers of objects, by the identifier of the master
	read    map[int]bool    // masters whose texts have been written
	feet    map[string]bool // texts of heads, feet and masters that have been written
	footers []string        // of all slides without their own
	hidden  []int
	blank   []int

	store    *pptStore
	embedded embedder
}

// A pptRecord is a record. Its body is data or a list of records.
type pptRecord struct {
	kind, instance int
	body           []byte
}

// recordsIn returns the records in a body.
func recordsIn(body []byte) []pptRecord {
	var list []pptRecord
	for len(body) >= 8 {
		size := int(binary.LittleEndian.Uint32(body[4:]))
		if size > len(body)-8 {
			size = len(body) - 8
		}
		list = append(list, pptRecord{int(binary.LittleEndian.Uint16(body[2:])),
			int(binary.LittleEndian.Uint16(body)) >> 4, body[8 : 8+size]})
		body = body[8+size:]
	}
	return list
}

// recordAt returns the record at an offset of the stream.
func (w *pptReader) recordAt(at int) (pptRecord, bool) {
	if at < 0 || at+8 > len(w.data) {
		return pptRecord{}, false
	}
	size := min(int(binary.LittleEndian.Uint32(w.data[at+4:])), len(w.data)-at-8)
	return pptRecord{int(binary.LittleEndian.Uint16(w.data[at+2:])),
		int(binary.LittleEndian.Uint16(w.data[at:])) >> 4, w.data[at+8 : at+8+size]}, true
}

func number4(body []byte, at int) int {
	if at+4 > len(body) {
		return 0
	}
	return int(int32(binary.LittleEndian.Uint32(body[at:])))
}

// persisted fills places from the directories of all saved states, the latest first, and returns
// the document's record.
func (w *pptReader) persisted(user []byte) (pptRecord, error) {
	damaged := &Error{Reason: Damaged, Detail: "is damaged or cut short: its slides cannot be found"}
	if len(user) < 20 || len(w.data) == 0 {
		return pptRecord{}, damaged
	}
	if uint32(number4(user, 12)) == 0xf3d1c4df {
		return pptRecord{}, &Error{Reason: Encrypted, Detail: "is encrypted: save it without a password"}
	}
	document := 0
	for at, n := number4(user, 16), 0; at > 0 && n < 1000; n++ {
		edit, ok := w.recordAt(at)
		if !ok || edit.kind != pptUserEdit {
			break
		}
		if document == 0 {
			document = number4(edit.body, 16)
		}
		directory, _ := w.recordAt(number4(edit.body, 12))
		for body := directory.body; directory.kind == pptPersistDirectory && len(body) >= 4; {
			head := uint32(number4(body, 0))
			id, count := int(head&0xfffff), int(head>>20)
			for i := range count {
				if 4+4*i+4 > len(body) {
					break
				}
				if _, known := w.places[id+i]; !known {
					w.places[id+i] = number4(body, 4+4*i)
				}
			}
			body = body[min(4+4*count, len(body)):]
		}
		at = number4(edit.body, 8)
	}
	at, ok := w.places[document]
	r, found := w.recordAt(at)
	if !ok || !found || r.kind != pptDocument {
		return pptRecord{}, damaged
	}
	return r, nil
}

// slides writes the slides in the order of the presentation.
func (w *pptReader) slides(document pptRecord) error {
	var lists [3][]pptRecord
	for _, r := range recordsIn(document.body) {
		if r.kind == pptSlideList && r.instance < 3 {
			lists[r.instance] = append(lists[r.instance], recordsIn(r.body)...)
		}
	}
	w.masterList(lists[1])
	w.footers, _ = pptFooterTexts(document.body, 3)
	for _, r := range lists[2] {
		if r.kind == pptSlidePersist {
			w.speakerNotes(number4(r.body, 0))
		}
	}
	number := 0
	for i := 0; i < len(lists[0]) && !w.out.full(); i++ {
		r := lists[0][i]
		if r.kind != pptSlidePersist {
			continue
		}
		if err := w.ctx.Err(); err != nil {
			return err
		}
		end := i + 1
		for end < len(lists[0]) && lists[0][end].kind != pptSlidePersist {
			end++
		}
		number++
		if err := w.slide(number, r, outlineTexts(lists[0][i+1:end])); err != nil {
			return err
		}
	}
	if number == 0 {
		return lacks("slides")
	}
	return nil
}

// A pptText is a text and its type in MS-PPT: 0 and 6 are titles; 1, 5, 7 and 8 are lists.
type pptText struct {
	kind  int
	text  string
	table [][]string // rows of cells; used instead of text

	object int // the identifier of an embedded object, whose picture shows text; 0: none
}

// outlineTexts returns the texts that the presentation's outline holds for one slide.
func outlineTexts(records []pptRecord) []pptText {
	var texts []pptText
	for _, r := range records {
		switch r.kind {
		case pptTextHeader:
			texts = append(texts, pptText{kind: number4(r.body, 0)})
		case pptTextChars, pptTextBytes:
			if n := len(texts); n > 0 {
				texts[n-1].text += pptCharacters(r)
			}
		}
	}
	return texts
}

func pptCharacters(r pptRecord) string {
	var units []uint16
	if r.kind == pptTextBytes {
		units = decodeBytes(r.body)
	} else {
		for i := 0; i+2 <= len(r.body); i += 2 {
			units = append(units, binary.LittleEndian.Uint16(r.body[i:]))
		}
	}
	return strings.ReplaceAll(string(utf16.Decode(units)), "\r", "\n")
}

// slide writes one slide.
func (w *pptReader) slide(number int, persist pptRecord, outline []pptText) error {
	record, ok := w.recordAt(w.places[number4(persist.body, 0)])
	if !ok || record.kind != pptSlide {
		return nil
	}
	s := &pptShapes{outline: outline, used: map[int]bool{}, store: w.store}
	s.look(record.body, 0, func(b box) box { return b })
	if s.hidden {
		w.hidden = append(w.hidden, number)
		return nil
	}
	for i, t := range outline { // texts that no shape refers to
		if !s.used[i] {
			s.add(t, box{}, false)
		}
	}
	place := fmt.Sprintf("slide %d", number)
	w.out.place(place)
	mark := w.out.mark()
	title, found := fmt.Sprintf("Slide %d", number), false
	var others []*slideShape
	texts := map[*slideShape]pptText{}
	for i, shape := range s.shapes {
		t := s.texts[i]
		if (t.kind == 0 || t.kind == 6) && !found && tidy(t.text) != "" {
			title, found = t.text, true
			continue
		}
		texts[shape] = t
		others = append(others, shape)
	}
	w.out.heading(2, strings.ReplaceAll(title, "\n", " "))
	empty := w.out.b.Len()
	for _, shape := range readingOrder(others) {
		if shape.place == pptFootPlace {
			w.foot(texts[shape].text)
			continue
		}
		if shape.alt != "" {
			w.out.paragraph("[" + shape.alt + "]")
		}
		t := texts[shape]
		if t.table != nil {
			w.table(t.table)
			continue
		}
		if t.object != 0 {
			if err := w.object(t, place); err != nil {
				return err
			}
			continue
		}
		for line := range strings.SplitSeq(t.text, "\n") {
			switch t.kind {
			case 1, 5, 7, 8:
				w.out.listItem(0, line)
			default:
				// \v is a line break within a paragraph.
				w.out.paragraph(strings.ReplaceAll(line, "\v", "\n"))
			}
		}
	}
	w.masterTexts(record.body)
	for _, comment := range s.comments {
		w.out.paragraph(comment)
	}
	for range s.pictures {
		w.omitted.add("picture without a description", "not read")
	}
	if notes := w.notes[number4(persist.body, 12)]; notes != "" {
		w.out.paragraph("Notes: " + notes)
	}
	if w.out.b.Len() == empty && !found {
		w.out.reset(mark)
		w.blank = append(w.blank, number)
	}
	return nil
}

func (w *pptReader) table(rows [][]string) {
	w.out.beginTable()
	for _, row := range rows {
		w.out.beginRow()
		for _, cell := range row {
			w.out.beginCell()
			w.out.paragraph(cell)
		}
	}
	w.out.endTable()
}

// speakerNotes reads a notes page and keeps its text for the slide.
func (w *pptReader) speakerNotes(id int) {
	record, ok := w.recordAt(w.places[id])
	if !ok || record.kind != pptNotes {
		return
	}
	s := &pptShapes{used: map[int]bool{}}
	s.look(record.body, 0, func(b box) box { return b })
	slide := 0
	for _, r := range recordsIn(record.body) {
		if r.kind == pptNotesAtom {
			slide = number4(r.body, 0)
		}
	}
	var lines []string
	for _, t := range s.texts {
		if t.kind == 2 && tidy(t.text) != "" {
			lines = append(lines, t.text)
		}
	}
	w.notes[slide] = strings.Join(lines, "\n")
}
