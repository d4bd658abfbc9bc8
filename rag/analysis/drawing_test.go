package analysis

import (
	"strings"
	"testing"
)

func TestDrawingsAreDistinguishedFromCode(t *testing.T) {
	for name, c := range map[string]struct {
		block string
		drawn bool
	}{
		"a timeline":        {"```timeline cancelled\n ⊘ after 3.7s      0     1s    2s\n▌⊘ rag             ━━━━━━━━━━━━━━━━━━━━━━┊   3.7s\n ✓ ├ retrieve      █████▊◆ Found    ┊      430ms\n ⊘ ╰ synthesize    ┊      ███████████╎▆▆▅ 2.7s\n```", true},
		"boxes of letters":  {"    +-------------+        +-------------+\n    |   server    |------->|   client    |\n    +-------------+        +-------------+\n", true},
		"code":              {"```go\nfunc (x *T) f(a, b int) error {\n\t// ---- the sum ----\n\tif a <= 0 || b != 1<<4 {\n\t\treturn fmt.Errorf(\"%d-%d\", a, b)\n\t}\n\treturn nil\n}\n```", false},
		"data":              {"```json\n{\"a\": [1, 2, {\"b\": []}], \"c-d\": \"https://example.org/e/f\"}\n```", false},
		"a chain of words":  {"    files ─▶ load ─▶ chunk ─▶ index ◀── retrieve ◀── workflow steps ──▶ answer\n", false},
		"art without words": {"```\n  /\\_/\\__/\\_/\\\n  \\ /\\_/  \\_/\\ /\n```", true},
		"a table of a tool": {"```\n id | name    | price\n----+---------+-------\n  1 | apples  |  1.20\n  2 | oranges |  2.10\n```", false},
		"a difference":      {"```diff\n--- a/x.go\n+++ b/x.go\n-return nil, fmt.Errorf(\"no\")\n+return nil, errNo\n```", false},
	} {
		text := "# Heading\n\nA text before it.\n\n" + c.block + "\n\nAnd one behind."
		got := Drawings(text)
		if (len(got) == 1) != c.drawn {
			t.Errorf("%s: %v", name, got)
		}
		for _, r := range got {
			if d := text[r[0]:r[1]]; d != strings.TrimRight(c.block, "\n") {
				t.Errorf("%s is cut to %q", name, d)
			}
		}
		if alone := "# Heading\n\n" + c.block; HasText(alone) == c.drawn {
			t.Errorf("%s says something: %v", name, !c.drawn)
		}
	}
	for text, want := range map[string]bool{"": false, "# A heading\n\n## And one more": false, "## Can I?\n\nYes.": true, "- an item": true} {
		if HasText(text) != want {
			t.Errorf("%q says something: %v", text, !want)
		}
	}
}
