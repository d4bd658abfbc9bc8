package load

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOfficeFilesHoldEmbeddedDocumentsAndDrawings(t *testing.T) {
	sheet, err := os.ReadFile(filepath.Join(files, "ledger.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	rel := func(id, kind, target string) string {
		return `<Relationship Id="` + id + `" Type="http://x/` + kind + `" Target="` + target + `"/>`
	}
	rels := `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
		rel("a", "package", "../embeddings/a.xlsx") + rel("b", "oleObject", "../embeddings/b.bin") + rel("p", "image", "../media/p.emf") + rel("q", "image", "../media/q.png") + `</Relationships>`
	parts := func(folder string) []string {
		return []string{folder + "/embeddings/a.xlsx", string(sheet), folder + "/embeddings/b.bin", "\x00\x01",
			folder + "/media/p.emf", string(emfBytes(emfText(0, 0, 0, "Depth of the channel"))), folder + "/media/q.png", "\x89PNG"}
	}
	const names = `xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
	docx := func(body string) string {
		return zipOf(append(parts("word"), "word/document.xml", `<w:document xmlns:w="w" xmlns:v="v" xmlns:o="o" `+names+`><w:body>`+body+`</w:body></w:document>`,
			"word/_rels/document.xml.rels", strings.ReplaceAll(rels, "../", ""))...)
	}
	object := func(id string) string {
		return `<w:p><w:r><w:object><v:shape><v:imagedata r:id="p"/></v:shape><o:OLEObject ProgID="Excel.Sheet.12" r:id="` + id + `"/></w:object></w:r></w:p>`
	}
	picture := func(id string) string {
		return `<w:p><w:r><w:drawing><a:blip xmlns:a="a" r:embed="` + id + `"/></w:drawing></w:r></w:p>`
	}
	frame := func(id string) string {
		return `<p:graphicFrame><a:graphic><a:graphicData><p:oleObj progId="Excel.Sheet.12" r:id="` + id + `"><p:pic><p:blipFill><a:blip r:embed="p"/></p:blipFill></p:pic></p:oleObj></a:graphicData></a:graphic></p:graphicFrame>`
	}
	for name, c := range map[string]struct {
		data  string
		want  []string
		place string
	}{
		"a.docx": {docx(`<w:p><w:r><w:t>Before</w:t></w:r></w:p>` + object("a") + object("b") + picture("p") + picture("q")),
			[]string{"Before", "### Worksheet", "#### ", "Depth of the channel", "Depth of the channel"}, "paragraph 1"},
		"cell.docx": {docx(`<w:tbl><w:tr><w:tc>` + object("a") + `</w:tc><w:tc><w:p><w:r><w:t>After</w:t></w:r></w:p></w:tc></w:tr></w:tbl>` + object("b") + picture("p") + picture("q")),
			[]string{"Worksheet Dues Harbour dues Columns: ", "After", "Depth of the channel"}, ""},
		"a.pptx": {zipOf(append(parts("ppt"), "ppt/presentation.xml", `<p:presentation xmlns:p="p" `+names+`><p:sldIdLst><p:sldId r:id="s"/></p:sldIdLst></p:presentation>`,
			"ppt/_rels/presentation.xml.rels", `<Relationships>`+rel("s", "slide", "slides/slide1.xml")+`</Relationships>`,
			"ppt/slides/slide1.xml", `<p:sld xmlns:p="p" xmlns:a="a" `+names+`><p:cSld><p:spTree>`+frame("a")+frame("b")+
				`<p:pic><p:blipFill><a:blip r:embed="p"/></p:blipFill></p:pic><p:pic><p:blipFill><a:blip r:embed="q"/></p:blipFill></p:pic></p:spTree></p:cSld></p:sld>`,
			"ppt/slides/_rels/slide1.xml.rels", rels)...),
			[]string{"## Slide 1", "### Worksheet", "#### ", "Depth of the channel", "Depth of the channel"}, "slide 1"},
	} {
		t.Run(name, func(t *testing.T) {
			doc := readBytes(t, name, []byte(c.data))
			rest := doc.Text
			for _, want := range c.want {
				_, after, ok := strings.Cut(rest, want)
				if !ok {
					t.Fatalf("%q is not in its place in:\n%s", want, doc.Text)
				}
				rest = after
			}
			if got := placeOf(doc, "Depth of the channel"); c.place != "" && got != c.place {
				t.Errorf("the drawing is in %s", got)
			}
			found := false
			for _, note := range doc.Notes {
				found = found || note == "1 picture without a description is not read"
				if strings.Contains(note, "embedded") {
					t.Errorf("note %q", note)
				}
			}
			if !found {
				t.Errorf("notes %q", doc.Notes)
			}
		})
	}
}
