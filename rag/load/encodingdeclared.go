package load

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"

	"weft/rag/lazyregexp"
)

var (
	metaCharset = lazyregexp.New(`(?i)<meta\s[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]+)`)
	xmlEncoding = lazyregexp.New(`^\s*<\?xml[^>]{0,100}\sencoding=["']([\w.:-]+)["']`)
)

// decodeHTML decodes a web page. A page that is not UTF-8 is decoded by the encoding that it
// declares, or else as by decodeNoted.
func decodeHTML(data []byte, limit int) (text string, cut bool, how decodeReport, ok bool) {
	return decodeDeclared(data, limit, metaCharset, xmlEncoding)
}

// decodeXML decodes XML by the same rules as decodeHTML.
func decodeXML(data []byte, limit int) (text string, cut bool, how decodeReport, ok bool) {
	return decodeDeclared(data, limit, xmlEncoding)
}

// decodeDeclared decodes by the first declared encoding in which all bytes are valid.
func decodeDeclared(data []byte, limit int, declarations ...*lazyregexp.Regexp) (
	text string, cut bool, how decodeReport, ok bool) {
	head := data[:min(len(data), sniffed)]
	if wideEncoding(head) != nil || utf8.Valid(data) {
		return decodeNoted(data, limit)
	}
	for _, declaration := range declarations {
		m := declaration.FindSubmatch(head)
		if m == nil {
			continue
		}
		enc, err := htmlindex.Get(string(m[1]))
		if err != nil {
			continue
		}
		if name, err := htmlindex.Name(enc); err != nil || strings.HasPrefix(name, "utf-") {
			continue
		}
		text = decodeWith(enc, data[:min(len(data), limit)])
		if end := strings.IndexRune(text, utf8.RuneError); end < 0 || end > len(text)-4 { // cut within a character
			return text, len(data) > limit, how, true
		}
	}
	return decodeNoted(data, limit)
}
