package load

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

const files = "../../testdata/files"

// testLoader is shared by all tests, because PDFium takes seconds to compile. The compiled code is
// cached in a directory of this process.
var testLoader = sync.OnceValue(func() *Loader {
	dir, err := os.UserCacheDir()
	if err == nil {
		dir = filepath.Join(dir, "weft-test-pdf")
	}
	return New(Options{CacheDir: dir})
})

func loadFile(t testing.TB, name string) (Document, error) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(files, name))
	if err != nil {
		t.Fatal(err)
	}
	return testLoader().Document(t.Context(), name, data)
}

var word = regexp.MustCompile(`[\p{L}\p{N}_]+`)

// recall returns the share of the reference's words that are in a text, counting repeated words as
// often as they occur.
func recall(reference []string, text string) float64 {
	have := map[string]int{}
	for _, w := range word.FindAllString(text, -1) {
		have[strings.ToLower(w)]++
	}
	found, total := 0, 0
	for _, w := range reference {
		if w == "" {
			continue
		}
		total++
		if w = strings.ToLower(w); have[w] > 0 {
			have[w]--
			found++
		}
	}
	return float64(found) / float64(total)
}

func TestFilesOfEachTypeHoldTheWordsOfTheirReference(t *testing.T) {
	lists, err := filepath.Glob(files + "/words/*.txt")
	if err != nil || len(lists) < 20 {
		t.Fatalf("%d lists of words: %v", len(lists), err)
	}
	kinds := map[string]bool{}
	for _, list := range lists {
		name := strings.TrimSuffix(filepath.Base(list), ".txt")
		t.Run(name, func(t *testing.T) {
			doc, err := loadFile(t, name)
			if err != nil {
				t.Fatal(err)
			}
			kinds[doc.Kind] = true
			reference, err := os.ReadFile(list)
			if err != nil {
				t.Fatal(err)
			}
			share := recall(strings.Split(string(reference), "\n"), doc.Text)
			t.Logf("%.4f of the words of the reference", share)
			if share < 0.97 {
				t.Errorf("only %.3f of the words of the reference", share)
			}
			if doc.Title == "" || doc.Path != name {
				t.Errorf("the title is %q, the path %q", doc.Title, doc.Path)
			}
			checkClean(t, doc)
		})
	}
	for name, made := range madeFiles {
		kind, _ := decideKind(name, []byte(made.data))
		kinds[kind] = true
	}
	for _, kind := range Kinds() {
		if !kinds[kind] && kind != "picture" && kind != "recording" { // these have tests of their own
			t.Errorf("no sample of the kind %s: add one to madeMarkup (made_markup_test.go), or to testdata/files with its words",
				kind)
		}
	}
}

// checkClean checks the invariants of every document.
func checkClean(t interface {
	Helper()
	Errorf(string, ...any)
}, doc Document) {
	t.Helper()
	if needsCleaning(doc.Text) || needsCleaning(doc.Title) || strings.ContainsAny(doc.Title, "\n\t") {
		t.Errorf("%s: control characters are left", doc.Path)
	}
	last := -1
	for _, m := range doc.Marks {
		if m.Offset <= last && last >= 0 || m.Offset > len(doc.Text) || m.Place == "" && doc.Kind != "asciidoc" {
			t.Errorf("%s: the mark %+v is out of order", doc.Path, m)
		}
		last = m.Offset
	}
}

// placeOf returns the place of a text in a document.
func placeOf(doc Document, text string) string {
	at := strings.Index(doc.Text, text)
	if at < 0 {
		return "nowhere"
	}
	place := "no place"
	for _, m := range doc.Marks {
		if m.Offset <= at {
			place = m.Place
		}
	}
	return place
}

func TestPlacesLeadBackToTheFile(t *testing.T) {
	for _, tc := range []struct{ file, text, place string }{
		{"tex.pdf", "In fog the bell is struck", "page 2"},
		{"office.pdf", "has 1,176 prisms", "page 1"},
		{"partly-scanned.pdf", "In fog the bell is struck", "page 3"},
		{"handbook.pptx", "Colza oil thickens", "slide 5"},
		{"port.xlsx", "Étoile du Nord 4", "sheet Ships row 33"},
		{"port.xlsx", "the spring of 1881", "sheet Keepers & watches row 2"},
		{"ships.csv", "Ship: Kittiwake; ", "line 4"},
		{"ships.csv", "of one value", "lines 122–123"},
		{"watch.ipynb", "print('all is well')", "cell 3"},
		{"watch.ipynb", "10.0", "cell 2"},
		{"handbook.epub", "Colza oil thickens", "chapter 2"},
		{"letter.eml", "the new chimney glasses", "part 1"},
	} {
		doc, err := loadFile(t, tc.file)
		if err != nil {
			t.Fatal(err)
		}
		if got := placeOf(doc, tc.text); got != tc.place {
			t.Errorf("%s: %q is in %s, not %s", tc.file, tc.text, got, tc.place)
		}
	}
	doc, err := loadFile(t, "handbook.html")
	if err != nil {
		t.Fatal(err)
	}
	data, _ := os.ReadFile(filepath.Join(files, "handbook.html"))
	for text, source := range map[string]string{
		"Colza oil thickens": "Colza oil", "The lens has 1,176": "<p>The lens", "# Winding the clockwork": "Winding the clockwork</h2>", "Keepers of the": "Keepers of",
		"| January": "<table", "def period": ">def</span>",
	} {
		line := 1 + strings.Count(string(data[:strings.Index(string(data), source)]), "\n")
		if got, want := placeOf(doc, text), fmt.Sprintf("line %d", line); got != want {
			t.Errorf("%q is in %s, not %s", text, got, want)
		}
	}
}

func TestStructureSurvivesConversion(t *testing.T) {
	for _, file := range []string{"handbook.html", "handbook.docx", "handbook.odt", "handbook.rtf", "handbook.doc", "handbook.epub", "handbook.md", "handbook.ipynb"} {
		doc, err := loadFile(t, file)
		if err != nil {
			t.Fatal(err)
		}
		for _, re := range []string{`(?m)^# Keeping the light`, `(?m)^## Winding the clockwork$`, `(?m)^### Oil and wick$`, `(?m)^\| January\s+\| 412\s+\| 9`, `(?m)^\s*[-*] +Let the glass cool`} {
			if !regexp.MustCompile(re).MatchString(doc.Text) {
				t.Errorf("%s: nothing matches %s", file, re)
			}
		}
		if file != "handbook.ipynb" && doc.Title != "The lighthouse keeper’s handbook" && doc.Title != "The lighthouse keeper's handbook" {
			t.Errorf("%s: the title is %q", file, doc.Title)
		}
	}
}

func TestMarkupThatIsLeftOutIsNoted(t *testing.T) {
	for name, page := range map[string]string{
		"bytes": "<p>seen</p>" + strings.Repeat("<!-- nothing -->", 1<<20),
		"tags":  "<p>seen</p>" + strings.Repeat("<br>", 3_100_000),
	} {
		doc, err := New(Options{}).Document(t.Context(), "a.html", []byte(page+"<p>unseen"))
		if err != nil || strings.TrimSpace(doc.Text) != "seen" || len(doc.Notes) != 1 || !strings.Contains(doc.Notes[0], "of its markup are read") {
			t.Errorf("%s: %q, notes %q, %v", name, doc.Text, doc.Notes, err)
		}
	}
	doc, err := New(Options{}).Document(t.Context(), "a.html", []byte("<p>all of it</p><"))
	if err != nil || len(doc.Notes) != 0 {
		t.Errorf("a whole page has the notes %q, %v", doc.Notes, err)
	}
}

func TestPagesWithoutTextAreNamed(t *testing.T) {
	doc, err := loadFile(t, "partly-scanned.pdf")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(doc.Notes, []string{"page 2 without text: a picture (--ocr recognises its text)"}) {
		t.Errorf("notes: %q", doc.Notes)
	}
	for file, reason := range map[string]Reason{"scan.pdf": NoText, "encrypted.pdf": Encrypted} {
		var e *Error
		if _, err := loadFile(t, file); !errors.As(err, &e) || e.Reason != reason || e.Path != file {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestTextKeepsItsLines(t *testing.T) {
	l := New(Options{})
	for _, tc := range []struct{ name, in, want string }{
		{"windows.txt", "one\r\ntwo\r\n\r\nthree", "one\ntwo\n\nthree"},
		{"mac.txt", "one\rtwo", "one\ntwo"},
		{"progress.log", "10%\r20%\r30%\ndone\n", "10% 20% 30%\ndone\n"},
		{"colour.log", "a \x1b[31;1mred\x1b[0m word \x1b]0;title\x07and\x1b(B more\n", "a red word and more\n"},
		{"broken.log", "a \x1b]0;never closed\nnext line\x1b", "a 0;never closed\nnext line"},
		{"bell.txt", "a\x07b\x0cc\x7fd\u0085e\u202ef\ufeffg\u00adh", "a b cd efgh"},
		{"bom.txt", "\xef\xbb\xbfone", "one"},
		{"utf16le.txt", "\xff\xfeo\x00n\x00e\x00\n\x00\xe9\x00", "one\né"},
		{"utf16be.txt", "\xfe\xff\x00o\x00n\x00e", "one"},
		{"latin1.txt", "Der K\xf6nig f\xe4hrt \xfcber die Br\xfccke und gr\xfc\xdft.\n", "Der König fährt über die Brücke und grüßt.\n"},
		{"cp1251.txt", "\xcf\xf0\xe8\xe2\xe5\xf2, \xfd\xf2\xee \xef\xf0\xee\xf1\xf2\xee\xe9 \xf2\xe5\xea\xf1\xf2 \xed\xe0 \xf0\xf3\xf1\xf1\xea\xee\xec \xff\xe7\xfb\xea\xe5.\n", "Привет, это простой текст на русском языке.\n"},
		{"sjis.txt", "\x82\xb1\x82\xea\x82\xcd\x93\xfa\x96\x7b\x8c\xea\x82\xcc\x95\xb6\x8f\xcd\x82\xc5\x82\xb7\x81\x42\n", "これは日本語の文章です。\n"},
		{"damaged.txt", strings.Repeat("größer und schöner ", 20) + "\xff!", strings.Repeat("größer und schöner ", 20) + "\ufffd!"},
		{"one-damaged.txt", "“Straße”, he said.\x9b\n", "“Straße”, he said.\ufffd\n"},
		{"diagram.txt", "naïve\n+-------- box ---+\n|              |\n", "naïve\n+-------- box ---+\n|              |\n"},
	} {
		doc, err := l.Document(t.Context(), tc.name, []byte(tc.in))
		if err != nil || doc.Text != tc.want {
			t.Errorf("%s: %q, %v; want %q", tc.name, doc.Text, err, tc.want)
		}
	}
}

func TestFilesThatAreNoDocumentsAreReported(t *testing.T) {
	l := testLoader()
	for _, tc := range []struct {
		name, in string
		reason   Reason
	}{
		{"a.txt", "text\x00\x01\x02", Binary},
		{"unknown", "\x7fELF\x02\x01\x01\x00\x00\x00", Binary},
		{"blank.md", " \n\n\t\n", Empty},
		{"key.txt", "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n", Secret},
		{"gen.go", "// Code generated by stringer. DO NOT EDIT.\n\npackage a\n", Generated},
		{"app.js", strings.Repeat("function a(){return 1};", 2000), Generated},
		{"a.docx", "PK\x03\x04 and no more", Damaged},
		{"a.docx", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Damaged},
		{"a.pdf", "no pdf", Damaged},
		{"a.ipynb", "{\"cells\": [", Damaged},
		{"a.eml", "no message at all\n", Damaged},
	} {
		var e *Error
		if _, err := l.Document(t.Context(), tc.name, []byte(tc.in)); !errors.As(err, &e) || e.Reason != tc.reason || e.Path != tc.name {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
}

func TestContentDecidesTheTypeWhereTheNameDoesNot(t *testing.T) {
	for file, kind := range map[string]string{"tex.pdf": "pdf", "handbook.docx": "docx", "handbook.odt": "odt", "port.xlsx": "xlsx", "handbook.epub": "epub", "handbook.txt": "text", "handbook.html": "html"} {
		data, err := os.ReadFile(filepath.Join(files, file))
		if err != nil {
			t.Fatal(err)
		}
		if doc, err := testLoader().Document(t.Context(), "noname", data); err != nil || doc.Kind != kind {
			t.Errorf("%s is taken for %q: %v", file, doc.Kind, err)
		}
	}
}

func TestTextBeyondTheLimitIsLeftOutAndNoted(t *testing.T) {
	l := New(Options{MaxText: 1000})
	for _, name := range []string{"a.txt", "a.html", "a.csv", "a.eml"} {
		body := strings.Repeat("one line, of text\n\n", 1000)
		if name == "a.eml" {
			body = "Subject: x\n\n" + body
		}
		doc, err := l.Document(t.Context(), name, []byte(body))
		if err != nil || len(doc.Text) > 1000 || len(doc.Text) < 400 || len(doc.Notes) == 0 {
			t.Errorf("%s: %d bytes, notes %q, %v", name, len(doc.Text), doc.Notes, err)
		}
	}
}

func TestTheLanguageOfCodeIsNamedByItsFile(t *testing.T) {
	for name, want := range map[string]string{
		"a/b.go": "go", "x.PY": "py", "Makefile": "makefile", "conf.yml": "yaml", "a.jsonl": "json", "Cargo.toml": "toml",
		"README.md": "", "paper.tex": "", "notes.txt": "", "data.csv": "", "page.html": "", "unknown": "",
	} {
		if got := Language(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}
