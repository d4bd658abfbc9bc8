package load

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// appearance adds the appearance stream of a field or comment that shows a text, and returns its
// number.
func (m *pdfMaker) appearance(text string) int {
	return m.stream("/Type/XObject/Subtype/Form/BBox[0 0 250 20]/Resources<</Font<</F 3 0 R>>>>", at(2, 5, 12, text))
}

func TestValuesOfFormFieldsAreReadAtTheirPlace(t *testing.T) {
	m := &pdfMaker{}
	shown := m.object(fmt.Sprintf("<</Type/Annot/Subtype/Widget/FT/Tx/T(ship)/V(Kittiwake of Leith)/DA(/F 12 Tf)/Rect[150 695 400 715]/F 4/AP<</N %d 0 R>>>>", m.appearance("Kittiwake of Leith")))
	bare := m.object("<</Type/Annot/Subtype/Widget/FT/Tx/T(master)/V(Isobel Reid)/DA(/F 12 Tf)/Rect[150 675 400 695]/F 4>>")
	parent := m.object(fmt.Sprintf("<</FT/Tx/T(port)/V(Anstruther)/DA(/F 12 Tf)/Kids[%d 0 R]>>", len(m.objects)+6))
	inherits := m.object(fmt.Sprintf("<</Type/Annot/Subtype/Widget/Parent %d 0 R/Rect[150 655 400 675]/F 4>>", parent))
	hidden := m.object("<</Type/Annot/Subtype/Widget/FT/Tx/T(secret)/V(Never shown)/DA(/F 12 Tf)/Rect[150 635 400 655]/F 2>>")
	m.catalog = fmt.Sprintf("/AcroForm<</Fields[%d 0 R %d 0 R %d 0 R %d 0 R]/DR<</Font<</F 3 0 R>>>>/DA(/F 12 Tf 0 g)>>", shown, bare, parent, hidden)
	m.page(at(50, 700, 12, "Name of the ship:")+at(50, 680, 12, "Master:")+at(50, 660, 12, "Home port:"),
		fmt.Sprintf("/Annots[%d 0 R %d 0 R %d 0 R %d 0 R]", shown, bare, inherits, hidden))
	if text := readMade(t, m).Text; text != "Name of the ship: Kittiwake of Leith\nMaster: Isobel Reid\nHome port: Anstruther\n" {
		t.Errorf("%s", text)
	}
}

func TestCommentsAndTextBoxesOnAPageAreRead(t *testing.T) {
	m := &pdfMaker{}
	note := m.object("<</Type/Annot/Subtype/Text/Contents(The fee has changed since.)/T(Reid)/Rect[500 700 520 720]>>")
	box := m.object(fmt.Sprintf("<</Type/Annot/Subtype/FreeText/Contents(Approved by the harbour master)/Rect[50 600 400 620]/F 4/AP<</N %d 0 R>>>>", m.appearance("Approved by the harbour master")))
	stamp := m.object(fmt.Sprintf("<</Type/Annot/Subtype/Stamp/Rect[50 560 400 580]/F 4/AP<</N %d 0 R>>>>", m.appearance("Paid in full")))
	link := m.object("<</Type/Annot/Subtype/Link/Contents(A link)/Rect[50 695 90 715]>>")
	m.page(at(50, 700, 12, "The fee is 40 EUR."), fmt.Sprintf("/Annots[%d 0 R %d 0 R %d 0 R %d 0 R]", note, box, stamp, link))
	if text := readMade(t, m).Text; text != "The fee is 40 EUR.\n\nApproved by the harbour master\nPaid in full\n\nNote by Reid: The fee has changed since.\n" {
		t.Errorf("%q", text)
	}
}

func TestHeadingsOfTheStructureTreeAreHeadings(t *testing.T) {
	m := &pdfMaker{}
	page := m.page("/H1 <</MCID 0>> BDC "+at(50, 700, 12, "Rules of the harbour")+"EMC /P <</MCID 1>> BDC "+at(50, 680, 12, "Boats give way to ferries.")+
		"EMC /H2 <</MCID 2>> BDC "+at(50, 660, 12, "Fees")+"EMC /P <</MCID 3>> BDC "+at(50, 640, 12, "Each berth has its fee.")+"EMC", "/StructParents 0")
	first := len(m.objects) + 5
	root := first + 4
	for i, kind := range []string{"H1", "P", "H2", "P"} {
		m.object(fmt.Sprintf("<</Type/StructElem/S/%s/P %d 0 R/Pg %d 0 R/K %d>>", kind, root, page, i))
	}
	kids := fmt.Sprintf("%d 0 R %d 0 R %d 0 R %d 0 R", first, first+1, first+2, first+3)
	m.object(fmt.Sprintf("<</Type/StructTreeRoot/K[%s]/ParentTree<</Nums[0[%s]]>>>>", kids, kids))
	m.catalog = fmt.Sprintf("/MarkInfo<</Marked true>>/StructTreeRoot %d 0 R", root)
	if text := readMade(t, m).Text; text != "# Rules of the harbour\n\nBoats give way to ferries.\n\n## Fees\n\nEach berth has its fee.\n" {
		t.Errorf("%q", text)
	}
}

func TestWordsThatALineDividesBecomeOne(t *testing.T) {
	m := &pdfMaker{}
	m.page(at(50, 700, 11, "The light is kept by a light-") + at(50, 686, 11, "house keeper, who is a well-") + at(50, 672, 11, "known man. He is well-known for the house.") +
		at(50, 658, 11, "See also pages 3-") + at(50, 644, 11, "4 of it."))
	if text := strings.Join(strings.Fields(readMade(t, m).Text), " "); text != "The light is kept by a lighthouse keeper, who is a well-known man. He is well-known for the house. See also pages 3- 4 of it." {
		t.Errorf("%q", text)
	}
}

// picture adds an image of one pixel and returns the entries of a page that draws it.
func (m *pdfMaker) picture() string {
	return fmt.Sprintf("/Resources<</XObject<</I %d 0 R>>>>", m.stream("/Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8", "a"))
}

// bare adds a page with resources of its own.
func (m *pdfMaker) bare(content, entries string) {
	stream := m.stream("", content)
	m.kids = append(m.kids, fmt.Sprintf("%d 0 R", m.object(fmt.Sprintf("<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents %d 0 R%s>>", stream, entries))))
}

// strange adds a font without a mapping of its glyphs to Unicode.
func (m *pdfMaker) strange() string {
	descriptor := m.object("<</Type/FontDescriptor/FontName/AAAAAA+Strange/Flags 4/FontBBox[0 0 1000 1000]/Ascent 800/Descent -200/CapHeight 700/ItalicAngle 0/StemV 80>>")
	descendant := m.object(fmt.Sprintf("<</Type/Font/Subtype/CIDFontType2/BaseFont/AAAAAA+Strange/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/FontDescriptor %d 0 R/DW 600>>", descriptor))
	return fmt.Sprintf("/Resources<</Font<</S %d 0 R>>>>", m.object(fmt.Sprintf("<</Type/Font/Subtype/Type0/BaseFont/AAAAAA+Strange/Encoding/Identity-H/DescendantFonts[%d 0 R]>>", descendant)))
}

const strangeText = "BT /S 12 Tf 50 700 Td <00030004000500060007000800090010001100120013> Tj ET"

func TestEachPDFWithoutTextHasItsReason(t *testing.T) {
	for name, tc := range map[string]struct {
		page   func(*pdfMaker)
		reason Reason
		says   string
	}{
		"a scan":        {func(m *pdfMaker) { m.bare("600 0 0 800 0 0 cm /I Do", m.picture()) }, NoText, "pictures only"},
		"a drawing":     {func(m *pdfMaker) { m.bare("0 0 m 100 100 l S 5 5 m 9 9 l S", "") }, NoText, "drawings only"},
		"blank":         {func(m *pdfMaker) { m.bare("", "") }, Empty, "blank"},
		"strange fonts": {func(m *pdfMaker) { m.bare(strangeText, m.strange()) }, NoText, "fonts do not say which letters"},
		"an empty form": {func(m *pdfMaker) {
			field := m.object("<</Type/Annot/Subtype/Widget/FT/Tx/T(ship)/DA(/F 12 Tf)/Rect[150 695 400 715]/F 4>>")
			m.catalog = fmt.Sprintf("/AcroForm<</Fields[%d 0 R]>>", field)
			m.bare("", fmt.Sprintf("/Annots[%d 0 R]", field))
		}, NoText, "a form"},
	} {
		m := &pdfMaker{}
		tc.page(m)
		var e *Error
		if doc, err := testLoader().Document(t.Context(), "a.pdf", m.bytes()); !errors.As(err, &e) || e.Reason != tc.reason || !strings.Contains(e.Detail, tc.says) {
			t.Errorf("%s: %v, %q", name, err, doc.Text)
		}
	}
}

func TestPagesWithoutTextAreNamedWithTheirReason(t *testing.T) {
	m := &pdfMaker{}
	m.page(at(50, 700, 12, "A page of text."))
	m.bare("600 0 0 800 0 0 cm /I Do", m.picture())
	m.bare(strangeText, m.strange())
	m.bare("", "")
	m.bare("600 0 0 800 0 0 cm /I Do", m.picture())
	doc := readMade(t, m)
	if notes := strings.Join(doc.Notes, "; "); notes != "page 3 not read: fonts that do not say which letters they draw (--ocr recognises its text); "+
		"pages 2, 5 without text: a picture (--ocr recognises its text)" {
		t.Errorf("%q", notes)
	}
	if strings.TrimSpace(doc.Text) != "A page of text." {
		t.Errorf("%q", doc.Text)
	}
}

func TestAnIndexInColumnsIsReadColumnByColumn(t *testing.T) {
	m := &pdfMaker{}
	var b, want strings.Builder
	for column := range 2 {
		for i := range 40 {
			entry := fmt.Sprintf("%c%c entry, %d", 'a'+column*13+i/4, 'a'+i%26, 10+i*3)
			x := 50 + 270*float64(column)
			if i%4 > 1 {
				x += 12
			}
			b.WriteString(at(x, 700-float64(12*i), 10, entry))
			want.WriteString(entry + " ")
		}
	}
	m.page(b.String())
	if text := strings.Join(strings.Fields(readMade(t, m).Text), " "); text != strings.TrimSpace(want.String()) {
		t.Errorf("%s", text)
	}
}

func TestRowsOfATableWithBrokenCellsStayTogether(t *testing.T) {
	m := &pdfMaker{}
	var b strings.Builder
	for row := range 4 {
		for column, lines := range [][]string{{"Peelee Island", "Gewurz", "2000"}, {"Pale yellow", "in the glass"}, {"Fresh and", "fruity, like", "lychee"}, {"Good before", "a meal"}} {
			for i, line := range lines {
				b.WriteString(at(50+130*float64(column), 700-float64(60*row+12*i), 10, line))
			}
		}
	}
	m.page(b.String())
	if text := readMade(t, m).Text; !strings.Contains(text, "Peelee Island Pale yellow Fresh and Good before\nGewurz in the glass fruity, like a meal\n2000 lychee\n") {
		t.Errorf("%s", text)
	}
}

func FuzzPDFMessage(f *testing.F) {
	f.Add([]byte("\x0d\x00\x00\x00{\"Version\":1}"))
	f.Add([]byte("\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var answer pdfAnswer
		if err := readMessage(strings.NewReader(string(data)), &answer); err == nil && answer.Page != nil {
			newPDFComposer(pdfInfo{Pages: 1}, []pdfPage{*answer.Page}).page(0)
		}
	})
}

// FuzzPDFLayout lays out characters at arbitrary positions.
func FuzzPDFLayout(f *testing.F) {
	data, err := os.ReadFile(filepath.Join(files, "handbook.txt"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte("ab\x00\xff\x80 c\u05d0\u05d1 \u0301x"))
	f.Fuzz(func(t *testing.T, data []byte) {
		raw := pdfRaw{styles: []glyphStyle{{size: 10, content: -1}, {size: 20, bold: true, content: 1}, {size: 7, direction: 1}, {size: 8, direction: 2}}, headings: map[int]int{1: 2}}
		letters := 0
		for i, r := range []rune(string(data)) {
			x, y := float32(int(r)*7%600), float32(i*13%800)
			raw.glyphs = append(raw.glyphs, glyph{r: r, x0: x, x1: x + float32(r%9), y: y, style: int32(i % len(raw.styles))})
			if r > ' ' && r < 0x7f {
				letters++
			}
		}
		lines := raw.layout()
		found := 0
		for _, l := range lines {
			for _, r := range l.Text {
				if r > ' ' && r < 0x7f {
					found++
				}
			}
		}
		if found < letters {
			t.Errorf("%d of %d letters are left", found, letters)
		}
		newPDFComposer(pdfInfo{Pages: 1}, []pdfPage{{Number: 1, Lines: lines}}).page(0)
	})
}
