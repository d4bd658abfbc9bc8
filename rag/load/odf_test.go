package load

import "testing"

// odfBytes makes an OpenDocument file of a body and automatic styles. others are further parts.
func odfBytes(t testing.TB, styles, body string, others ...string) []byte {
	return packFile(t, append([]string{"content.xml", `<office:document-content><office:automatic-styles>` + styles + `</office:automatic-styles><office:body>` + body + `</office:body></office:document-content>`}, others...)...)
}

func TestWriterNumbersAndReportsEverythingInOrBesideAText(t *testing.T) {
	styles := `<style:style style:name="H" style:family="text"><style:text-properties text:display="none"/></style:style>
<text:list-style style:name="L"><text:list-level-style-number text:level="1" style:num-format="1" style:num-suffix="."/><text:list-level-style-number text:level="2" style:num-format="a" text:display-levels="2" style:num-suffix=")"/></text:list-style>`
	body := `<office:text><text:tracked-changes><text:changed-region><text:deletion><text:p>gone</text:p></text:deletion></text:changed-region></text:tracked-changes>
<text:h text:outline-level="1">Term</text:h><text:h text:outline-level="2">Start</text:h><text:h text:outline-level="1">Payment</text:h>
<text:list text:style-name="L"><text:list-item><text:p>one</text:p><text:list><text:list-item><text:p>deeper</text:p></text:list-item></text:list></text:list-item><text:list-item><text:p>two</text:p><text:p>more of two</text:p></text:list-item></text:list>
<text:p>Seen<text:span text:style-name="H">secret</text:span>.<office:annotation><dc:creator>Ève</dc:creator><text:p>Is it?</text:p></office:annotation><text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>Of the year.</text:p></text:note-body></text:note></text:p>
<text:p><text:ruby><text:ruby-base>東京</text:ruby-base><text:ruby-text>とうきょう</text:ruby-text></text:ruby></text:p>
<text:p>Where <draw:frame><draw:object xlink:href="./Object 1"/></draw:frame>holds</text:p>
<draw:frame><draw:image/><svg:desc>The pier</svg:desc></draw:frame><text:p><draw:frame><draw:text-box><text:p>In the box</text:p></draw:text-box></draw:frame></text:p><text:p><draw:frame><draw:object xlink:href="./Object 2"/></draw:frame></text:p>
<table:table><table:table-header-rows><table:table-row><table:table-cell table:number-rows-spanned="2"><text:p>Region</text:p></table:table-cell><table:table-cell table:number-columns-spanned="2"><text:p>2024</text:p></table:table-cell><table:covered-table-cell/></table:table-row>
<table:table-row><table:covered-table-cell/><table:table-cell><text:p>Q1</text:p></table:table-cell><table:table-cell><text:p>Q2</text:p></table:table-cell></table:table-row></table:table-header-rows><table:table-row><table:table-cell><text:p>North</text:p></table:table-cell><table:table-cell><text:p>10</text:p></table:table-cell><table:table-cell><text:p>12</text:p></table:table-cell></table:table-row></table:table></office:text>`
	doc := readBytes(t, "a.odt", odfBytes(t, styles, body,
		"styles.xml", `<s><text:outline-style><text:outline-level-style text:level="1" style:num-format="I" style:num-suffix="."/><text:outline-level-style text:level="2" style:num-format="1" text:display-levels="2"/></text:outline-style>
<style:master-page><style:header><text:p>Harbour Board</text:p></style:header><style:footer><text:p>Page <text:page-number>3</text:page-number></text:p></style:footer></style:master-page></s>`,
		"Object 1/content.xml", `<math><semantics><mrow><mi>k</mi><mo>=</mo><mfrac><mn>550</mn><mn>25</mn></mfrac><mo>×</mo><msup><mn>10</mn><mrow><mo>−</mo><mn>6</mn></mrow></msup></mrow><annotation>k = {550} over 25</annotation></semantics></math>`,
		"Object 2/content.xml", `<d><office:body><office:chart><chart:chart><chart:title><text:p>Ships</text:p></chart:title><table:table><table:table-header-rows><table:table-row><table:table-cell><text:p/></table:table-cell><table:table-cell><text:p>Tons</text:p></table:table-cell></table:table-row></table:table-header-rows>
<table:table-rows><table:table-row><table:table-cell><text:p>May</text:p></table:table-cell><table:table-cell office:value="42"><text:p>42</text:p></table:table-cell></table:table-row></table:table-rows></table:table></chart:chart></office:chart></office:body></d>`))
	wantText(t, doc, `
# I. Term
## I.1 Start
# II. Payment
1. one
1.a) deeper
2. two
more of two
Seen.[1]
[Comment by Ève: Is it?]
[1] Of the year.
東京(とうきょう)
Where k=(550)/(25)×10^(−6) holds
[The pier]
In the box
Ships, Tons: May 42
| Region | 2024 Q1 | 2024 Q2 |
|---|---|---|
| North | 10 | 12 |
Head or foot of the pages: Harbour Board`)
	wantNotes(t, doc, "deleted text of tracked changes is left out: 1 place", "hidden text is left out: 1 place")
}

func TestCalcSheetsSayWhatTheyShow(t *testing.T) {
	body := `<office:spreadsheet><table:table table:name="Costs"><table:table-column table:number-columns-repeated="3"/><table:table-column table:visibility="collapse"/>
<table:table-row><table:table-cell table:number-columns-spanned="3"><text:p>Sales of the year</text:p></table:table-cell><table:covered-table-cell table:number-columns-repeated="2"/></table:table-row>
<table:table-row><table:table-cell><text:p>Region</text:p></table:table-cell><table:table-cell><text:p>Quarter</text:p></table:table-cell><table:table-cell><text:p>Sales</text:p></table:table-cell><table:table-cell><text:p>Note</text:p></table:table-cell></table:table-row>
<table:table-row><table:table-cell table:number-rows-spanned="2"><text:p>North</text:p></table:table-cell><table:table-cell><text:p>Q1</text:p><office:annotation><text:p>late</text:p></office:annotation></table:table-cell><table:table-cell office:value="10.5"/></table:table-row>
<table:table-row><table:covered-table-cell/><table:table-cell><text:p>Q2</text:p></table:table-cell><table:table-cell><text:p>12</text:p></table:table-cell></table:table-row>
<table:table-row table:visibility="filter"><table:table-cell><text:p>South</text:p></table:table-cell></table:table-row><table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="1024"/></table:table-row></table:table>
<table:table table:name="Drafts" table:style-name="ta"><table:table-row><table:table-cell><text:p>draft</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet>`
	doc := readBytes(t, "a.ods", odfBytes(t, `<style:style style:name="ta" style:family="table"><style:table-properties table:display="false"/></style:style>`, body))
	wantText(t, doc, `
# Costs
## Sales of the year
Columns: Region; Quarter; Sales
Region: North; Quarter: Q1; Sales: 10.5
[Comment: late]
Region: North; Quarter: Q2; Sales: 12`)
	wantNotes(t, doc, "a hidden column is left out: 1 place", "a hidden row is left out: 1 place", "hidden sheet Drafts is left out: 1 place")
	if got := placeOf(doc, "Sales: 12"); got != "sheet Costs row 4" {
		t.Errorf("the row is in %s", got)
	}
	flat := []byte(`<?xml version="1.0"?><office:document><office:body>` + body + `</office:body></office:document>`)
	if doc := readBytes(t, "a.fods", flat); doc.Kind != "ods" || placeOf(doc, "Sales: 12") != "sheet Costs row 4" {
		t.Errorf("a flat file is read as %s:\n%s", doc.Kind, doc.Text)
	}
}
