package chunk

import (
	"unicode"
	"unicode/utf8"
)

// Tokens estimates the number of tokens of s for a language model: about one per English word or
// part of an identifier, one per Chinese, Japanese or Korean character, one per two or three
// letters of other scripts, and one per punctuation mark. For prose and code the estimate is within
// about a fifth of what byte-pair encoders with 100,000 entries return.
func Tokens(s string) int {
	_, n := scan(s, len(s)+1)
	return n
}

// within reports whether s has at most the given number of tokens. It scans no further than needed.
func within(s string, most int) bool {
	_, n := scan(s, most+1)
	return n <= most
}

// scan measures a prefix of s. It stops after the first piece with which the prefix has at least
// limit tokens.
func scan(s string, limit int) (size, tokens int) {
	i := 0
	for i < len(s) && tokens < limit {
		n, t := piece(s[i:])
		i += n
		tokens += t
	}
	return i, tokens
}

// piece returns the size and the tokens of the piece that s starts with: a word or part of a word,
// a run of blanks, or a run of one punctuation mark. s must not be empty.
func piece(s string) (size, tokens int) {
	c := s[0]
	switch {
	case isLower(c) || isUpper(c):
		i := 1
		for i < len(s) && i < 64 && (isLower(s[i]) || isUpper(s[i]) && isUpper(s[i-1])) {
			i++
		}
		return i, 1 + (i-1)/9
	case isDigit(c):
		i := 1
		for i < len(s) && i < 3 && isDigit(s[i]) {
			i++
		}
		return i, 1
	case isBlank(c):
		i, newline := 0, false
		for i < len(s) && i < 16 && isBlank(s[i]) {
			newline = newline || s[i] == '\n'
			i++
		}
		if newline || i > 1 {
			return i, 1
		}
		return i, 0
	case c < utf8.RuneSelf:
		i := 1
		for i < len(s) && i < 4 && s[i] == c {
			i++
		}
		return i, 1
	}
	r, n := utf8.DecodeRuneInString(s)
	if eastAsian(r) || !isLetter(r) {
		return n, 1
	}
	for count := 1; count < 3 && n < len(s); count++ {
		if c := s[n]; c < utf8.RuneSelf {
			if !isLower(c) {
				break
			}
			n++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[n:])
		if !isLetter(r) {
			break
		}
		n += size
	}
	return n, 1
}

// eastAsian reports whether each character of r's script is a token of its own. The ranges avoid
// the slower table lookup for most text.
func eastAsian(r rune) bool {
	switch {
	case r < 0x1100:
		return false
	case r >= 0x4E00 && r <= 0x9FFF, r >= 0xAC00 && r <= 0xD7A3, r >= 0x3041 && r <= 0x3096, r >= 0x1100 && r <= 0x11FF:
		return true
	}
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul)
}

// isLetter reports whether r is a letter or a combining mark. It is called for non-ASCII runes
// only; the ranges avoid the slower table lookup for most text.
func isLetter(r rune) bool {
	switch {
	case r >= 0xC0 && r <= 0x2C1: // Latin
		return r != '×' && r != '÷'
	// Marks, Greek, Cyrillic.
	case r >= 0x300 && r <= 0x373, r >= 0x3A3 && r <= 0x3F5, r >= 0x3F7 && r <= 0x481, r >= 0x48A && r <= 0x52F:
		return true
	case r >= 0xE01 && r <= 0xE3A, r >= 0xE40 && r <= 0xE4E: // Thai
		return true
	case r >= 0x2000 && r <= 0x206F: // punctuation
		return false
	}
	return unicode.IsLetter(r) || unicode.IsMark(r)
}

func isLower(c byte) bool { return c >= 'a' && c <= 'z' }
func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }
func isDigit(c byte) bool { return c >= '0' && c <= '9' }
func isBlank(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }
