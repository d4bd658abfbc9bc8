package chunk

import (
	"unicode"
	"unicode/utf8"
)

// Tokens estimates how many tokens a language model makes of a text: about one for a word of English or a part of an identifier, one for a character of
// Chinese, Japanese or Korean, one for two or three letters of other scripts, one for a sign. It is within about a fifth of what byte-pair encoders with
// 100,000 entries give for prose and code.
func Tokens(s string) int {
	_, n := scan(s, len(s)+1)
	return n
}

// within reports whether a text has at most so many tokens, and looks no further than it must.
func within(s string, most int) bool {
	_, n := scan(s, most+1)
	return n <= most
}

// scan measures the beginning of a text: it stops behind the first piece with which the text has limit tokens.
func scan(s string, limit int) (size, tokens int) {
	i := 0
	for i < len(s) && tokens < limit {
		n, t := piece(s[i:])
		i += n
		tokens += t
	}
	return i, tokens
}

// piece measures the piece that a text begins with: a word or a part of one, a run of blanks, a run of one sign.
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

// eastAsian tells the scripts of which a character is a token. What most text is made of is told without looking it up.
func eastAsian(r rune) bool {
	switch {
	case r < 0x1100:
		return false
	case r >= 0x4E00 && r <= 0x9FFF, r >= 0xAC00 && r <= 0xD7A3, r >= 0x3041 && r <= 0x3096, r >= 0x1100 && r <= 0x11FF:
		return true
	}
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul)
}

// isLetter tells letters and the marks on them, above ASCII.
func isLetter(r rune) bool {
	switch {
	case r >= 0xC0 && r <= 0x2C1: // Latin
		return r != '×' && r != '÷'
	case r >= 0x300 && r <= 0x373, r >= 0x3A3 && r <= 0x3F5, r >= 0x3F7 && r <= 0x481, r >= 0x48A && r <= 0x52F: // marks, Greek, Cyrillic
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
