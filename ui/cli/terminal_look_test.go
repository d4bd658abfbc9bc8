//go:build !windows

package cli

import (
	"fmt"
	"image/color"
	"math"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

// The tests in this file cover the colours and sizes that a terminal is sent.

func TestNoColorWithAnyValueMeansNoColour(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{"0": false, "": true} {
		s := start{env: map[string]string{"NO_COLOR": value}}.open(t)
		s.see("Ask a question")
		s.ask(question)
		s.tap("timeline")
		s.tap("inspect")
		s.see("started by")
		if got := colours(s.written(0)); len(got) > 0 != want {
			t.Errorf("NO_COLOR=%q: %d colours are set", value, len(got))
		}
	}
}

// colours returns the colour parameters in the output.
func colours(written string) (out []string) {
	for _, m := range regexp.MustCompile(`\x1b\[([0-9;:]*)m`).FindAllStringSubmatch(written, -1) {
		for _, p := range strings.FieldsFunc(m[1], func(r rune) bool { return r == ';' || r == ':' }) {
			if n := len(p); n == 2 && p[0] >= '3' && p[0] <= '4' || n == 2 && p[0] == '9' || n == 3 && p[:2] == "10" {
				out = append(out, p)
			}
		}
	}
	return out
}

func TestOutputIsLegibleOnDarkAndLight(t *testing.T) {
	t.Parallel()
	for _, st := range []start{{}, {light: true}, {light: true, mute: true, env: map[string]string{"COLORFGBG": "0;15"}}} {
		st.w, st.h = 120, 30
		s := st.open(t)
		s.see("Ask a question")
		s.ask(question)
		s.tap("timeline")
		s.until("the ground of the terminal to be known", func(string) bool { return worst(s).ratio >= 3 })
		t.Logf("light %v, mute %v: the faintest text has a contrast of %.1f: %s", st.light, st.mute, worst(s).ratio, worst(s).where)
	}
}

type faintest struct {
	ratio float64
	where string
}

// worst returns the letter with the least contrast to its background.
func worst(s *terminal) faintest { return faintestOf(s, "") }

// faintestOf returns the letter with the least contrast to its background in the lines with a text.
func faintestOf(s *terminal, text string) faintest {
	s.mu.Lock()
	defer s.mu.Unlock()
	low := faintest{ratio: math.Inf(1)}
	lines := strings.Split(s.emu.String(), "\n")
	for y := range s.emu.Height() {
		if y >= len(lines) || !strings.Contains(lines[y], text) {
			continue
		}
		for x := range s.emu.Width() {
			c := s.emu.CellAt(x, y)
			if c == nil || c.Content == "" || !strings.ContainsAny(c.Content, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") {
				continue
			}
			fg, bg := c.Style.Fg, c.Style.Bg
			if fg == nil {
				fg = s.emu.ForegroundColor()
			}
			if bg == nil {
				bg = s.emu.BackgroundColor()
			}
			if r := contrast(fg, bg); r < low.ratio {
				low = faintest{r, fmt.Sprintf("%q at column %d of row %d", c.Content, x, y)}
			}
		}
	}
	return low
}

// contrast returns the WCAG contrast ratio: 1 is no contrast, 21 is black on white.
func contrast(a, b color.Color) float64 {
	luminance := func(c color.Color) float64 {
		r, g, b, _ := c.RGBA()
		linear := func(v uint32) float64 {
			x := float64(v) / 0xffff
			if x <= 0.04045 {
				return x / 12.92
			}
			return math.Pow((x+0.055)/1.055, 2.4)
		}
		return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
	}
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestADumbTerminalGetsAdvice(t *testing.T) {
	t.Parallel()
	s := start{env: map[string]string{"TERM": "dumb"}}.open(t)
	code, left := s.end()
	if code != exitUsage || !strings.Contains(left, "weft ask") {
		t.Errorf("exit code %d and %q", code, left)
	}
	if strings.Contains(s.written(0), "\x1b[?1049h") {
		t.Error("the explorer was drawn")
	}
}

func TestAStormOfResizesEndsInTheSamePicture(t *testing.T) {
	t.Parallel()
	s := start{}.open(t)
	s.see("Ask a question")
	s.ask(question)
	before := s.see("✓ answered without a model", " No model wrote this: these are sentences from your documents. ")
	// Larger than any window, so that output for one size never meets a smaller screen.
	s.screen(250, 70)
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		s.notify(1+rng.IntN(250), 1+rng.IntN(70))
		if rng.IntN(4) == 0 {
			s.press("tab")
		}
	}
	s.notify(1, 1)
	s.resize(200, 50)
	s.until("the wide picture", func(screen string) bool { return strings.Count(screen, "╭─ ") >= 4 })
	s.tap("commands")
	s.write("go to the question line")
	s.see("▌go to the question line")
	s.press("↵")
	s.resize(80, 24)
	s.until("the same picture as before:\n"+before, func(screen string) bool { return screen == before })
}
