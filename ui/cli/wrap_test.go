package cli

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
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
	letters := []rune("abcd日 \n1.-")
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 0))
		text := make([]rune, random.IntN(120))
		for i := range text {
			text[i] = letters[random.IntN(len(letters))]
		}
		got := wrapAt(20+random.IntN(40), string(text))
		if a, b := strings.Fields(got), strings.Fields(string(text)); !slices.Equal(a, b) {
			t.Fatalf("seed %d: %q became %q", seed, string(text), got)
		}
	}
}
