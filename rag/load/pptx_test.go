package load

import (
	"fmt"
	"strings"
	"testing"
)

// slideFile returns a presentation of one slide with the given shapes. others are further parts.
func slideFile(t testing.TB, shapes string, others ...string) []byte {
	return packFile(t, append([]string{
		"_rels/.rels", relationsPart("r1", "officeDocument", "show.xml"), "_rels/show.xml.rels", relationsPart("r1", "slide", "s1.xml", "r2", "slide", "s2.xml"),
		"show.xml", `<p:presentation xmlns:r="r"><p:sldIdLst><p:sldId id="1" r:id="r1"/><p:sldId id="2" r:id="r2"/></p:sldIdLst></p:presentation>`,
		"s1.xml", `<p:sld xmlns:r="r"><p:cSld><p:spTree>` + shapes + `</p:spTree></p:cSld></p:sld>`,
		"s2.xml", `<p:sld show="0"><p:cSld><p:spTree>` + slideText(0, 0, 9, 9, "Draft") + `</p:spTree></p:cSld></p:sld>`,
	}, others...)...)
}

// slideText returns a text box with a rectangle.
func slideText(x, y, w, h int, text string) string {
	return fmt.Sprintf(`<p:sp><p:nvSpPr><p:cNvPr id="1"/><p:nvPr/></p:nvSpPr><p:spPr><a:xfrm><a:off x="%d" y="%d"/><a:ext cx="%d" cy="%d"/></a:xfrm></p:spPr><p:txBody><a:p><a:r><a:t>%s</a:t></a:r></a:p></p:txBody></p:sp>`, x, y, w, h, text)
}

func TestSlidesAreReadInTheOrderOfTheEye(t *testing.T) {
	title := `<p:sp><p:nvSpPr><p:nvPr><p:ph type="title"/></p:nvPr></p:nvSpPr><p:txBody><a:p><a:r><a:t>Title</a:t></a:r></a:p></p:txBody></p:sp>`
	for name, tc := range map[string]struct{ shapes, want string }{
		"down": {slideText(0, 30, 90, 10, "three") + slideText(0, 10, 90, 10, "one") + slideText(0, 20, 90, 10, "two"), "one two three"},
		"columns that the file has one by one": {slideText(0, 10, 40, 10, "left head") + slideText(0, 20, 40, 50, "left text") + slideText(50, 10, 40, 10, "right head") + slideText(50, 20, 40, 50, "right text"),
			"left head left text right head right text"},
		"rows that the file has one by one": {slideText(0, 10, 40, 10, "one") + slideText(50, 10, 40, 10, "two") + slideText(0, 30, 40, 10, "three") + slideText(50, 30, 40, 10, "four"), "one two three four"},
		"a frame around others":             {slideText(5, 20, 10, 10, "inside") + slideText(0, 0, 90, 90, "frame") + slideText(5, 40, 10, 10, "below"), "frame inside below"},
		"a group with a scale of its own": {`<p:grpSp><p:grpSpPr><a:xfrm><a:off x="0" y="50"/><a:ext cx="90" cy="20"/><a:chOff x="0" y="0"/><a:chExt cx="900" cy="200"/></a:xfrm></p:grpSpPr>` +
			slideText(0, 100, 900, 90, "grouped two") + slideText(0, 0, 900, 90, "grouped one") + `</p:grpSp>` + slideText(0, 10, 90, 10, "before") + slideText(0, 80, 90, 10, "behind"), "before grouped one grouped two behind"},
	} {
		t.Run(name, func(t *testing.T) {
			doc := readBytes(t, "a.pptx", slideFile(t, tc.shapes+title))
			if got := strings.Join(strings.Fields(strings.TrimPrefix(doc.Text, "## Title")), " "); got != tc.want {
				t.Errorf("%q, want %q", got, tc.want)
			}
			wantNotes(t, doc, "hidden slide 2 left out")
		})
	}
}

func TestSlidesSayAllThatIsOnThem(t *testing.T) {
	shapes := `<p:sp><p:nvSpPr><p:nvPr><p:ph idx="7"/></p:nvPr></p:nvSpPr><p:txBody><a:p><a:pPr><a:buAutoNum type="arabicParenR" startAt="3"/></a:pPr><a:r><a:t>Third</a:t></a:r></a:p><a:p><a:pPr lvl="1"/><a:r><a:t>deeper</a:t></a:r></a:p>
<a:p><a:r><a:t>Point </a:t></a:r><a14:m><m:oMath><m:sSup><m:e><m:r><m:t>x</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup></m:oMath></a14:m></a:p></p:txBody></p:sp>` + slideText(0, 10, 90, 10, "Above the body") +
		`<p:graphicFrame><p:xfrm><a:off x="0" y="80"/><a:ext cx="9" cy="9"/></p:xfrm><a:tbl><a:tr><a:tc gridSpan="2"><a:txBody/></a:tc><a:tc hMerge="1"/></a:tr><a:tr><a:tc rowSpan="2"><a:txBody><a:p><a:r><a:t>North</a:t></a:r></a:p></a:txBody></a:tc><a:tc><a:txBody><a:p><a:r><a:t>10</a:t></a:r></a:p></a:txBody></a:tc></a:tr>
<a:tr><a:tc vMerge="1"><a:txBody/></a:tc><a:tc><a:txBody><a:p><a:r><a:t>12</a:t></a:r></a:p></a:txBody></a:tc></a:tr></a:tbl></p:graphicFrame>
<p:pic><p:nvPicPr><p:cNvPr descr="image1.png"/></p:nvPicPr></p:pic><p:sp><p:nvSpPr><p:cNvPr hidden="1"/></p:nvSpPr><p:txBody><a:p><a:r><a:t>Hidden</a:t></a:r></a:p></p:txBody></p:sp>
<p:sp><p:nvSpPr><p:nvPr><p:ph type="sldNum"/></p:nvPr></p:nvSpPr><p:txBody><a:p><a:fld type="slidenum"><a:t>7</a:t></a:fld></a:p></p:txBody></p:sp>`
	doc := readBytes(t, "a.pptx", slideFile(t, shapes, "_rels/s1.xml.rels", relationsPart("a", "slideLayout", "l.xml", "b", "notesSlide", "n.xml", "c", "comments", "c.xml"),
		"l.xml", `<p:sldLayout><p:cSld><p:spTree><p:sp><p:nvSpPr><p:nvPr><p:ph idx="7"/></p:nvPr></p:nvSpPr><p:spPr><a:xfrm><a:off x="0" y="30"/><a:ext cx="90" cy="40"/></a:xfrm></p:spPr></p:sp></p:spTree></p:cSld></p:sldLayout>`,
		"n.xml", `<p:notes><p:cSld><p:spTree>`+slideText(0, 0, 1, 1, "Speak slowly")+`</p:spTree></p:cSld></p:notes>`,
		"c.xml", `<p:cmLst><p:cm authorId="5"><p:text>Really?</p:text></p:cm></p:cmLst>`, "commentAuthors.xml", `<p:cmAuthorLst><p:cmAuthor id="5" name="Ève"/></p:cmAuthorLst>`))
	wantText(t, doc, `
## Slide 1
Above the body
3) Third
  - deeper
- Point x^2
| North | 10 |
|---|---|
| North | 12 |
[Comment by Ève: Really?]
Notes: Speak slowly`)
	wantNotes(t, doc, "a hidden shape is left out: 1 place", "1 picture without a description is not read", "hidden slide 2 left out")
}

func TestTextsOfTheSlideMasterAreReadOnce(t *testing.T) {
	master := `<p:sldMaster><p:cSld><p:spTree>` + slideText(0, 90, 90, 9, "Confidential until May") +
		`<p:sp><p:nvSpPr><p:cNvPr id="2"/><p:nvPr><p:ph type="title"/></p:nvPr></p:nvSpPr><p:txBody><a:p><a:r><a:t>Click to edit</a:t></a:r></a:p></p:txBody></p:sp></p:spTree></p:cSld></p:sldMaster>`
	for _, tc := range []struct {
		layout, slide string
		want          int
	}{{"", "", 1}, {` showMasterSp="0"`, "", 0}, {"", ` showMasterSp="0"`, 0}} {
		doc := readBytes(t, "a.pptx", packFile(t,
			"_rels/.rels", relationsPart("r1", "officeDocument", "show.xml"), "_rels/show.xml.rels", relationsPart("r1", "slide", "s1.xml", "r2", "slide", "s2.xml"),
			"show.xml", `<p:presentation xmlns:r="r"><p:sldIdLst><p:sldId id="1" r:id="r1"/><p:sldId id="2" r:id="r2"/></p:sldIdLst></p:presentation>`,
			"s1.xml", `<p:sld`+tc.slide+`><p:cSld><p:spTree>`+slideText(0, 0, 9, 9, "One")+`</p:spTree></p:cSld></p:sld>`,
			"s2.xml", `<p:sld`+tc.slide+`><p:cSld><p:spTree>`+slideText(0, 0, 9, 9, "Two")+`</p:spTree></p:cSld></p:sld>`,
			"_rels/s1.xml.rels", relationsPart("r1", "slideLayout", "layout.xml"), "_rels/s2.xml.rels", relationsPart("r1", "slideLayout", "layout.xml"),
			"layout.xml", `<p:sldLayout`+tc.layout+`><p:cSld><p:spTree/></p:cSld></p:sldLayout>`, "_rels/layout.xml.rels", relationsPart("r1", "slideMaster", "master.xml"),
			"master.xml", master, "_rels/master.xml.rels", relationsPart("r1", "slideMaster", "layout.xml")))
		if n := strings.Count(doc.Text, "Confidential until May"); n != tc.want || strings.Contains(doc.Text, "Click to edit") ||
			!strings.Contains(doc.Text, "One") || !strings.Contains(doc.Text, "Two") {
			t.Errorf("layout%s slide%s: %q", tc.layout, tc.slide, doc.Text)
		}
	}
}
