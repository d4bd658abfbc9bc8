package llm

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// given are the passages of the tests of citations.
var given = []Passage{
	{Source: "docs/install.md:5-11 › Install", Text: "Replace the filter every 400 hours."},
	{Source: "docs/team.md:1-9 › Team", Text: "Jon Okafor answers for the budget. See RFC [12] and [31]."},
	{Source: "report.pdf, page 3 › Results", Text: "The warranty lasts 24 months."},
}

func TestCitationsAreRecognisedInAllTheirForms(t *testing.T) {
	for _, c := range []struct {
		in, want string
		cited    []int
	}{
		{"It is red [1].", "It is red [1].", []int{1}},
		{"Both [1, 3] and [3][2].", "Both [1][3] and [3][2].", []int{1, 3, 2}},
		{"Apart [1] [2].", "Apart [1] [2].", []int{1, 2}},
		{"Inside ([1], [2]).", "Inside ([1], [2]).", []int{1, 2}},
		{"Doubled [[1]].", "Doubled [[1]].", []int{1}},
		{"Fullwidth 【2】 and 【1†lines 3-9】.", "Fullwidth [2] and [1].", []int{2, 1}},
		{"A file search 400 hours【1:0†install.md】.", "A file search 400 hours [1].", []int{1}},
		{"Words [Source 2], [passages 1 and 3], [^1].", "Words [2], [1][3], [1].", []int{2, 1, 3}},
		{"A colon [Source: 1], two [source 1, source 2].", "A colon [1], two [1][2].", []int{1, 2}},
		{"In brackets (source 2) and (see Source: 1).", "In brackets [2] and [1].", []int{2, 1}},
		{"German [Quelle 2] and Greek [πηγή 3], 中文[来源1]。", "German [2] and Greek [3], 中文[1]。", []int{2, 3, 1}},
		{"Ranges [1-3] and [2–3].", "Ranges [1][2][3] and [2][3].", []int{1, 2, 3}},
		{"A path [install.md:5-11], a part [docs/install.md:6].", "A path [1], a part [1].", []int{1}},
		{"Two [install.md:5-11; team.md:1-9] and [report.pdf, page 3].", "Two [1][2] and [3].", []int{1, 2, 3}},
		{"A number and a file [1: install.md], [Passage 2, lines 5-11].", "A number and a file [1], [2].", []int{1, 2}},
		{"时间为四百小时[1]。", "时间为四百小时[1]。", []int{1}},
		{"It takes 400 hours[1]. The budget is Jon's[2].", "It takes 400 hours [1]. The budget is Jon's [2].", []int{1, 2}},
		{"Done.[1] More.[2]", "Done.[1] More.[2]", []int{1, 2}},
		{"**Bold**[1] and `code` [2].", "**Bold**[1] and `code` [2].", []int{1, 2}},
		{"- **Filter** [1]\n- Budget [2]", "- **Filter** [1]\n- Budget [2]", []int{1, 2}},
		{"| hours | 400 [1] |", "| hours | 400 [1] |", []int{1}},
		{"Fullwidth 【1】(not a link)", "Fullwidth [1](not a link)", []int{1}},
		{"Fullwidth 【1】(http://a.test)", "Fullwidth [1] (http://a.test)", []int{1}},
		{"400 hours [1].\n\nSources:\n[1] install.md:5-11\n[2] team.md", "400 hours [1].\n\nSources:\n[1] install.md:5-11\n[2] team.md", []int{1}},
		{"400 hours.\n\n[1] install.md", "400 hours.\n\n[1] install.md", []int{1}},
		{"See [^1].\n\n[^1]: install.md", "See [1].\n\n[^1]: install.md", []int{1}},
	} {
		got := Cite(c.in, given)
		if got.Text != c.want || !slices.Equal(got.Cited, c.cited) || got.Removed != nil {
			t.Errorf("%q\n got %q %v %q\nwant %q %v", c.in, got.Text, got.Cited, got.Removed, c.want, c.cited)
		}
	}
}

func TestTextThatIsNoCitationIsUnchanged(t *testing.T) {
	for _, in := range []string{
		"The score lies in the range [0, 1], ids match [0-9]+ and argv[1] is the name; see RFC [12].",
		"Values in [1, 3] are in the interval [1, 2] or x = [1, 2].",
		"A pattern [1-3]* or ^[1-3] or [a-z][1-3].",
		"A year [2024], a flag [x], a box [ ] and a key [ctrl+c].",
		"An index a[2], m[1][2], f(x)[1], row[\"a\"][1], list[1].",
		"Code `a[2]` and\n```go\nx[3] = 1\n```\n~~~\n[1]",
		"A lone ` and nothing.",
		"A link [1](http://a.test), [text](a.md) and ![1](a.png).",
		"A link [text][1].\n[1]: http://a.test",
		"[^1]: A footnote.\n[1]: http://a.test",
		"Escaped \\[1] and zero [0].",
		"As the document says [31]; error [99]; see figure [7].",
		"Install [somewhere.md:3-9] and (see the source).",
		"Nested [[9]1] and [9] at the end of nothing",
		"",
	} {
		if got := Cite(in, given); got.Text != in || got.Cited != nil || got.Removed != nil {
			t.Errorf("%q\n got %q %v %q", in, got.Text, got.Cited, got.Removed)
		}
	}
	if got := Cite("Without passages [1].", nil); got.Text != "Without passages [1]." || got.Cited != nil {
		t.Errorf("%+v", got)
	}
}

func TestCitationsOfPassagesThatDoNotExistAreRemoved(t *testing.T) {
	for _, c := range []struct {
		in, want string
		cited    []int
		removed  string
	}{
		{"The budget is 42,000 euros [7]. It lasts 99 months [1].", "The budget is 42,000 euros. It lasts 99 months [1].", []int{1}, "[7]"},
		{"Mixed [1, 9].", "Mixed [1].", []int{1}, "[1, 9]"},
		{"Costs three [9][2].", "Costs three [2].", []int{2}, "[9]"},
		{"In the middle [8] of a sentence [2].", "In the middle of a sentence [2].", []int{2}, "[8]"},
		{"Named [source 9] and 20 MB [8].", "Named and 20 MB.", nil, "[source 9] [8]"},
		{"A file search【7:0†x.md】.", "A file search.", nil, "【7:0†x.md】"},
		{"小时[7]。", "小时。", nil, "[7]"},
		{"Both [1], [3] and [14][99].", "Both [1], [3] and.", []int{1, 3}, "[14] [99]"},
		{"It lasts [7][8][9].", "It lasts.", nil, "[7] [8] [9]"},
	} {
		got := Cite(c.in, given)
		if got.Text != c.want || !slices.Equal(got.Cited, c.cited) || strings.Join(got.Removed, " ") != c.removed {
			t.Errorf("%q\n got %q %v %q\nwant %q %v %q", c.in, got.Text, got.Cited, got.Removed, c.want, c.cited, c.removed)
		}
	}
}

// TestCiteNeverNamesAPassageThatWasNotGiven checks the property that lists of sources rely on, and
// that a normalised text is not changed again.
func TestCiteNeverNamesAPassageThatWasNotGiven(t *testing.T) {
	piece := rapid.SampledFrom([]string{"[1]", "[2", "]", "(http://x)", "`", "```\n", "\n", "\n\n", " ", "a", "【3】", "[9]", "[1,", "4]", ": x", "\\", "[0-99]", "~~~\n", "†", "é", "source ", "(", ")", ".", "install.md", "[^", "word "})
	rapid.Check(t, func(t *rapid.T) {
		in := strings.Join(rapid.SliceOfN(piece, 0, 30).Draw(t, "pieces"), "")
		n := rapid.IntRange(0, 3).Draw(t, "n")
		got := Cite(in, given[:n])
		for _, k := range got.Cited {
			if k < 1 || k > n {
				t.Fatalf("%q cites %d of %d", in, k, n)
			}
		}
		var parts strings.Builder
		for _, p := range splitCode(in) {
			parts.WriteString(p.text)
		}
		if parts.String() != in {
			t.Fatalf("%q was taken apart into %q", in, parts.String())
		}
		if len(maskCode(in)) != len(in) {
			t.Fatalf("masking the code of %q moves offsets", in)
		}
	})
}
