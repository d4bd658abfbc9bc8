package load

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/wlynxg/chardet"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// sniffed is how many bytes of a file are looked at to tell what it is.
const sniffed = 8 << 10

// isText tells text in any encoding from other bytes: text has no NUL, except in the encodings that are made of them.
func isText(head []byte) bool {
	return wideEncoding(head) != nil || bytes.IndexByte(head, 0) < 0
}

// wideEncoding tells UTF-16 and UTF-32 by their byte order mark or, for UTF-16, by where its zero bytes are.
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
	return nil
}

// decode gives the text of bytes in whatever encoding they are, and whether it was cut after about limit bytes. ok is false for what is not text.
func decode(data []byte, limit int) (text string, cut, ok bool) {
	head := data[:min(len(data), sniffed)]
	if enc := wideEncoding(head); enc != nil {
		n := min(len(data), 2*limit&^3)
		return decodeWith(enc, data[:n]), n < len(data), true
	}
	if !isText(head) {
		return "", false, false
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
		return string(data), cut, true
	}
	if enc := legacyEncoding(data); enc != nil {
		return decodeWith(enc, data), cut, true
	}
	return strings.ToValidUTF8(string(data), "\ufffd"), cut, true
}

func decodeWith(enc encoding.Encoding, data []byte) string {
	out, _ := enc.NewDecoder().Bytes(data) // what comes before an error is kept: a file that is cut short has an incomplete last character
	return strings.ToValidUTF8(string(out), "\ufffd")
}

// legacyEncoding guesses the encoding of text that is not UTF-8; nil when it is UTF-8 with some bytes damaged.
func legacyEncoding(data []byte) encoding.Encoding {
	sample := highBytes(data)
	good, bad := 0, 0
	for rest := sample; len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		if r == utf8.RuneError && n <= 1 {
			bad++
		} else if n > 1 {
			good++
		}
		rest = rest[n:]
	}
	if good > 10*bad {
		return nil
	}
	guess := chardet.Detect(sample)
	if guess.Encoding == "MacCyrillic" { // its letters are Windows-1251's but for the capitals, and nobody writes it any more
		return charmap.Windows1251
	}
	if guess.Confidence >= 0.4 {
		for _, name := range []string{guess.Encoding, guess.Charset} {
			if enc, err := htmlindex.Get(name); err == nil && enc != unicode.UTF8 {
				return enc
			}
		}
	}
	for _, enc := range []encoding.Encoding{japanese.ShiftJIS, japanese.EUCJP} { // short texts, of which the detector is unsure
		if kana, others := kanaIn(decodeWith(enc, sample)); kana > 3 && kana*3 > others {
			return enc
		}
	}
	return charmap.Windows1252
}

// highBytes gives the lines of a text that hold bytes above ASCII, at most 64 KB of them: they are what tells an encoding.
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

// kanaIn counts the kana of a text and its other characters above ASCII.
func kanaIn(s string) (kana, others int) {
	for _, r := range s {
		switch {
		case r >= '\u3041' && r <= '\u30ff':
			kana++
		case r == utf8.RuneError:
			return 0, 0
		case r >= utf8.RuneSelf:
			others++
		}
	}
	return kana, others
}

// charsetReader decodes an encoding by its name, for parsers of XML and of headers.
func charsetReader(label string, in io.Reader) (io.Reader, error) {
	enc, err := htmlindex.Get(label)
	if err != nil {
		return nil, err
	}
	return enc.NewDecoder().Reader(in), nil
}
