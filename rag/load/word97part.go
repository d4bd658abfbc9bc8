package load

import (
	"fmt"
	"strings"
	"unicode/utf16"
)

// part writes one part of a document, such as the main text, the notes or the comments. from and to
// are indices of w.text.
func (w *docReader) part(noun string, from, to int) {
	w.noun, w.count = noun, 0
	if w.seen == nil {
		w.seen = map[string]bool{}
	}
	piece, notes := 0, 0
	var fields []bool // for each open field, whether its result has begun
	var at docRun     // properties of the current character
	for i := from; i < to && !w.out.full(); i++ {
		offset := -1
		for piece < len(w.offsets) && w.offsets[piece].to <= i {
			piece++
		}
		if piece < len(w.offsets) && w.offsets[piece].from <= i {
			offset = w.offsets[piece].offset + (i-w.offsets[piece].from)*w.offsets[piece].width
		}
		if offset >= 0 && (offset < at.from || offset >= at.to) {
			at = runAt(w.characters, offset)
		}
		c := w.text[i]
		if c == '\r' || c == 7 || c == 12 {
			run := docRun{}
			if offset >= 0 {
				run = runAt(w.paragraphs, offset)
			}
			w.end(c, run)
			continue
		}
		switch {
		case c == 0x13:
			fields = append(fields, false)
			continue
		case c == 0x14 && len(fields) > 0:
			fields[len(fields)-1] = true
			continue
		case c == 0x15 && len(fields) > 0:
			fields = fields[:len(fields)-1]
			continue
		case inInstruction(fields):
			continue
		case at.deleted || at.hidden:
			w.leaveOut(at, i, offset)
			continue
		}
		switch c {
		case 2: // note number, in the text or at the start of the note
			notes++
			w.line = append(w.line, utf16.Encode([]rune(fmt.Sprintf("[%d]", notes)))...)
			if noun != "paragraph" {
				w.line = append(w.line, ' ')
			}
		case 1:
			w.omitted.add("picture", "not read")
		case 8:
			w.omitted.add("drawing", "not read")
		case 9, 11:
			w.line = append(w.line, map[uint16]uint16{9: '\t', 11: '\n'}[c])
		case 0x1e:
			w.line = append(w.line, '-')
		case 5, 0x1f, 0x13, 0x14, 0x15:
		default:
			if c >= 0xf020 && c <= 0xf0ff { // private-use code of a symbol font
				c = uint16(symbolRune(rune(c - 0xf000)))
			}
			if c >= ' ' {
				w.line = append(w.line, c)
			}
		}
	}
	w.end('\r', docRun{})
	w.closeTable()
}

// inInstruction reports whether any open field is still in its instruction, before its result.
func inInstruction(fields []bool) bool {
	for _, result := range fields {
		if !result {
			return true
		}
	}
	return false
}

// leaveOut counts a stretch of hidden or deleted text once, at its first character.
func (w *docReader) leaveOut(run docRun, at, offset int) {
	if offset != run.from && at > 0 {
		return
	}
	if run.deleted {
		w.omitted.add("deleted text of tracked changes", "left out")
	} else {
		w.omitted.add("hidden text", "left out")
	}
}

// end writes the paragraph, cell or row that ends with the character c.
func (w *docReader) end(c uint16, run docRun) {
	s := string(utf16.Decode(w.line))
	w.line = w.line[:0]
	if w.noun != "paragraph" && w.noun != "text box" {
		w.beside(s)
		return
	}
	switch {
	case c == 7 && (run.rowEnd || !run.inTable && len(w.cells) > 0 && strings.TrimSpace(s) == ""):
		w.endRow()
		return
	case c == 7:
		if len(w.cells) < maxInRow {
			w.cells = append(w.cells, s)
		}
		return
	case run.inTable && c == '\r': // a paragraph inside a cell
		w.line = append(utf16.Encode([]rune(s)), '\n')
		return
	}
	w.closeTable()
	if strings.TrimSpace(s) == "" {
		return
	}
	w.count++
	w.out.place(fmt.Sprintf("%s %d", w.noun, w.count))
	level := w.headings[run.style]
	if run.outline > 0 {
		level = run.outline % 10
	}
	switch {
	case level > 0:
		w.out.heading(level, s)
	case run.list:
		w.omitted.add("list number", "not read")
		w.out.listItem(run.level, s)
	default:
		w.out.paragraph(s)
	}
}

func (w *docReader) endRow() {
	if !w.open {
		w.open = true
		w.out.place(fmt.Sprintf("%s %d", w.noun, w.count+1))
		w.out.beginTable()
	}
	w.out.beginRow()
	for _, cell := range w.cells {
		w.out.beginCell()
		if strings.TrimSpace(cell) != "" {
			w.count++
			w.out.paragraph(cell)
		}
	}
	w.cells = w.cells[:0]
}

func (w *docReader) closeTable() {
	if len(w.cells) > 0 {
		w.endRow()
	}
	if w.open {
		w.open = false
		w.out.endTable()
	}
}

// beside writes a paragraph of a note, a comment, or a page header or footer.
func (w *docReader) beside(s string) {
	if s = tidy(s); s == "" {
		return
	}
	switch w.noun {
	case "comment":
		s = commentText("", s)
	case "head or foot":
		if !saysSomething(s) || w.seen[s] {
			return
		}
		w.seen[s] = true
		w.out.place("head or foot of the pages")
		w.out.paragraph("Head or foot of the pages: " + s)
		return
	}
	w.count++
	w.out.place(fmt.Sprintf("%s %d", w.noun, w.count))
	w.out.paragraph(s)
}
