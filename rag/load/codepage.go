package load

import (
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/transform"
)

// A decoding is the half of an encoding that reads.
type decoding interface{ NewDecoder() *encoding.Decoder }

// A byteTable is an encoding of one byte for each character, by its characters beyond ASCII, that
// golang.org/x/text lacks.
type byteTable struct{ high [128]rune }

func newByteTable(high string) *byteTable {
	t := &byteTable{}
	n := copy(t.high[:], []rune(high))
	for ; n < len(t.high); n++ {
		t.high[n] = utf8.RuneError
	}
	return t
}

func (t *byteTable) NewDecoder() *encoding.Decoder {
	return &encoding.Decoder{Transformer: runeDecoder(func(src []byte) (rune, int) {
		if src[0] < utf8.RuneSelf {
			return rune(src[0]), 1
		}
		return t.high[src[0]-utf8.RuneSelf], 1
	})}
}

// The code pages of DOS for Greek, the Baltic languages, Turkish and Icelandic. ░ to ▀ are box
// drawing.
var (
	cp737 = newByteTable("ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρσςτυφχψ" +
		"░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀ωάέήϊίόύϋώΆΈΉΊΌΎΏ±≥≤ΪΫ÷≈°∙·√ⁿ²■\u00a0")
	cp775 = newByteTable("ĆüéāäģåćłēŖŗīŹÄÅÉæÆōöĢ¢ŚśÖÜø£Ø×¤ĀĪóŻżź”¦©®¬½¼Ł«»░▒▓│┤ĄČĘĖ╣║╗╝ĮŠ┐└┴┬├─┼ŲŪ╚╔╩╦╠═╬Ž" +
		"ąčęėįšųūž┘┌█▄▌▐▀ÓßŌŃõÕµńĶķĻļņĒŅ’\u00ad±“¾¶§÷„°∙·¹³²■\u00a0")
	cp857 = newByteTable("ÇüéâäàåçêëèïîıÄÅÉæÆôöòûùİÖÜø£ØŞşáíóúñÑĞğ¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤" +
		"ºªÊËÈ\ufffdÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµ\ufffd×ÚÛÙìÿ¯´\u00ad±\ufffd¾¶§÷¸°¨·¹³²■\u00a0")
)

// johab is the Korean encoding of DOS (KS X 1001, annex 3), in which the bits of two bytes name the
// letters of a syllable.
var johab johabDecoding

type johabDecoding struct{}

func (johabDecoding) NewDecoder() *encoding.Decoder {
	return &encoding.Decoder{Transformer: runeDecoder(func(src []byte) (rune, int) {
		switch {
		case src[0] < utf8.RuneSelf:
			return rune(src[0]), 1
		case len(src) < 2:
			return utf8.RuneError, 0
		}
		return johabRune(src[0], src[1]), 2
	})}
}

// The five bits of a letter, by their value: its index among the first letters, vowels and last
// letters of Unicode's syllables. -1 means that the value is not a letter.
var (
	johabFirst = [32]int{-1, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1}
	johabVowel = [32]int{-1, -1, -1, 0, 1, 2, 3, 4, -1, -1, 5, 6, 7, 8, 9, 10, -1, -1, 11, 12, 13, 14, 15, 16, -1, -1, 17, 18, 19, 20, -1, -1}
	johabLast  = [32]int{-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, -1, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, -1, -1}
)

func johabRune(lead, trail byte) rune {
	if lead < 0xd8 {
		bits := int(lead)<<8 | int(trail)
		first, vowel, last := johabFirst[bits>>10&31], johabVowel[bits>>5&31], johabLast[bits&31]
		if first < 0 || vowel < 0 || last < 0 {
			return utf8.RuneError // a letter by itself, or none
		}
		return rune(0xac00 + (first*21+vowel)*28 + last)
	}
	// Signs and Chinese characters: two rows of KS X 1001 for each lead byte.
	row, cell := 0, 0
	switch {
	case lead >= 0xd9 && lead <= 0xde:
		row = int(lead-0xd9) * 2
	case lead >= 0xe0 && lead <= 0xf9:
		row = int(lead-0xe0)*2 + 41
	default:
		return utf8.RuneError
	}
	switch {
	case trail >= 0x31 && trail <= 0x7e:
		cell = int(trail - 0x31)
	case trail >= 0x91 && trail <= 0xfe:
		cell = int(trail-0x91) + 78
	default:
		return utf8.RuneError
	}
	row, cell = row+cell/94, cell%94
	text, err := korean.EUCKR.NewDecoder().Bytes([]byte{byte(0xa1 + row), byte(0xa1 + cell)})
	if err != nil {
		return utf8.RuneError
	}
	r, _ := utf8.DecodeRune(text)
	return r
}

// A runeDecoder decodes the first character of src and returns its length in bytes; 0 if src ends
// within it. src is not empty.
type runeDecoder func(src []byte) (r rune, size int)

func (runeDecoder) Reset() {}

// Transform decodes src to UTF-8. Bytes that are not a character become U+FFFD.
func (d runeDecoder) Transform(dst, src []byte, atEOF bool) (written, read int, err error) {
	for read < len(src) {
		r, size := d(src[read:])
		if size == 0 {
			if !atEOF {
				return written, read, transform.ErrShortSrc
			}
			r, size = utf8.RuneError, 1
		}
		if written+utf8.RuneLen(r) > len(dst) {
			return written, read, transform.ErrShortDst
		}
		written += utf8.EncodeRune(dst[written:], r)
		read += size
	}
	return written, read, nil
}
