package load

import (
	"testing"
)

func TestPropertiesOfOldDocumentsAreReadFromTheirChanges(t *testing.T) {
	var r docRun
	r.apply([]byte{0x16, 0x24, 1, 0x0a, 0x26, 2, 0x0b, 0x46, 1, 0, 0x08, 0xd6, 3, 0, 9, 9, 0x3c, 0x08, 1, 0x40, 0x26, 0})
	if !r.inTable || r.level != 2 || !r.list || !r.hidden || r.outline != 1 || r.deleted {
		t.Errorf("%+v", r)
	}
	r = docRun{}
	r.apply([]byte{0x00, 0x08, 1, 0x3c}) // cut short
	if !r.deleted || r.hidden {
		t.Errorf("%+v", r)
	}
}

func TestFieldsAndHiddenTextOfOldDocumentsAreLeftOut(t *testing.T) {
	text := "See \x13 HYPERLINK \x14the tables\x15 of\x02 the harbour, secret.\rShip\x07Tons\x07\x07Kittiwake\x0754\x07\x07After\r"
	w := &docReader{out: &builder{max: 1000}, main: make([]byte, 2*len(text)), headings: map[int]int{}}
	for _, c := range []byte(text) {
		w.text = append(w.text, uint16(c))
	}
	w.offsets = []docPiece{{0, len(text), 0, 1}}
	from := len("See \x13 HYPERLINK \x14the tables\x15 of\x02 the harbour, ")
	w.characters = []docRun{{from: 0, to: from}, {from: from, to: from + len("secret"), hidden: true}, {from: from + len("secret"), to: len(text)}}
	w.paragraphs = []docRun{{from: 0, to: from + len("secret.\r")}}
	at := from + len("secret.\r")
	for _, cell := range []string{"Ship\x07", "Tons\x07", "\x07", "Kittiwake\x07", "54\x07", "\x07"} {
		w.paragraphs = append(w.paragraphs, docRun{from: at, to: at + len(cell), inTable: true, rowEnd: cell == "\x07"})
		at += len(cell)
	}
	w.part("paragraph", 0, len(w.text))
	doc := w.out.document()
	doc.Notes = w.omitted.notes()
	wantText(t, doc, `
See the tables of[1] the harbour, .
| Ship | Tons |
|---|---|
| Kittiwake | 54 |
After`)
	wantNotes(t, doc, "hidden text is left out: 1 place")
}
