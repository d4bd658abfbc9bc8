package load

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"
)

// packFile returns a ZIP file of parts: names and contents in turn.
func packFile(t testing.TB, parts ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(parts); i += 2 {
		w, err := z.Create(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(parts[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// relationsPart writes a part of relationships: identifiers, types and targets in turn.
func relationsPart(list ...string) string {
	var b strings.Builder
	b.WriteString(`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`)
	for i := 0; i < len(list); i += 3 {
		fmt.Fprintf(&b, `<Relationship Id="%s" Type="http://purl.oclc.org/ooxml/officeDocument/relationships/%s" Target="%s"/>`, list[i], list[i+1], list[i+2])
	}
	return b.String() + `</Relationships>`
}

// wordFile returns a Word document with the given body. others are further parts.
func wordFile(t testing.TB, body string, others ...string) []byte {
	return packFile(t, append([]string{
		"_rels/.rels", relationsPart("r1", "officeDocument", "text/main.xml"),
		"text/main.xml", `<w:document xmlns:w="w" xmlns:m="m" xmlns:r="r" xmlns:a="a" xmlns:mc="mc"><w:body>` + body + `</w:body></w:document>`,
	}, others...)...)
}

// readBytes reads a document and fails the test on an error.
func readBytes(t testing.TB, name string, data []byte) Document {
	t.Helper()
	doc, err := testLoader().Document(t.Context(), name, data)
	if err != nil {
		t.Fatal(err)
	}
	checkClean(t, doc)
	return doc
}

// wantText compares a document's text, without its empty lines, with the expected one.
func wantText(t *testing.T, doc Document, want string) {
	t.Helper()
	blank := regexp.MustCompile(`\n{2,}`)
	if got, want := blank.ReplaceAllString(strings.TrimSpace(doc.Text), "\n"), strings.TrimSpace(want); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func wantNotes(t *testing.T, doc Document, want ...string) {
	t.Helper()
	if fmt.Sprintf("%q", doc.Notes) != fmt.Sprintf("%q", want) {
		t.Errorf("notes %q, want %q", doc.Notes, want)
	}
}

// wordParagraph returns a paragraph with properties.
func wordParagraph(properties, text string) string {
	return `<w:p><w:pPr>` + properties + `</w:pPr><w:r><w:t>` + text + `</w:t></w:r></w:p>`
}

func listed(id string, level int) string {
	return fmt.Sprintf(`<w:numPr><w:ilvl w:val="%d"/><w:numId w:val="%s"/></w:numPr>`, level, id)
}

const wordLists = `<w:numbering xmlns:w="w">
<w:abstractNum w:abstractNumId="0">
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="upperRoman"/><w:pStyle w:val="Art"/><w:lvlText w:val="Article %1"/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:isLgl/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1.%2"/></w:lvl>
<w:lvl w:ilvl="2"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="(%3)"/></w:lvl></w:abstractNum>
<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1)"/></w:lvl>
<w:lvl w:ilvl="1"><w:numFmt w:val="bullet"/><w:lvlText w:val="•"/></w:lvl></w:abstractNum>
<w:num w:numId="5"><w:abstractNumId w:val="0"/></w:num>
<w:num w:numId="6"><w:abstractNumId w:val="1"/></w:num>
<w:num w:numId="7"><w:abstractNumId w:val="1"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="4"/></w:lvlOverride></w:num>
</w:numbering>`

func TestWordNumbersHeadingsAndListsAsWordDoes(t *testing.T) {
	body := wordParagraph(`<w:pStyle w:val="Sub"/>`, "Term") +
		wordParagraph(listed("5", 1), "Two years.") + wordParagraph(listed("5", 2), "From May.") + wordParagraph(listed("5", 2), "Or June.") +
		wordParagraph(listed("5", 1), "Renewal.") + wordParagraph(listed("5", 2), "Once.") +
		wordParagraph(`<w:pStyle w:val="Art"/>`, "Payment") + wordParagraph(listed("5", 1), "Thirty days.") +
		wordParagraph(listed("6", 0), "Cast off") + wordParagraph(listed("6", 1), "the bow line") + wordParagraph(listed("6", 0), "Hoist") +
		wordParagraph(listed("7", 0), "Sail") + wordParagraph(listed("6", 0), "Moor") +
		wordParagraph(`<w:pStyle w:val="Art"/><w:numPr><w:numId w:val="0"/></w:numPr>`, "Unnumbered")
	data := wordFile(t, body, "text/_rels/main.xml.rels", relationsPart("a", "numbering", "lists.xml", "b", "styles", "/text/look.xml"), "text/lists.xml", wordLists,
		"text/look.xml", `<w:styles xmlns:w="w"><w:style w:type="paragraph" w:styleId="Art"><w:name w:val="heading 1"/><w:pPr><w:numPr><w:numId w:val="5"/></w:numPr></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Sub"><w:basedOn w:val="Art"/><w:pPr><w:pPrChange><w:pPr><w:outlineLvl w:val="7"/></w:pPr></w:pPrChange></w:pPr></w:style></w:styles>`)
	wantText(t, readBytes(t, "a.docx", data), `
# Article I Term
1.1 Two years.
(a) From May.
(b) Or June.
1.2 Renewal.
(a) Once.
# Article II Payment
2.1 Thirty days.
1) Cast off
  - the bow line
2) Hoist
4) Sail
5) Moor
# Unnumbered`)
}

func TestNumbersAreWrittenInTheirFormat(t *testing.T) {
	for format, want := range map[string]string{
		"decimal": "28", "decimalZero": "28", "upperRoman": "XXVIII", "lowerRoman": "xxviii", "upperLetter": "BB", "lowerLetter": "bb", "ordinal": "28th",
		"hex": "1C", "none": "", "decimalEnclosedParen": "(28)", "decimalFullWidth": "２８", "chineseCounting": "二十八", "russianLower": "ю", "unknown": "28",
	} {
		if got := formatNumber(28, format); got != want {
			t.Errorf("%s: %q, want %q", format, got, want)
		}
	}
	for n, want := range map[int]string{1: "一", 10: "十", 15: "十五", 110: "一百一十", 1005: "一千〇五"} {
		if got := formatNumber(n, "japaneseCounting"); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestEquationsKeepTheirMeaning(t *testing.T) {
	r := func(s string) string { return `<m:r><m:t>` + s + `</m:t></m:r>` }
	for _, tc := range []struct{ in, want string }{
		{`<m:f><m:num>` + r("550") + `</m:num><m:den>` + r("25") + `</m:den></m:f>`, "(550)/(25)"},
		{`<m:sSup><m:e>` + r("10") + `</m:e><m:sup>` + r("-6") + `</m:sup></m:sSup>`, "10^(-6)"},
		{`<m:sSup><m:e>` + r("x") + `</m:e><m:sup>` + r("2") + `</m:sup></m:sSup>`, "x^2"},
		{`<m:sSubSup><m:e>` + r("x") + `</m:e><m:sub>` + r("i") + `</m:sub><m:sup>` + r("n+1") + `</m:sup></m:sSubSup>`, "x_i^(n+1)"},
		{`<m:rad><m:radPr><m:degHide m:val="1"/></m:radPr><m:deg/><m:e>` + r("a+b") + `</m:e></m:rad>`, "√(a+b)"},
		{`<m:rad><m:deg>` + r("3") + `</m:deg><m:e>` + r("8") + `</m:e></m:rad>`, "∛(8)"},
		{`<m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr><m:sub>` + r("i=1") + `</m:sub><m:sup>` + r("n") + `</m:sup><m:e>` + r("i") + `</m:e></m:nary>`, "∑_(i=1)^n i"},
		{`<m:d><m:dPr><m:begChr m:val="["/><m:endChr m:val="]"/></m:dPr><m:e>` + r("a") + `</m:e><m:e>` + r("b") + `</m:e></m:d>`, "[a|b]"},
		{`<m:func><m:fName>` + r("sin") + `</m:fName><m:e>` + r("x") + `</m:e></m:func>`, "sin x"},
		{`<m:m><m:mr><m:e>` + r("1") + `</m:e><m:e>` + r("0") + `</m:e></m:mr><m:mr><m:e>` + r("0") + `</m:e><m:e>` + r("1") + `</m:e></m:mr></m:m>`, "[1, 0; 0, 1]"},
		{`<m:acc><m:accPr><m:chr m:val="&#x20d7;"/></m:accPr><m:e>` + r("v") + `</m:e></m:acc>`, "v\u20d7"},
	} {
		doc := readBytes(t, "a.docx", wordFile(t, `<w:p><m:oMath>`+tc.in+`</m:oMath></w:p>`))
		wantText(t, doc, tc.want)
	}
}

func TestWordReportsWhatIsBesideTheText(t *testing.T) {
	box := `<w:txbxContent><w:p><w:r><w:t>In the box</w:t></w:r></w:p></w:txbxContent>`
	body := `<w:p><w:r><w:t>Kept </w:t></w:r><w:ins><w:r><w:t>and inserted</w:t></w:r></w:ins><w:del><w:r><w:delText>gone</w:delText></w:r></w:del>
<w:r><w:rPr><w:vanish/></w:rPr><w:t>secret</w:t></w:r><w:r><w:t>.</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r><w:r><w:commentReference w:id="7"/></w:r></w:p>
<w:p><w:r><w:ruby><w:rt><w:r><w:t>とうきょう</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>東京</w:t></w:r></w:rubyBase></w:ruby></w:r></w:p>
<w:p><w:r><mc:AlternateContent><mc:Choice><w:drawing><w:docPr descr="A tower at dusk"/>` + box + `</w:drawing></mc:Choice><mc:Fallback><w:pict>` + box + `</w:pict></mc:Fallback></mc:AlternateContent><w:t>Around it</w:t></w:r></w:p>
<w:p><w:r><w:drawing><w:docPr name="x"/><c:chart r:id="c"/></w:drawing></w:r></w:p><w:p><w:r><w:drawing><d:relIds r:dm="d"/></w:drawing></w:r></w:p>
<w:p><w:r><w:drawing><a:blip/></w:drawing></w:r></w:p><w:altChunk r:id="h"/>
<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>One </w:t></w:r></w:p><w:p><w:r><w:t>paragraph</w:t></w:r></w:p>
<w:sectPr><w:headerReference r:id="k"/><w:footerReference r:id="f"/></w:sectPr>`
	data := wordFile(t, body, "text/_rels/main.xml.rels", relationsPart("a", "footnotes", "n.xml", "b", "comments", "r.xml", "c", "chart", "../c.xml", "d", "diagramData", "d.xml",
		"h", "aFChunk", "part.html", "k", "header", "k.xml", "f", "footer", "f.xml"),
		"text/n.xml", `<w:footnotes><w:footnote w:type="separator" w:id="0"><w:p/></w:footnote><w:footnote w:id="2"><w:p><w:r><w:t>Of the year.</w:t></w:r></w:p></w:footnote></w:footnotes>`,
		"text/r.xml", `<w:comments><w:comment w:id="7" w:author="Ève"><w:p><w:r><w:t>Is it?</w:t></w:r></w:p></w:comment></w:comments>`,
		"c.xml", `<c:chartSpace><c:chart><c:title><c:tx><c:rich><a:p><a:r><a:t>Ships</a:t></a:r></a:p></c:rich></c:tx></c:title><c:plotArea><c:barChart><c:ser><c:tx><c:strRef><c:strCache><c:pt idx="0"><c:v>Tons</c:v></c:pt></c:strCache></c:strRef></c:tx>
<c:cat><c:strRef><c:strCache><c:pt idx="0"><c:v>May</c:v></c:pt><c:pt idx="1"><c:v>June</c:v></c:pt></c:strCache></c:strRef></c:cat><c:val><c:numRef><c:numCache><c:formatCode>0.0</c:formatCode><c:pt idx="0"><c:v>42</c:v></c:pt><c:pt idx="1"><c:v>50.25</c:v></c:pt></c:numCache></c:numRef></c:val></c:ser></c:barChart></c:plotArea></c:chart></c:chartSpace>`,
		"text/d.xml", `<d:dataModel><d:ptLst><d:pt modelId="1" type="doc"/><d:pt modelId="3"><d:t><a:p><a:r><a:t>second</a:t></a:r></a:p></d:t></d:pt><d:pt modelId="2"><d:t><a:p><a:r><a:t>first</a:t></a:r></a:p></d:t></d:pt><d:pt modelId="9" type="pres"/></d:ptLst>
<d:cxnLst><d:cxn srcId="1" destId="2" srcOrd="0"/><d:cxn srcId="1" destId="3" srcOrd="1"/></d:cxnLst></d:dataModel>`,
		"text/part.html", `<h2>From the web</h2><p>Exported.</p>`, "text/k.xml", `<w:hdr><w:p><w:r><w:t>Harbour Board</w:t></w:r></w:p></w:hdr>`,
		"text/f.xml", `<w:ftr><w:p><w:r><w:t>Page 3 of 10</w:t></w:r></w:p></w:ftr>`)
	doc := readBytes(t, "a.docx", data)
	wantText(t, doc, `
Kept and inserted.[1]
[Comment by Ève: Is it?]
東京(とうきょう)
Around it
[A tower at dusk]
In the box
Ships, Tons: May 42.0; June 50.3
- first
- second
## From the web
Exported.
One paragraph
[1] Of the year.
Head or foot of the pages: Harbour Board`)
	wantNotes(t, doc, "deleted text of tracked changes is left out: 1 place", "hidden text is left out: 1 place", "1 picture without a description is not read")
	if got := placeOf(doc, "Of the year."); got != "footnote 1" {
		t.Errorf("the note is in %s", got)
	}
}

func TestADocumentOfPicturesSaysSo(t *testing.T) {
	var e *Error
	_, err := testLoader().Document(t.Context(), "a.docx", wordFile(t, `<w:p><w:r><w:drawing><a:blip/></w:drawing></w:r></w:p>`))
	if !errors.As(err, &e) || e.Reason != NoText || !strings.Contains(e.Detail, "1 picture without a description is not read") {
		t.Errorf("%v", err)
	}
}

func TestMergedCellsOfWordAreFilled(t *testing.T) {
	cell := func(properties, s string) string {
		return `<w:tc><w:tcPr>` + properties + `</w:tcPr><w:p><w:r><w:t>` + s + `</w:t></w:r></w:p></w:tc>`
	}
	const head = `<w:trPr><w:tblHeader/></w:trPr>`
	body := `<w:tbl><w:tr>` + head + cell(`<w:vMerge w:val="restart"/>`, "Region") + cell(`<w:gridSpan w:val="2"/>`, "2024") + `</w:tr><w:tr>` + head + cell(`<w:vMerge/>`, "") + cell("", "Q1") + cell("", "Q2") + `</w:tr>
<w:tr>` + cell(`<w:vMerge w:val="restart"/>`, "North") + cell("", "10") + cell("", "12") + `</w:tr><w:tr>` + cell(`<w:vMerge/>`, "") + cell("", "7") + cell("", "9") + `</w:tr>
<w:tr><w:trPr><w:del/></w:trPr>` + cell("", "South") + cell("", "1") + cell("", "2") + `</w:tr></w:tbl>`
	wantText(t, readBytes(t, "a.docx", wordFile(t, body)), `
| Region | 2024 Q1 | 2024 Q2 |
|---|---|---|
| North | 10 | 12 |
| North | 7 | 9 |`)
}

func TestSpanningCellsOfPagesAreFilled(t *testing.T) {
	doc := readBytes(t, "a.html", []byte(`<table><tr><th colspan=3>Sales of the year</th></tr><tr><th rowspan=2>Region</th><th colspan=2>2024</th></tr><tr><th>Q1</th><th>Q2</th></tr>
<tr><td rowspan=2>North</td><td>10</td><td>12</td></tr><tr><td colspan=2>none</td></tr><tr><td>South</td><td>1</td><td>2</td></tr></table>`))
	wantText(t, doc, `
Sales of the year
| Region | 2024 Q1 | 2024 Q2 |
|---|---|---|
| North | 10 | 12 |
| North | none | none |
| South | 1 | 2 |`)
	doc = readBytes(t, "c.html", []byte(`<table><thead><tr><th>Port<th>Berth<th>Tons</thead>
<tbody><tr><td rowspan=0>North<td>1<td>10<tr><td>2<td>12<tr><td>3<td>9</tbody><tbody><tr><td rowspan="5">South<td>1<td>7</tbody>
<tbody><tr><td>West<td>1<td>8</tbody></table>`))
	wantText(t, doc, `
| Port | Berth | Tons |
|---|---|---|
| North | 1 | 10 |
| North | 2 | 12 |
| North | 3 | 9 |
| South | 1 | 7 |
| West | 1 | 8 |`)
	var row strings.Builder
	for i := range 60 {
		fmt.Fprintf(&row, "<td>a column with a long name %d</td>", i)
	}
	doc = readBytes(t, "b.html", []byte("<table><tr>"+row.String()+"</tr><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>"))
	if !strings.Contains(doc.Text, "- a column with a long name 0: 1; a column with a long name 1: 2\n") {
		t.Errorf("a wide table does not name its columns in each row:\n%.300s", doc.Text)
	}
}

func TestOfficeFilesAreReadWhateverTheirXMLIsEncodedIn(t *testing.T) {
	text := `<?xml version="1.0" encoding="UTF-16"?><w:document xmlns:w="w"><w:body><w:p><w:r><w:t>Ève schläft</w:t></w:r></w:p></w:body></w:document>`
	var wide bytes.Buffer
	wide.WriteString("\xff\xfe")
	for _, c := range utf16.Encode([]rune(text)) {
		wide.Write([]byte{byte(c), byte(c >> 8)})
	}
	for name, part := range map[string]string{
		"UTF-16": wide.String(), "said to be UTF-16": text,
		"windows-1252": `<?xml version="1.0" encoding="windows-1252"?><w:document><w:body><w:p><w:r><w:t>` + "\xc8ve schl\xe4ft" + `</w:t></w:r></w:p></w:body></w:document>`,
	} {
		doc := readBytes(t, "a.docx", packFile(t, `word\document.xml`, part))
		if strings.TrimSpace(doc.Text) != "Ève schläft" {
			t.Errorf("%s: %q", name, doc.Text)
		}
	}
}

func TestTheContentOfAnOfficeFileDecidesOverItsName(t *testing.T) {
	word := wordFile(t, wordParagraph("", "Text"), "[Content_Types].xml", `<Types><Override PartName="/text/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/>
<Override PartName="/text/main.xml" ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/></Types>`)
	if doc := readBytes(t, "a.xlsx", word); doc.Kind != "docx" {
		t.Errorf("a Word document is taken for %s", doc.Kind)
	}
	if doc := readBytes(t, "a.docx", []byte("\xef\xbb\xbf <!-- x --><HTML><p>A page</p>")); doc.Kind != "html" {
		t.Errorf("a page is taken for %s", doc.Kind)
	}
	var e *Error
	if _, err := testLoader().Document(t.Context(), "a.docx", word[:len(word)/2]); !errors.As(err, &e) || e.Reason != Damaged {
		t.Errorf("cut short: %v", err)
	}
}
