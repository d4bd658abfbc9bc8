package sources

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"weft/flow/show"
	"weft/ui/canvas"
	"weft/ui/theme"
)

func document(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	var b strings.Builder
	for i := range 40 {
		b.WriteString("line " + string(rune('a'+i%26)) + "\n")
	}
	if err := os.WriteFile(filepath.Join(dir, "a.md"), []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func draw(p *Preview, w, h int) string {
	c := canvas.New(w, h)
	mono := theme.Mono()
	p.Draw(c, c.Bounds(), &mono)
	return c.Plain()
}

func TestTheCitedLinesAreHighlightedInTheirDocument(t *testing.T) {
	s := show.Source{Passage: show.Passage{Path: "a.md", Line: 10, EndLine: 11, Text: "line j\nline k", Score: 0.5, Heading: []string{"A", "B"}}}
	p := NewPreview(s)
	if got := draw(p, 50, 12); !strings.Contains(got, "line k") {
		t.Errorf("before loading:\n%s", got)
	}
	p.Update(Load(Folders{"": document(t)}, s)().(Loaded))
	got := draw(p, 50, 12)
	for _, want := range []string{"A › B", "10 ▎ line j", "11 ▎ line k", "12   line l", " 9   line i"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing:\n%s", want, got)
		}
	}
}

func TestTheEarlierTextOfAChangedDocumentIsShown(t *testing.T) {
	const then = "# Depth\n\nThe *sea* is deep, and [blue](colours.md) too.\n"
	for _, c := range []struct {
		name, now string
		changed   bool
	}{
		{"same.md", "# The sea\n\n# Depth\n\nThe *sea* is deep,\tand [blue](colours.md) too.\n", false},
		{"word.md", "# The sea\n\n# Depth\n\nThe *sea* is deep, and [green](colours.md) too.\n", true},
		{"moved.md", "# Depth\n\nThe *sea* is deep, and [blue](colours.md) too.\n\n# More\n", true},
		{"shorter.md", "# The sea\n", true},
		{"table.csv", "# The sea\n\na\nb\nc\n", false}, // its passages have other words than the file
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, c.name), []byte(c.now), 0o600); err != nil {
			t.Fatal(err)
		}
		s := show.Source{Passage: show.Passage{Path: c.name, Line: 3, EndLine: 5, Text: then}}
		p := NewPreview(s)
		p.Update(Load(Folders{"": dir}, s)().(Loaded))
		got := draw(p, 70, 12)
		if said := strings.Contains(got, "the document has changed: this is the text at the time of the answer"); said != c.changed {
			t.Errorf("%s: it says so: %v\n%s", c.name, said, got)
		}
		if c.changed && !strings.Contains(got, "5 ▎ The *sea* is deep, and [blue]") {
			t.Errorf("%s: the passage is not shown:\n%s", c.name, got)
		}
	}
}

func TestAPassageThatIsReadWithoutItsMarkupIsNotCalledChanged(t *testing.T) {
	for _, c := range []struct {
		name, lines, passage string
		changed              bool
	}{
		{"link.adoc", "See https://x.example/fees[the fees] first.", "See the fees (https://x.example/fees) first.", false},
		{"other.adoc", "See https://x.example/fees[the tides] first.", "See the fees (https://x.example/fees) first.", true},
		{"advice.adoc", "[WARNING]\n====\nIt is slippery.", "Warning:\n\nIt is slippery.", false},
		{"list.adoc", ". Pay\n. Leave", "1. Pay\n2. Leave", false},
		{"table.adoc", "|===\n2+|Seven\n|a |b\n|===", "| Seven | Seven |\n|---|---|\n| a | b |\n", false},
		{"row.adoc", "|===\n|Berth |Fee\n|a |b\n|===", "| Berth | Fee |\n|---|---|\n| a | c |\n", true},
		{"attribute.adoc", "Report at {office}.", "Report at the pier.", false},
		{"link.org", "See [[https://x.example][the fees]] first.", "See the fees (https://x.example) first.", false},
		{"advice.md", ":::tip\nPay early.", "Tip:\nPay early.", false},
		{"entity.md", "The har&shy;bour is deep.", "The harbour is deep.", false},
		{"reference.rst", "See `the fees`_ first.", "See the fees (https://x.example) first.", false},
		{"directive.rst", ".. versionadded:: 2.1", "Added in version 2.1", false},
		{"fence.rst", "Pay::\n\n  berth --free", "Pay:\n```\nberth --free\n```", false}, // ends below the last line
		{"code.rst", "Pay::\n\n  berth --seven", "Pay:\n```\nberth --free\n```", true},
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, c.name), []byte(c.lines+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		end := 1 + strings.Count(c.passage, "\n")
		s := show.Source{Passage: show.Passage{Path: c.name, Line: 1, EndLine: end, Text: c.passage}}
		p := NewPreview(s)
		p.Update(Load(Folders{"": dir}, s)().(Loaded))
		if said := p.Note() != ""; said != c.changed {
			t.Errorf("%s: it says that the document has changed: %v, want %v", c.name, said, c.changed)
		}
	}
}

func TestNothingOutsideOfTheFolderIsRead(t *testing.T) {
	dir := document(t)
	for _, path := range []string{"../../../etc/passwd", "/etc/passwd", "gone.md"} {
		m := Load(Folders{"": dir}, show.Source{Passage: show.Passage{Path: path, Line: 1}})().(Loaded)
		if m.err == nil || m.lines != nil {
			t.Errorf("%s: %d lines, error %v", path, len(m.lines), m.err)
		}
	}
	if _, err := Editor([]string{"EDITOR=vi"}, Folders{"": dir}, show.Source{Passage: show.Passage{Path: "../x"}}); err == nil {
		t.Error("the editor was sent outside")
	}
}

func TestOnlyAFileInTheFolderHasAnAddress(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	for _, name := range []string{filepath.Join(dir, "a b;\x1b[2J.md"), filepath.Join(dir, "a.pdf"), filepath.Join(outside, "x.md")} {
		if err := os.WriteFile(name, []byte("text\n"), 0o600); err != nil {
			t.Skip("this system has no such names: ", err)
		}
	}
	if err := os.Symlink(filepath.Join(outside, "x.md"), filepath.Join(dir, "link.md")); err != nil {
		t.Skip(err)
	}
	for path, want := range map[string]string{
		"a b;%1B[2J.md": "/a%20b;%1B%5B2J.md", "a.pdf": "/a.pdf", // what follows the folder
		"link.md": "", "../x.md": "", filepath.Join(outside, "x.md"): "", "gone.md": "", "a.zip/inner.md": "",
	} {
		for _, line := range []int{0, 1} {
			s := show.Source{Passage: show.Passage{Path: path, Line: line}}
			p := NewPreview(s)
			if got := p.Address(); got != "" {
				t.Errorf("before it is loaded it has the address %s", got)
			}
			p.Update(Load(Folders{"": dir}, s)().(Loaded))
			got := p.Address()
			if want == "" && got != "" || want != "" && (!strings.HasPrefix(got, "file://") || !strings.HasSuffix(got, filepath.ToSlash(dir)+want)) {
				t.Errorf("%s: the address is %q", path, got)
			}
		}
	}
}

func TestTheEditorOpensAtTheLine(t *testing.T) {
	for editor, want := range map[string]string{"vim": "vim +7 /r/a.md", "code -w": "code -w --goto /r/a.md:7", "ed": "ed /r/a.md"} {
		cmd, err := Editor([]string{"EDITOR=" + editor}, Folders{"": "/r"}, show.Source{Passage: show.Passage{Path: "a.md", Line: 7}})
		if err != nil || strings.Join(cmd.Args, " ") != filepath.FromSlash(want) {
			t.Errorf("%s: %v %v", editor, cmd, err)
		}
		if known := editor != "ed"; OpensAtLine(cmd) != known {
			t.Errorf("%s opens at a line: %v", editor, !known)
		}
	}
	if _, err := Editor(nil, Folders{"": "/r"}, show.Source{Passage: show.Passage{Path: "a.md"}}); err == nil {
		t.Error("no editor, no error")
	}
}

func TestSourcesAndPassagesAreRead(t *testing.T) {
	if got := Parse(json.RawMessage(`{"passages":[{"path":"a","line":3,"end_line":5},{"path":"b.pdf","place":"page 2"}]}`)); len(got) != 2 || Where(got[0].Passage) != "a:3–5" || got[1].N != 2 || Where(got[1].Passage) != "b.pdf, page 2" {
		t.Errorf("%+v", got)
	}
	if got := Parse(json.RawMessage(`[1]`)); got != nil {
		t.Errorf("%+v", got)
	}
}

func TestAnySourceIsDrawnAtAnySize(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := NewPreview(show.Source{Passage: show.Passage{Path: rapid.String().Draw(t, "path"), Line: rapid.IntRange(-1, 3).Draw(t, "line"), Text: rapid.String().Draw(t, "text"), Heading: []string{"x"}}})
		p.Scroll(rapid.IntRange(-3, 9).Draw(t, "by"))
		draw(p, rapid.IntRange(0, 60).Draw(t, "w"), rapid.IntRange(0, 20).Draw(t, "h"))
	})
}

func TestAFileWithControlCharactersInItsNameIsOpenedByItsRealName(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"new\nline\x1b[31m.txt": "first", "100%25.txt": "second"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text+" line\n"), 0o600); err != nil {
			t.Skip("this system has no such names: ", err)
		}
	}
	for path, want := range map[string]string{"new%0Aline%1B[31m.txt": "first line", "100%25.txt": "second line"} {
		m := Load(Folders{"": dir}, show.Source{Passage: show.Passage{Path: path, Line: 1}})().(Loaded)
		if m.err != nil || len(m.lines) != 1 || m.lines[0] != want {
			t.Errorf("%s: %q, error %v", path, m.lines, m.err)
		}
	}
	cmd, err := Editor([]string{"EDITOR=ed"}, Folders{"": dir}, show.Source{Passage: show.Passage{Path: "new%0Aline%1B[31m.txt", Line: 1}})
	if err != nil || cmd.Args[1] != filepath.Join(dir, "new\nline\x1b[31m.txt") {
		t.Errorf("the editor: %v %v", cmd, err)
	}
	if _, err := Editor([]string{"EDITOR=ed"}, Folders{"": dir}, show.Source{Passage: show.Passage{Path: "%2E%2E/x", Line: 1}}); err == nil {
		t.Error("the editor was sent outside")
	}
}

func TestAnUnreadableDocumentShowsItsReasonInOneLine(t *testing.T) {
	s := show.Source{Passage: show.Passage{Path: strings.Repeat("long", 30) + ".md", Line: 1, Text: "passage"}}
	p := NewPreview(s)
	p.Update(Load(Folders{"": document(t)}, s)().(Loaded))
	got := strings.Split(draw(p, 40, 9), "\n")
	if !strings.HasPrefix(got[1], "the file is not there any more") || canvas.Width(strings.TrimRight(got[1], " ")) > 38 {
		t.Errorf("%q", got[1])
	}
	if m := Load(Folders{"": document(t)}, show.Source{Passage: show.Passage{Path: "../up.md", Line: 1}})().(Loaded); m.err == nil || strings.Contains(m.err.Error(), "stat") {
		t.Errorf("%v", m.err)
	}
}

func TestAMissingFolderIsNamedWithoutTheSystemCall(t *testing.T) {
	root := filepath.Join(t.TempDir(), "gone")
	m := Load(Folders{"": root}, show.Source{Passage: show.Passage{Path: "a.md", Line: 1}})().(Loaded)
	if m.err == nil || !strings.HasPrefix(m.err.Error(), "the folder "+root+" cannot be opened: ") || strings.Contains(m.err.Error(), ": open ") {
		t.Errorf("%v", m.err)
	}
}

func TestADocumentIsFoundInTheFolderThatItsPathBeginsWith(t *testing.T) {
	base := t.TempDir()
	folders := Folders{"docs/": filepath.Join(base, "docs"), "old/docs/": filepath.Join(base, "old", "docs")}
	for prefix, dir := range folders {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "a.md"), []byte("of "+prefix), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for prefix, dir := range folders {
		s := show.Source{Passage: show.Passage{Path: prefix + "a.md", Line: 1}}
		if m := Load(folders, s)().(Loaded); m.err != nil || len(m.lines) != 1 || m.lines[0] != "of "+prefix {
			t.Errorf("%s: %q, error %v", s.Path, m.lines, m.err)
		}
		if cmd, err := Editor([]string{"EDITOR=ed"}, folders, s); err != nil || cmd.Args[1] != filepath.Join(dir, "a.md") {
			t.Errorf("the editor for %s: %v, error %v", s.Path, cmd, err)
		}
	}
	if _, err := Editor([]string{"EDITOR=ed"}, folders, show.Source{Passage: show.Passage{Path: "a.md", Line: 1}}); err == nil {
		t.Error("the editor was sent into a folder that is not known")
	}
}

func TestAPreviewOfADocumentInAnotherEncodingKeepsThePassage(t *testing.T) {
	dir := t.TempDir()
	for name, bytes := range map[string]string{"koi8.txt": "\xf0\xd2\xc9\xde\xc1\xcc\nA pier\n", "mended.txt": "Причал \xff\nA pier\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(bytes), 0o600); err != nil {
			t.Fatal(err)
		}
		s := show.Source{Passage: show.Passage{Path: name, Line: 1, EndLine: 1, Text: "Причал"}}
		p := NewPreview(s)
		p.Update(Load(Folders{"": dir}, s)().(Loaded))
		got := draw(p, 40, 8)
		if whole := strings.Contains(got, "A pier"); !strings.Contains(got, "Причал") || whole != (name == "mended.txt") {
			t.Errorf("%s:\n%s", name, got)
		}
	}
}

func TestAPreviewSaysWhatTheDocumentIsAboutAndWhatIsMissing(t *testing.T) {
	s := show.Source{Passage: show.Passage{Path: "a.md", Line: 10, EndLine: 11, Text: "passage", Heading: []string{"A"},
		Fields: []show.Field{{Name: "alias", Value: "the bench"}, {Name: "tag", Value: "setup"}, {Name: "tag", Value: "wiring"},
			{Name: "date", Value: "2025-03-03\x1b[31m"}},
		Notes: []string{"page 3 took too long"}, Remarks: []string{"its encoding is not stated: read as koi8-r"}}}
	got := draw(NewPreview(s), 90, 13)
	for _, want := range []string{"alias: the bench · tag: setup, wiring · date: 2025-03-03", "read in part: page 3 took too long",
		"its encoding is not stated: read as koi8-r"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing:\n%s", want, got)
		}
	}
	for range 50 {
		s.Fields = append(s.Fields, show.Field{Name: "tag", Value: "another label of the document"})
	}
	if got := draw(NewPreview(s), 40, 12); !strings.Contains(got, "passage") || !strings.Contains(got, "…") {
		t.Errorf("many fields leave no room for the passage:\n%s", got)
	}
}
