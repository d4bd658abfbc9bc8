package markdown

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"

	xansi "github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"

	"weft/ui/canvas"
	"weft/ui/theme"
)

func look() Look { return LookOf(theme.Mono()) }

// nonBlank returns the text of a picture without blank lines, the only thing that block-wise
// rendering may change.
func nonBlank(lines []string) string {
	var out []string
	for _, l := range lines {
		if l = strings.TrimRight(l, " "); strings.TrimSpace(l) != "" {
			out = append(out, l)
		}
	}
	return strings.Join(out, "\n")
}

func pictureText(p *Picture, width int) string {
	c := canvas.New(width, p.Height())
	p.Draw(c, c.Bounds(), 0)
	return c.Plain()
}

var pieces = []string{
	"# Title", "## Sub *title*",
	"A paragraph with **bold**, `code` and [a link](https://example.org).",
	"Two lines\nof one paragraph [1].",
	"- one\n- two\n  - deeper\n- three", "* star\n\n* loose", "1. first\n2. second",
	"3. third\n\n   with a paragraph", "- [ ] open\n- [x] done",
	"> quoted\n> more", "> - in\n>   a quote", "```go\nfunc main() {\n\n\tprintln(1)\n}\n```",
	"~~~\nplain [1]\n~~~", "    indented code",
	"| a | b |\n|---|---|\n| 1 | 2 |", "***", "Setext\n===", "Term\n: definition", ": orphan",
	"<div>\nhtml\n</div>", "<!-- a\n\ncomment -->", "<pre>\n\nx\n\n</pre>",
	"text\n- list that interrupts", "  indented paragraph", "`` odd ` ticks ``",
	"```\nnever closed", "Line with two spaces  \nand a break", "[ref]: https://example.org",
	"see [ref]", "[1] and [2][3]", "\\# escaped", "&amp; &lt;",
}

// letter returns a letter or digit, and -1 for other characters.
func letter(c rune) rune {
	if unicode.IsLetter(c) || unicode.IsDigit(c) {
		return c
	}
	return -1
}

func TestRenderingByBlocksEqualsRenderingAtOnce(t *testing.T) {
	whole, blocks := NewRenderer(look()), NewRenderer(look())
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 9).Draw(t, "parts")
		seps := rapid.SliceOfN(rapid.SampledFrom([]string{"\n\n", "\n\n\n", "\n", "\n \n", "\n\n  "}), len(parts), len(parts)).Draw(t, "seps")
		var b strings.Builder
		for i, p := range parts {
			b.WriteString(p)
			b.WriteString(seps[i])
		}
		src := strings.TrimSpace(canvas.Clean(b.String()))
		width := rapid.IntRange(12, 90).Draw(t, "width")
		lines, _, err := whole.ansi(src, width)
		if err != nil {
			t.Skip(err)
		}
		c := canvas.New(width, len(lines))
		c.Styled(c.Bounds(), strings.Join(lines, "\n"))
		want := nonBlank(strings.Split(c.Plain(), "\n"))
		got := nonBlank(strings.Split(pictureText(blocks.Render(src, width), width), "\n"))
		if out, err := whole.wrapped(src, width); err == nil && overhang(out, width) > 0 {
			// All of the text was narrowed there, here only the block that is too wide: lines differ.
			got, want = strings.Map(letter, got), strings.Map(letter, want)
		}
		if got != want {
			cuts, _ := Cuts(grammar(), []byte(src))
			t.Fatalf("source %q cut at %v\n--- whole\n%s\n--- by blocks\n%s", src, cuts, want, got)
		}
	})
}

func TestACutRemainsACutWhateverIsAppended(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.SampledFrom(pieces), 2, 8).Draw(t, "parts")
		src := strings.Join(parts, "\n\n")
		end := rapid.IntRange(1, len(src)).Draw(t, "end")
		early, whole := Cuts(grammar(), []byte(src[:end]))
		all, wholeLater := Cuts(grammar(), []byte(src))
		if whole || wholeLater {
			return // a link definition changes links anywhere
		}
		for i, at := range early {
			// The last two blocks are open and may turn out to be one: a ":" at the end is a
			// paragraph, and ": …" the definition of the one before.
			if i < len(early)-2 && (i >= len(all) || all[i] != at) {
				t.Fatalf("%q cut at %v, but its continuation %q at %v", src[:end], early, src, all)
			}
		}
	})
}

func TestAGrowingTextIsCutLikeACompleteOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		src := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 2, 8).Draw(t, "parts"), rapid.SampledFrom([]string{"\n\n", "\n", "\n \n"}).Draw(t, "between"))
		c := cutter{parser: grammar()}
		for end := 0; end < len(src); {
			end = min(end+rapid.IntRange(1, 30).Draw(t, "more"), len(src))
			want, _ := Cuts(grammar(), []byte(src[:end]))
			if got := c.cut(src[:end]); !slices.Equal(got, want) {
				t.Fatalf("%q is cut at %v, grown at %v", src[:end], want, got)
			}
		}
		back := rapid.IntRange(0, len(src)).Draw(t, "back") // the user goes back in time
		want, _ := Cuts(grammar(), []byte(src[:back]))
		if got := c.cut(src[:back]); !slices.Equal(got, want) {
			t.Fatalf("%q is cut at %v, after more of it at %v", src[:back], want, got)
		}
	})
}

func TestAnyTextRendersWithinItsWidth(t *testing.T) {
	r := NewRenderer(look())
	rapid.Check(t, func(t *rapid.T) {
		src := rapid.OneOf(rapid.String(), rapid.StringOfN(rapid.RuneFrom([]rune("#*_`|->[]()!\n\n \t1.:~<&\x1b漢é👩‍👩‍👧")), 0, 200, -1)).Draw(t, "src")
		w := rapid.IntRange(0, 40).Draw(t, "width")
		p := r.Render(src, w)
		if strings.ContainsAny(pictureText(p, w), "\x1b\a") {
			t.Fatal("a control character came through")
		}
	})
}

func TestAStreamRendersRarelyAndEndsComplete(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // with a fake clock, on which no time passes
		text := strings.Repeat("Some **words** of an answer [1] that is long enough.\n\n- a list\n- of two\n\n", 40)
		var s Stream
		r := NewRenderer(look())
		s.SetWidth(60, r)
		renders := 0
		for end := 0; end <= len(text); end += 4 {
			s.Set(text[:end], false)
			for cmd := s.Render(); cmd != nil; cmd = s.Update(cmd().(Rendered)) {
				renders++
			}
		}
		if most := len(text)/minGrowth + 2; renders > most {
			t.Errorf("%d renders of %d bytes, at most %d expected", renders, len(text), most)
		}
		s.Set(text, true)
		for cmd := s.Render(); cmd != nil; cmd = s.Update(cmd().(Rendered)) {
			renders++
		}
		if !s.Settled() {
			t.Error("the complete text is not shown to its last byte")
		}
		c := canvas.New(60, s.Height())
		s.Draw(c, c.Bounds(), 0)
		if got, want := c.Plain(), pictureText(NewRenderer(look()).Render(text, 60), 60); got != want {
			t.Errorf("streamed picture differs from the one made at once:\n%s\n---\n%s", got, want)
		}
	})
}

func TestTheLastWordsOfASlowStreamAreDrawn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s Stream
		s.SetWidth(60, NewRenderer(look()))
		draw := func() {
			for cmd := s.Render(); cmd != nil; cmd = s.Update(cmd().(Rendered)) {
			}
		}
		s.Set("One", false)
		draw()
		s.Set("One word", false)
		draw()
		if s.Settled() {
			t.Error("each word is drawn at once")
		}
		time.Sleep(maxDelay)
		if draw(); !s.Settled() {
			t.Error("a word waits for more to come")
		}
	})
}

func TestALateResultOfAnOldRenderIsDropped(t *testing.T) {
	var s Stream
	r := NewRenderer(look())
	s.SetWidth(20, r)
	s.Set("first", true)
	late := s.Render()().(Rendered)
	if cmd := s.Update(late); cmd != nil || !s.Settled() {
		t.Fatal("the first render was not taken")
	}
	s.Set("second", true)
	now := s.Render()().(Rendered)
	s.Update(now)
	v := s.Version()
	s.Update(late)
	if s.Version() != v || !s.Settled() {
		t.Error("an old result replaced a new one")
	}
}

func TestACodeLineThatIsBrokenKeepsItsIndent(t *testing.T) {
	for _, tt := range []struct{ src, want string }{
		{
			"```\nif a {\n    call(first, second, third, fourth, 五番目)\n}\n```",
			"  if a {\n      call(first,\n      second, third,\n      fourth, 五番目)\n  }",
		},
		{"- one\n\n  ```\n  x = first + second + third\n  ```", "• one\n  x = first + second\n  + third"},
		{"> ```\n> x = first + second + third\n> ```", "│\n│   x = first + second\n│   + third\n│"},
		{"- one\n\n  ```\na paragraph that is wide\n\n## A wide *heading* of the text", "• one\n\n\na paragraph that is wide\n\n# A wide heading of the\ntext"},
	} {
		p := NewRenderer(look()).Render(tt.src, 24)
		var rows []string
		for row := range strings.SplitSeq(pictureText(p, 24), "\n") {
			rows = append(rows, strings.TrimRight(row, " "))
		}
		if got := strings.Join(rows, "\n"); got != tt.want {
			t.Errorf("%q: got\n%s\nwant\n%s", tt.src, got, tt.want)
		}
	}
}

// Items whose numbers are wider than a bullet are broken between words too.
func TestNumberedItemsAreBrokenBetweenWords(t *testing.T) {
	text := "The tide turns twice a day, the pier stays dry, and boats wait."
	src := "9. " + text + "\n10. " + text + "\n    1. " + text + "\n"
	r := NewRenderer(LookOf(theme.Mono()))
	for width := 24; width < 100; width++ {
		var got []string
		for _, row := range r.Render(src, width).Rows() {
			got = append(got, strings.Fields(xansi.Strip(row))...)
		}
		got = slices.DeleteFunc(got, func(word string) bool { return word[0] >= '0' && word[0] <= '9' })
		if want := strings.Fields(strings.Repeat(text+" ", 3)); !slices.Equal(got, want) {
			t.Errorf("%d cells wide: %q", width, got)
		}
	}
}

// boldText returns what a renderer whose citations are bold draws in bold.
func boldText(src string, cited ...int) (bold string) {
	l := look()
	l.Cite = canvas.Style{Attrs: canvas.Bold}
	p := NewRenderer(l).Render(src, 60, cited...)
	c := canvas.New(60, p.Height())
	p.Draw(c, c.Bounds(), 0)
	for y := range p.Height() {
		for x := range 60 {
			if g, st := c.At(x, y); st.Attrs&canvas.Bold != 0 {
				bold += g
			}
		}
	}
	return bold
}

// TestATableIsWholeAtEachWidth has widths at which a table fits exactly, is one cell too wide, and has
// to be broken.
func TestATableIsWholeAtEachWidth(t *testing.T) {
	const cell = "it is paid before the ship leaves the port"
	r := NewRenderer(numbered(theme.Mono()))
	for _, columns := range []int{1, 2, 3, 5} {
		row := "|" + strings.Repeat(" a |", columns-1) + " " + cell + " |\n"
		src := strings.Repeat("| n ", columns) + "|\n" + strings.Repeat("|---", columns) + "|\n" + row + row
		for width := 30; width < 75; width++ {
			shown := strings.Join(r.Render(src, width).Rows(), "\n")
			if got := strings.Count(strings.Join(strings.Fields(shown), ""), "port"); got < 2 {
				t.Errorf("%d columns at a width of %d:\n%s", columns, width, shown)
			}
		}
	}
}

func TestCitationsAreStyledOutsideOfCode(t *testing.T) {
	got := boldText("word [1] and [12] not [x], argv[1] nor [1234]\n\n```\na[1]\n```", 1, 12)
	if got != "[1][12]" {
		t.Errorf("bold: %q", got)
	}
}

// TestANumberInBracketsThatIsNoCitationIsText checks that the references of a quoted document do not
// look like citations of the answer, and that their text is unchanged.
func TestANumberInBracketsThatIsNoCitationIsText(t *testing.T) {
	for _, tt := range []struct {
		src   string
		cited []int
		want  string
	}{
		{"The port is in RFC [12] and note [2]. [1]", []int{1}, "[1]"},
		{`The port is in RFC \[1\] and note \[1]. [1]`, []int{1}, "[1]"},
		{"The port is 4711 [1].", nil, ""},
	} {
		if got := boldText(tt.src, tt.cited...); got != tt.want {
			t.Errorf("%s: bold is %q, want %q", tt.src, got, tt.want)
		}
	}
	r := NewRenderer(look())
	if got := pictureText(r.Render(`See RFC \[12\].`, 60, 12), 60); strings.TrimSpace(got) != "See RFC [12]." {
		t.Errorf("an escaped number is shown as %q", got)
	}
}

// TestTheCitationsOfAStreamCanChange checks that a number which the finished answer does not cite is
// shown as text.
func TestTheCitationsOfAStreamCanChange(t *testing.T) {
	l := look()
	l.Cite = canvas.Style{Attrs: canvas.Bold}
	var s Stream
	s.SetWidth(60, NewRenderer(l))
	for _, cited := range [][]int{{1, 2}, {1}} {
		s.Set("One [1], and note [2].", true)
		s.SetCited(cited)
		for cmd := s.Render(); cmd != nil; cmd = s.Update(cmd().(Rendered)) {
		}
		c := canvas.New(60, 1)
		s.Draw(c, c.Bounds(), 0)
		for n, x := range []int{5, 19} {
			_, st := c.At(x, 0)
			if got, want := st.Attrs&canvas.Bold != 0, n < len(cited); got != want {
				t.Errorf("cited %v: [%d] is bold: %v", cited, n+1, got)
			}
		}
	}
}

// TestADefinitionTurnsNoCitationIntoALink checks that the definition of a link for a number leaves
// citations unchanged: a document could otherwise choose the address of a citation.
func TestADefinitionTurnsNoCitationIntoALink(t *testing.T) {
	p := NewRenderer(look()).Render("Red [1].\n\n[1]: http://a.test\n\n```\n[1]: code\n```", 40)
	got := pictureText(p, 40)
	for _, want := range []string{"Red [1].", "[1]: http://a.test", "[1]: code"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing:\n%s", want, got)
		}
	}
}

func BenchmarkStreaming8kB(b *testing.B) {
	text := strings.Repeat("Some **words** of an answer [1] that is long enough to wrap, with `code`.\n\n- a list\n- of two\n\n```go\nfunc f() int { return 1 }\n```\n\n", 64)[:8192]
	var floor time.Duration
	for b.Loop() {
		begin := time.Now()
		NewRenderer(look()).Render(text, 80)
		floor += time.Since(begin)
		var s Stream
		s.SetWidth(80, NewRenderer(look()))
		for end := 4; end <= len(text); end += 4 {
			s.Set(text[:end], end == len(text))
			for cmd := s.Render(); cmd != nil; cmd = s.Update(cmd().(Rendered)) {
			}
		}
	}
	// The floor is the time of rendering the same text once.
	b.ReportMetric(float64(b.Elapsed()-floor)/float64(floor), "x-floor")
}
