package analysis

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// fold returns text in the form in which terms are compared before stemming: compatibility forms
// unified, lower case, without accents.
func fold(s string) string { return unaccent(lowercase(s)) }

// lowercase unifies compatibility forms (full width, ligatures), apostrophes and case. It keeps
// accents, because stemmers need them.
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

// lowercaseAny is lowercase without fast paths.
func lowercaseAny(s string) string {
	s = strings.ReplaceAll(norm.NFKC.String(s), "’", "'")
	return strings.ToLower(s)
}

// unaccent removes combining marks, so that "résumé" matches "resume", and maps letters that do not
// decompose.
func unaccent(s string) string {
	switch {
	case isASCII(s) || inert(s):
		return s
	case alphabetic(s):
		return mapped(s, &alphabets().bare)
	}
	return unaccentAny(s)
}

// unaccentAny is unaccent without fast paths.
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

// lastLetter is the end of the Latin, Greek and Cyrillic letters, which most words that are not
// ASCII consist of.
const lastLetter = 0x52F

// alphabetic reports whether a text consists of letters up to lastLetter without combining marks,
// apostrophes and ASCII. Each of these characters folds the same in any context, so the text need
// not be normalised.
func alphabetic(s string) bool {
	for _, r := range s {
		if r > lastLetter && r != '’' || r >= 0x300 && r <= 0x36F || r >= 0x483 && r <= 0x489 {
			return false
		}
	}
	return true
}

// An alphabet maps each letter up to lastLetter to its folded form. The last element is for the
// apostrophe.
type alphabet [lastLetter + 2]string

func placeOf(r rune) rune {
	if r == '’' {
		return lastLetter + 1
	}
	return r
}

// alphabets holds the lower-case forms and the unaccented forms.
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

// keepsMarks reports whether a mark distinguishes words of its script, as kana voicing marks and
// the vowel signs of Indic scripts and Khmer do.
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

// inert reports whether folding is known to leave a text unchanged. It covers the scripts that are
// split into character pairs, because normalising each pair would dominate the time of indexing.
// False negatives are allowed.
func inert(s string) bool {
	marked := false // the last character was a mark; normalising may reorder two marks
	for _, r := range s {
		switch {
		case r >= 0x4E00 && r <= 0x9FFF, r >= 0xAC00 && r <= 0xD7A3: // Han, Hangul
		case r >= 0x3041 && r <= 0x3096, r >= 0x30A1 && r <= 0x30FA: // kana
		case r >= 0x0E01 && r <= 0x0E30, r == 0x0E32, r >= 0x0E40 && r <= 0x0E46:
			// Thai without its marks
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
