package load

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// fuzzKind checks that a reader returns a clean document, or an error with a reason, for any input.
// seeds are samples of its kind.
func fuzzKind(f *testing.F, name string, seeds ...string) {
	for _, seed := range seeds {
		data, err := os.ReadFile(filepath.Join(files, seed))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
		f.Add(data[:len(data)/2])
	}
	f.Add([]byte{})
	for made, file := range madeFiles {
		if kind, _ := decideKind(made, []byte(file.data)); kind == kindOf(name) {
			f.Add([]byte(file.data))
		}
	}
	l := New(Options{MaxFile: 4 << 20, MaxText: 1 << 20})
	if filepath.Ext(name) == ".pdf" {
		l = testLoader()
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := l.Document(t.Context(), name, data)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Reason == "" || e.Detail == "" || e.Path != name {
				t.Fatalf("%#v", err)
			}
			if needsCleaning(e.Detail) {
				t.Fatalf("the error holds control characters: %q", e.Detail)
			}
			return
		}
		checkClean(t, doc)
		if !utf8.ValidString(doc.Text) || doc.Kind == "" || doc.Title == "" || len(doc.Text) > l.opts.MaxText {
			t.Fatalf("kind %q, title %q, %d bytes", doc.Kind, doc.Title, len(doc.Text))
		}
	})
}

func FuzzMarkdown(f *testing.F) { fuzzKind(f, "a.md", "handbook.md") }
func FuzzText(f *testing.F)     { fuzzKind(f, "a.txt", "handbook.txt", "harbour.log") }
func FuzzRST(f *testing.F)      { fuzzKind(f, "a.rst", "handbook.rst") }
func FuzzOrg(f *testing.F)      { fuzzKind(f, "a.org", "handbook.org") }
func FuzzAsciiDoc(f *testing.F) { fuzzKind(f, "a.adoc", "handbook.adoc") }
func FuzzHTML(f *testing.F)     { fuzzKind(f, "a.html", "handbook.html") }
func FuzzPDF(f *testing.F)      { fuzzKind(f, "a.pdf", "scan.pdf", "tex.pdf") }
func FuzzDocx(f *testing.F)     { fuzzKind(f, "a.docx", "handbook.docx") }
func FuzzPptx(f *testing.F)     { fuzzKind(f, "a.pptx", "handbook.pptx") }
func FuzzXLSX(f *testing.F)     { fuzzKind(f, "a.xlsx", "port.xlsx") }
func FuzzODT(f *testing.F)      { fuzzKind(f, "a.odt", "handbook.odt") }
func FuzzODS(f *testing.F)      { fuzzKind(f, "a.ods", "port.ods") }
func FuzzODP(f *testing.F)      { fuzzKind(f, "a.odp", "handbook.odp") }
func FuzzFlatODF(f *testing.F) {
	f.Add([]byte(`<?xml version="1.0"?><office:document><office:body><office:text><text:p>a</text:p></office:text></office:body></office:document>`))
	fuzzKind(f, "a.fodt")
}
func FuzzRTF(f *testing.F) { fuzzKind(f, "a.rtf", "handbook.rtf") }
func FuzzSheetML(f *testing.F) {
	f.Add([]byte(sheetML))
	fuzzKind(f, "a.xls")
}
func FuzzWordML(f *testing.F) {
	f.Add([]byte(`<w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml"><w:body><w:p><w:r><w:t>a</w:t></w:r></w:p></w:body></w:wordDocument>`))
	f.Add([]byte(`<pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage"><pkg:part pkg:name="/word/document.xml"><pkg:xmlData><w:document/></pkg:xmlData></pkg:part></pkg:package>`))
	fuzzKind(f, "a.doc")
}
func FuzzXLS(f *testing.F)  { fuzzKind(f, "a.xls", "port.xls", "ledger.xls") }
func FuzzDOC(f *testing.F)  { fuzzKind(f, "a.doc", "handbook.doc") }
func FuzzPPT(f *testing.F)  { fuzzKind(f, "a.ppt", "handbook.ppt") }
func FuzzMSG(f *testing.F)  { fuzzKind(f, "a.msg", "letter.msg") }
func FuzzEPUB(f *testing.F) { fuzzKind(f, "a.epub", "handbook.epub") }
func FuzzCSV(f *testing.F)  { fuzzKind(f, "a.csv", "ships.csv") }
func FuzzTSV(f *testing.F)  { fuzzKind(f, "a.tsv", "ships.tsv") }
func FuzzSettings(f *testing.F) {
	fuzzKind(f, "a.json", "settings.json", "settings.yaml", "settings.toml")
}
func FuzzNotebook(f *testing.F)  { fuzzKind(f, "a.ipynb", "watch.ipynb", "handbook.ipynb") }
func FuzzSource(f *testing.F)    { fuzzKind(f, "a.go", "lamp.go", "lamp.py") }
func FuzzMail(f *testing.F)      { fuzzKind(f, "a.eml", "letter.eml") }
func FuzzMbox(f *testing.F)      { fuzzKind(f, "a.mbox") }
func FuzzMHTML(f *testing.F)     { fuzzKind(f, "a.mhtml") }
func FuzzCalendar(f *testing.F)  { fuzzKind(f, "a.ics") }
func FuzzArchive(f *testing.F)   { fuzzKind(f, "a.zip") }
func FuzzDocBook(f *testing.F)   { fuzzKind(f, "a.dbk") }
func FuzzMan(f *testing.F)       { fuzzKind(f, "a.man") }
func FuzzTexinfo(f *testing.F)   { fuzzKind(f, "a.texi") }
func FuzzTypst(f *testing.F)     { fuzzKind(f, "a.typ") }
func FuzzMediaWiki(f *testing.F) { fuzzKind(f, "a.wiki") }
func FuzzUnnamed(f *testing.F)   { fuzzKind(f, "a", "letter.eml", "handbook.docx", "handbook.html") }

func FuzzSecrets(f *testing.F) {
	for _, c := range secretCases() {
		f.Add(surrounded(c))
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return
		}
		doc := Document{Path: "a.txt", Kind: "text", Text: text, Marks: lineMarks(text)}
		if doc.withoutSecrets() != nil {
			return
		}
		if !utf8.ValidString(doc.Text) || strings.Count(doc.Text, "\n") != strings.Count(text, "\n") {
			t.Fatalf("%q became %q", text, doc.Text)
		}
		last := 0
		for _, m := range doc.Marks {
			if m.Offset < last || m.Offset > len(doc.Text) {
				t.Fatalf("mark %v of %d bytes", m, len(doc.Text))
			}
			last = m.Offset
		}
	})
}

// TestErrorsThatQuoteAFileAreClean is a finding of FuzzDocBook: the parser names an element whose
// name has an invisible character.
func TestErrorsThatQuoteAFileAreClean(t *testing.T) {
	_, err := New(Options{}).Document(t.Context(), "a.dbk", []byte("<book>\n<¼\u00adtH>"))
	var failure *Error
	if !errors.As(err, &failure) || !strings.Contains(failure.Detail, "¼") || needsCleaning(failure.Detail) {
		t.Fatalf("%q", err)
	}
}
