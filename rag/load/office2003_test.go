package load

import (
	"strings"
	"testing"
)

// sheetML is a workbook with a preamble, number formats, merged cells, a gap, hidden parts and a
// comment.
const sheetML = `<?xml version="1.0"?>
<?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
 <DocumentProperties xmlns="urn:schemas-microsoft-com:office:office"><Title>Harbour costs</Title></DocumentProperties>
 <Styles><Style ss:ID="s1"><NumberFormat ss:Format="Standard"/></Style><Style ss:ID="s2"><NumberFormat ss:Format="0%"/></Style></Styles>
 <Worksheet ss:Name="Costs"><Table>
  <Column/><Column/><Column ss:Hidden="1"/>
  <Row><Cell><Data ss:Type="String">Ship</Data></Cell><Cell><Data ss:Type="String">Fee</Data></Cell><Cell><Data ss:Type="String">Secret</Data></Cell><Cell ss:Index="5"><Data ss:Type="String">Since</Data></Cell></Row>
  <Row><Cell ss:MergeDown="1"><Data ss:Type="String">Kittiwake</Data><Comment><ss:Data xmlns="http://www.w3.org/TR/REC-html40">needs a <B>pilot</B></ss:Data></Comment></Cell><Cell ss:StyleID="s1"><Data ss:Type="Number">2300</Data></Cell><Cell><Data ss:Type="String">nine</Data></Cell><Cell ss:Index="5"><Data ss:Type="DateTime">2025-01-02T00:00:00.000</Data></Cell></Row>
  <Row><Cell ss:Index="2" ss:StyleID="s2"><Data ss:Type="Number">0.5</Data></Cell><Cell ss:Index="5"><Data ss:Type="DateTime">2025-01-03T10:30:00.000</Data></Cell></Row>
  <Row ss:Hidden="1"><Cell><Data ss:Type="String">Unseen</Data></Cell></Row>
 </Table></Worksheet>
 <Worksheet ss:Name="Old"><Table><Row><Cell><Data ss:Type="String">Past</Data></Cell></Row></Table>
  <WorksheetOptions xmlns="urn:schemas-microsoft-com:office:excel"><Visible>SheetHidden</Visible></WorksheetOptions></Worksheet>
</Workbook>`

func TestWorkbooksInOneXMLFileAreReadAsSheets(t *testing.T) {
	for _, name := range []string{"costs.xls", "costs.xml"} {
		doc := readBytes(t, name, []byte(sheetML))
		for _, want := range []string{"# Costs", "Ship: Kittiwake; Fee: 2,300.00; Since: 2025-01-02", "Ship: Kittiwake; Fee: 50%; Since: 2025-01-03 10:30:00", "needs a pilot"} {
			if !strings.Contains(doc.Text, want) {
				t.Errorf("%s: %q is missing in:\n%s", name, want, doc.Text)
			}
		}
		for _, not := range []string{"Secret", "nine", "Unseen", "Past", "<Cell"} {
			if strings.Contains(doc.Text, not) {
				t.Errorf("%s: %q is read:\n%s", name, not, doc.Text)
			}
		}
		if notes := strings.Join(doc.Notes, "; "); doc.Title != "Harbour costs" || !strings.Contains(notes, "hidden sheet Old") ||
			!strings.Contains(notes, "hidden row") || !strings.Contains(notes, "hidden column") || strings.Contains(notes, "whatever its name") {
			t.Errorf("%s: title %q, notes %q", name, doc.Title, doc.Notes)
		}
	}
}

func TestAWorkbookInOneXMLFileThatIsCutShortIsReadInPart(t *testing.T) {
	doc := readBytes(t, "costs.xls", []byte(sheetML[:strings.Index(sheetML, `<Worksheet ss:Name="Old">`)+60]))
	if !strings.Contains(doc.Text, "Ship: Kittiwake") || !strings.Contains(strings.Join(doc.Notes, "; "), "not read") {
		t.Errorf("%q, notes %q", doc.Text, doc.Notes)
	}
}

func TestWordDocumentsInOneXMLFileAreRead(t *testing.T) {
	styles := `<w:styles><w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/></w:style></w:styles>`
	body := `<w:body><w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>Fees</w:t></w:r></w:p>` +
		`<w:p><w:r><w:t>The night fee is </w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>not </w:t></w:r><w:r><w:t>five euros.</w:t></w:r></w:p></w:body>`
	for name, text := range map[string]string{
		"old.doc": `<?xml version="1.0"?><?mso-application progid="Word.Document"?><w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml">` + styles + body + `</w:wordDocument>`,
		"flat.xml": `<?xml version="1.0"?><?mso-application progid="Word.Document"?><pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage">` +
			`<pkg:part pkg:name="/_rels/.rels" pkg:contentType="application/vnd.openxmlformats-package.relationships+xml"><pkg:xmlData><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships></pkg:xmlData></pkg:part>` +
			`<pkg:part pkg:name="/word/styles.xml" pkg:contentType="x"><pkg:xmlData>` + styles + `</pkg:xmlData></pkg:part>` +
			`<pkg:part pkg:name="/word/document.xml" pkg:contentType="x"><pkg:xmlData><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">` + body + `</w:document></pkg:xmlData></pkg:part></pkg:package>`,
	} {
		doc := readBytes(t, name, []byte(text))
		if got := strings.TrimSpace(doc.Text); got != "# Fees\n\nThe night fee is five euros." {
			t.Errorf("%s: %q", name, got)
		}
		if !strings.Contains(strings.Join(doc.Notes, "; "), "hidden text") {
			t.Errorf("%s: notes %q", name, doc.Notes)
		}
	}
}
