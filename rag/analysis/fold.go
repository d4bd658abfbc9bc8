package analysis

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// fold returns text as terms are compared before stemming: compatibility forms unified, lower case, accents removed.
func fold(s string) string { return unaccent(lowercase(s)) }

// lowercase unifies compatibility forms (full width, ligatures), the apostrophes and case. Accents stay: stemmers need them.
func lowercase(s string) string {
	switch {
	case isASCII(s):
		return strings.ToLower(s)
	case inert(s):
		return s
	case alphabetic(s):
		return mapped(s, &alphabets().lower)
	}
	return lowercaseAny(s)
}

// lowercaseAny is lowercase for any text.
func lowercaseAny(s string) string {
	s = strings.ReplaceAll(norm.NFKC.String(s), "’", "'")
	return strings.ToLower(s)
}

// unaccent removes combining marks, so that "résumé" and "resume" meet, and maps the letters that do not decompose.
func unaccent(s string) string {
	switch {
	case isASCII(s) || inert(s):
		return s
	case alphabetic(s):
		return mapped(s, &alphabets().bare)
	}
	return unaccentAny(s)
}

// unaccentAny is unaccent for any text.
func unaccentAny(s string) string {
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

// lastLetter is where the Latin, Greek and Cyrillic letters end of which most words are that are not ASCII.
const lastLetter = 0x52F

// alphabetic reports whether a text consists of such letters without marks beside them, apostrophes and ASCII: each becomes the same whatever stands
// around it, and nothing need be normalised.
func alphabetic(s string) bool {
	for _, r := range s {
		if r > lastLetter && r != '’' || r >= 0x300 && r <= 0x36F || r >= 0x483 && r <= 0x489 {
			return false
		}
	}
	return true
}

// An alphabet says what becomes of each such letter; the last place is the apostrophe's.
type alphabet [lastLetter + 2]string

func placeOf(r rune) rune {
	if r == '’' {
		return lastLetter + 1
	}
	return r
}

// alphabets holds the letters in lower case, and without their accents.
var alphabets = sync.OnceValue(func() *struct{ lower, bare alphabet } {
	t := &struct{ lower, bare alphabet }{}
	for r := range rune(lastLetter + 1) {
		t.lower[r], t.bare[r] = lowercaseAny(string(r)), unaccentAny(string(r))
	}
	t.lower[placeOf('’')], t.bare[placeOf('’')] = lowercaseAny("’"), unaccentAny("’")
	return t
})

func mapped(s string, to *alphabet) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		b.WriteString(to[placeOf(r)])
	}
	return b.String()
}

// keepsMarks reports whether a mark distinguishes words of its script: kana voicing marks and the vowel signs of Indic scripts and of Khmer do.
func keepsMarks(r rune) bool {
	return r == 0x3099 || r == 0x309A || r >= 0x0900 && r <= 0x109F || r >= 0x1780 && r <= 0x17FF
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// inert reports whether folding leaves a text as it is, for the scripts of which all text is made of pairs: normalising each pair would take most of the
// time of indexing. It may say no where it could say yes.
func inert(s string) bool {
	marked := false // the last character was a mark, which another one may have to change places with
	for _, r := range s {
		switch {
		case r >= 0x4E00 && r <= 0x9FFF, r >= 0xAC00 && r <= 0xD7A3: // Han, Hangul
		case r >= 0x3041 && r <= 0x3096, r >= 0x30A1 && r <= 0x30FA: // kana
		case r >= 0x0E01 && r <= 0x0E30, r == 0x0E32, r >= 0x0E40 && r <= 0x0E46: // Thai without its marks
		case r == 0x0E31 || r >= 0x0E34 && r <= 0x0E3A || r >= 0x0E47 && r <= 0x0E4E:
			if marked {
				return false
			}
			marked = true
			continue
		default:
			return false
		}
		marked = false
	}
	return true
}
