package chunk

import (
	"testing"
	"unicode"
)

// TestCharacterClassesAreThoseOfUnicode compares the fast paths with Unicode's tables.
func TestCharacterClassesAreThoseOfUnicode(t *testing.T) {
	for r := rune(0x80); r <= unicode.MaxRune; r++ {
		if isLetter(r) != (unicode.IsLetter(r) || unicode.IsMark(r)) {
			t.Errorf("%U is a letter: %v", r, isLetter(r))
		}
		if want := unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul); isLetter(r) && eastAsian(r) != want {
			t.Errorf("%U is East Asian: %v", r, !want)
		}
	}
}
