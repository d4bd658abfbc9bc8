package load

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"
)

// emfBytes returns an EMF file of the given records after its header.
func emfBytes(records ...[]byte) []byte {
	head := make([]byte, 88)
	binary.LittleEndian.PutUint32(head, 1)
	binary.LittleEndian.PutUint32(head[4:], 88)
	copy(head[40:], " EMF")
	return append(head, bytes.Join(append(records, emfRecord(14, 0, 0, 20)), nil)...)
}

// emfRecord returns a record of numbers.
func emfRecord(kind int, numbers ...int) []byte {
	return append(pptNumbers(kind, 8+4*len(numbers)), pptNumbers(numbers...)...)
}

// emfText returns a record that draws a text. Each of its letters is width units wide; 0: not stated.
func emfText(x, y, width int, text string) []byte {
	units := utf16.Encode([]rune(text))
	var tail []byte
	for _, u := range units {
		tail = binary.LittleEndian.AppendUint16(tail, u)
	}
	for len(tail)%4 != 0 {
		tail = append(tail, 0)
	}
	widths := 0
	if width != 0 {
		widths = 76 + len(tail)
		for range units {
			tail = append(tail, pptNumbers(width)...)
		}
	}
	head := pptNumbers(84, 76+len(tail), 0, 0, 0, 0, 1, 0, 0, x, y, len(units), 76, 0, 0, 0, 0, 0, widths)
	return append(head, tail...)
}

// emfFont returns records that create a font as object 1 and choose it.
func emfFont(height, angle int, charset byte, face string) []byte {
	font := append(pptNumbers(82, 12+92, 1, height, 0, angle, 0, 0), 0, 0, 0, charset, 0, 0, 0, 0)
	for _, u := range utf16.Encode([]rune(face)) {
		font = binary.LittleEndian.AppendUint16(font, u)
	}
	font = append(font, make([]byte, 12+92-len(font))...)
	return append(font, emfRecord(37, 1)...)
}

// wmfRecord returns a record of 16-bit numbers and a text after them.
func wmfRecord(kind int, numbers []int, text string, after ...int) []byte {
	var body []byte
	for _, n := range numbers {
		body = binary.LittleEndian.AppendUint16(body, uint16(n))
	}
	if body = append(body, text...); len(text)%2 != 0 {
		body = append(body, 0)
	}
	for _, n := range after {
		body = binary.LittleEndian.AppendUint16(body, uint16(n))
	}
	head := binary.LittleEndian.AppendUint16(pptNumbers(3+len(body)/2), uint16(kind))
	return append(head, body...)
}

func wmfBytes(records ...[]byte) []byte {
	head := append([]byte{1, 0, 9, 0, 0, 3}, make([]byte, 12)...)
	return append(head, bytes.Join(append(records, wmfRecord(0, nil, "")), nil)...)
}

func wmfFont(height int, charset byte, face string) []byte {
	return wmfRecord(0x2fb, []int{height, 0, 0, 0, 400, 0, int(charset) << 8, 0, 0}, face+"\x00")
}

func TestDrawingsSayWhatTheyShow(t *testing.T) {
	cyrillic := string([]byte{0xcf, 0xe8, 0xf0, 0xf1})
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"words of one line, drawn one by one": {emfBytes(emfFont(-20, 0, 0, "Arial"),
			emfText(10, 50, 10, "Berth"), emfText(70, 50, 10, "fees"), emfText(110, 50, 10, "2026"), emfText(10, 80, 10, "by month")),
			"Berth fees2026\nby month"},
		"numbers along an axis": {emfBytes(emfFont(-20, 0, 0, "Arial"),
			emfText(0, 300, 0, "0"), emfText(0, 200, 0, "50"), emfText(0, 100, 0, "100"), emfText(9, 320, 0, "Tons")), "0 50 100\nTons"},
		"a shadow": {emfBytes(emfFont(-20, 0, 0, "Arial"), emfText(12, 52, 10, "Pier"), emfText(10, 50, 10, "Pier")), "Pier"},
		"letters drawn upwards": {emfBytes(emfFont(-20, 900, 0, "Arial"),
			emfText(10, 90, 10, "De"), emfText(10, 70, 10, "pth")), "Depth"},
		"turned by a transformation": {emfBytes(emfFont(-20, 0, 0, "Arial"),
			emfRecord(35, 0, 0xbf800000, 0x3f800000, 0, 0, 0), emfText(0, 10, 10, "De"), emfText(20, 10, 10, "pth")), "Depth"},
		"from the current position": {emfBytes(emfFont(-20, 0, 0, "Arial"), emfRecord(22, 1), emfRecord(27, 5, 5),
			emfText(0, 0, 10, "Low "), emfText(0, 0, 10, "water")), "Low water"},
		"centred and right": {emfBytes(emfFont(-20, 0, 0, "Arial"), emfRecord(22, 6), emfText(50, 5, 10, "High"),
			emfRecord(22, 2), emfText(120, 5, 10, "water")), "Highwater"},
		"a symbol font":     {emfBytes(emfFont(-20, 0, 2, "Symbol"), emfText(0, 0, 10, "Db")), "Δβ"},
		"a restored font":   {emfBytes(emfRecord(33), emfFont(-20, 0, 2, "Symbol"), emfRecord(34, -1), emfText(0, 0, 10, "Db")), "Db"},
		"Unicode":           {emfBytes(emfText(0, 0, 0, "Größe 港")), "Größe 港"},
		"short text":        {emfBytes(append(pptNumbers(108, 40, 0, 0, 4, 0x300, 1, 0, 0), "Mole"...)), "Mole"},
		"WMF with a header": {append(append(pptNumbers(-1698247209), make([]byte, 18)...), wmfBytes(wmfRecord(0x521, []int{5}, "Crane", 10, 20))...), "Crane"},
		"a character set":   {wmfBytes(wmfFont(-20, 204, "Arial"), wmfRecord(0x12d, []int{0}, ""), wmfRecord(0xa32, []int{10, 20, 4, 0}, cyrillic)), "Пирс"},
		"objects that are no fonts": {wmfBytes(wmfRecord(0x2fa, []int{0, 0, 0, 0, 0}, ""), wmfFont(-20, 2, "Symbol"), wmfRecord(0x1f0, []int{0}, ""),
			wmfFont(-20, 204, "Arial"), wmfRecord(0x12d, []int{0}, ""), wmfRecord(0xa32, []int{10, 20, 4, 0}, cyrillic)), "Пирс"},
		"lines only":    {emfBytes(emfRecord(27, 5, 5)), ""},
		"no metafile":   {[]byte(strings.Repeat("no drawing ", 20)), ""},
		"cut short":     {emfBytes(emfText(0, 0, 10, "Low water"))[:120], ""},
		"endless sizes": {emfBytes(pptNumbers(84, 76, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1<<30, 76, 0, 0, 0, 0, 0, 76)), ""},
	} {
		if got := metafileText(c.data); got != c.want {
			t.Errorf("%s: %q, not %q", name, got, c.want)
		}
	}
}

func TestSymbolFontsShowTheirSigns(t *testing.T) {
	for _, c := range []struct {
		font string
		code rune
		want string
	}{
		{"Symbol", 'a', "α"}, {"Symbol", 0xf0ae, "→"}, {"", 'b', "β"}, {"Wingdings", 0xfc, "✓"}, {"Wingdings", 0xf04a, "☺"},
		{"Wingdings 2", 'P', "✓"}, {"Wingdings 3", 0x70, "▲"}, {"Webdings", 'a', "✔"}, {"ZapfDingbats", '4', "✔"},
		{"MT Extra", 'l', "ℓ"}, {"MT Extra", 'z', "□"}, {"Wingdings", ' ', " "}, {"Arial", 'a', "a"}, {"Arial", 0xf8ff, "□"},
	} {
		if got := symbolOf(c.font, c.code); got != c.want {
			t.Errorf("%s %#x is %q, not %q", c.font, c.code, got, c.want)
		}
	}
}

// zlibOf returns data compressed with zlib.
func zlibOf(data []byte) []byte {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	z.Write(data)
	z.Close()
	return b.Bytes()
}

func TestOldSlidesHoldEmbeddedDocumentsAndDrawings(t *testing.T) {
	sheet, err := os.ReadFile(filepath.Join(files, "port.xls"))
	if err != nil {
		t.Fatal(err)
	}
	drawing := zlibOf(emfBytes(emfText(0, 0, 0, "Depth of the channel")))
	blip := pptBytes(artEMF, 0x3d4, make([]byte, 16+32), []byte{0, 0xfe}, drawing)
	wide := func(s string) (b []byte) {
		for _, r := range s {
			b = binary.LittleEndian.AppendUint16(b, uint16(r))
		}
		return b
	}
	shape := func(y byte, object, picture int) []byte {
		parts := [][]byte{pptBytes(artAnchor, 0, []byte{y, 0, 0, 0, 9, 0, y + 5, 0}),
			pptBytes(artOptions, 1, []byte{0x04, 0x41}, pptNumbers(picture))}
		if object != 0 {
			parts = append(parts, pptBytes(artData, 0, pptBytes(pptObject, 0, pptNumbers(object))))
		}
		return pptBytes(artShape, 0, parts...)
	}
	objects := [][]byte{
		pptBytes(pptSlide, 0, pptBytes(0x40c, 0, pptBytes(0xf002, 0, pptBytes(artGroup, 0, pptBytes(artShape, 0),
			shape(10, 7, 2), shape(20, 8, 1), shape(30, 0, 1), shape(40, 9, 2), shape(50, 0, 2))))),
		pptBytes(pptObjectStorage, 1, pptNumbers(len(sheet)), zlibOf(sheet)),
		pptBytes(pptObjectStorage, 0, []byte("\x1c\x00\x00\x00\x02\x00an equation\x00")),
	}
	embed := func(id, storage int) []byte {
		return pptBytes(pptEmbed, 0, pptBytes(pptObjectAtom, 0, pptNumbers(1, 0, id, 0, storage, 0)), pptBytes(pptString, 3, wide("Worksheet")))
	}
	document := bytes.Join([][]byte{
		pptBytes(pptDrawings, 0, pptBytes(artDrawings, 0, pptBytes(artPictures, 0,
			pptBytes(artPictureEntry, 0, append([]byte{2}, make([]byte, 27)...), pptNumbers(0)),
			pptBytes(artPictureEntry, 0, append([]byte{6}, make([]byte, 27)...), pptNumbers(0))))),
		pptBytes(pptObjects, 0, embed(7, 2), embed(8, 3), embed(9, 3)),
		pptBytes(pptSlideList, 0, pptBytes(pptSlidePersist, 0, pptNumbers(1, 0, 0, 256, 0))),
	}, nil)
	l := New(Options{})
	w := &pptReader{ctx: t.Context(), out: &builder{max: 1 << 20}, places: map[int]int{}, notes: map[int]string{},
		embedded: embedder{l: l, in: input{opts: l.opts, nest: newNesting()}}}
	for i, r := range objects {
		w.places[i+1] = len(w.data)
		w.data = append(w.data, r...)
	}
	// The stream of pictures is larger than a small stream, so that it is read in parts.
	w.store = newPPTStore(streamOf("Pictures", append(blip, make([]byte, 5000)...)), document)
	if err := w.slides(pptRecord{kind: pptDocument, body: document}); err != nil {
		t.Fatal(err)
	}
	doc := w.out.document()
	rest := doc.Text
	for _, want := range []string{"### Worksheet", "#### ", "Depth of the channel", "Depth of the channel"} {
		_, after, ok := strings.Cut(rest, want)
		if !ok {
			t.Fatalf("%q is not in its place in:\n%s", want, doc.Text)
		}
		rest = after
	}
	if got := placeOf(doc, "Depth of the channel"); got != "slide 1" {
		t.Errorf("the drawing is in %s", got)
	}
	wantNotes(t, Document{Notes: w.omitted.notes()}, "1 embedded object is not read", "1 picture without a description is not read")
}

// streamOf returns a compound file with one large stream.
func streamOf(name string, data []byte) *compoundFile {
	c := &compoundFile{sector: 512, data: make([]byte, 512), streams: map[string]compoundStream{strings.ToUpper(name): {0, len(data)}}}
	c.data = append(c.data, data...)
	for i := range (len(data) + 511) / 512 {
		c.fat = append(c.fat, uint32(i+1))
	}
	c.fat[len(c.fat)-1] = 0xfffffffe
	return c
}

func FuzzMetafile(f *testing.F) {
	f.Add(emfBytes(emfFont(-20, 900, 2, "Symbol"), emfText(10, 50, 10, "Berth"), emfRecord(36, 0, 0, 0, 0, 0, 0, 2)))
	f.Add(wmfBytes(wmfFont(-20, 204, "Arial"), wmfRecord(0x12d, []int{0}, ""), wmfRecord(0xa32, []int{10, 20, 4, 0}, "abcd", 1, 2, 3, 4)))
	f.Fuzz(func(t *testing.T, data []byte) {
		if text := metafileText(data); text != clean(text) || strings.Contains(text, "\n\n") {
			t.Fatalf("%q", text)
		}
	})
}
