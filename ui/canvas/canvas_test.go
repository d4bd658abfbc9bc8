package canvas

import (
	"image/color"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"
)

func TestCleanRemovesWhatCouldHarmATerminal(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"plain text is untouched", "Grüße, 世界 → ok", "Grüße, 世界 → ok"},
		{"colours", "\x1b[31mred\x1b[0m", "red"},
		{"window title", "a\x1b]0;owned\x07b", "ab"},
		{"clipboard write", "a\x1b]52;c;ZXZpbA==\x1b\\b", "ab"},
		{"cut-off sequence", "a\x1b[", "a"},
		{"8-bit CSI loses its introducer", "a\u009b31mb", "a31mb"},
		{"bell and backspace", "a\a\bb", "ab"},
		{"bidi override", "a\u202egpj.exe", "agpj.exe"},
		{"bidi isolates", "\u2066a\u2069", "a"},
		{"zero width", "pass\u200bword\ufeff", "password"},
		{"soft hyphen", "co\u00adop", "coop"},
		{"tower", "a" + strings.Repeat("\u0301", 50), "a" + strings.Repeat("\u0301", maxMarks)},
		{"mark without a letter", "\u0301x", "x"},
		{"carriage return", "good\rbad", "good\nbad"},
		{"dos line end", "a\r\nb", "a\nb"},
		{"tab", "a\tb", "a    b"},
		{"invalid bytes", "a\xffb", "a\ufffdb"},
		{"joined family", "👨\u200d👩", "👨👩"},
		{"tag characters", "a\U000e0041b", "ab"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Clean(tt.in); got != tt.want {
				t.Errorf("Clean(%q) = %q, want %q", tt.in, got, tt.want)
			}
			if got, want := Line(tt.in), strings.ReplaceAll(tt.want, "\n", " "); got != want {
				t.Errorf("Line(%q) = %q, want %q", tt.in, got, want)
			}
		})
	}
}

func TestCleanKeepsTheWidthThatTerminalsAgreeOn(t *testing.T) {
	for _, s := range []string{"❤️ ok", "1️⃣", "👍🏽 yes", "🇩🇪", "né", "한국어", "日本語", "✓ ✗ ◆", "안", "Ελληνικά", "עברית", "العربية", "ไทย"} {
		c := Line(s)
		if w, g := ansi.WcWidth.StringWidth(c), ansi.GraphemeWidth.StringWidth(c); w != g {
			t.Errorf("%q cleaned to %q: %d cells by runes, %d by clusters", s, c, w, g)
		}
	}
}

func checkClean(t interface{ Fatalf(string, ...any) }, s string) {
	c := Clean(s)
	if !utf8.ValidString(c) {
		t.Fatalf("Clean(%q) = %q is not UTF-8", s, c)
	}
	for _, r := range c {
		if r != '\n' && invisible(r) {
			t.Fatalf("Clean(%q) = %q keeps %U", s, c, r)
		}
	}
	if ansi.Strip(c) != c {
		t.Fatalf("Clean(%q) = %q holds an escape sequence", s, c)
	}
	if again := Clean(c); again != c {
		t.Fatalf("Clean is not stable: %q, then %q", c, again)
	}
}

func FuzzClean(f *testing.F) {
	f.Add("a\x1b[31mb\u202e\u0301\u0301")
	f.Add("\x1b\x1b]0;x\x9c")
	f.Fuzz(func(t *testing.T, s string) { checkClean(t, s) })
}

func TestCleanIsSafeAndStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkClean(t, rapid.String().Draw(t, "s")) })
}

func TestTextIsCutAtTheEdgeOfItsCanvas(t *testing.T) {
	c := New(6, 2)
	if n := c.Text(0, 0, "abcdefgh", Style{}); n != 6 {
		t.Errorf("drew %d cells", n)
	}
	c.TextN(1, 1, 4, "世界世界", Style{})
	if got, want := c.Plain(), "abcde…\n 世…"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSubCanvasNeverWritesOutside(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(0, 12).Draw(t, "w"), rapid.IntRange(0, 6).Draw(t, "h")
		c := New(w, h)
		c.Fill(c.Bounds(), "·", Style{})
		small := rapid.IntRange(-3, 14)
		r := R(small.Draw(t, "x"), small.Draw(t, "y"), small.Draw(t, "rw"), small.Draw(t, "rh"))
		s := c.Sub(r)
		s.Text(small.Draw(t, "tx"), small.Draw(t, "ty"), rapid.String().Draw(t, "s"), Style{})
		s.Styled(s.Bounds(), rapid.String().Draw(t, "styled")+"\x1b[1m世")
		s.Box(s.Bounds(), Rounded, Style{}, "title", Style{})
		s.Scrollbar(s.Bounds(), 100, small.Draw(t, "offset"), Style{}, Style{})
		s.Overlay(R(-1, -1, 20, 20), Style{Attrs: Reverse})
		for y := range h {
			for x := range w {
				g, st := c.At(x, y)
				inside := x >= r.Min.X && x < r.Max.X && y >= r.Min.Y && y < r.Max.Y
				if !inside && (g != "·" || st.Attrs != 0) {
					t.Fatalf("cell %d,%d outside %v was changed to %q", x, y, r, g)
				}
			}
		}
		for _, line := range strings.Split(c.String(), "\n") {
			if n := ansi.StringWidth(line); n > w {
				t.Fatalf("line %q is %d cells wide, more than %d", line, n, w)
			}
		}
	})
}

func TestAFrameHoldsEveryCellWithItsStyleAndLink(t *testing.T) {
	styles := []Style{{}, {Attrs: Bold}, {Attrs: Reverse}, {Fg: color.RGBA{1, 2, 3, 255}}, {Fg: color.RGBA{1, 2, 3, 255}, Attrs: Dim}, {Bg: color.RGBA{9, 9, 9, 255}}, {Underline: 1}}
	links := []uv.Link{{}, {URL: "http://x"}, {URL: "http://y", Params: "id=1"}}
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(0, 90).Draw(t, "w"), rapid.IntRange(0, 4).Draw(t, "h")
		c := New(w, h)
		for range rapid.IntRange(0, 40).Draw(t, "cells") {
			x, y := rapid.IntRange(0, w).Draw(t, "x"), rapid.IntRange(0, h).Draw(t, "y")
			g := rapid.SampledFrom([]string{" ", " ", "a", "é", "世"}).Draw(t, "g")
			c.put(x, y, &uv.Cell{Content: g, Width: Width(g), Style: rapid.SampledFrom(styles).Draw(t, "style"), Link: rapid.SampledFrom(links).Draw(t, "link")})
		}
		shown := uv.NewScreenBuffer(w, h)
		uv.NewStyledString(c.String()).Draw(shown, shown.Bounds())
		for y := range h {
			for x := range w {
				if got, want := shown.CellAt(x, y), c.buf.CellAt(x, y); !got.Equal(want) && !(want.Content == "" && got.Equal(&uv.EmptyCell)) {
					t.Fatalf("cell %d,%d is %+v, want %+v, in %q", x, y, got, want, c.String())
				}
			}
		}
	})
}

func TestStyledTextDropsBackgroundsAndOtherSequences(t *testing.T) {
	c := New(10, 2)
	c.Styled(c.Bounds(), "\x1b[1;48;5;1mab\x1b[0m\x1bPq#0\x1b\\c\n\x1b]8;;http://x\x07link\x1b]8;;\x07")
	if got, want := c.Plain(), "abc\nlink"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if g, st := c.At(0, 0); g != "a" || st.Bg != nil || st.Attrs != Bold {
		t.Errorf("first cell %q %+v", g, st)
	}
	if s := c.String(); strings.Contains(s, "Pq") || !strings.Contains(s, "\x1b]8;;http://x") {
		t.Errorf("frame %q", s)
	}
}

func TestOverlayIsASelection(t *testing.T) {
	c := New(2, 1)
	red, grey := color.Gray{1}, color.Gray{9}
	c.Text(0, 0, "a", Style{Fg: red})
	c.Overlay(c.Bounds(), Style{Fg: grey, Bg: grey})
	if _, st := c.At(0, 0); st.Fg != red || st.Bg != grey {
		t.Errorf("coloured cell: %+v", st)
	}
	if _, st := c.At(1, 0); st.Fg != grey || st.Bg != grey {
		t.Errorf("plain cell: %+v", st)
	}
}

func TestBlitShowsAWindowOfALongerCanvas(t *testing.T) {
	src := New(3, 4)
	for y, s := range []string{"one", "two", "世x", "end"} {
		src.Text(0, y, s, Style{})
	}
	c := New(4, 2)
	c.Blit(R(1, 0, 3, 2), src, 2)
	if got, want := c.Plain(), " 世x\n end"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWrapAndTruncate(t *testing.T) {
	if got := strings.Join(Wrap("the quick brown fox", 9), "|"); got != "the quick|brown fox" {
		t.Errorf("Wrap: %q", got)
	}
	if got := TruncateLeft("docs/guide/intro.md", 10); got != "…/intro.md" {
		t.Errorf("TruncateLeft: %q", got)
	}
	if got := Truncate("世界", 3); got != "世…" {
		t.Errorf("Truncate: %q", got)
	}
}

// BenchmarkFrame fills and renders 200×50 cells; the floor is building the same text without cells.
func BenchmarkFrame(b *testing.B) {
	c := New(200, 50)
	line := strings.Repeat("weft ", 40)
	start := time.Now()
	for range 100 {
		var sb strings.Builder
		for range 50 {
			for i := range line {
				sb.WriteString(line[i : i+1])
			}
			sb.WriteByte('\n')
		}
		_ = sb.String()
	}
	least := time.Since(start) / 100
	defer func() { b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(least), "x-floor") }()
	for b.Loop() {
		c.Reset(200, 50)
		for y := range 50 {
			c.Text(0, y, line, Style{Attrs: uint8(y & 1)})
		}
		_ = c.String()
	}
}

func TestFitEndsInAWholeWord(t *testing.T) {
	for _, c := range []struct {
		s       string
		w, rows int
		want    string
	}{
		{"the quick brown fox", 9, 2, "the quick|brown fox"},
		{"the quick brown fox", 9, 1, "the …"},
		{"the quick brown fox", 11, 1, "the quick …"},
		{"incomprehensible", 6, 1, "incom…"},
		{"漢字漢字", 5, 1, "漢字…"},
		{"the quick", 9, 0, ""},
		{"the quick", 0, 2, ""},
	} {
		if got := strings.Join(Fit(c.s, c.w, c.rows), "|"); got != c.want {
			t.Errorf("Fit(%q, %d, %d) is %q, want %q", c.s, c.w, c.rows, got, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s, w, rows := rapid.String().Draw(t, "s"), rapid.IntRange(1, 40).Draw(t, "w"), rapid.IntRange(1, 5).Draw(t, "rows")
		for _, l := range Wrap(s, w) {
			if Width(l) > max(w, 2) {
				t.Fatalf("%q does not fit %d", l, w)
			}
		}
		lines := Fit(s, w, rows)
		if len(lines) > rows {
			t.Fatalf("%d lines in %d rows: %q", len(lines), rows, lines)
		}
		for _, l := range lines {
			if Width(l) > max(w, 2) { // a wide letter needs two cells, even if w is 1
				t.Fatalf("%q does not fit %d", l, w)
			}
		}
	})
}
