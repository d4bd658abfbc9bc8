package analysis

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// fold returns text as terms are compared before stemming: compatibility forms unified, lower case, accents removed.
func fold(s string) string { return unaccent(lowercase(s)) }

// lowercase unifies compatibility forms (full width, ligatures), the apostrophes and case. Accents stay: stemmers need them.
func lowercase(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	s = strings.ReplaceAll(norm.NFKC.String(s), "’", "'")
	return strings.ToLower(s)
}

// unaccent removes combining marks, so that "résumé" and "resume" meet, and maps the letters that do not decompose.
func unaccent(s string) string {
	if isASCII(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range norm.NFD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r) && !keepsMarks(r):
		case r == 'ß':
			b.WriteString("ss")
		case r == 'ø':
			b.WriteByte('o')
		case r == 'ł':
			b.WriteByte('l')
		case r == 'đ':
			b.WriteByte('d')
		case r == 'ı':
			b.WriteByte('i')
		case r == 'æ':
			b.WriteString("ae")
		case r == 'œ':
			b.WriteString("oe")
		default:
			b.WriteRune(r)
		}
	}
	return norm.NFC.String(b.String())
}

// keepsMarks reports whether a mark distinguishes words of its script: kana voicing marks and the vowel signs of Indic scripts do.
func keepsMarks(r rune) bool {
	return r == 0x3099 || r == 0x309A || (r >= 0x0900 && r <= 0x109F)
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
