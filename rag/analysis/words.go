package analysis

import (
	"strings"
	"unicode"
)

// CountWords counts the words of a text as a reader would: words are separated by blanks, and in
// scripts written without blanks two characters count as one word.
func CountWords(text string) (n int) {
	for w := range strings.FieldsSeq(text) {
		wide := 0
		for _, r := range w {
			if unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) {
				wide++
			}
		}
		n += max(1, wide/2)
	}
	return n
}
