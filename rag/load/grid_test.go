package load

import (
	"fmt"
	"strings"
	"testing"
)

func TestTheLineThatNamesTheColumnsIsFoundByItsShape(t *testing.T) {
	for name, tc := range map[string]struct{ in, want string }{
		"a bank's export": {"Kontoinhaber;Anna Muster\nKonto;DE00 0000\n\n\"Datum\";\"Empfänger\";\"Betrag\"\n02.01.2025;Stadtwerke;-54,20\n03.01.2025;Bäckerei;-3,10\n",
			"Kontoinhaber: Anna Muster\nKonto: DE00 0000\nColumns: Datum; Empfänger; Betrag\nDatum: 02.01.2025; Empfänger: Stadtwerke; Betrag: -54,20\nDatum: 03.01.2025; Empfänger: Bäckerei; Betrag: -3,10"},
		"lines above without a blank one": {"Account holder:,Anna\nPeriod:,2025\nDate,Payee,Amount,Balance\n2025-01-02,Works,-54.20,100\n2025-01-03,Baker,-3.10,97\n",
			"Account holder: Anna\nPeriod: 2025\nColumns: Date; Payee; Amount; Balance\nDate: 2025-01-02; Payee: Works; Amount: -54.20; Balance: 100\nDate: 2025-01-03; Payee: Baker; Amount: -3.10; Balance: 97"},
		"a title and a unit": {"Ships of the harbour\nShip,Tons,Price\n,(t),(EUR)\nKittiwake,54,1.5\nFulmar,61,2.5\n",
			"## Ships of the harbour\nColumns: Ship; Tons (t); Price (EUR)\nShip: Kittiwake; Tons (t): 54; Price (EUR): 1.5\nShip: Fulmar; Tons (t): 61; Price (EUR): 2.5"},
		"two lines of names": {"Region,2023,,2024,\n,Q1,Q2,Q1,Q2\nNorth,1,2,3,4\nSouth,5,6,7,8\n",
			"Columns: Region; 2023 Q1; 2023 Q2; 2024 Q1; 2024 Q2\nRegion: North; 2023 Q1: 1; 2023 Q2: 2; 2024 Q1: 3; 2024 Q2: 4\nRegion: South; 2023 Q1: 5; 2023 Q2: 6; 2024 Q1: 7; 2024 Q2: 8"},
		"years":             {"Country;2022;2023\nNorway;1,5;2,5\nPoland;3,5;4\n", "Columns: Country; 2022; 2023\nCountry: Norway; 2022: 1,5; 2023: 2,5\nCountry: Poland; 2022: 3,5; 2023: 4"},
		"no names":          {"1,2,3\n4,5,6\n", "1; 2; 3\n4; 5; 6"},
		"words":             {"Signal,Meaning\nK,I wish to speak\nNC,in distress\n", "Columns: Signal; Meaning\nSignal: K; Meaning: I wish to speak\nSignal: NC; Meaning: in distress"},
		"names and values":  {"Name,Anna\nBorn,1987\nTown,Brest\nHeight,1.71\n", "Name: Anna\nBorn: 1987\nTown: Brest\nHeight: 1.71"},
		"sep=":              {"sep=|\r\nShip|Tons\r\nA, B|1,5\r\nC|2,5\r\n", "Columns: Ship; Tons\nShip: A, B; Tons: 1,5\nShip: C; Tons: 2,5"},
		"decimal commas":    {"Ship;Tons\nA;1,5\nB;2,5\n", "Columns: Ship; Tons\nShip: A; Tons: 1,5\nShip: B; Tons: 2,5"},
		"a part of a table": {"Ship,Tons\nA,1\nB,2\n\nC,3\nD,4\n", "Columns: Ship; Tons\nShip: A; Tons: 1\nShip: B; Tons: 2\nShip: C; Tons: 3\nShip: D; Tons: 4"},
		"two tables": {"Ship,Tons,Flag\nA,1,NO\nB,2,PL\n\nKeeper,Watch,Wage\nÈve,first,12.50\nLi,second,11.00\n",
			"Columns: Ship; Tons; Flag\nShip: A; Tons: 1; Flag: NO\nShip: B; Tons: 2; Flag: PL\nColumns: Keeper; Watch; Wage\nKeeper: Ève; Watch: first; Wage: 12.50\nKeeper: Li; Watch: second; Wage: 11.00"},
		"side by side": {"Ship,Tons,,Keeper,Wage\nA,1,,Ève,12\nB,2,,Li,11\n",
			"Columns: Ship; Tons\nShip: A; Tons: 1\nShip: B; Tons: 2\nColumns: Keeper; Wage\nKeeper: Ève; Wage: 12\nKeeper: Li; Wage: 11"},
		"a blank column inside":        {"Ship,Tons,,Dues\nA,1,,12\nB,2,,11\n", "Columns: Ship; Tons; Dues\nShip: A; Tons: 1; Dues: 12\nShip: B; Tons: 2; Dues: 11"},
		"a blank line under the names": {"Ship,Tons\n\nA,1\nB,2\n", "Columns: Ship; Tons\nShip: A; Tons: 1\nShip: B; Tons: 2"},
		"names again":                  {"Ship,Tons\nA,1\nShip,Tons\nB,2\n", "Columns: Ship; Tons\nShip: A; Tons: 1\nShip: B; Tons: 2"},
		"quotes": {"id,note\n1,\"first\nsecond \"\"third\"\"\"\n2,5\" pipe\n3,\"never closed\n4,x\n",
			"Columns: id; note\nid: 1; note: first second \"third\"\nid: 2; note: 5\" pipe\nid: 3; note: \"never closed\nid: 4; note: x"},
	} {
		t.Run(name, func(t *testing.T) { wantText(t, readBytes(t, "a.csv", []byte(tc.in)), tc.want) })
	}
	doc := readBytes(t, "a.csv", []byte("id,note\n1,\"first line\nsecond line\"\n2,plain\n"))
	if one, two := placeOf(doc, "id: 1"), placeOf(doc, "id: 2"); one != "lines 2–3" || two != "line 4" {
		t.Errorf("the records are in %s and %s", one, two)
	}
}

func TestNumbersAreShownInTheirFormat(t *testing.T) {
	for _, tc := range []struct{ raw, code, want string }{
		{"54", "", "54"}, {"0.30000000000000004", "General", "0.3"}, {"1234567.891", "#,##0.00", "1,234,567.89"}, {"0.256", "0.0%", "25.6%"}, {"2.675", "0.00", "2.68"},
		{"-5", "#,##0;(#,##0)", "(5)"}, {"-5", "0", "-5"}, {"0", "0;-0;\"none\"", "none"}, {"5", "[<10]\"few\";\"many\"", "few"}, {"12", "[<10]\"few\";\"many\"", "many"},
		{"45658", "dd.mm.yyyy", "01.01.2025"}, {"45658", "yyyy-mm-dd", "2025-01-01"}, {"45658.75", "d mmm yyyy h:mm AM/PM", "1 Jan 2025 6:00 PM"}, {"1.5", "[h]:mm", "36:00"},
		{"0.5", "hh:mm:ss", "12:00:00"}, {"59", "yyyy-mm-dd", "1900-02-28"}, {"61", "yyyy-mm-dd", "1900-03-01"}, {"1234", "0.00E+00", "1.23E+03"}, {"12345678", "0.0,,\" M\"", "12.3 M"},
		{"54.2", "#,##0.00\\ [$€-407]", "54.20 €"}, {"7", "000", "007"}, {".5", "#.##", ".5"}, {"text", "0.00", "text"}, {"5", "@", "5"}, {"-1", "yyyy", "-1"}, {"1e300", "0.00", "1E+300"},
	} {
		if got := formatCell(tc.raw, tc.code, false); got != tc.want {
			t.Errorf("%s in %s: %q, want %q", tc.raw, tc.code, got, tc.want)
		}
	}
	if got := formatCell("0", "yyyy-mm-dd", true); got != "1904-01-01" {
		t.Errorf("from 1904: %s", got)
	}
}

// excelFile makes a workbook of one sheet with the given elements. others are further parts.
func excelFile(t testing.TB, sheet string, others ...string) []byte {
	return packFile(t, append([]string{
		"_rels/.rels", relationsPart("r1", "officeDocument", "xl/workbook.xml"), "xl/_rels/workbook.xml.rels", relationsPart("r1", "worksheet", "sheet.xml", "r2", "styles", "look.xml", "r3", "worksheet", "hidden.xml"),
		"xl/workbook.xml", `<workbook xmlns:r="r"><sheets><sheet name="Costs" r:id="r1"/><sheet name="Drafts" state="hidden" r:id="r3"/></sheets></workbook>`,
		"xl/sheet.xml", `<worksheet xmlns:r="r">` + sheet + `</worksheet>`,
		"xl/look.xml", `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="0.00\ &quot;t&quot;"/></numFmts><cellXfs><xf/><xf numFmtId="164"/><xf numFmtId="14"/></cellXfs></styleSheet>`,
	}, others...)...)
}

// excelRow returns a row of texts and numbers; "" leaves a cell out.
func excelRow(number int, values ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<row r="%d">`, number)
	for i, v := range values {
		switch {
		case v == "":
		case isTyped(v):
			fmt.Fprintf(&b, `<c r="%c%d"><v>%s</v></c>`, 'A'+i, number, v)
		default:
			fmt.Fprintf(&b, `<c r="%c%d" t="inlineStr"><is><t>%s</t></is></c>`, 'A'+i, number, v)
		}
	}
	return b.String() + `</row>`
}

func TestSheetsSayWhatTheyShow(t *testing.T) {
	doc := readBytes(t, "a.xlsx", excelFile(t, `<cols><col min="4" max="4" hidden="1"/></cols><sheetData>`+excelRow(1, "Sales of the year")+excelRow(2, "Region", "Quarter", "Sales", "Note")+
		excelRow(3, "North", "Q1", "10", "x")+excelRow(4, "", "Q2", "12")+`<row r="5" hidden="1"><c r="A5"><v>99</v></c></row><row r="6"><c r="A6" t="str"><f>X</f><v>South</v></c><c r="B6" s="2"><v>45658</v></c><c r="C6" s="1"><v>7</v></c></row>
<row r="7"><c r="A7"><f>SUM(A1:A2)</f></c></row></sheetData><mergeCells><mergeCell ref="A1:C1"/><mergeCell ref="A3:A4"/></mergeCells><drawing r:id="d"/>`,
		"xl/_rels/sheet.xml.rels", relationsPart("d", "drawing", "d.xml", "k", "comments", "k.xml"),
		"xl/k.xml", `<comments><authors><author>Ève</author></authors><commentList><comment ref="B4" authorId="0"><text><r><t>Ève:</t></r><r><t> late</t></r></text></comment></commentList></comments>`,
		"xl/d.xml", `<d><sp><txBody><a:p><a:r><a:t>See below</a:t></a:r></a:p></txBody></sp><pic><nvPicPr><cNvPr descr="The pier"/></nvPicPr></pic></d>`))
	wantText(t, doc, `
# Costs
## Sales of the year
Columns: Region; Quarter; Sales
Region: North; Quarter: Q1; Sales: 10
Region: North; Quarter: Q2; Sales: 12
[Comment by Ève: late]
Region: South; Quarter: 2025-01-01; Sales: 7.00 t
See below
[The pier]`)
	wantNotes(t, doc, "hidden sheet Drafts is left out: 1 place", "a hidden column is left out: 1 place", "a hidden row is left out: 1 place", "1 formula without a saved value is not read")
	if got := placeOf(doc, "Region: South"); got != "sheet Costs row 6" {
		t.Errorf("the row is in %s", got)
	}
}
