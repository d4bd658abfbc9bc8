package chunk_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"weft/rag/chunk"
	"weft/rag/load"
)

// check splits doc and checks the invariants that hold for every document.
func check(t interface {
	Helper()
	Fatalf(string, ...any)
}, doc load.Document, opts chunk.Options) []chunk.Chunk {
	t.Helper()
	chunks := chunk.Split(doc, opts)
	limit := opts.Tokens
	if limit == 0 {
		limit = chunk.DefaultTokens
	}
	covered, ids := 0, map[string]bool{}
	for i, c := range chunks {
		if c.Start < 0 || c.End > len(doc.Text) || c.Start >= c.End {
			t.Fatalf("chunk %d has the range %d–%d in a text of %d bytes", i, c.Start, c.End, len(doc.Text))
		}
		if doc.Text[c.Start:c.End] != c.Text {
			t.Fatalf("chunk %d is not the document's text", i)
		}
		if !utf8.ValidString(c.Text) {
			t.Fatalf("chunk %d cuts a character: %q", i, c.Text)
		}
		if i > 0 && (c.Start <= chunks[i-1].Start || c.End <= chunks[i-1].End) {
			t.Fatalf("chunk %d (%d–%d) is not behind chunk %d (%d–%d)", i, c.Start, c.End, i-1, chunks[i-1].Start, chunks[i-1].End)
		}
		if c.Start > covered && strings.TrimSpace(doc.Text[covered:c.Start]) != "" {
			t.Fatalf("nothing covers %q before chunk %d", doc.Text[covered:c.Start], i)
		}
		if n := covered - c.Start; n > 0 && chunk.Tokens(doc.Text[c.Start:covered]) > limit/4+2 {
			t.Fatalf("chunk %d repeats %d tokens", i, chunk.Tokens(doc.Text[c.Start:covered]))
		}
		covered = c.End
		if ids[c.ID] || len(c.ID) != 32 {
			t.Fatalf("chunk %d has the ID %q, which is not its own", i, c.ID)
		}
		ids[c.ID] = true
		if len(doc.Marks) == 0 {
			line := 1 + strings.Count(doc.Text[:c.Start], "\n")
			if end := line + strings.Count(c.Text, "\n"); c.Line != line || c.EndLine != end {
				t.Fatalf("chunk %d is in lines %d–%d, not %d–%d", i, line, end, c.Line, c.EndLine)
			}
		}
		if strings.TrimSpace(c.Text) == "" {
			t.Fatalf("chunk %d is blank", i)
		}
		if !strings.Contains(c.Text, "```") && doc.Kind != "rst" && chunk.Tokens(c.Text) > limit+limit/10+2 {
			t.Fatalf("chunk %d has %d tokens", i, chunk.Tokens(c.Text))
		}
	}
	if strings.TrimSpace(doc.Text[covered:]) != "" {
		t.Fatalf("nothing covers the end %q", doc.Text[covered:])
	}
	if !reflect.DeepEqual(chunks, chunk.Split(doc, opts)) {
		t.Fatalf("a second split gives other chunks")
	}
	return chunks
}

var sentencePool = []string{
	"The engine keeps a journal of every run.", "Each record is written before its effect is seen.", "Does a replay give the same answer? It does.",
	"Dr. Smith et al. measured 3.5 ms, i.e. half.", "索引是一个运行。每个记录都写入日志。", "Ein Index wird gebaut, geprüft und geschrieben.", "Короткое предложение о поиске.",
	"a very long clause, which goes on and on, with many words between its commas, and never seems to reach the end that everybody waits for, until it does.",
	"https://example.org/" + strings.Repeat("x", 300), strings.Repeat("word ", 150) + "end.",
}

func genMarkdown(t *rapid.T) (string, [][2]int) {
	var b strings.Builder
	var fences [][2]int
	n := rapid.IntRange(0, 24).Draw(t, "blocks")
	for i := range n {
		switch rapid.IntRange(0, 8).Draw(t, "block") {
		case 0, 1:
			fmt.Fprintf(&b, "%s %s\n\n", strings.Repeat("#", rapid.IntRange(1, 4).Draw(t, "level")), rapid.SampledFrom([]string{"Start", "Use", "The `API`", "设置", ""}).Draw(t, "title"))
		case 2:
			start := b.Len()
			fmt.Fprintf(&b, "```go\n%s```", strings.Repeat("func f() { return } // # no heading\n\n", rapid.IntRange(0, 120).Draw(t, "lines")))
			fences = append(fences, [2]int{start, b.Len()})
			b.WriteString("\n\n")
		case 3:
			for range rapid.IntRange(1, 12).Draw(t, "items") {
				fmt.Fprintf(&b, "- %s\n", rapid.SampledFrom(sentencePool).Draw(t, "item"))
			}
			b.WriteString("\n")
		case 4:
			b.WriteString("| name | cost |\n|---|---|\n")
			for r := range rapid.IntRange(0, 60).Draw(t, "rows") {
				fmt.Fprintf(&b, "| thing %d of %d | %d.50 |\n", r, i, r*3)
			}
			b.WriteString("\n")
		case 5:
			b.WriteString(strings.Repeat("\n", rapid.IntRange(1, 300).Draw(t, "blank")))
		default:
			for range rapid.IntRange(1, 20).Draw(t, "sentences") {
				b.WriteString(rapid.SampledFrom(sentencePool).Draw(t, "sentence"))
				b.WriteString(rapid.SampledFrom([]string{" ", "\n"}).Draw(t, "space"))
			}
			b.WriteString("\n\n")
		}
	}
	return b.String(), fences
}

func TestMarkdownIsCoveredInOrderAndFencesAreNeverCut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, fences := genMarkdown(t)
		opts := chunk.Options{Tokens: rapid.SampledFrom([]int{0, 40, 120, 500}).Draw(t, "tokens"), Fence: 4000}
		for _, c := range check(t, load.Document{Path: "a.md", Title: "A", Kind: "markdown", Text: text}, opts) {
			for _, f := range fences {
				if c.Start > f[0] && c.Start < f[1] || c.End > f[0] && c.End < f[1] {
					t.Fatalf("the chunk %d–%d cuts the fence %d–%d", c.Start, c.End, f[0], f[1])
				}
			}
		}
	})
}

func TestEachKindOfDocumentHasAStructure(t *testing.T) {
	for _, kind := range load.Kinds() {
		if !chunk.HasStructure(kind) {
			t.Errorf("%s is in no row of structures: its headings and tables would be lost", kind)
		}
	}
}

func TestAnyTextOfAnyKindIsCoveredInOrder(t *testing.T) {
	kinds := append(load.Kinds(), "unknown")
	alphabet := []rune("ab c.d\n\n\n\t #>*-=`~|:;{}()[]\"'é漢字。😀\u200d\u0301" + "1.2\\!<div>@func class")
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.StringOfN(rapid.SampledFrom(alphabet), 0, 4000, -1), rapid.String()).Draw(t, "text")
		if strings.Contains(text, "```") {
			text = strings.ReplaceAll(text, "```", "``")
		}
		check(t, load.Document{Path: "a", Title: "a", Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), Text: text}, chunk.Options{Tokens: rapid.SampledFrom([]int{16, 60, 300}).Draw(t, "tokens"), Fence: 1})
	})
}

func TestEachSectionIsItsOwnChunkUnderItsHeadings(t *testing.T) {
	para := strings.Repeat("The engine keeps a journal of every run. ", 10)
	text := "# Weft\n\nIntro. " + para + "\n\n## Install\n\n" + para + "\n\n### On *Linux*\n\n" + para + "\n\n## Use\n\n" + para + "\n"
	var got [][]string
	for _, c := range check(t, load.Document{Path: "a.md", Title: "Weft", Kind: "markdown", Text: text}, chunk.Options{}) {
		got = append(got, c.Heading)
	}
	want := [][]string{{"Weft"}, {"Weft", "Install"}, {"Weft", "Install", "On Linux"}, {"Weft", "Use"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the chunks are under %q, not %q", got, want)
	}
}

func TestAHeadingGoesWithTheSectionBelowIt(t *testing.T) {
	para := strings.Repeat("The engine keeps a journal of every run. ", 10)
	chunks := check(t, load.Document{Path: "a.md", Title: "Guide", Kind: "markdown", Text: "# Weft\n\n## Install\n\n" + para + "\n"}, chunk.Options{})
	if len(chunks) != 1 || chunks[0].Line != 1 || !slices.Equal(chunks[0].Heading, []string{"Guide", "Weft", "Install"}) {
		t.Errorf("got %+v", chunks)
	}
}

func TestTinyNeighboursShareAChunkAndOthersDoNot(t *testing.T) {
	text := "# Terms\n\n## Run\n\nA sequence of records.\n\n## Step\n\nOne function.\n\n## Index\n\n" + strings.Repeat("The index is built from chunks of all files. ", 12) +
		"\n\n## Fold\n\nA state made of records.\n"
	var got []string
	for _, c := range check(t, load.Document{Path: "a.md", Title: "Terms", Kind: "markdown", Text: text}, chunk.Options{}) {
		got = append(got, strings.Join(c.Heading, "/")+":"+fmt.Sprint(c.Line))
	}
	want := []string{"Terms:1", "Terms/Index:11", "Terms/Fold:15"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestALongSectionIsCutBetweenSentencesWithOverlap(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Long\n\n")
	for i := range 200 {
		fmt.Fprintf(&b, "Sentence number %d tells about the journal of a run and its records. ", i)
	}
	chunks := check(t, load.Document{Path: "a.md", Title: "Long", Kind: "markdown", Text: b.String()}, chunk.Options{})
	repeated, total := 0, 0
	for i, c := range chunks {
		n := chunk.Tokens(c.Text)
		total += n
		if n < 150 || n > 300 {
			t.Errorf("chunk %d has %d tokens", i, n)
		}
		if i > 0 {
			repeated += chunk.Tokens(b.String()[c.Start:chunks[i-1].End])
			if !strings.HasPrefix(c.Text, "Sentence number") {
				t.Errorf("chunk %d begins with %.40q", i, c.Text)
			}
		}
	}
	if share := float64(repeated) / float64(total); share < 0.08 || share > 0.16 {
		t.Errorf("the overlap is %.0f %%", share*100)
	}
}

func TestRowsOfATableKnowItsHead(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Costs\n\n| item | price |\n|------|-------|\n")
	for i := range 120 {
		fmt.Fprintf(&b, "| item number %d | %d EUR |\n", i, i)
	}
	chunks := check(t, load.Document{Path: "a.md", Title: "Costs", Kind: "markdown", Text: b.String()}, chunk.Options{})
	if len(chunks) < 3 {
		t.Fatalf("%d chunks", len(chunks))
	}
	for i, c := range chunks[1:] {
		if c.Header != "| item | price |\n|------|-------|\n" {
			t.Errorf("chunk %d continues the table with the head %q", i+1, c.Header)
		}
		if !strings.HasPrefix(c.Text, "| item number") || !strings.HasSuffix(c.Text, "EUR |") {
			t.Errorf("chunk %d cuts a row: %q", i+1, c.Text)
		}
	}
	if chunks[0].Header != "" {
		t.Errorf("the first chunk has the head twice")
	}
}

func TestAnEndlessFenceIsCutBetweenLinesOnly(t *testing.T) {
	text := "# F\n\n```\n" + strings.Repeat("x := compute(x, y, z) // and go on\n", 2000) + "```\n"
	for _, c := range check(t, load.Document{Path: "a.md", Title: "F", Kind: "markdown", Text: text}, chunk.Options{}) {
		if n := chunk.Tokens(c.Text); n > 330 {
			t.Errorf("a chunk has %d tokens", n)
		}
		if c.End < len(text)-1 && text[c.End] != '\n' {
			t.Errorf("a chunk ends inside of a line")
		}
	}
}

func TestSourceIsCutAtItsFunctions(t *testing.T) {
	body := strings.Repeat("\tx := compute(a, b)\n\tuse(x)\n", 8)
	for name, tc := range map[string]struct {
		text string
		want []string
	}{
		"go": {"package a\n\n// F does f.\n// And more.\nfunc F(a int) error {\n" + body + "}\n\n// T is t.\ntype T struct {\n" + body + "}\n\nfunc (t *T) M() {\n" + body + "}\n",
			[]string{"a", "a/func F(a int) error", "a/type T struct", "a/func (t *T) M()"}},
		"python": {"import os\n\nclass Store:\n    \"\"\"Keeps things.\"\"\"\n\n    @property\n    def size(self):\n" + strings.Repeat("        self.use(self.thing, 3)\n", 14) +
			"\n    def get(self, key):\n" + strings.Repeat("        self.use(self.thing, 4)\n", 14) + "\ndef main():\n" + strings.Repeat("    run(1, 2, 3, four)\n", 14),
			[]string{"a", "a/class Store", "a/class Store/def size(self)", "a/class Store/def get(self, key)", "a/def main()"}},
		"docstring": {"def load(a,\n         b):\n    \"\"\"Syntax (3rd edition):\n\n    object members will be\n    class of things:\n    \"\"\"\n" + strings.Repeat("    run(1, 2, 3, four)\n", 14),
			[]string{"a/def load(a"}},
		"fields": {"type T struct {\n\tProxy func(*Request) (*url.URL, error)\n\n\tDial func(network, addr string) (net.Conn, error)\n\n\tch: make(chan int),\n" + body + "}\n",
			[]string{"a/type T struct"}},
		"java": {"public class Lamp extends Light {\n    private int oil = 3;\n" + strings.Repeat("    private int wicks = 4; // and more\n", 6) + "\n    @Override\n    public void light(Time sunset) throws Dark {\n" + body +
			"    }\n\n    List<String> names(Map<String, List<String>> of)\n    {\n    }\n}\n", []string{"a/public class Lamp extends Light", "a/public class Lamp extends Light/public void light(Time sunset) throws Dark"}},
		"c": {"#include <stdio.h>\n\nstatic int add(int a, int b)\n{\n" + body + "}\n\nint main(void) {\n" + body + "}\n",
			[]string{"a", "a/static int add(int a, int b)", "a/int main(void)"}},
		"js": {"import x from 'y'\n\nexport const load = async (path) => {\n" + body + "}\n\nexport default class Thing extends Base {\n" + body + "}\n",
			[]string{"a", "a/export const load = async (path)", "a/export default class Thing extends Base"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, c := range check(t, load.Document{Path: "a", Title: "a", Kind: "source", Text: tc.text}, chunk.Options{}) {
				got = append(got, strings.Join(c.Heading, "/"))
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("got %q,\nwant %q", got, tc.want)
			}
		})
	}
}

func TestRowsOfATableOfAsciiDocHaveTheirColumnsAndTheLinesOfTheFile(t *testing.T) {
	var b strings.Builder
	b.WriteString("= Harbour\n\nBefore.\n\n|===\n|Berth |Depth\n\n")
	for i := range 200 {
		fmt.Fprintf(&b, "|Berth %d\n|%d metres\n\n", i, i)
	}
	b.WriteString("|===\n\nAfter the table.\n")
	source := strings.Split(b.String(), "\n")
	doc, err := load.New(load.Options{}).Document(t.Context(), "a.adoc", []byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	list := chunk.Split(doc, chunk.Options{})
	if len(list) < 4 {
		t.Fatalf("%d passages", len(list))
	}
	for i, c := range list {
		if i > 0 && strings.HasPrefix(c.Text, "| Berth ") && c.Header != "| Berth | Depth |\n|---|---|\n" {
			t.Errorf("passage %d has the columns %q", i, c.Header)
		}
		text := strings.Join(source[c.Line-1:c.EndLine], "\n")
		for word := range strings.FieldsSeq(c.Text) {
			if word = strings.Trim(word, "|-#"); !strings.Contains(text, word) {
				t.Fatalf("%q is not in the lines %d to %d", word, c.Line, c.EndLine)
			}
		}
	}
	if last := list[len(list)-1]; !strings.Contains(last.Text, "After the table.") || last.EndLine != len(source)-1 {
		t.Errorf("the last passage ends on line %d, not %d", last.EndLine, len(source)-1)
	}
}

func TestHeadingsOfEachKindOfText(t *testing.T) {
	para := strings.Repeat("The engine keeps a journal of every run. ", 8)
	for kind, tc := range map[string]struct {
		text string
		want []string
	}{
		"rst":      {"=====\nTitle\n=====\n\n" + para + "\n\nUse\n---\n\n" + para + "\n\nMore\n~~~~\n\n" + para, []string{"t/Title", "t/Title/Use", "t/Title/Use/More"}},
		"org":      {"#+title: T\n* One\n" + para + "\n** TODO Two :tag:\n" + para, []string{"t", "t/One", "t/One/Two"}},
		"asciidoc": {"# Title\n\n" + para + "\n\n## Use\n\n" + para, []string{"t/Title", "t/Title/Use"}},
		"text":     {"Title\n=====\n\n" + para + "\n\nCHAPTER I. Down\n\n" + para + "\n\n1.2 The use of it\n\n" + para, []string{"t/Title", "t/CHAPTER I. Down", "t/CHAPTER I. Down/1.2 The use of it"}},
		"toml":     {"a = 1\n\n[tool.weft]\n" + strings.Repeat("key = \"a value of it\"\n", 12), []string{"t", "t/tool.weft"}},
		"yaml":     {"name: x\nservices:\n" + strings.Repeat("  - a value of it\n", 20), []string{"t/name", "t/services"}},
		"json":     {"{\n  \"name\": \"x\",\n  \"services\": [\n" + strings.Repeat("    \"a value of it\",\n", 20) + "  ]\n}\n", []string{"t", "t/name", "t/services"}},
	} {
		t.Run(kind, func(t *testing.T) {
			var got []string
			for _, c := range check(t, load.Document{Path: "a", Title: "t", Kind: kind, Text: tc.text}, chunk.Options{}) {
				got = append(got, strings.Join(c.Heading, "/"))
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("got %q,\nwant %q", got, tc.want)
			}
		})
	}
}

func TestPlacesLeadToPagesRowsAndLines(t *testing.T) {
	text := "first page\n\nsecond page\n\nthird page\n"
	marks := func(places ...string) []load.Mark {
		return []load.Mark{{Offset: 0, Place: places[0]}, {Offset: 12, Place: places[1]}, {Offset: 25, Place: places[2]}}
	}
	whole := chunk.Split(load.Document{Path: "a", Kind: "pdf", Text: text, Marks: marks("page 1", "page 2", "page 3")}, chunk.Options{})
	if len(whole) != 1 || whole[0].Place != "pages 1–3" {
		t.Errorf("got %+v", whole)
	}
	whole = chunk.Split(load.Document{Path: "a", Kind: "html", Text: text, Marks: marks("line 7", "line 9", "line 40")}, chunk.Options{})
	if len(whole) != 1 || whole[0].Line != 7 || whole[0].EndLine != 40 || whole[0].Place != "" {
		t.Errorf("got %+v", whole)
	}
}

func TestTokensAreAboutWhatModelsCount(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		// The token count of a byte-pair encoder with 100,000 entries, minus and plus about a
		// quarter.
		low, high int
	}{
		{"English", "Each run is a sequence of records, and whatever is shown on the screen is a fold of them.", 15, 25},
		{"Chinese", "每个运行都是一个记录序列，屏幕上显示的一切都是它们的折叠。", 22, 34},
		{"code", "func (l *Loader) File(ctx context.Context, e Entry) (Document, error) {\n\treturn l.read(e)\n}", 22, 36},
		{"a long word", strings.Repeat("a", 8000), 800, 1100},
		{"blank", " \n ", 0, 1},
	} {
		if n := chunk.Tokens(tc.text); n < tc.low || n > tc.high {
			t.Errorf("%s has %d tokens, not %d to %d", tc.name, n, tc.low, tc.high)
		}
	}
}

func TestWindowsCutNoFenceAndKeepTheHeadings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, fences := genMarkdown(t)
		doc := load.Document{Path: "a.md", Title: "A", Kind: "markdown", Text: text}
		whole, covered := chunk.Split(doc, chunk.Options{Fence: 4000}), 0
		under := func(at int) []string {
			for _, c := range whole {
				if c.Start <= at && at < c.End {
					return c.Heading
				}
			}
			return nil
		}
		for _, c := range chunk.SplitBy(doc, chunk.Options{Fence: 4000}, 24_000) {
			for _, f := range fences {
				if c.Start > f[0] && c.Start < f[1] || c.End > f[0] && c.End < f[1] {
					t.Fatalf("the chunk %d–%d cuts the fence %d–%d", c.Start, c.End, f[0], f[1])
				}
			}
			if c.Start > covered && strings.TrimSpace(text[covered:c.Start]) != "" {
				t.Fatalf("nothing covers %q", text[covered:c.Start])
			}
			if h := under(c.Start); !slices.Equal(h, c.Heading) && len(h) > 0 && h[len(h)-1] != c.Heading[len(c.Heading)-1] && strings.TrimSpace(c.Text)[0] != '#' {
				t.Fatalf("the chunk at %d is under %q, not %q", c.Start, c.Heading, h)
			}
			covered = c.End
		}
		if strings.TrimSpace(text[covered:]) != "" {
			t.Fatalf("nothing covers the end %q", text[covered:])
		}
	})
}
