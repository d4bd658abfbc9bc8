package markdown

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestPlainTextHasTheWordsAndNoMarkup(t *testing.T) {
	for src, want := range map[string]string{
		"a plain line": "a plain line",
		"## Cancel a `run`\n\nPress **ctrl+c** *now*.":        "Cancel a run\n\nPress ctrl+c now.",
		"| key | what |\n|---|:--|\n| `q` | **quit** |":       "key · what\nq · quit",
		"- one\n- two\n  - inner":                             "• one\n• two\n  • inner",
		"3. three\n4. **four**\n\n   more":                    "3. three\n4. four\n  more",
		"see [the manual](docs/a.md) and <https://x.org> [1]": "see the manual and https://x.org [1]",
		"```go\nfunc f(p **int) {\n\treturn\n}\n```":          "func f(p **int) {\n\treturn\n}",
		"> quoted *text*\n\n---\n\nafter":                     "quoted text\n\n\nafter",
		"snake_case_name and 2 * 3 * 4 and \\* &amp; `\\*`":   "snake_case_name and 2 * 3 * 4 and * & \\*",
		"- [x] done\n- [ ] open":                              "• [x] done\n• [ ] open",
		"| a |\n|---|\n| 1 | **2** | 3 |":                     "a\n1 · 2 · 3",
		"| `q` | **quit** |\n| a \\| b | - |\n":               "q · quit\na | b · -",
		"before *it*\n| 1 | 2 | 3 |\n| 4 | 5 |\nafter":        "before it\n1 · 2 · 3\n4 · 5\nafter",
		"|---|---|\n| 1 | 2 |\n":                              "1 · 2",
		"- item\n  | 1 | 2 |\n  | 3 | 4 |":                    "• item\n  1 · 2\n  3 · 4",
		"|x|":                                                 "|x|",
		"Title\n=====\n":                                      "Title",
	} {
		if got := Plain(src); got != want {
			t.Errorf("Plain(%q) = %q, want %q", src, got, want)
		}
	}
}

// TestPlainKeepsAllLetters: whatever the text, no letter or digit outside of link targets and HTML
// is lost.
func TestPlainKeepsAllLetters(t *testing.T) {
	piece := rapid.SampledFrom([]string{"word ", "**bold** ", "`code` ", "\n", "\n\n", "# ", "- ", "| a | b |\n", "|---|---|\n", "> ", "    ", "```\n", "~~gone~~ ", "_it_ "})
	rapid.Check(t, func(t *rapid.T) {
		src := strings.Join(rapid.SliceOfN(piece, 0, 30).Draw(t, "text"), "")
		letters := func(s string) int {
			return len(strings.FieldsFunc(s, func(r rune) bool { return r < 'a' || r > 'z' }))
		}
		if got := Plain(src); letters(got) < letters(src) && !strings.Contains(src, "```") {
			t.Fatalf("%q became %q", src, got)
		}
	})
}
