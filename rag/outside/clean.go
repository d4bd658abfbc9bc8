package outside

import (
	"strings"
	"unicode"
)

// clean returns a text as one line of at most a number of characters, without control and invisible
// characters.
func clean(text string, most int) string {
	return cut(strings.Join(strings.Fields(visible(text, false)), " "), most)
}

// cleanText returns a text without control and invisible characters but line ends and tabs, of at
// most a number of bytes.
func cleanText(text string, most int) string {
	return cut(strings.ToValidUTF8(visible(text[:min(len(text), most)], true), ""), most)
}

// visible removes control characters, and those that are not shown or change the order of others.
func visible(text string, lines bool) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			if lines {
				return r
			}
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Co, r), r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, text)
}

func cut(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return text
}
