package load

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// unitLength is how many letters a unit of measurement has at most, such as "m" or "kWh".
const unitLength = 3

// scriptMark returns the sign to write between a text and the superscript or subscript that follows
// it: "^", "_", or "" if they are joined as they are, such as "H" and "2", "m" and "2", "2" and
// "nd". Without a sign, 10 to the sixth would be 106, and a word with the mark of a note another
// word.
func scriptMark(before, script string, raised bool) string {
	last, _ := utf8.DecodeLastRuneInString(before)
	first, size := utf8.DecodeRuneInString(script)
	signed := strings.ContainsRune("+-−–", first)
	if signed {
		first, _ = utf8.DecodeRuneInString(script[size:])
	}
	afterNumber := unicode.IsDigit(last)
	if !unicode.IsDigit(first) || !afterNumber && !unicode.IsLetter(last) && last != ')' {
		return ""
	}
	switch {
	case !raised && afterNumber:
		return "_"
	case !raised:
		return ""
	case signed || afterNumber || last == ')':
		return "^"
	}
	letters := 0
	for before != "" {
		r, size := utf8.DecodeLastRuneInString(before)
		if !unicode.IsLetter(r) {
			break
		}
		if letters++; letters > unitLength {
			return "^"
		}
		before = before[:len(before)-size]
	}
	return ""
}
