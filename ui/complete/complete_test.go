package complete

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"

	"weft/ui/canvas"
	"weft/ui/theme"
)

var (
	commands = []Command{{Name: "help", About: "all keys"}, {Name: "new"}, {Name: "workflow", Takes: []Item{{Text: "rag"}, {Text: "research"}}}}
	paths    = []string{"docs/a.md", "docs/b.md", "docs/deep/c.md", "my notes/d.md", "top.md"}
)

func offered(line string) (out []string) {
	var m Menu
	m.Set(line, commands, paths)
	for _, it := range m.items {
		out = append(out, it.Text)
	}
	return out
}

func TestCompletionsOfALine(t *testing.T) {
	for line, want := range map[string][]string{
		"":                     nil,
		"help":                 nil,
		"what / is it":         nil,
		"/":                    {"/help", "/new", "/workflow"},
		"/W":                   {"/workflow"},
		"/flow":                {"/workflow"},
		"/workflow r":          {"rag", "research"},
		"/workflow sea":        {"research"},
		"/workflow rag and":    nil,
		"/help me":             nil,
		"/etc/hosts":           nil,
		"@":                    {`@"my notes/"`, "@docs/", "@top.md"},
		"@do":                  {"@docs/"},
		"@docs/":               {"@docs/a.md", "@docs/b.md", "@docs/deep/"},
		"@docs/a.md @t":        {"@top.md"},
		"@c.md":                {"@docs/deep/c.md"},
		"@docs/a.md what":      nil,
		"what is in @docs/a.m": nil,
	} {
		if got := offered(line); !slices.Equal(got, want) {
			t.Errorf("%q: %q is offered, want %q", line, got, want)
		}
	}
}

func TestAcceptingReplacesTheWordAndLeavesRoomForTheNext(t *testing.T) {
	for line, want := range map[string]string{
		"/he": "/help ", "/workflow rese": "/workflow research ", "@do": "@docs/", "@top.md @docs/a": "@top.md @docs/a.md ",
	} {
		var m Menu
		m.Set(line, commands, paths)
		if got := m.Accept(); got != want {
			t.Errorf("%q becomes %q, want %q", line, got, want)
		}
	}
}

func TestAClosedMenuOpensAgainWhenTheLineChanges(t *testing.T) {
	var m Menu
	m.Set("/h", commands, nil)
	if m.Close(); m.Open() {
		t.Error("it stays open")
	}
	if m.Set("/he", commands, nil); !m.Open() || !m.Selected().More && m.Exact() {
		t.Error("it stays closed, or an incomplete name is taken for a whole one")
	}
	if m.Set("/help", commands, nil); !m.Exact() {
		t.Error("a whole name is not recognised")
	}
}

func TestAPathIsCompletedFromItsFolder(t *testing.T) {
	dir := fstest.MapFS{"a.txt": {}, "run": {}, "run.jsonl": {}, "RUNS/x": {}, ".hidden": {}, "z.weft": {}}
	entries, err := dir.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for typed, want := range map[string]string{
		"": "run.jsonl z.weft a.txt run RUNS/", "~/deep/": "run.jsonl z.weft a.txt run RUNS/", "r": "run.jsonl run RUNS/",
		"run": "run.jsonl run RUNS/", ".": ".hidden", "weft": "z.weft", "nothing": "",
	} {
		var m Menu
		m.SetFiles(typed, entries)
		var got []string
		for _, it := range m.items {
			got = append(got, it.Text)
		}
		if text := strings.Join(got, " "); text != want {
			t.Errorf("for %q it offers %q, want %q", typed, text, want)
		}
	}
	var m Menu
	if m.SetFiles("./run", entries); !m.Exact() || m.Accept() != "./run" {
		t.Errorf("a whole name is completed to %q", m.Accept())
	}
	m.Move(1)
	if m.SetFiles("./run", entries); m.Accept() != "./RUNS/" {
		t.Errorf("after a move it is completed to %q", m.Accept())
	}
}

func TestTheMenuDrawsAtEverySize(t *testing.T) {
	th := theme.Mono()
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(1, 90).Draw(t, "w"), rapid.IntRange(1, 30).Draw(t, "h")
		var m Menu
		m.Set(rapid.SampledFrom([]string{"/", "@", "/w", "/workflow "}).Draw(t, "line"), commands, paths)
		for range rapid.IntRange(0, 9).Draw(t, "moves") {
			m.Move(rapid.SampledFrom([]int{1, -1}).Draw(t, "by"))
		}
		m.Draw(canvas.New(w, h), canvas.R(0, h-1, w, 1), rapid.IntRange(0, h).Draw(t, "bottom"), &th)
		m.DrawBelow(canvas.New(w, h), canvas.R(0, h/2, w, h-h/2), &th)
	})
}
