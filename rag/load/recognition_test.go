package load

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/tiff"
)

// drawn returns a picture of black letters on white, as a scanner would make it.
func drawn(t testing.TB, width, height int, text ...string) *image.Gray {
	t.Helper()
	parsed, err := opentype.Parse(goregular.TTF)
	if err != nil {
		t.Fatal(err)
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: 40, DPI: 72})
	if err != nil {
		t.Fatal(err)
	}
	picture := image.NewGray(image.Rect(0, 0, width, height))
	draw.Draw(picture, picture.Rect, image.White, image.Point{}, draw.Src)
	pen := font.Drawer{Dst: picture, Src: image.Black, Face: face}
	for i, line := range text {
		pen.Dot = fixed.P(100, 150+80*i)
		pen.DrawString(line)
	}
	return picture
}

func encoded(t testing.TB, encode func(*bytes.Buffer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// scannedPDF returns a PDF with one page for each picture, and a last page with text.
func scannedPDF(pictures ...*image.Gray) []byte {
	var m pdfMaker
	for _, p := range pictures {
		at := m.stream(fmt.Sprintf("/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray/BitsPerComponent 8",
			p.Rect.Dx(), p.Rect.Dy()), string(p.Pix))
		m.page("q 612 0 0 400 0 200 cm /Im0 Do Q", fmt.Sprintf("/Resources<</XObject<</Im0 %d 0 R>>>>", at))
	}
	m.page("BT /F1 12 Tf 72 700 Td (The last page has letters of its own.) Tj ET")
	return m.bytes()
}

// recognising returns a loader with text recognition in English.
func recognising(t *testing.T) *Loader {
	l := New(Options{CacheDir: testLoader().opts.CacheDir, OCR: "eng"})
	t.Cleanup(func() { l.Close() })
	return l
}

var notice = []string{"The harbour office is closed.", "Berth seven costs forty euros.", "The ferry leaves at nine."}

func TestTesseractRecognisesScansAndPictures(t *testing.T) {
	if os.Getenv("WEFT_LONG") != "1" {
		t.Skip("long: needs the program tesseract")
	}
	l := recognising(t)
	if err := l.CheckOCR(t.Context()); err != nil {
		t.Fatal(err)
	}
	upright := drawn(t, 1300, 500, notice...)
	turned := image.NewGray(image.Rect(0, 0, 500, 1300)) // rotated by 90 degrees, as from a camera held upright
	for y := range 1300 {
		for x := range 500 {
			turned.SetGray(x, y, upright.GrayAt(y, 499-x))
		}
	}
	photo := encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, turned, nil) })
	small := drawn(t, 1300, 500, notice...)
	half := image.NewGray(image.Rect(0, 0, 650, 250)) // a screenshot with letters 10 pixels high
	for y := range 250 {
		for x := range 650 {
			half.SetGray(x, y, small.GrayAt(2*x, 2*y))
		}
	}
	for name, data := range map[string][]byte{
		"notice.png": encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, upright) }),
		"screen.png": encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, half) }),
		"notice.tif": encoded(t, func(b *bytes.Buffer) error { return tiff.Encode(b, upright, nil) }),
		"photo.jpg":  withEXIF(photo, exifBlock(8, "A notice at the pier")),
		"scan.pdf":   scannedPDF(upright),
	} {
		doc, err := l.Document(t.Context(), name, data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		checkClean(t, doc)
		for _, line := range notice {
			if !strings.Contains(doc.Text, line) {
				t.Errorf("%s: %q is missing in %q", name, line, doc.Text)
			}
		}
		if !slices.ContainsFunc(doc.Notes, func(n string) bool { return strings.Contains(n, "recognised from a picture") }) {
			t.Errorf("%s: notes %q", name, doc.Notes)
		}
		if want := map[bool]string{true: "page 1", false: "the picture"}[name == "scan.pdf"]; placeOf(doc, "Berth") != want {
			t.Errorf("%s: it is in %s", name, placeOf(doc, "Berth"))
		}
	}
	doc, err := l.Document(t.Context(), "scan.pdf", scannedPDF(upright))
	if err != nil || placeOf(doc, "letters of its own") != "page 2" {
		t.Errorf("%q, %v", doc.Text, err)
	}
	blank := encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, drawn(t, 800, 600)) })
	_, err = l.Document(t.Context(), "blank.png", blank)
	if e := new(Error); !errors.As(err, &e) || e.Reason != NoText || e.Retry {
		t.Errorf("a blank picture: %v", err)
	}
}

func TestALackOfTesseractIsSaidAndTriedAgain(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	l := recognising(t)
	picture := encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, drawn(t, 300, 100, "a")) })
	_, err := l.Document(t.Context(), "a.png", picture)
	if e := new(Error); !errors.As(err, &e) || !e.Retry || !strings.Contains(e.Detail, "install the package tesseract-ocr") {
		t.Errorf("a picture: %v", err)
	}
	doc, err := l.Document(t.Context(), "a.pdf", scannedPDF(drawn(t, 300, 100, "a")))
	if err != nil || !doc.Retry || !strings.Contains(strings.Join(doc.Notes, "; "), "install the package tesseract-ocr") {
		t.Errorf("a scan: %q, %v", doc.Notes, err)
	}
	if err := l.CheckOCR(t.Context()); err == nil || !strings.Contains(err.Error(), "not installed") {
		t.Errorf("the check: %v", err)
	}
}

func TestPicturesAreLeftOutWhereTheirTextIsNotAskedFor(t *testing.T) {
	picture := encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, drawn(t, 300, 100, "a")) })
	for _, name := range []string{"a.png", "a", "a.txt"} {
		_, err := New(Options{}).Document(t.Context(), name, picture)
		if e := new(Error); !errors.As(err, &e) || e.Reason != Binary || !strings.Contains(e.Detail, "--ocr") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for asked, want := range map[bool]int{false: 1, true: 2} {
		dir := t.TempDir()
		for name, data := range map[string][]byte{"a.png": picture, "b.md": []byte("# b\n")} {
			if err := os.WriteFile(dir+"/"+name, data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		listing, err := Scan(t.Context(), []string{dir}, ScanOptions{Pictures: asked})
		if err != nil || len(listing.Files) != want || len(listing.Skipped) != 2-want {
			t.Errorf("asked %v: %v, %v, %v", asked, listing.Files, listing.Skipped, err)
		}
	}
}

func TestAPageIsDrawnInGrey(t *testing.T) {
	var m pdfMaker
	m.page("0 g 72 500 300 200 re f") // a black rectangle on a page of 612 × 792 points
	drawer := pdfDrawer{pool: &testLoader().pdf, data: m.bytes()}
	defer drawer.close()
	picture, err := drawer.draw(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if size := picture.Rect.Size(); size.X < 2540 || size.X > 2560 || size.Y < 3290 || size.Y > 3310 {
		t.Errorf("it has %v pixels, not 300 to the inch", size)
	}
	at := func(x, y float64) color.Gray { // in points from the lower left
		return picture.GrayAt(int(x/72*300), int((792-y)/72*300))
	}
	if inside, outside := at(200, 600), at(500, 100); inside.Y > 20 || outside.Y < 235 {
		t.Errorf("inside %v, outside %v", inside, outside)
	}
}

func TestRecognisedWordsBecomeParagraphs(t *testing.T) {
	row := func(block, line int, certainty float64, word string) string {
		return fmt.Sprintf("5\t1\t%d\t1\t%d\t1\t0\t0\t9\t9\t%f\t%s\n", block, line, certainty, word)
	}
	head := "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n"
	for want, table := range map[string]string{
		"The crane is in order\nand lifts.\n\nBerth seven": head + row(1, 1, 96, "The") + row(1, 1, 95, "crane") +
			row(1, 1, 90, "is") + row(1, 1, 90, "in") + row(1, 1, 90, "or-") + row(1, 2, 96, "der") +
			row(1, 2, 90, "and") + row(1, 2, 91, "lifts.") + row(2, 1, 96, "Berth") + row(2, 1, 3, "|'~") + row(2, 1, 96, "seven"),
		"":        head + row(1, 1, 30, "wWv") + row(1, 1, 25, "iIl"), // shadows mistaken for letters
		`\# five`: head + row(1, 1, 90, "#") + row(1, 1, 90, "five"),
	} {
		if got := recognisedText(table); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}

// exifBlock returns a TIFF directory with an orientation and a description.
func exifBlock(orientation uint16, description string) []byte {
	b := []byte("II*\x00\x08\x00\x00\x00\x02\x00")
	b = binary.LittleEndian.AppendUint32(b, 2<<16|0x010e)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(description)+1))
	b = binary.LittleEndian.AppendUint32(b, 38)
	b = binary.LittleEndian.AppendUint32(b, 3<<16|exifOrientation)
	b = binary.LittleEndian.AppendUint32(b, 1)
	b = binary.LittleEndian.AppendUint32(b, uint32(orientation))
	b = binary.LittleEndian.AppendUint32(b, 0)
	return append(b, description+"\x00"...)
}

// withEXIF puts a block of EXIF into a JPEG file.
func withEXIF(photo, block []byte) []byte {
	segment := append([]byte("Exif\x00\x00"), block...)
	head := binary.BigEndian.AppendUint16([]byte("\xff\xd8\xff\xe1"), uint16(len(segment)+2))
	return slices.Concat(head, segment, photo[2:])
}

func TestAPhotoSaysWhatItsCameraWrote(t *testing.T) {
	photo := encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, drawn(t, 40, 20), nil) })
	meta := readEXIF(withEXIF(photo, exifBlock(6, "A notice at the pier")))
	if want := []Field{{"description", "A notice at the pier"}}; meta.orientation != 6 || !slices.Equal(meta.fields, want) {
		t.Errorf("%+v", meta)
	}
	picture, err := decodePicture(withEXIF(photo, exifBlock(6, "x")), 6)
	if err != nil || picture.Rect.Dx() >= picture.Rect.Dy() {
		t.Errorf("the picture is not rotated: %v, %v", picture.Rect, err)
	}
	huge := encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, image.NewGray(image.Rect(0, 0, 40, 20))) })
	binary.BigEndian.PutUint32(huge[16:], 1<<20) // a hostile width, with the checksum unchanged
	if _, err := decodePicture(huge, 1); err == nil {
		t.Error("a picture of a million columns is decoded")
	}
}

func FuzzPicture(f *testing.F) {
	f.Add(encoded(f, func(b *bytes.Buffer) error { return png.Encode(b, drawn(f, 60, 40, "a")) }))
	f.Add(encoded(f, func(b *bytes.Buffer) error { return tiff.Encode(b, drawn(f, 60, 40, "a"), nil) }))
	f.Add(withEXIF(encoded(f, func(b *bytes.Buffer) error { return jpeg.Encode(b, drawn(f, 60, 40, "a"), nil) }), exifBlock(3, "b")))
	f.Fuzz(func(t *testing.T, data []byte) {
		meta := readEXIF(data)
		for _, field := range meta.fields {
			if needsCleaning(field.Value) || field.Value == "" {
				t.Fatalf("%q", field)
			}
		}
		if !isPicture(data) {
			return
		}
		pages, _ := picturePages(data)
		for _, open := range pages[:min(len(pages), 3)] {
			picture, err := open(meta.orientation)
			if err == nil {
				graymap(picture)
			}
		}
	})
}
