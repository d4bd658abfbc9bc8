package cli

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// wrapAt wraps text, given in pieces, at a width.
func wrapAt(width int, pieces ...string) string {
	var b strings.Builder
	w := &wrap{w: &b, width: width}
	for _, p := range pieces {
		_, _ = w.Write([]byte(p))
	}
	w.end()
	return b.String()
}

func TestLinesAreBrokenBetweenWords(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"cancels weft ask, which is over", "cancels weft ask,\nwhich is over"},
		{"- cancels weft ask, which is", "- cancels weft ask,\n  which is"},
		{"    inside of it all, far in", "    inside of it\n    all, far in"},
		{"a\n\nb  c\n", "a\n\nb  c\n"},
		{"exactly twenty cells and", "exactly twenty cells\nand"},
		{"日本語の質問 日本語の質問", "日本語の質問\n日本語の質問"},
		{"see https://example.org/a/very/long/address there", "see\nhttps://example.org/a/very/long/address\nthere"},
	} {
		if got := wrapAt(20, c.text); got != c.want {
			t.Errorf("%q:\n got %q\nwant %q", c.text, got, c.want)
		}
		if got := wrapAt(20, strings.Split(c.text, "")...); got != c.want {
			t.Errorf("%q, letter by letter: %q", c.text, got)
		}
	}
}

func TestWrappingKeepsEveryWord(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-d日 \n1.-]{0,120}`).Draw(t, "text")
		got := wrapAt(rapid.IntRange(20, 60).Draw(t, "width"), text)
		if a, b := strings.Fields(got), strings.Fields(text); strings.Join(a, " ") != strings.Join(b, " ") {
			t.Fatalf("%q became %q", text, got)
		}
	})
}
