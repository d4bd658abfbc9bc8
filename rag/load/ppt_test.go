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
