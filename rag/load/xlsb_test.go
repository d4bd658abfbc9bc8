package load

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"
	"unicode/utf16"
)

// An xlsbPart writes a part of a binary workbook.
type xlsbPart struct{ bytes.Buffer }

// record adds a record of the given fields: integers, written in the size of their type, texts and
// floats.
func (p *xlsbPart) record(kind int, fields ...any) {
	var body []byte
	for _, f := range fields {
		switch f := f.(type) {
		case string:
			units := utf16.Encode([]rune(f))
			body = binary.LittleEndian.AppendUint32(body, uint32(len(units)))
			for _, u := range units {
				body = binary.LittleEndian.AppendUint16(body, u)
			}
		case float64:
			body = binary.LittleEndian.AppendUint64(body, math.Float64bits(f))
		case int:
			body = binary.LittleEndian.AppendUint32(body, uint32(f))
		case uint16:
			body = binary.LittleEndian.AppendUint16(body, f)
		case byte:
			body = append(body, f)
		}
	}
	number := func(n int) {
		for ; n >= 0x80; n >>= 7 {
			p.WriteByte(byte(n&0x7f | 0x80))
		}
		p.WriteByte(byte(n))
	}
	number(kind)
	number(len(body))
	p.Write(body)
}

func xlsbFile(t testing.TB) []byte {
	var workbook, styles, shared, sheet, comments xlsbPart
	workbook.record(xlsbWorkbook, 0)
	workbook.record(xlsbSheet, 0, 1, "rId1", "Dues")
	workbook.record(xlsbSheet, 1, 2, "rId2", "Drafts")
	styles.record(xlsbFormat, uint16(170), "dd.mm.yyyy")
	styles.record(xlsbBeginStyles)
	styles.record(xlsbStyle, uint16(0), uint16(0))
	styles.record(xlsbStyle, uint16(0), uint16(170))
	styles.record(xlsbEndStyles)
	for _, text := range []string{"Ship", "Paid", "海燕"} {
		shared.record(xlsbSharedText, byte(0), text)
	}
	row := func(n int, hidden byte) { sheet.record(xlsbRow, n, 0, uint16(300), byte(0), hidden) }
	sheet.record(xlsbColumns, 4, 4, 2560, 0, uint16(1))
	row(0, 0)
	sheet.record(xlsbCellShared, 0, 0, 0)
	sheet.record(xlsbCellShared, 1, 0, 1)
	sheet.record(xlsbCellText, 2, 0, "Dues")
	sheet.record(xlsbCellText, 4, 0, "secret")
	row(1, 0)
	sheet.record(xlsbCellRichText, 0, 0, byte(1), "Kittiwake")
	sheet.record(xlsbCellReal, 1, 1, 45659.0)
	sheet.record(xlsbFormulaNumber, 2, 0, 12.5)
	row(2, 0x10)
	sheet.record(xlsbCellText, 0, 0, "Fulmar")
	row(3, 0)
	sheet.record(xlsbCellShared, 0, 0, 2)
	sheet.record(xlsbCellRK, 1, 1, 45691<<2|2)
	sheet.record(xlsbFormulaError, 2, 0, byte(42))
	comments.record(xlsbAuthor, "Eve")
	comments.record(xlsbComment, 0, 1, 1, 0, 0)
	comments.record(xlsbCommentText, byte(0), "paid late")
	rels := func(entries string) string { return "<Relationships>" + entries + "</Relationships>" }
	rel := func(id, kind, target string) string {
		return `<Relationship Id="` + id + `" Type="http://x/relationships/` + kind + `" Target="` + target + `"/>`
	}
	return packFile(t,
		"[Content_Types].xml", `<Types><Override PartName="/xl/workbook.bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/></Types>`,
		"_rels/.rels", rels(rel("r", "officeDocument", "xl/workbook.bin")),
		"xl/workbook.bin", workbook.String(),
		"xl/_rels/workbook.bin.rels", rels(rel("rId1", "worksheet", "worksheets/sheet1.bin")+rel("s", "styles", "styles.bin")+rel("t", "sharedStrings", "sharedStrings.bin")),
		"xl/styles.bin", styles.String(), "xl/sharedStrings.bin", shared.String(), "xl/worksheets/sheet1.bin", sheet.String(),
		"xl/worksheets/_rels/sheet1.bin.rels", rels(rel("c", "comments", "../comments1.bin")),
		"xl/comments1.bin", comments.String())
}

func TestABinaryWorkbookIsReadLikeOthers(t *testing.T) {
	data := xlsbFile(t)
	doc := readBytes(t, "dues.xlsb", data)
	wantText(t, doc, `
# Dues
Columns: Ship; Paid; Dues
Ship: Kittiwake; Paid: 02.01.2025; Dues: 12.5
[Comment by Eve: paid late]
Ship: 海燕; Paid: 03.02.2025; Dues: #N/A`)
	wantNotes(t, doc, "hidden sheet Drafts is left out: 1 place", "a hidden column is left out: 1 place", "a hidden row is left out: 1 place")
	if got := placeOf(doc, "海燕"); got != "sheet Dues row 4" {
		t.Errorf("the row is in %s", got)
	}
	if doc := readBytes(t, "dues.xlsx", data); doc.Kind != "xlsx" || len(doc.Text) == 0 {
		t.Errorf("under another name it is read as %s: %q", doc.Kind, doc.Text)
	}
}

func FuzzXLSB(f *testing.F) {
	f.Add(xlsbFile(f))
	fuzzKind(f, "a.xlsb")
}
