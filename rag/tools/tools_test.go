package tools

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weft/rag/embed"
	"weft/rag/index"
	"weft/rag/load"
	"weft/rag/retrieve"
)

func TestMain(m *testing.M) {
	load.ServePDF()
	os.Exit(m.Run())
}

// documents indexes a directory.
func documents(t testing.TB, dir string) *Documents {
	t.Helper()
	x := index.New(embed.NewHashed(), index.Options{})
	l := load.New(load.Options{})
	t.Cleanup(func() { l.Close(); x.Close() })
	if _, err := x.Update(t.Context(), []string{dir}, index.UpdateOptions{Loader: l}); err != nil {
		t.Fatal(err)
	}
	x.WaitVectors()
	folders, err := load.Folders([]string{dir})
	if err != nil {
		t.Fatal(err)
	}
	return &Documents{Folders: folders, Retriever: func(context.Context) (*retrieve.Retriever, error) {
		return retrieve.New(x, nil), nil
	}}
}

// harbour writes a small corpus and returns its directory.
func harbour(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"harbour.md":          "# Harbour\n\nThe harbour opens at six.\n\n\n## Fees\n\nA berth costs 14 euros.\nThe code is HB-14.\n",
		"guide/rivers.md":     "# Rivers\n\nA river is long. Its water is cold.\n",
		"guide/tools/pump.md": "# Pump\n\nReplace the filter every 400 hours. The code is PF-9.\n",
		"notes/straße.txt":    "Die Straße ist gesperrt.\n",
		"code/main.go":        "package main\n\n// Run starts.\nfunc Run() {\n\tif true {\n\t\tprintln(\"x\")\n\t}\n}\n",
	} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// advised checks that a call fails with an Error whose text has the words.
func advised(t *testing.T, err error, words ...string) {
	t.Helper()
	var mended *Error
	if !errors.As(err, &mended) {
		t.Errorf("the error %v is no *Error", err)
		return
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q does not say %q", err, w)
		}
	}
}

func TestSearchFindsPassagesThatReadShows(t *testing.T) {
	d := documents(t, harbour(t))
	found, err := d.Search(t.Context(), SearchInput{Query: "What does a berth cost?"})
	if err != nil || len(found.Hits) == 0 || found.Hits[0].Path != "harbour.md" || !found.Relevant {
		t.Fatalf("%v %+v", err, found)
	}
	read, err := d.Read(t.Context(), ReadInput{ID: found.Hits[0].ID})
	if err != nil || !strings.Contains(read.Text, "8\tA berth costs 14 euros.\n9\tThe code is HB-14.\n") {
		t.Errorf("%v %+v", err, read)
	}
}

func TestSearchIsLimitedAndScoped(t *testing.T) {
	d := documents(t, harbour(t))
	found, err := d.Search(t.Context(), SearchInput{Query: "code", Under: "guide", Limit: 1})
	if err != nil || len(found.Hits) != 1 || found.Hits[0].Path != "guide/tools/pump.md" {
		t.Errorf("%v %+v", err, found)
	}
	_, err = d.Search(t.Context(), SearchInput{Query: "code", Under: "giude"})
	advised(t, err, "giude", "did you mean guide?")
	_, err = d.Search(t.Context(), SearchInput{Query: "code", Limit: 51})
	advised(t, err, "limit is 51", "from 1 to 50")
	_, err = d.Search(t.Context(), SearchInput{Query: " "})
	advised(t, err, "query is empty")
}

func TestSearchSaysWhenNothingIsRelevant(t *testing.T) {
	found, err := documents(t, harbour(t)).Search(t.Context(), SearchInput{Query: "capital of Mongolia"})
	if err != nil || found.Relevant {
		t.Errorf("%v %+v", err, found)
	}
}

func TestReadPagesThroughADocument(t *testing.T) {
	d := documents(t, harbour(t))
	got, err := d.Read(t.Context(), ReadInput{Path: "harbour.md", Lines: 4})
	if err != nil || got.Text != "1\t# Harbour\n2\t\n3\tThe harbour opens at six.\n4\t\n" || got.NextLine != 5 || got.LastLine != 9 {
		t.Errorf("%v %+v", err, got)
	}
	got, err = d.Read(t.Context(), ReadInput{Path: "harbour.md", Line: 8})
	if err != nil || got.Text != "8\tA berth costs 14 euros.\n9\tThe code is HB-14.\n" || got.NextLine != 0 || got.Kind != "markdown" {
		t.Errorf("%v %+v", err, got)
	}
	_, err = d.Read(t.Context(), ReadInput{Path: "harbour.md", Line: 10})
	advised(t, err, "ends at line 9")
}

func TestReadUnderstandsPathsAsTheyAreWritten(t *testing.T) {
	dir := harbour(t)
	d := documents(t, dir)
	for _, p := range []string{"guide/rivers.md", "./guide/rivers.md", "/guide/rivers.md", "@guide/rivers.md", `guide\rivers.md`,
		"weft://doc/guide/rivers.md", filepath.Join(dir, "guide", "rivers.md"), "guide/../guide/rivers.md", "guide/rivers.md:1-3"} {
		if got, err := d.Read(t.Context(), ReadInput{Path: p}); err != nil || got.Path != "guide/rivers.md" {
			t.Errorf("%s: %v %+v", p, err, got)
		}
	}
}

func TestAWrongPathIsAnsweredWithSimilarOnes(t *testing.T) {
	d := documents(t, harbour(t))
	for wrong, want := range map[string]string{
		"rivers.md": "did you mean guide/rivers.md?", "guide/rivrs.md": "guide/rivers.md", "harbour": "harbour.md",
		"guide": "guide is a folder", "nothing/at/all.xyz": "list shows the documents",
	} {
		_, err := d.Read(t.Context(), ReadInput{Path: wrong})
		advised(t, err, want)
	}
}

// TestNothingOutsideTheIndexCanBeRead tries paths to files that exist and are not indexed: outside
// the corpus, behind a link, hidden and secret.
func TestNothingOutsideTheIndexCanBeRead(t *testing.T) {
	dir, outside := harbour(t), t.TempDir()
	secret := filepath.Join(outside, "secret.md")
	for name, text := range map[string]string{secret: "# Secret\n", filepath.Join(dir, ".env"): "KEY=abcdef\n", filepath.Join(dir, ".hidden.md"): "# Hidden\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.Symlink(outside, filepath.Join(dir, "link")), os.Symlink(secret, filepath.Join(dir, "one.md"))); err != nil {
		t.Skip("this system makes no symbolic links")
	}
	d := documents(t, dir)
	for _, p := range []string{secret, "../secret.md", "link/secret.md", "one.md", ".env", ".hidden.md", "guide/../../x", "/etc/passwd",
		filepath.Join(dir, "link", "secret.md"), "weft://doc/../secret.md", `..\secret.md`} {
		if got, err := d.Read(t.Context(), ReadInput{Path: p}); err == nil {
			t.Errorf("%s: %+v", p, got)
		}
	}
}

func TestGrepFindsLinesByARegularExpression(t *testing.T) {
	d := documents(t, harbour(t))
	got, err := d.Grep(t.Context(), GrepInput{Pattern: `[A-Z]{2}-\d+`})
	if err != nil || len(got.Matches) != 2 || got.Matches[0] != (Match{Path: "guide/tools/pump.md", Line: 3, Text: "Replace the filter every 400 hours. The code is PF-9."}) ||
		got.Matches[1].Line != 9 {
		t.Errorf("%v %+v", err, got)
	}
	got, err = d.Grep(t.Context(), GrepInput{Pattern: `(?i)THE`, Limit: 1, Under: "harbour.md"})
	if err != nil || len(got.Matches) != 1 || !got.More || got.Documents != 1 {
		t.Errorf("%v %+v", err, got)
	}
	_, err = d.Grep(t.Context(), GrepInput{Pattern: `(unclosed`})
	advised(t, err, "missing closing )", "RE2")
	_, err = d.Grep(t.Context(), GrepInput{})
	advised(t, err, "pattern is empty")
}

func TestAMatchInALongLineIsShownWithItsSurroundings(t *testing.T) {
	dir := t.TempDir()
	long := strings.Repeat("ä word ", 400) + "needle" + strings.Repeat(" and more", 400)
	if err := os.WriteFile(filepath.Join(dir, "long.txt"), []byte(long), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := documents(t, dir).Grep(t.Context(), GrepInput{Pattern: "needle"})
	if err != nil || len(got.Matches) == 0 || !strings.Contains(got.Matches[0].Text, "needle") || len(got.Matches[0].Text) > mostMatch+10 {
		t.Errorf("%v %+v", err, got)
	}
}

func TestListShowsAFolderOrWhatAGlobMatches(t *testing.T) {
	d := documents(t, harbour(t))
	for _, c := range []struct {
		in   ListInput
		want string
	}{
		{ListInput{}, "code/ guide/ harbour.md notes/"},
		{ListInput{Under: "guide"}, "guide/rivers.md guide/tools/"},
		{ListInput{Glob: "*.md"}, "guide/rivers.md guide/tools/pump.md harbour.md"},
		{ListInput{Under: "guide", Glob: "*.md"}, "guide/rivers.md guide/tools/pump.md"},
		{ListInput{Glob: "guide/*.md"}, "guide/rivers.md"},
		{ListInput{Glob: "**/p?mp.{md,txt}"}, "guide/tools/pump.md"},
		{ListInput{Glob: "[!h]*.md"}, "guide/rivers.md guide/tools/pump.md"},
		{ListInput{Glob: "*.pdf"}, ""},
	} {
		got, err := d.List(t.Context(), c.in)
		var names []string
		for _, e := range got.Entries {
			if e.Folder {
				e.Path += "/"
			}
			names = append(names, e.Path)
		}
		if err != nil || strings.Join(names, " ") != c.want {
			t.Errorf("%+v: %v %q, want %q", c.in, err, names, c.want)
		}
	}
	_, err := d.List(t.Context(), ListInput{Glob: "{a"})
	advised(t, err, "glob")
	_, err = d.List(t.Context(), ListInput{Under: "../x"})
	advised(t, err, "out of the corpus")
}

func TestEveryResultSaysThatTheIndexIsIncomplete(t *testing.T) {
	d := documents(t, harbour(t))
	d.Missing = func() string { return "3 passages could be searched" }
	for _, tool := range d.Tools() {
		args := map[string]string{NameSearch: `{"query":"code"}`, NameRead: `{"path":"harbour.md"}`, NameGrep: `{"pattern":"x"}`, NameList: `{}`}[tool.Name]
		got, err := tool.Call(t.Context(), json.RawMessage(args))
		data, _ := json.Marshal(got.Data)
		if err != nil || !strings.Contains(string(data), `"incomplete":"3 passages`) || !strings.Contains(got.Summary, "[incomplete: 3 passages") {
			t.Errorf("%s: %v %s %s", tool.Name, err, got.Summary, data)
		}
	}
}

func TestArgumentsAreTakenLeniently(t *testing.T) {
	tools := map[string]*Tool{}
	for _, tool := range documents(t, harbour(t)).Tools() {
		tools[tool.Name] = tool
	}
	for _, args := range []string{`{"path":"harbour.md","line":"3","lines":1.0}`, `{"path":"harbour.md","line":3,"lines":1,"id":null}`} {
		got, err := tools[NameRead].Call(t.Context(), json.RawMessage(args))
		if err != nil || got.Data.(ReadOutput).Text != "3\tThe harbour opens at six.\n" {
			t.Errorf("%s: %v %+v", args, err, got)
		}
	}
	for args, want := range map[string]string{
		`[]`: "no JSON object", `{"quer":"x"}`: `no argument "quer": call it as search(query, limit?, under?)`,
		``: "lacks the argument query", `{"query":3}`: "query of search is 3: it must be a string", `{"query":"x","limit":"many"}`: "it must be a whole number",
	} {
		_, err := tools[NameSearch].Call(t.Context(), json.RawMessage(args))
		advised(t, err, want)
	}
}

// TestResultsFollowTheirSchemas validates the results of all tools, empty ones too.
func TestResultsFollowTheirSchemas(t *testing.T) {
	d := documents(t, harbour(t))
	for _, tool := range d.Tools() {
		schema, err := tool.Output.Resolve(nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, args := range map[string][]string{NameSearch: {`{"query":"code"}`, `{"query":"zzzz"}`}, NameRead: {`{"path":"code/main.go"}`},
			NameGrep: {`{"pattern":"code"}`, `{"pattern":"zzzz"}`}, NameList: {`{}`, `{"glob":"*.zzz"}`}}[tool.Name] {
			got, err := tool.Call(t.Context(), json.RawMessage(args))
			if err != nil {
				t.Fatal(err)
			}
			var value any
			data, _ := json.Marshal(got.Data)
			if err := errors.Join(json.Unmarshal(data, &value), schema.Validate(value)); err != nil || got.Summary == "" {
				t.Errorf("%s %s: %v\n%s", tool.Name, args, err, data)
			}
		}
	}
}

// TestReadShowsTheLinesOfTheFile compares the lines of this module's own sources and manual, as the
// index puts them together, with the lines of the files.
func TestReadShowsTheLinesOfTheFile(t *testing.T) {
	for _, dir := range []string{"../../docs", "../load"} {
		d := documents(t, dir)
		tr, err := d.tree(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		all, wrong := 0, 0
		for i := range tr.files {
			f := &tr.files[i]
			data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(f.path)))
			if err != nil || !strings.HasSuffix(f.path, ".go") && !strings.HasSuffix(f.path, ".md") {
				continue
			}
			file := strings.Split(string(data), "\n")
			l := tr.linesOf(f)
			for at, text := range l.text {
				all++
				if n := l.numbers[at]; n > len(file) || file[n-1] != text && !strings.Contains(text, "[secret left out]") {
					if wrong++; wrong <= 10 {
						t.Logf("%s:%d: %q", f.path, n, text)
						if n <= len(file) {
							t.Logf("   the file has %q", file[n-1])
						}
					}
				}
			}
		}
		if all < 1000 || wrong > 0 {
			t.Errorf("%s: %d of %d lines differ", dir, wrong, all)
		}
	}
}
