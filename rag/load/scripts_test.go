package load

import "testing"

func TestScriptsOfOfficeFilesMakeNoOtherNumbers(t *testing.T) {
	run := func(text, align string) string {
		return `<w:r><w:rPr><w:vertAlign w:val="` + align + `"/></w:rPr><w:t xml:space="preserve">` + text + `</w:t></w:r>`
	}
	docx := zipOf("word/document.xml", `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p>`+
		run("10", "baseline")+run("1", "superscript")+run("2", "superscript")+run(" kg of H", "baseline")+run("2", "subscript")+run("O, 5 m", "baseline")+run("2", "superscript")+
		run(", the pier", "baseline")+run("7", "superscript")+`</w:p></w:body></w:document>`)
	wantText(t, readBytes(t, "a.docx", []byte(docx)), "10^12 kg of H2O, 5 m2, the pier^7")
	odt := `<?xml version="1.0"?><office:document xmlns:office="o" xmlns:style="s" xmlns:text="t"><office:automatic-styles>` +
		`<style:style style:name="T1" style:family="text"><style:text-properties style:text-position="super 58%"/></style:style>` +
		`<style:style style:name="T2" style:family="text" style:parent-style-name="T1"/>` +
		`<style:style style:name="T3" style:family="text"><style:text-properties style:text-position="-33% 58%"/></style:style></office:automatic-styles>` +
		`<office:body><office:text><text:p>10<text:span text:style-name="T2">-3</text:span> l of CO<text:span text:style-name="T3">2</text:span></text:p></office:text></office:body></office:document>`
	wantText(t, readBytes(t, "a.fodt", []byte(odt)), "10^-3 l of CO2")
}
