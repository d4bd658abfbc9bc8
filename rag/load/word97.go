package load

import (
	"bytes"
	"context"
	"encoding/binary"
	"slices"
	"unicode/utf16"
	"unicode/utf8"
)

// readDOC reads documents of Word 97 to 2003 (MS-DOC): paragraphs, headings, lists, tables, notes,
// comments, text boxes, and page headers and footers. Hidden and deleted text, automatic list
// numbers, charts and pictures are left out, with a note. Of Word 6 and 95 only the text is read.
func readDOC(ctx context.Context, l *Loader, in input) (Document, error) {
	if kindOfMarkup(markupHead(in.data)) == "doc" {
		return readWordML(ctx, l, in)
	}
	if !isCompound(in.data) {
		// Some text files have the extension of a document.
		if isText(in.data[:min(len(in.data), sniffed)]) {
			doc, err := readText(ctx, l, in)
			doc.Kind = "text"
			return doc, err
		}
		return Document{}, &Error{Reason: Unsupported, Detail: "is no document of Word 6 or later: save it as .docx"}
	}
	c, err := openCompound(in.data)
	if err != nil {
		return Document{}, err
	}
	main := c.read("WordDocument")
	if len(main) < 0x1aa || binary.LittleEndian.Uint16(main) != 0xa5ec && binary.LittleEndian.Uint16(main) != 0xa5dc {
		return Document{}, lacks("text")
	}
	flags := binary.LittleEndian.Uint16(main[10:])
	if flags&0x100 != 0 {
		return Document{}, &Error{Reason: Encrypted, Detail: "is encrypted: save it without a password"}
	}
	w := &docReader{ctx: ctx, out: &builder{max: in.opts.MaxText}, main: main}
	if w.table = c.read("0Table"); flags&0x200 != 0 {
		w.table = c.read("1Table")
	}
	w.data = c.read("Data")
	if binary.LittleEndian.Uint16(main[2:]) < 106 {
		w.early()
	} else if err := w.read(); err != nil {
		return Document{}, err
	}
	doc := w.out.document()
	doc.Title, doc.Date = c.compoundProperties()
	doc.Notes = w.omitted.notes()
	doc.decoded(decodeReport{guess: w.guess})
	return doc, nil
}

// A docReader reads the streams of a document.
type docReader struct {
	ctx     context.Context
	out     *builder
	omitted tally
	guess   string // remark on a guessed encoding
	main    []byte // stream with the text and its properties
	data    []byte // stream with properties too long for main
	table   []byte // stream with the offsets of the text and properties in main

	text       []uint16 // all parts of the document, concatenated
	offsets    []docPiece
	paragraphs []docRun
	characters []docRun
	headings   map[int]int // heading levels by style; the title has level 1

	noun  string
	count int
	cells []string // cells of the open row
	open  bool     // a table is open
	line  []uint16
	seen  map[string]bool // page headers and footers already written
}

// A docPiece locates a run of the text in the stream.
type docPiece struct {
	from, to int // in characters of the text
	offset   int // in bytes of the stream
	width    int // bytes per character, 1 or 2
}

// A docRun is a stretch of the stream with uniform properties.
type docRun struct {
	from, to int // in bytes of the stream
	style    int
	outline  int // outline level from 1; 0: none; 10: body text
	list     bool
	level    int
	inTable  bool
	rowEnd   bool
	hidden   bool
	deleted  bool
	stored   int // offset in docReader.data of the properties of a paragraph that has many; 0: none
}

func (w *docReader) u16(data []byte, at int) int {
	if at < 0 || at+2 > len(data) {
		return 0
	}
	return int(binary.LittleEndian.Uint16(data[at:]))
}

func (w *docReader) u32(data []byte, at int) int {
	if at < 0 || at+4 > len(data) {
		return 0
	}
	return int(binary.LittleEndian.Uint32(data[at:]))
}

// structure returns the part of the table stream that the file header locates at an offset.
func (w *docReader) structure(at int) []byte {
	from, size := w.u32(w.main, at), w.u32(w.main, at+4)
	if from > len(w.table) || size > len(w.table)-from {
		return nil
	}
	return w.table[from : from+size]
}

// early reads the text of Word 6 and 95. Its encoding is guessed from the text: the fonts that
// determine it are not read, and the language in the file header is mostly that of the program.
func (w *docReader) early() {
	text := w.earlyText()
	enc := decoding(windowsPages[1252])
	lines := bytes.ReplaceAll(text, []byte("\r"), []byte("\n"))
	if found, spoken := legacyEncoding(lines); found.enc != nil && !utf8.Valid(lines) {
		enc = found.enc
		if found.enc != windowsPages[1252] {
			w.guess = guessed(found.name, spoken)
		}
	}
	w.text = utf16.Encode([]rune(decodeWith(enc, text)))
	w.offsets = nil
	w.omitted.add("the formatting of Word 6 and 95", "left out")
	w.part("paragraph", 0, len(w.text))
}

// earlyText returns the text of Word 6 and 95. It is contiguous, except in a fast-saved file, whose
// text is in pieces that a table lists by character and offset.
func (w *docReader) earlyText() []byte {
	if clx, size := w.u32(w.main, 0x160), w.u32(w.main, 0x164); w.main[10]&4 != 0 && size <= len(w.main)-clx {
		var text []byte
		table := w.main[clx : clx+size]
		at := 0
		for at+3 <= len(table) && table[at] == 1 {
			at += 3 + w.u16(table, at+1)
		}
		if at+5 <= len(table) && table[at] == 2 {
			pieces := table[at+5:]
			n := max(len(pieces)-4, 0) / 12
			for i := range n {
				length := w.u32(pieces, 4*i+4) - w.u32(pieces, 4*i)
				from := w.u32(pieces, 4*(n+1)+8*i+2)
				if length > 0 && from < len(w.main) && len(text) <= len(w.main) {
					text = append(text, w.main[from:min(from+length, len(w.main))]...)
				}
			}
			return text
		}
	}
	from, to := w.u32(w.main, 0x18), w.u32(w.main, 0x1c)
	if from > to || to > len(w.main) {
		return nil
	}
	return w.main[from:to]
}

// read reads the text and its properties, and writes the parts of the document.
func (w *docReader) read() error {
	if err := w.pieces(w.structure(0x1a2)); err != nil {
		return err
	}
	w.styles(w.structure(0xa2))
	w.paragraphs = w.runs(w.structure(0x102), true)
	w.characters = w.runs(w.structure(0xfa), false)
	at := 0
	for _, part := range []struct {
		noun   string
		length int // its offset in the file header
	}{{"paragraph", 0x4c}, {"footnote", 0x50}, {"head or foot", 0x54}, {"", 0x58},
		{"comment", 0x5c}, {"endnote", 0x60}, {"text box", 0x64}} {
		n := min(w.u32(w.main, part.length), len(w.text)-at)
		if part.noun != "" && n > 0 {
			w.part(part.noun, at, at+n)
		}
		at += n
		if err := w.ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// pieces assembles the text from its pieces.
func (w *docReader) pieces(clx []byte) error {
	at := 0
	for at+3 <= len(clx) && clx[at] == 1 {
		at += 3 + w.u16(clx, at+1)
	}
	if at+5 > len(clx) || clx[at] != 2 {
		return &Error{Reason: Damaged, Detail: "is damaged or cut short: its text cannot be put together"}
	}
	plc := clx[at+5:]
	n := (len(plc) - 4) / 12
	for i := range max(n, 0) {
		from, to := w.u32(plc, 4*i), w.u32(plc, 4*i+4)
		offset, width := w.u32(plc, 4*(n+1)+8*i+2), 2
		if offset&0x40000000 != 0 {
			offset, width = offset&0x3fffffff/2, 1
		}
		if to <= from || from != len(w.text) || offset >= len(w.main) || len(w.text) > len(w.main) {
			continue
		}
		data := w.main[offset:min(offset+(to-from)*width, len(w.main))]
		if width == 1 {
			w.text = append(w.text, decodeBytes(data)...)
		} else {
			for i := 0; i+2 <= len(data); i += 2 {
				w.text = append(w.text, binary.LittleEndian.Uint16(data[i:]))
			}
		}
		for len(w.text) < to && to-len(w.text) < 1<<20 {
			w.text = append(w.text, ' ')
		}
		w.offsets = append(w.offsets, docPiece{from, to, offset, width})
	}
	return nil
}

// decodeBytes decodes bytes in code page 1252 to one UTF-16 code unit each.
func decodeBytes(data []byte) []uint16 {
	units := make([]uint16, len(data))
	for i, c := range data {
		units[i] = uint16(c)
		if c >= 0x80 && c < 0xa0 {
			units[i] = western[c-0x80]
		}
	}
	return units
}

// western are the characters of code page 1252 from 0x80 to 0x9f.
var western = utf16.Encode([]rune("€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ"))

// styles determines which styles are headings.
func (w *docReader) styles(sheet []byte) {
	w.headings = map[int]int{}
	based := map[int]int{}
	at := 2 + w.u16(sheet, 0)
	for istd := 0; at+2 <= len(sheet) && istd < 5000; istd++ {
		size := w.u16(sheet, at)
		if size >= 4 {
			switch sti := w.u16(sheet, at+2) & 0xfff; {
			case sti >= 1 && sti <= 9:
				w.headings[istd] = sti
			case sti == 62:
				w.headings[istd] = 1
			default:
				based[istd] = w.u16(sheet, at+4) >> 4
			}
		}
		at += 2 + size
	}
	for istd := range based {
		for at, n := istd, 0; n < maxChain; n++ {
			if level, ok := w.headings[at]; ok {
				w.headings[istd] = level
				break
			}
			at = based[at]
		}
	}
}

// runs reads the properties of paragraphs or characters, which are stored in pages of 512 bytes.
func (w *docReader) runs(plc []byte, paragraphs bool) []docRun {
	var runs []docRun
	n := (len(plc) - 4) / 8
	for i := range max(n, 0) {
		from := (w.u32(plc, 4*(n+1)+4*i) & 0x3fffff) * 512
		if from+512 > len(w.main) {
			continue
		}
		page := w.main[from : from+512]
		count := int(page[511])
		for k := range count {
			run := docRun{from: w.u32(page, 4*k), to: w.u32(page, 4*k+4)}
			entry := 4*(count+1) + k
			if paragraphs {
				entry = 4*(count+1) + 13*k
			}
			if entry >= 511 {
				break
			}
			at := int(page[entry]) * 2
			if at > 0 && at < 511 {
				size := int(page[at])
				if paragraphs {
					if at++; size == 0 {
						size = int(page[at]) * 2
						at++
					} else {
						size = size*2 - 1
					}
					run.style = w.u16(page, at)
					at, size = at+2, size-2
				} else {
					at++
				}
				if size > 0 && at < 512 {
					run.apply(page[at:min(at+size, 511)])
				}
				if n := w.u16(w.data, run.stored); run.stored > 0 && run.stored+2+n <= len(w.data) {
					run.apply(w.data[run.stored+2 : run.stored+2+n])
				}
			}
			runs = append(runs, run)
		}
		if len(runs) > 2_000_000 {
			break
		}
	}
	slices.SortStableFunc(runs, func(a, b docRun) int { return a.from - b.from })
	return runs
}

// apply applies the property changes of a run.
func (r *docRun) apply(changes []byte) {
	for at := 0; at+2 < len(changes); {
		code := binary.LittleEndian.Uint16(changes[at:])
		at += 2
		size := [8]int{1, 1, 2, 4, 2, 2, 0, 3}[code>>13]
		if size == 0 {
			if size = int(changes[at]) + 1; code == 0xd608 && at+2 <= len(changes) {
				size = int(binary.LittleEndian.Uint16(changes[at:])) + 1
			}
		}
		if at+size > len(changes) {
			return
		}
		value := int(changes[at])
		switch code {
		case 0x2416:
			r.inTable = value != 0
		case 0x2417:
			r.rowEnd = value != 0
		case 0x2640:
			r.outline = value + 1
		case 0x260a:
			r.level = value
		case 0x460b:
			r.list = value != 0
		case 0x4600:
			if size == 2 {
				r.style = int(binary.LittleEndian.Uint16(changes[at:]))
			}
		case 0x6645, 0x6646:
			r.stored = int(binary.LittleEndian.Uint32(changes[at:]))
		case 0x083c:
			r.hidden = value == 1 || value == 0x81
		case 0x0800:
			r.deleted = value == 1 || value == 0x81
		}
		at += size
	}
}

// runAt returns the run that contains an offset of the stream.
func runAt(runs []docRun, offset int) docRun {
	i, _ := slices.BinarySearchFunc(runs, offset, func(r docRun, at int) int {
		if r.from <= at {
			return -1
		}
		return 1
	})
	if i == 0 || runs[i-1].to <= offset {
		return docRun{}
	}
	return runs[i-1]
}
