package analysis

import (
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

// TestLettersAreFoldedAsAnyText compares the fast paths with the slow ones, for each character and
// for words of them.
func TestLettersAreFoldedAsAnyText(t *testing.T) {
	same := func(s string) bool {
		return lowercase(s) == lowercaseAny(s) && unaccent(s) == unaccentAny(s)
	}
	for r := range rune(unicode.MaxRune) {
		if s := string(r); r <= 0xFFFF && (!same(s) || !same("a"+s+"b")) {
			t.Errorf("%U is turned into %q and %q, not %q and %q", r, lowercase(s), unaccent(s), lowercaseAny(s), unaccentAny(s))
		}
		if want := r < 0x80 && wordRune(r) || r >= 0x80 && (unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r)) && !dense(r); wordRune(r) != want {
			t.Errorf("%U is part of a word: %v", r, !want)
		}
	}
	letters := rapid.OneOf(rapid.RuneFrom(nil, unicode.Latin, unicode.Greek, unicode.Cyrillic), rapid.SampledFrom([]rune("’'aZ\u0301\u0327ﬁＡ")))
	rapid.Check(t, func(t *rapid.T) {
		if s := rapid.StringOf(letters).Draw(t, "word"); !same(s) {
			t.Fatalf("%q is turned into %q and %q, not %q and %q", s, lowercase(s), unaccent(s), lowercaseAny(s), unaccentAny(s))
		}
	})
}
