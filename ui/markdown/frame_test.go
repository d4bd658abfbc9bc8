package markdown

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"weft/ui/canvas"
	"weft/ui/theme"
)

func numbered(t theme.Theme) Look {
	l := LookOf(t)
	l.Number, l.Copy = true, "Y copies"
	return l
}

func rowsOf(p *Picture, width int) (rows []string) {
	for row := range strings.SplitSeq(pictureText(p, width), "\n") {
		rows = append(rows, strings.TrimRight(row, " "))
	}
	return rows
}

func TestCodeHasItsLanguageAndNumberAndIsCutWithAMark(t *testing.T) {
	src := "Run:\n\n```sh\nweft ask \"how do I cancel a run?\" docs --timeout 30s\nweft docs\n```\n\n1. Then\n\n   ```go\n   \tx := 1\n   ```\n\n> ```\n> quoted\n> ```\n\n    indented\n\nEnd [1]."
	p := NewRenderer(numbered(theme.Mono())).Render(src, 44)
	got := strings.Join(rowsOf(p, 44), "\n")
	for _, part := range []string{
		"── sh ─", " 1 · Y copies ──\n  weft ask \"how do I cancel a run?\" docs ›\n  weft docs\n──", "── go ─", " 2 · Y copies ──\n      x := 1\n──",
		"│ ──", " 3 · Y copies ──\n│   quoted\n│ ──", " 4 · Y copies ──\n  indented\n──", "\nEnd [1].",
	} {
		if !strings.Contains(got+"\n", part) {
			t.Errorf("%q is missing:\n%s", part, got)
		}
	}
	if strings.ContainsAny(got, topMark+bottomMark) {
		t.Errorf("marks are left:\n%s", got)
	}
}

func TestACopiedBlockOfCodeIsWhole(t *testing.T) {
	src := "1. Run\n\n   ```sh\n   a very long line " + strings.Repeat("x", 200) + "\n     indented\n   ```\n\n~~~\nplain\n~~~\n\n```\n```"
	got := Codes(src)
	want := []Code{{"sh", "a very long line " + strings.Repeat("x", 200) + "\n  indented\n"}, {"", "plain\n"}}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestCodeCanBeReadOnDarkAndLight(t *testing.T) {
	const src = "```go\n// a comment\nfunc main() { println(\"a text\", 42, nil, 'x') } /* another */\ntype T struct{ A int `json:\"a\"` }\n```\n\n```python\n# a comment\n@decorated\ndef f(x): \"\"\"doc\"\"\"; return None\n```\n\n```yaml\n# a comment\nkey: true\n```\n\n```diff\n-gone\n+new\n```"
	for _, name := range []string{"dark", "light", "dark-cb", "light-cb"} {
		th, err := theme.Named(name, false)
		if err != nil {
			t.Fatal(err)
		}
		p := NewRenderer(numbered(th)).Render(src, 80)
		c := canvas.New(80, p.Height())
		p.Draw(c, c.Bounds(), 0)
		low, comments := map[string]float64{}, 0
		for y := range p.Height() {
			for x := range 80 {
				g, st := c.At(x, y)
				if st.Fg == nil || strings.TrimSpace(g) == "" || g == "─" {
					continue
				}
				if r := theme.Contrast(st.Fg, th.Ground()); r < 4.5 {
					low[fmt.Sprint(st.Fg)] = r
				}
				if g == "#" || g == "/" {
					comments++
				}
			}
		}
		if len(low) > 0 || comments == 0 {
			t.Errorf("%s: contrasts below 4.5: %v; %d signs of comments were looked at", name, low, comments)
		}
	}
}

func TestNumberedCodeRendersAnyTextWithinItsWidth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		src := strings.Join(rapid.SliceOf(rapid.SampledFrom(pieces)).Draw(t, "pieces"), "\n\n")
		width := rapid.IntRange(1, 100).Draw(t, "width")
		r := NewRenderer(numbered(theme.Mono()))
		p := r.Render(src, width)
		if text := pictureText(p, width); strings.ContainsAny(text, topMark+bottomMark) {
			t.Fatalf("marks are left: %q", text)
		}
		codes := 0
		for k, b := range r.kept {
			codes = max(codes, k.before+b.codes)
		}
		if want := len(Codes(src)); codes != want {
			t.Fatalf("%d blocks of code are numbered, %d can be copied", codes, want)
		}
	})
}
