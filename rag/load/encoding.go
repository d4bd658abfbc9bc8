package load

import (
	"bytes"
	"encoding/base64"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"

	"weft/rag/lazyregexp"
)

// sniffed is how many bytes of a file are examined to determine its type.
const sniffed = 8 << 10

// isText reports whether bytes look like text in some encoding: they hold no NUL, unless they are
// UTF-16 or UTF-32.
func isText(head []byte) bool {
	return wideEncoding(head) != nil || bytes.IndexByte(head, 0) < 0
}

// wideEncoding recognises UTF-16 and UTF-32 by their byte order mark. Without one it recognises
// UTF-16 by the positions of zero bytes, or because the bytes decode to plausible text. It returns
// nil for other encodings.
func wideEncoding(head []byte) encoding.Encoding {
	switch {
	case bytes.HasPrefix(head, []byte{0xff, 0xfe, 0, 0}):
		return utf32.UTF32(utf32.LittleEndian, utf32.ExpectBOM)
	case bytes.HasPrefix(head, []byte{0, 0, 0xfe, 0xff}):
		return utf32.UTF32(utf32.BigEndian, utf32.ExpectBOM)
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}):
		return unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM)
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM)
	}
	if len(head) < 16 {
		return nil
	}
	if enc := fourByteEncoding(head); enc != nil {
		return enc
	}
	var zeros [2]int
	for i, c := range head {
		if c == 0 {
			zeros[i%2]++
		}
	}
	half := len(head) / 2
	switch {
	case zeros[1] > half*2/3 && zeros[0] < half/50+1:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case zeros[0] > half*2/3 && zeros[1] < half/50+1:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	}
	if zeros[0]+zeros[1] > 0 {
		for _, enc := range []encoding.Encoding{
			unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM),
			unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM),
		} {
			if readsAsText(decodeWith(enc, head[:len(head)&^1])) {
				return enc
			}
		}
	}
	return nil
}

// fourByteEncoding recognises UTF-32 without a byte order mark: every group of four bytes is the
// number of a character. It returns nil for other encodings.
func fourByteEncoding(head []byte) encoding.Encoding {
	large, little := true, true
	for i := 0; i+4 <= len(head) && (large || little); i += 4 {
		c := head[i : i+4]
		large = large && c[0] == 0 && c[1] <= 0x10 && (c[1] > 0 || c[2] > 0 || c[3] > 0)
		little = little && c[3] == 0 && c[2] <= 0x10 && (c[2] > 0 || c[1] > 0 || c[0] > 0)
	}
	switch {
	case large:
		return utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM)
	case little:
		return utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM)
	}
	return nil
}

// readsAsText reports whether a decoded text looks like text of one language that is not all ASCII:
// it holds almost only letters, spaces and punctuation, and neither control characters nor invalid
// bytes.
func readsAsText(text string) bool {
	plain, total := 0, 0
	for _, r := range text {
		switch {
		case r == '\n' || r == '\r' || r == '\t' || r >= ' ' && r < 0x7f:
			plain++
		case r < ' ' || r == utf8.RuneError:
			return false
		}
		total++
	}
	_, narrow := readsAs(text, codepage{width: 1})
	_, eastern := readsAs(text, codepage{width: 2})
	return plain < total && max(narrow, eastern) > 0.7
}

// decode decodes names, headers and heads of files in any encoding, up to about limit bytes, and
// reports whether it cut the text. ok is false for data that is not text. Readers of files use
// decodeText, decodeNoted, decodeXML or decodeHTML instead, and keep the report.
func decode(data []byte, limit int) (text string, cut, ok bool) {
	text, cut, _, ok = decodeNoted(data, limit)
	return text, cut, ok
}

// decodeText decodes files written by people, which may also be in an encoding that looks like
// ASCII (UTF-7, ISO-2022-JP).
func decodeText(data []byte, limit int) (text string, cut bool, how decodeReport, ok bool) {
	text, cut, how, ok = decodeNoted(data, limit)
	if ok && how == (decodeReport{}) {
		text, how.guess = decodeSevenBit(text)
	}
	return text, cut, how, ok
}

// A decodeReport says what is uncertain about a decoded text. It is the zero value if the encoding
// is known and all bytes are valid in it.
type decodeReport struct {
	guess string // how a guessed encoding was read; the text is whole
	lost  string // what could not be decoded
}

// decodeNoted decodes files that programs write or read, such as source code.
func decodeNoted(data []byte, limit int) (text string, cut bool, how decodeReport, ok bool) {
	head := data[:min(len(data), sniffed)]
	if enc := wideEncoding(head); enc != nil {
		n := min(len(data), 2*limit&^3)
		text, cut = decodeWith(enc, data[:n]), n < len(data)
		if len(text) > limit { // two bytes of UTF-16 may take three in UTF-8
			text, cut = strings.Clone(strings.ToValidUTF8(text[:limit], "")), true
		}
		return text, cut, how, true
	}
	if !isText(head) {
		return "", false, how, false
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if cut = len(data) > limit; cut {
		n := limit
		for n > limit-utf8.UTFMax && !utf8.RuneStart(data[n]) {
			n--
		}
		data = data[:n]
	}
	if utf8.Valid(data) {
		return string(data), cut, how, true
	}
	if c, spoken := legacyEncoding(data); c.enc != nil {
		return decodeWith(c.enc, data), cut, decodeReport{guess: guessed(c.name, spoken)}, true
	}
	how.lost = "some of its bytes are not valid UTF-8"
	return strings.ToValidUTF8(string(data), "\ufffd"), cut, how, true
}

// guessed returns the remark on a guessed encoding: "its encoding is not stated: read as
// windows-1251 (Russian)".
func guessed(name, spoken string) string {
	if spoken != "" {
		name += " (" + spoken + ")"
	}
	return "its encoding is not stated: read as " + name
}

// decodeSevenBit decodes the encodings that represent other characters in ASCII: ISO-2022-JP
// between escape sequences, HZ between ~{ and ~}, UTF-7 between + and -.
func decodeSevenBit(s string) (text, guess string) {
	if strings.Contains(s, "\x1b$B") || strings.Contains(s, "\x1b$@") {
		if text := decodeWith(japanese.ISO2022JP, []byte(s)); !strings.ContainsRune(text, utf8.RuneError) {
			return text, guessed("iso-2022-jp", "Japanese")
		}
	}
	if strings.Contains(s, "~{") {
		text := decodeWith(simplifiedchinese.HZGB2312, []byte(s))
		if _, score := readsAs(text, codepage{width: 2}); score > 0.5 && !strings.ContainsRune(text, utf8.RuneError) {
			return text, guessed("hz-gb-2312", "Chinese")
		}
	}
	if len(s) < 1<<20 && strings.Contains(s, "+") && isASCII(s) {
		if text, ok := decodeUTF7(s); ok {
			return text, guessed("utf-7", "")
		}
	}
	return s, ""
}

var utf7Run = lazyregexp.New(`\+([A-Za-z0-9/+]*)-?`)

// decodeUTF7 decodes UTF-7. It returns false unless every plus sign begins a sequence that decodes
// to plausible characters, which does not happen by accident.
func decodeUTF7(s string) (string, bool) {
	var out strings.Builder
	at, decoded := 0, 0 // decoded leaves out "+-", a plain plus sign, which is common in tables
	for _, m := range utf7Run.FindAllStringSubmatchIndex(s, -1) {
		out.WriteString(s[at:m[0]])
		at = m[1]
		if s[m[0]:m[1]] == "+-" {
			out.WriteByte('+')
			continue
		}
		body := s[m[2]:m[3]]
		bits, err := base64.RawStdEncoding.DecodeString(body)
		if err != nil || len(bits) < 2 || len(body) != (len(bits)/2*16+5)/6 {
			return "", false
		}
		inWord := m[0] > 0 && isASCIILetter(s[m[0]-1]) || at < len(s) && isASCIILetter(s[at])
		for _, r := range decodeWith(unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), bits[:len(bits)/2*2]) {
			if r < utf8.RuneSelf || r == utf8.RuneError || inWord && r > 0x24f {
				return "", false
			}
			out.WriteRune(r)
			decoded++
		}
	}
	out.WriteString(s[at:])
	text := out.String()
	_, narrow := readsAs(text, codepage{width: 1})
	_, eastern := readsAs(text, codepage{width: 2})
	return text, decoded > 0 && max(narrow, eastern) > 0.5
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}

func isASCIILetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func decodeWith(enc decoding, data []byte) string {
	// Keep the text before an error: a truncated file ends in an incomplete character.
	out, _ := enc.NewDecoder().Bytes(data)
	return strings.ToValidUTF8(string(out), "\ufffd")
}

// legacyEncoding guesses the encoding and language of text that is not valid UTF-8. The encoding is
// nil if the text is UTF-8 with some damaged bytes: in other encodings few bytes form valid UTF-8
// by accident.
func legacyEncoding(data []byte) (codepage, string) {
	sample := highBytes(data)
	valid, damaged := 0, 0 // bytes beyond ASCII inside and outside valid UTF-8 characters
	for rest := sample; len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		if r == utf8.RuneError && n <= 1 {
			damaged++
		} else if n > 1 {
			valid += n
		}
		rest = rest[n:]
	}
	if valid > 2*damaged {
		return codepage{}, ""
	}
	return guessCharset(sample)
}

// highBytes returns the lines that hold bytes beyond ASCII, about 64 KB of them at most. Only these
// lines help to guess an encoding.
func highBytes(data []byte) []byte {
	const enough = 64 << 10
	var sample []byte
	for len(data) > 0 && len(sample) < enough {
		i := bytes.IndexFunc(data, func(r rune) bool { return r >= utf8.RuneSelf })
		if i < 0 {
			break
		}
		start := max(bytes.LastIndexByte(data[:i], '\n')+1, i-200)
		end := len(data)
		if j := bytes.IndexByte(data[i:], '\n'); j >= 0 {
			end = i + j + 1
		}
		end = min(end, i+4096)
		sample = append(sample, data[start:end]...)
		data = data[end:]
	}
	return sample
}

// charsetReader decodes the encoding with a given name, for parsers of XML and of headers.
func charsetReader(label string, in io.Reader) (io.Reader, error) {
	enc, err := htmlindex.Get(label)
	if err != nil {
		return nil, err
	}
	return enc.NewDecoder().Reader(in), nil
}
