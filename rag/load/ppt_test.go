package load

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOldSlidesAreReadInTheOrderOfTheEye(t *testing.T) {
	doc, err := loadFile(t, "handbook.ppt")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"## Cleaning the lens\n", "| January | 412 | 9 | storm took the flagpole |\n", "- The harbour office\n"} {
		if !strings.Contains(doc.Text, want) {
			t.Errorf("%q is missing", want)
		}
	}
	if got := placeOf(doc, "Colza oil thickens"); got != "slide 5" {
		t.Errorf("the text is in %s", got)
	}
	last := 0
	for _, text := range []string{"Let the glass cool", "Begin with the uppermost", "white cloths", "Winding the clockwork", "Oil and wick", "| May | 251", "Fog signals"} {
		at := strings.Index(doc.Text, text)
		if at < last {
			t.Errorf("%q is at %d, before text that comes earlier", text, at)
		}
		last = at
	}
}

// pptBytes returns a record whose body consists of the given parts, such as other records.
func pptBytes(kind, instance int, body ...[]byte) []byte {
	var inner []byte
	for _, b := range body {
		inner = append(inner, b...)
	}
	head := make([]byte, 8)
	binary.LittleEndian.PutUint16(head, uint16(instance<<4))
	binary.LittleEndian.PutUint16(head[2:], uint16(kind))
	binary.LittleEndian.PutUint32(head[4:], uint32(len(inner)))
	return append(head, inner...)
}

func pptNumbers(list ...int) []byte {
	var b []byte
	for _, n := range list {
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	return b
}

func TestOldSlidesSayWhatIsHiddenOrBesideThem(t *testing.T) {
	text := func(kind int, s string) []byte {
		return append(pptBytes(pptTextHeader, 0, pptNumbers(kind)), pptBytes(pptTextBytes, 0, []byte(s))...)
	}
	shape := func(y byte, content []byte) []byte {
		return pptBytes(artShape, 0, pptBytes(artAnchor, 0, []byte{y, 0, 0, 0, 9, 0, y + 5, 0}), content)
	}
	alt := []byte("T\x00h\x00e\x00 \x00p\x00i\x00e\x00r\x00")
	options := pptBytes(artOptions, 1, []byte{0x81, 0xc3}, pptNumbers(len(alt)), alt)
	slide := pptBytes(pptSlide, 0, pptBytes(0x40c, 0, pptBytes(0xf002, 0, pptBytes(artGroup, 0,
		shape(40, pptBytes(artText, 0, text(4, "below"))), shape(20, pptBytes(artText, 0, pptBytes(pptOutlineRef, 0, pptNumbers(1)))), shape(60, options)))),
		pptBytes(0x1388, 0, pptBytes(0x138a, 0, pptBytes(pptComment, 0, pptBytes(pptString, 0, []byte("E\x00v\x00e\x00")), pptBytes(pptString, 1, []byte("S\x00o\x00?\x00"))))))
	hidden := pptBytes(pptSlide, 0, pptBytes(pptSlideInfo, 0, make([]byte, 10), []byte{4, 0, 0, 0}))
	notes := pptBytes(pptNotes, 0, pptBytes(pptNotesAtom, 0, pptNumbers(256, 0)), pptBytes(0x40c, 0, pptBytes(0xf002, 0, pptBytes(artGroup, 0, shape(1, nil), shape(2, pptBytes(artText, 0, text(2, "Slowly")))))))
	w := &pptReader{ctx: t.Context(), out: &builder{max: 1000}, places: map[int]int{}, notes: map[int]string{}}
	for i, r := range [][]byte{slide, hidden, notes} {
		w.places[i+1] = len(w.data)
		w.data = append(w.data, r...)
	}
	list := func(id, slide int) []byte { return pptBytes(pptSlidePersist, 0, pptNumbers(id, 0, 0, slide, 0)) }
	document := pptBytes(pptSlideList, 0, list(1, 256), text(0, "The title"), text(1, "above\rand more"), list(2, 257))
	document = append(document, pptBytes(pptSlideList, 2, list(3, 0))...)
	if err := w.slides(pptRecord{kind: pptDocument, body: document}); err != nil {
		t.Fatal(err)
	}
	wantText(t, w.out.document(), `
## The title
- above
- and more
below
[The pier]
[Comment by Eve: So?]
Notes: Slowly`)
	if len(w.hidden) != 1 || w.hidden[0] != 2 {
		t.Errorf("hidden: %v", w.hidden)
	}
	data, err := os.ReadFile(filepath.Join(files, "handbook.ppt"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := testLoader().Document(t.Context(), "a.ppt", data[:len(data)/3]); err == nil {
		t.Error("a truncated presentation is read without a note")
	}
}

func TestOldSlidesShowTheirMastersOnce(t *testing.T) {
	wide := func(s string) (b []byte) {
		for _, r := range s {
			b = binary.LittleEndian.AppendUint16(b, uint16(r))
		}
		return b
	}
	text := func(s string) []byte {
		return pptBytes(artText, 0, pptBytes(pptTextHeader, 0, pptNumbers(4)), pptBytes(pptTextChars, 0, wide(s)))
	}
	in := func(kind byte) []byte { // the shape is a placeholder
		return pptBytes(artData, 0, pptBytes(pptPlaceholder, 0, pptNumbers(0), []byte{kind, 0, 0, 0}))
	}
	shape := func(y byte, content ...[]byte) []byte {
		return pptBytes(artShape, 0, append([][]byte{pptBytes(artAnchor, 0, []byte{y, 0, 0, 0, 9, 0, y + 5, 0})}, content...)...)
	}
	drawing := func(shapes ...[]byte) []byte {
		return pptBytes(0x40c, 0, pptBytes(0xf002, 0, pptBytes(artGroup, 0, append([][]byte{shape(0)}, shapes...)...)))
	}
	based := func(master int, flags byte) []byte {
		return pptBytes(pptSlideAtom, 0, pptNumbers(0, 0, 0, master, 0), []byte{flags, 0, 0, 0})
	}
	foot := func(instance int, s string) []byte {
		return pptBytes(pptFooters, instance, pptBytes(pptFootersSettled, 0, []byte{0, 0, 1 << 5, 0}),
			pptBytes(pptString, 1, wide("no head")), pptBytes(pptString, 2, wide(s)))
	}
	art := wide("Sale")
	objects := [][]byte{
		pptBytes(pptSlide, 0, based(900, 1), drawing(shape(10, text("first")), shape(90, text("Harbour office"), in(9)))),
		pptBytes(pptSlide, 0, based(901, 1), foot(0, "Spring"), drawing(shape(10, text("second")), shape(90, text("Harbour office"), in(9)),
			shape(20, pptBytes(artOptions, 1, []byte{0xc0, 0x80}, pptNumbers(len(art)), art)),
			shape(30, pptBytes(artOptions, 1, []byte{0x04, 0x41}, pptNumbers(1)), pptBytes(artData, 0, pptBytes(pptObject, 0, pptNumbers(1)))))),
		pptBytes(pptSlide, 0, based(900, 0), foot(0, ""), drawing(shape(10, text("third")))),
		pptBytes(pptMainMaster, 0, drawing(shape(10, text("Click to edit"), in(1)), shape(80, text("Company name")), shape(85, text("Page *")))),
		pptBytes(pptSlide, 0, based(900, 1), drawing(shape(80, text("Chapter")))),
	}
	w := &pptReader{ctx: t.Context(), out: &builder{max: 1000}, places: map[int]int{}, notes: map[int]string{},
		masters: map[int]int{}, read: map[int]bool{}, feet: map[string]bool{}}
	for i, r := range objects {
		w.places[i+1] = len(w.data)
		w.data = append(w.data, r...)
	}
	list := func(id, slide int) []byte { return pptBytes(pptSlidePersist, 0, pptNumbers(id, 0, 0, slide, 0)) }
	document := append(pptBytes(pptSlideList, 0, list(1, 256), list(2, 257), list(3, 258)),
		pptBytes(pptSlideList, 1, list(4, 900), list(5, 901))...)
	document = append(document, foot(3, "2026 edition")...)
	if err := w.slides(pptRecord{kind: pptDocument, body: document}); err != nil {
		t.Fatal(err)
	}
	wantText(t, w.out.document(), `
## Slide 1
first
Harbour office
2026 edition
Company name
## Slide 2
second
Sale
Spring
Chapter
## Slide 3
third`)
	if got := w.omitted.notes(); len(got) != 1 || got[0] != "1 embedded object is not read" {
		t.Errorf("notes: %q", got)
	}
}
