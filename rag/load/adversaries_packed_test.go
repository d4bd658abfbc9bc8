//go:build unix

package load_test

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"

	"weft/rag/load"
)

func init() { maps.Copy(adversaries, packedAdversaries) }

// packedAdversaries are hostile documents that attack through their packed parts.
var packedAdversaries = map[string]hostile{
	"truncated.pdf":    {truncated("tex.pdf", 60), []load.Reason{read, load.Damaged, load.NoText}},
	"stub.pdf":         {truncated("tex.pdf", 3), []load.Reason{load.Damaged, load.NoText}},
	"encrypted.pdf":    {truncated("encrypted.pdf", 100), []load.Reason{load.Encrypted}},
	"noise.pdf":        {noise("%PDF-1.7\n", 1<<20), []load.Reason{load.Damaged}},
	"pages.pdf":        {lazy(func() string { return manyPages(1_000_000_000) }), []load.Reason{load.Damaged, load.NoText}},
	"circle.pdf":       {content(circle), []load.Reason{load.Damaged, load.NoText, load.Empty}},
	"page-tree.pdf":    {lazy(func() string { return deepPages(50_000) }), []load.Reason{load.Damaged, load.NoText, read}},
	"same-page.pdf":    {lazy(func() string { return samePage(100_000) }), []load.Reason{read}},
	"blank-pages.pdf":  {lazy(func() string { return blankPages(100_000) }), []load.Reason{load.Empty}},
	"stream.pdf":       {lazy(func() string { return onePage("", strings.Repeat("BT /F1 9 Tf 10 10 Td (word ) Tj ET\n", 300_000)) }), []load.Reason{read, load.Damaged}},
	"inflated.pdf":     {lazy(func() string { return onePage("/Filter/FlateDecode", deflated("q Q ", 512<<20)) }), []load.Reason{load.NoText, load.Damaged, load.TooSlow, load.Empty}},
	"form.pdf":         {lazy(nestedForms), []load.Reason{load.NoText, load.Damaged, read, load.TooSlow}},
	"picture.pdf":      {lazy(hugePicture), []load.Reason{load.NoText}},
	"truncated.docx":   {truncated("handbook.docx", 70), []load.Reason{load.Damaged}},
	"truncated.doc":    {truncated("handbook.doc", 60), []load.Reason{read, load.Damaged, load.Empty}},
	"truncated.xls":    {truncated("port.xls", 60), []load.Reason{read, load.Damaged, load.Empty}},
	"truncated.ppt":    {truncated("handbook.ppt", 60), []load.Reason{read, load.Damaged, load.NoText}},
	"truncated.msg":    {truncated("letter.msg", 60), []load.Reason{read, load.Damaged, load.Empty}},
	"noise.doc":        {noise("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8<<20), []load.Reason{load.Damaged}},
	"noise.xls":        {noise("\x09\x08\x10\x00", 8<<20), []load.Reason{load.Unsupported, load.Damaged, load.Binary}},
	"truncated.xlsx":   {truncated("port.xlsx", 70), []load.Reason{load.Damaged}},
	"truncated.epub":   {truncated("handbook.epub", 70), []load.Reason{load.Damaged}},
	"truncated.odt":    {truncated("handbook.odt", 70), []load.Reason{load.Damaged}},
	"truncated.pptx":   {truncated("handbook.pptx", 70), []load.Reason{load.Damaged}},
	"bomb.docx":        {packedWith("word/document.xml", repeat("\x00", 1<<30)), []load.Reason{load.TooLarge}},
	"bomb.xlsx":        {packedWith("xl/workbook.xml", repeat(" ", 1<<30)), []load.Reason{load.TooLarge}},
	"bomb.pptx":        {packedWith("ppt/presentation.xml", repeat(" ", 1<<30)), []load.Reason{load.TooLarge}},
	"bomb.odt":         {packedWith("content.xml", repeat(" ", 1<<30)), []load.Reason{load.TooLarge}},
	"bomb.epub":        {packedWith("a.opf", repeat(" ", 1<<30), "META-INF/container.xml", container), []load.Reason{load.TooLarge}},
	"lying.docx":       {lying("word/document.xml", 300<<20), []load.Reason{load.Damaged}},
	"deep.docx":        {packedWith("word/document.xml", repeat("<a>", 1_000_000)), []load.Reason{load.TooDeep}},
	"deep.odt":         {packedWith("content.xml", repeat("<list>", 600_000)), []load.Reason{load.TooDeep}},
	"deep.xlsx":        {packedWith("xl/workbook.xml", repeat("<a>", 1_000_000)), []load.Reason{load.TooDeep}},
	"parts.docx":       {manyParts, []load.Reason{load.TooLarge}},
	"paragraphs.docx":  {packedWith("word/document.xml", around("<w>", "<p><r><t>a</t></r></p>", 1_000_000, "</w>")), []load.Reason{read, load.TooLarge}},
	"empty.docx":       {packedWith("word/document.xml", around("<w>", "<p/>", 900_000, "</w>")), []load.Reason{load.Empty, load.TooLarge}},
	"grown.docx":       {packedWith("word/document.xml", padded("<w>", "<p></p>", 12_000_000, "</w>")), []load.Reason{load.Empty, load.TooSlow, load.TooLarge}},
	"attributes.docx":  {packedWith("word/document.xml", attributes(1_000_000)), []load.Reason{load.Empty, load.TooLarge, load.Damaged}},
	"tables.docx":      {packedWith("word/document.xml", around("<w>", "<tbl><tr><tc><p><r><t>a</t></r></p>", 100, "")), []load.Reason{read, load.Damaged}},
	"styles.docx":      {packedWith("word/document.xml", around("<w>", "<p><r><t>a</t></r></p>", 10, "</w>"), "word/styles.xml", styleLoop(2_000)), []load.Reason{read}},
	"repeated.ods":     {packedWith("content.xml", around("<b><table name='a'>", `<table-row number-rows-repeated="1000000"><table-cell number-columns-repeated="16000"><p>word</p></table-cell></table-row>`, 2_000, "</table></b>")), []load.Reason{read}},
	"spans.odt":        {packedWith("content.xml", around("<b><body><table>", `<table-row><table-cell number-columns-spanned="9999999" number-rows-spanned="9999999"><p>word</p></table-cell></table-row>`, 10_000, "</table></body></b>")), []load.Reason{read}},
	"numbers.docx":     {packedWith("word/document.xml", padded("<w>", `<p><pPr><numPr><ilvl val="8"/><numId val="1"/></numPr></pPr><r><t>a</t></r></p>`, 200_000, "</w>"), "word/numbering.xml", `<w><abstractNum abstractNumId="1"><lvl ilvl="8"><start val="99999999"/><numFmt val="lowerLetter"/><lvlText val="`+strings.Repeat("%9.", 2000)+`"/></lvl></abstractNum><num numId="1"><abstractNumId val="1"/></num></w>`), []load.Reason{read}},
	"page.odp":         {packedWith("content.xml", padded("<b><body><page>", `<frame x="1cm" y="1cm" width="1cm"><text-box><p>word</p></text-box></frame>`, 100_000, "</page></body></b>")), []load.Reason{read}},
	"shapes.pptx":      {packedWith("ppt/presentation.xml", around(`<p xmlns:r="r">`, `<sldId r:id="r0"/>`, 1, "</p>"), "ppt/_rels/presentation.xml.rels", "<r>"+fmt.Sprintf(relation, 0, 0)+"</r>", "ppt/slides/s0.xml", "<s><cSld><spTree>"+strings.Repeat(`<sp><spPr><xfrm><off x="1" y="1"/></xfrm></spPr><txBody><p><r><t>a</t></r></p></txBody></sp>`, 18_000)+"</spTree></cSld></s>"), []load.Reason{read}},
	"notes.odt":        {packedWith("content.xml", around("<body>", "<p>a<note><note-body>", 120, "</body>")), []load.Reason{read, load.Damaged}},
	"spaces.odt":       {packedWith("content.xml", around("<body>", `<p>a<s c="2000000000"/>b</p>`, 1000, "</body>")), []load.Reason{read}},
	"chapters.epub":    {spine("<p></p>", 500_000, 10_000), []load.Reason{load.NoText, load.TooLarge, load.Damaged}},
	"same.epub":        {spine("<p>word</p>", 100_000, 10_000), []load.Reason{read, load.TooLarge}},
	"slides.pptx":      {manySlides(19_000), []load.Reason{load.NoText, load.TooLarge, read}},
	"same-slide.pptx":  {sameSlide(200_000), []load.Reason{load.NoText, load.TooLarge, read}},
	"columns.xlsx":     {workbook(func() string { return row(16_000, `<c r="%s1"><v>1</v></c>`) }, 1, 0), []load.Reason{read}},
	"far.xlsx":         {workbook(func() string { return `<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>` }, 1, 0), []load.Reason{read}},
	"far-columns.xlsx": {workbook(func() string { return `<row><c r="XFD1"><v>1</v></c></row>` }, 20_000, 0), []load.Reason{read, load.TooLarge, load.TooSlow}},
	"beyond.xlsx":      {workbook(func() string { return `<row r="99999999"><c r="ZZZZZZ9999999999"><v>1</v></c></row>` }, 1, 0), []load.Reason{read, load.Damaged, load.Empty}},
	"bomb-sheet.xlsx":  {workbook(func() string { return "                " }, 64<<20, 0), []load.Reason{load.TooLarge}},
	"shared.xlsx":      {workbook(func() string { return row(10_000, `<c r="%s1" t="s"><v>0</v></c>`) }, 1, 200_000), []load.Reason{read, load.TooLarge}},
	"merged.xlsx": {workbook(func() string {
		return `<row><c r="A1"><v>1</v></c></row></sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells><sheetData>`
	}, 1, 0), []load.Reason{read, load.Damaged}},
	"rows.xlsx": {workbook(func() string { return `<row><c t="inlineStr"><is><t>a</t></is></c></row>` }, 80_000, 0), []load.Reason{read, load.TooLarge}},
}

func manyPages(n int) string {
	return fmt.Sprintf("%%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[2 0 R]/Count %d>>\nendobj\ntrailer\n<</Root 1 0 R>>\n", n)
}

// circle is a PDF whose outline is cyclic: its entries follow each other in a circle, and one entry
// is its own child.
const circle = "%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R/Outlines 4 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n" +
	"3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>\nendobj\n4 0 obj\n<</First 5 0 R/Last 6 0 R>>\nendobj\n" +
	"5 0 obj\n<</Title(a)/Next 6 0 R/First 5 0 R/Dest[3 0 R/Fit]>>\nendobj\n6 0 obj\n<</Title(b)/Next 5 0 R/First 4 0 R/Dest[3 0 R/Fit]>>\nendobj\ntrailer\n<</Root 1 0 R>>\n"

// pdf returns a PDF file of the given objects. The first one is the catalogue.
func pdf(objects ...string) string {
	var b strings.Builder
	b.WriteString("%PDF-1.4\n")
	for i, o := range objects {
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	b.WriteString("trailer\n<</Root 1 0 R>>\n")
	return b.String()
}

const font = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"

func onePage(filter, stream string) string {
	return pdf("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
		fmt.Sprintf("<</Length %d%s>>\nstream\n%s\nendstream", len(stream), filter, stream), font)
}

func deepPages(n int) string {
	objects := []string{"<</Type/Catalog/Pages 2 0 R>>"}
	for i := range n {
		objects = append(objects, fmt.Sprintf("<</Type/Pages/Kids[%d 0 R]/Count 1>>", i+3))
	}
	return pdf(append(objects, "<</Type/Page/MediaBox[0 0 9 9]>>")...)
}

// samePage returns a PDF that lists one page with text n times.
func samePage(n int) string {
	stream := "BT /F1 9 Tf 10 10 Td (The same words again.) Tj ET"
	return pdf("<</Type/Catalog/Pages 2 0 R>>", fmt.Sprintf("<</Type/Pages/Kids[%s]/Count %d>>", strings.Repeat("3 0 R ", n), n),
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
		fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(stream), stream), font)
}

func blankPages(n int) string {
	return pdf("<</Type/Catalog/Pages 2 0 R>>", fmt.Sprintf("<</Type/Pages/Kids[%s]/Count %d>>", strings.Repeat("3 0 R ", n), n),
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]>>")
}

// nestedForms returns a PDF page with nested forms, each of which draws the next one ten times:
// 10¹⁶ drawings.
func nestedForms() string {
	objects := []string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</XObject<</X 5 0 R>>>>>>", "<</Length 4>>\nstream\n/X Do\nendstream"}
	stream := strings.Repeat("/X Do ", 10)
	for i := range 16 {
		objects = append(objects, fmt.Sprintf("<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X %d 0 R>>>>/Length %d>>\nstream\n%s\nendstream", i+6, len(stream), stream))
	}
	return pdf(append(objects, "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Length 3>>\nstream\nq Q\nendstream")...)
}

func hugePicture() string {
	stream := "/X Do"
	return pdf("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 1e9 1e9]/Contents 4 0 R/Resources<</XObject<</X 5 0 R>>>>>>",
		fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(stream), stream),
		"<</Type/XObject/Subtype/Image/Width 100000/Height 100000/ColorSpace/DeviceRGB/BitsPerComponent 8/Length 3>>\nstream\nabc\nendstream")
}

func deflated(part string, size int) string {
	var b bytes.Buffer
	w, _ := zlib.NewWriterLevel(&b, 9)
	block := []byte(strings.Repeat(part, 1<<16/len(part)))
	for n := 0; n < size; n += len(block) {
		w.Write(block)
	}
	w.Close()
	return b.String()
}

func manyParts(t *testing.T, file string) {
	var others []string
	for i := range 30_000 {
		others = append(others, fmt.Sprint("part", i), "")
	}
	packedWith("word/document.xml", repeat(" ", 1), others...)(t, file)
}

// spine makes an EPUB whose spine lists one chapter many times.
func spine(part string, parts, times int) func(*testing.T, string) {
	return packedWith("c.html", padded("", part, parts, ""), "META-INF/container.xml", container,
		"a.opf", `<package><manifest><item id="c" href="c.html"/></manifest><spine>`+strings.Repeat(`<itemref idref="c"/>`, times)+`</spine></package>`)
}

const relation = `<Relationship Id="r%d" Type="x/slide" Target="slides/s%d.xml"/>`

func manySlides(n int) func(*testing.T, string) {
	return func(t *testing.T, file string) { writeSlides(n)(t, file) }
}

func writeSlides(n int) func(*testing.T, string) {
	var relations, list strings.Builder
	var others []string
	for i := range n {
		fmt.Fprintf(&relations, relation, i, i)
		fmt.Fprintf(&list, `<sldId r:id="r%d"/>`, i)
		others = append(others, fmt.Sprintf("ppt/slides/s%d.xml", i), "<s/>")
	}
	others = append(others, "ppt/_rels/presentation.xml.rels", "<r>"+relations.String()+"</r>")
	return packedWith("ppt/presentation.xml", around(`<p xmlns:r="r">`, list.String(), 1, "</p>"), others...)
}

func sameSlide(n int) func(*testing.T, string) {
	return packedWith("ppt/presentation.xml", padded(`<p xmlns:r="r">`, `<sldId r:id="r0"/>`, n, "</p>"),
		"ppt/_rels/presentation.xml.rels", "<r>"+fmt.Sprintf(relation, 0, 0)+"</r>", "ppt/slides/s0.xml", "<s>"+strings.Repeat("<a/>", 10_000)+"</s>")
}

func workbook(rows func() string, times int, shared int) func(*testing.T, string) {
	return func(t *testing.T, file string) {
		writeWorkbook(rows(), times, strings.Repeat("word ", shared))(t, file)
	}
}

func writeWorkbook(rows string, times int, shared string) func(*testing.T, string) {
	return packedWith("xl/worksheets/sheet1.xml", padded(`<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`, rows, times, "</sheetData></worksheet>"),
		"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>`,
		"_rels/.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="a" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/_rels/workbook.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
		"xl/sharedStrings.xml", `<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>`+shared+`</t></si></sst>`,
		"xl/workbook.xml", `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>`)
}

// row returns a spreadsheet row of cells with their references.
func row(cells int, cell string) string {
	var b strings.Builder
	b.WriteString("<row>")
	for i := range cells {
		name := ""
		for n := i + 1; n > 0; n = (n - 1) / 26 {
			name = string(rune('A'+(n-1)%26)) + name
		}
		fmt.Fprintf(&b, cell, name)
	}
	return b.String() + "</row>"
}

func styleLoop(n int) string {
	var b strings.Builder
	b.WriteString("<styles>")
	for i := range n {
		fmt.Fprintf(&b, `<style styleId="s%d"><basedOn val="s%d"/></style>`, i, (i+1)%n)
	}
	return b.String() + "</styles>"
}

// around returns a function that writes before, then part n times, then after.
func around(before, part string, n int, after string) func(io.Writer) {
	return func(w io.Writer) { io.WriteString(w, before+strings.Repeat(part, n)+after) }
}

// padded does the same as around, with random comments in between, so that the compression ratio is
// not that of a bomb.
func padded(before, part string, n int, after string) func(io.Writer) {
	return func(w io.Writer) {
		r := rand.New(rand.NewPCG(1, 2))
		io.WriteString(w, before)
		block := strings.Repeat(part, max(1, 1000/len(part)))
		for done := 0; done < n; done += max(1, 1000/len(part)) {
			fmt.Fprintf(w, "%s<!--%x-->", block, r.Uint64())
		}
		io.WriteString(w, after)
	}
}

// attributes writes an element with n attributes of different names.
func attributes(n int) func(io.Writer) {
	return func(w io.Writer) {
		io.WriteString(w, "<w")
		for i := range n {
			fmt.Fprintf(w, ` a%x="1"`, i*7919)
		}
		io.WriteString(w, "/>")
	}
}
