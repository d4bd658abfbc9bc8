package load

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// roffGlyphs maps names of characters in roff to the characters.
var roffGlyphs = func() map[string]string {
	all := map[string]string{
		"lq": `"`, "rq": `"`, "dq": `"`, "oq": "'", "cq": "'", "aq": "'", "ga": "`", "aa": "´",
		"ha": "^", "ti": "~", "rs": `\`, "em": "—", "en": "–",
		"hy": "-", "mi": "-", "bu": "•", "co": "©", "rg": "®", "tm": "™", "mu": "×", "di": "÷",
		"de": "°", "+-": "±", "12": "½", "14": "¼", "34": "¾", "sc": "§",
		"dg": "†", "<-": "←", "->": "→", "<=": "≤", ">=": "≥", "!=": "≠", "==": "≡", "~=": "≅",
		"if": "∞", "Eu": "€", "eu": "€", "Po": "£", "Ye": "¥", "ct": "¢",
		"Fo": "«", "Fc": "»", "fo": "‹", "fc": "›", "r!": "¡", "r?": "¿", "ss": "ß", "AE": "Æ",
		"ae": "æ", "OE": "Œ", "oe": "œ", "/O": "Ø", "/o": "ø", "oA": "Å",
		"oa": "å", "-D": "Ð", "Sd": "ð", "TP": "Þ", "Tp": "þ", ",C": "Ç", ",c": "ç", "~N": "Ñ",
		"~n": "ñ", "lB": "[", "rB": "]", "lC": "{", "rC": "}", "la": "<", "ra": ">",
		"ba": "|", "br": "|", "ul": "_", "sl": "/", "at": "@", "sh": "#", "Do": "$", "lh": "☜",
		"pl": "+", "eq": "=", "**": "*", "fm": "′", "*m": "μ", "*a": "α", "*b": "β",
		"*p": "π", "*W": "Ω", "sq": "□", "OK": "✓",
	}
	for accent, letters := range map[string][2]string{
		"'": {"aeiouyAEIOUY", "áéíóúýÁÉÍÓÚÝ"}, "`": {"aeiouAEIOU", "àèìòùÀÈÌÒÙ"},
		"^": {"aeiouAEIOU", "âêîôûÂÊÎÔÛ"}, ":": {"aeiouyAEIOUY", "äëïöüÿÄËÏÖÜŸ"}, "~": {"aoAO", "ãõÃÕ"},
	} {
		to := []rune(letters[1])
		for i, from := range letters[0] {
			all[accent+string(from)] = string(to[i])
		}
	}
	return all
}()

// unescape replaces the escapes of roff: named characters are decoded; fonts, sizes and movements
// are removed.
func (m *manReader) unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); {
		if s[i] != '\\' {
			out.WriteByte(s[i])
			i++
			continue
		}
		if i+1 == len(s) {
			break
		}
		c := s[i+1]
		i += 2
		switch c {
		case 'e', '\\':
			out.WriteByte('\\')
		case '-', '.', '\'', '`', '"':
			if c == '"' { // a comment up to the end of the line
				return out.String()
			}
			out.WriteByte(c)
		case ' ', '~', '0', 't':
			out.WriteByte(' ')
		case '(', '[':
			name, n := roffName(s[i-1:])
			i += n - 1
			out.WriteString(roffGlyph(name))
		case 'C':
			name, n := roffQuoted(s[i:])
			i += n
			out.WriteString(roffGlyph(name))
		case '*':
			name, n := roffName(s[i:])
			i += n
			switch value, ok := m.strings[name]; {
			case ok:
				out.WriteString(value)
			case name == "R":
				out.WriteString("®")
			case name == "Tm":
				out.WriteString("™")
			default:
				out.WriteString(roffGlyph(name))
			}
		case 'f', 'F', 'm', 'M', 'n', 'k', 'g', 'V', 'Y':
			_, n := roffName(s[i:])
			i += n
		case 's':
			i += sizeLen(s[i:])
		case 'h', 'v', 'w', 'l', 'L', 'D', 'o', 'b', 'x', 'X', 'H', 'S', 'A', 'B', 'R', 'Z', 'N':
			_, n := roffQuoted(s[i:])
			i += n
		}
		if out.Len() > 1<<20 {
			break
		}
	}
	return out.String()
}

// roffGlyph returns the named character. A name may be a Unicode code: "u00e9", "u0065_0301".
func roffGlyph(name string) string {
	if g, ok := roffGlyphs[name]; ok {
		return g
	}
	code, isUnicode := strings.CutPrefix(name, "u")
	if !isUnicode || len(code) < 4 {
		return ""
	}
	var out strings.Builder
	for part := range strings.SplitSeq(code, "_") {
		n, err := strconv.ParseUint(part, 16, 32)
		if err != nil || n > unicode.MaxRune || !utf8.ValidRune(rune(n)) {
			return ""
		}
		out.WriteRune(rune(n))
	}
	return out.String()
}

// roffName parses the name after an escape: one character, (xx or [name]. n is its length in bytes.
func roffName(s string) (name string, n int) {
	switch {
	case s == "":
		return "", 0
	case s[0] == '(' && len(s) >= 3:
		return s[1:3], 3
	case s[0] == '[':
		if end := strings.IndexByte(s, ']'); end > 0 {
			return s[1:end], end + 1
		}
	}
	_, n = utf8.DecodeRuneInString(s)
	return s[:n], n
}

// roffQuoted parses an argument between two equal delimiters.
func roffQuoted(s string) (value string, n int) {
	if s == "" {
		return "", 0
	}
	if end := strings.IndexByte(s[1:], s[0]); end >= 0 && s[0] != ' ' {
		return s[1 : end+1], end + 2
	}
	return "", 1
}

// sizeLen returns the length in bytes of the size after \s.
func sizeLen(s string) int {
	n := 0
	if n < len(s) && (s[n] == '+' || s[n] == '-') {
		n++
	}
	switch {
	case n < len(s) && (s[n] == '[' || s[n] == '(' || s[n] == '\''):
		_, length := roffName(s[n:])
		return n + length
	case n+1 < len(s) && n == 0 && (s[n] == '1' || s[n] == '2' || s[n] == '3') && s[n+1] >= '0' && s[n+1] <= '9':
		return 2
	}
	return min(n+1, len(s))
}
