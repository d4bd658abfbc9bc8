package load

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"weft/rag/lazyregexp"
)

var (
	pictureURI = lazyregexp.New(`!\[([^\]\n]*)\]\(\s*<?data:[^)\s>]*>?[^)\n]*\)`)
	dataURI    = lazyregexp.New(`(data:(?:[A-Za-z]+/[\w.+-]+)?(?:;[\w.=-]+)*(?:;base64)?,)` +
		`(?:[A-Za-z0-9+/=_-]{40,}|(?:%[0-9A-Fa-f]{2}|[^\s"'()<>%]){80,})`)

	// quotedURI matches the value of an attribute or of url() in CSS, where quotes may enclose
	// markup with spaces and angle brackets: <img src='data:image/svg+xml;utf8,<svg …>'>.
	quotedURI = lazyregexp.New(`([=(]\s*)(?:'(data:[\w.+/;=-]*,)[^'\n]{40,}'|"(data:[\w.+/;=-]*,)[^"\n]{40,}")`)
)

// cutDataURIs removes files embedded in a text as data: URIs and returns their number. An embedded
// picture in Markdown is replaced by its description.
func cutDataURIs(kind, text string) (string, int) {
	if !strings.Contains(text, "data:") {
		return text, 0
	}
	n := 0
	if kind == "markdown" {
		text = pictureURI.ReplaceAllStringFunc(text, func(s string) string {
			n++
			return "[" + pictureURI.FindStringSubmatch(s)[1] + "]"
		})
	}
	text = quotedURI.ReplaceAllStringFunc(text, func(s string) string {
		n++
		m := quotedURI.FindStringSubmatch(s)
		quote := s[len(s)-1:]
		return m[1] + quote + m[2] + m[3] + "…" + quote
	})
	text = dataURI.ReplaceAllStringFunc(text, func(s string) string {
		n++
		return dataURI.FindStringSubmatch(s)[1] + "…"
	})
	return text, n
}

// dataURINote returns the note that n embedded files were left out.
func dataURINote(n int) string {
	return fmt.Sprintf("files written into the text as data: URIs and not read: %d", n)
}

// decodeJSON decodes the escapes in JSON strings and keeps the lines of the text. Escaped line ends
// and tabs become spaces.
func decodeJSON(text string) string {
	if !strings.Contains(text, `\`) {
		return text
	}
	var out strings.Builder
	out.Grow(len(text))
	inString := false
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == '"':
			inString = !inString
		case c == '\n':
			inString = false // an unclosed string must not swallow the rest
		case c == '\\' && inString && i+1 < len(text) && text[i+1] != '\n':
			decoded, n := jsonEscape(text[i:])
			out.WriteString(decoded)
			i += n
			continue
		}
		out.WriteByte(c)
		i++
	}
	return clean(out.String())
}

// jsonEscape decodes the escape at the start of s and returns its length in bytes.
func jsonEscape(s string) (string, int) {
	switch s[1] {
	case 'n', 'r', 't', 'f', 'b':
		return " ", 2
	case 'u':
		r, ok := hexRune(s)
		if !ok {
			return s[:2], 2
		}
		if utf16.IsSurrogate(r) {
			low, ok := hexRune(s[6:])
			if r = utf16.DecodeRune(r, low); !ok || r == utf8.RuneError {
				return string(utf8.RuneError), 6
			}
			return string(r), 12
		}
		if r == '\n' || r == '\r' || r < ' ' {
			return " ", 6
		}
		return string(r), 6
	case '"', '\\', '/':
		return s[1:2], 2
	}
	return s[:2], 2
}

// hexRune decodes \uXXXX.
func hexRune(s string) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(s[2:6], 16, 16)
	return rune(n), err == nil
}
