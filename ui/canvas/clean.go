package canvas

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// maxMarks is how many combining marks remain on one letter. Real languages need at most three; a
// stack of dozens reaches into the lines above and below.
const maxMarks = 3

// Clean makes text from outside (documents, models, file names, errors, remote events) safe to
// show: escape sequences, control characters, bidirectional controls, zero-width and other
// invisible characters are removed, stacks of combining marks are cut, invalid UTF-8 becomes
// U+FFFD, tabs become four spaces. Newlines stay. The result has the same width in terminals that
// count runes and in those that count grapheme clusters.
func Clean(s string) string { return clean(s, true) }

// Line is Clean for one line: newlines become spaces too.
func Line(s string) string { return clean(s, false) }

func clean(s string, newlines bool) string {
	if isPlain(s, newlines) {
		return s
	}
	if strings.Contains(s, "\x1b") {
		s = ansi.Strip(s)
	}
	var b strings.Builder
	b.Grow(len(s))
	// marks: combining marks on the current letter; base: there is a letter that can carry marks
	marks, base := 0, false
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		bad := r == utf8.RuneError && n == 1
		next := i + n
		switch {
		case bad:
			b.WriteRune(utf8.RuneError)
			marks, base = 0, true
		case r == '\n' || r == '\r' || r == '\v' || r == '\f' || r == '\u0085' || r == '\u2028' || r == '\u2029':
			if r == '\r' && strings.HasPrefix(s[next:], "\n") {
				next++
			}
			if newlines {
				b.WriteByte('\n')
			} else {
				b.WriteByte(' ')
			}
			base = false
		case r == '\t':
			b.WriteString("    ")
			base = false
		case invisible(r):
		case unicode.In(r, unicode.Mn, unicode.Me):
			if marks++; base && marks <= maxMarks {
				b.WriteString(s[i:next])
			}
		default:
			b.WriteString(s[i:next])
			marks, base = 0, r != ' '
		}
		i = next
	}
	return b.String()
}

// isPlain is a fast check for common text: if it reports true, clean would change nothing.
func isPlain(s string, newlines bool) bool {
	for i := 0; i < len(s); i++ {
		if b := s[i]; b >= utf8.RuneSelf || b == 0x7f || b < ' ' && !(newlines && b == '\n') {
			return plainRest(s[i:], newlines)
		}
	}
	return true
}

func plainRest(s string, newlines bool) bool {
	for _, r := range s {
		switch {
		case r == '\n' && newlines:
		case r < ' ' || r == 0x7f || r == utf8.RuneError:
			return false
		case r < 0x300:
			if r >= 0x80 && r < 0xa0 || r == 0xad {
				return false
			}
		// Punctuation, arrows, blocks.
		case r >= 0x2010 && r < 0x2028 || r >= 0x2030 && r < 0x2060 || r >= 0x2190 && r < 0x2600:
		// Han, Hangul, Hiragana.
		case r >= 0x4e00 && r < 0xa000 || r >= 0xac00 && r < 0xd7a4 || r >= 0x3041 && r < 0x3097:
		case r >= 0x400 && r < 0x483 || r >= 0x370 && r < 0x400: // Cyrillic, Greek
		default:
			return false
		}
	}
	return true
}

// invisible reports whether r is dropped: it is not drawn itself, or changes how its neighbours are
// drawn.
func invisible(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r < 0xa0:
		return true // controls
	case r == 0x34f, r == 0x115f, r == 0x1160, r == 0x17b4, r == 0x17b5, r == 0x3164, r == 0xffa0:
		return true // the grapheme joiner and invisible fillers
	case r >= 0x180b && r <= 0x180f, r >= 0xfe00 && r <= 0xfe0f, r >= 0xe0000 && r <= 0xe0fff:
		return true // variation selectors and tags
	case r >= 0x1160 && r <= 0x11ff, r >= 0xd7b0 && r <= 0xd7ff:
		return true // vowels and finals of Hangul, which combine with the letter before
	case r >= 0x1f3fb && r <= 0x1f3ff, r == 0x20e3:
		return true // skin tones and keycaps: terminals disagree about their width
	case r >= 0xfff0 && r <= 0xfffb, r&0xfffe == 0xfffe:
		return true // specials and noncharacters
	}
	return unicode.In(r, unicode.Cf, unicode.Cs, unicode.Zl, unicode.Zp)
}
