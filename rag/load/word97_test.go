package load

import (
	"encoding/binary"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
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

func TestTheEncodingOfWord95IsGuessed(t *testing.T) {
	cyrillic, err := charmap.Windows1251.NewEncoder().String("Четыре балла и семь лет.\rКран поднимает четыре тонны.\r")
	if err != nil {
		t.Fatal(err)
	}
	contiguous := make([]byte, 0x300, 0x400)
	binary.LittleEndian.PutUint32(contiguous[0x18:], 0x300)
	binary.LittleEndian.PutUint32(contiguous[0x1c:], uint32(0x300+len(cyrillic)))
	// A fast-saved file: the second half of the text is stored before the first half.
	half := len(cyrillic) / 2
	fast := append(make([]byte, 0x300), cyrillic[half:]+cyrillic[:half]...)
	fast[10] = 4
	table := []byte{1, 2, 0, 9, 9, 2, 0, 0, 0, 0}
	for _, n := range []int{0, half, len(cyrillic)} {
		table = binary.LittleEndian.AppendUint32(table, uint32(n))
	}
	for _, offset := range []int{0x300 + len(cyrillic) - half, 0x300} {
		table = binary.LittleEndian.AppendUint32(append(table, 0, 0), uint32(offset))
		table = append(table, 0, 0)
	}
	binary.LittleEndian.PutUint32(fast[0x160:], uint32(len(fast)))
	binary.LittleEndian.PutUint32(fast[0x164:], uint32(len(table)))
	for name, main := range map[string][]byte{"contiguous": append(contiguous, cyrillic...), "saved fast": append(fast, table...)} {
		w := &docReader{out: &builder{max: 1000}, main: main, headings: map[int]int{}}
		w.early()
		if doc := w.out.document(); !strings.Contains(doc.Text, "Четыре балла и семь лет.\n\nКран поднимает четыре тонны.") {
			t.Errorf("%s: %q", name, doc.Text)
		}
		if !strings.Contains(w.guess, "windows-1251") {
			t.Errorf("%s: note %q", name, w.guess)
		}
	}
}

func TestACellWithoutItsPropertiesIsNoEndOfARow(t *testing.T) {
	text := "Ship\x07Tons\x07\x07Kittiwake\x0754\x07\x07"
	w := &docReader{out: &builder{max: 1000}, main: make([]byte, len(text)), headings: map[int]int{}}
	for _, c := range []byte(text) {
		w.text = append(w.text, uint16(c))
	}
	w.part("paragraph", 0, len(w.text))
	wantText(t, w.out.document(), `
| Ship | Tons |
|---|---|
| Kittiwake | 54 |`)
}
