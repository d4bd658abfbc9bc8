package load

import (
	"bytes"
	"cmp"
	"unicode"
	"unicode/utf8"
)

// chars adds a text between tags to the open block.
func (h *htmlReader) chars(raw []byte) {
	switch {
	case h.inTitle:
		h.title.Write(raw[:min(len(raw), 1<<10)])
	case h.skip != "" || h.quiet || len(h.text)+h.code.Len() > h.out.max:
	case h.pre > 0:
		h.began = cmp.Or(h.began, h.line)
		h.code.Write(raw)
	default:
		if blanks := leadingBlanks(raw); h.began == 0 && blanks < len(raw) && len(bytes.TrimSpace(raw[blanks:])) > 0 {
			h.began = h.line + countLines(raw[:blanks])
		}
		if len(raw) > h.out.max { // longer than the limit: cut it before it is copied
			end := h.out.max
			for end > 0 && !utf8.RuneStart(raw[end]) {
				end--
			}
			raw, h.cut = raw[:end], true
		}
		if h.script != 0 {
			h.text = append(h.text, h.scripted(raw)...)
		}
		if first, _ := utf8.DecodeRune(raw); h.apart && (unicode.IsLetter(first) || unicode.IsDigit(first)) {
			h.text = append(h.text, ' ')
		}
		h.apart = false
		from := len(h.text)
		h.text = append(h.text, raw...)
		for i, c := range h.text[from:] { // a line end in the source is a space; <br> breaks lines
			if c == '\n' || c == '\r' || c == '\f' {
				h.text[from+i] = ' '
			}
		}
	}
}

// leadingBlanks returns the number of white space bytes at the start of a text.
func leadingBlanks(raw []byte) (n int) {
	for n < len(raw) && (raw[n] == ' ' || raw[n] == '\t' || raw[n] == '\r' || raw[n] == '\n') {
		n++
	}
	return n
}

// countLines returns the number of line ends. It is a plain loop because most tokens are only a few
// bytes long.
func countLines(raw []byte) (n int) {
	for _, c := range raw {
		if c == '\n' {
			n++
		}
	}
	return n
}

// scripted returns the sign to write before the first text of a superscript or subscript.
func (h *htmlReader) scripted(raw []byte) string {
	up := h.script
	if up == 0 || len(bytes.TrimSpace(raw)) == 0 {
		return ""
	}
	h.script = 0
	before := h.text[max(len(h.text)-64, 0):]
	return scriptMark(string(before), string(raw), up > 0)
}
