package load

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"golang.org/x/text/encoding"
)

// readXLS reads workbooks of Excel 5 to 2003 (MS-XLS); the output has the form that [readXLSX]
// describes. Charts are not read.
func readXLS(ctx context.Context, l *Loader, in input) (Document, error) {
	if kindOfMarkup(markupHead(in.data)) == "xls" {
		return readSheetML(ctx, in)
	}
	if !isCompound(in.data) {
		// Some text tables have the extension of a workbook.
		if isText(in.data[:min(len(in.data), sniffed)]) {
			doc, err := readCSV(ctx, l, in)
			doc.Kind = "csv"
			return doc, err
		}
		return Document{}, &Error{Reason: Unsupported, Detail: "is no workbook of Excel 5 or later: save it as .xlsx"}
	}
	c, err := openCompound(in.data)
	if err != nil {
		return Document{}, err
	}
	book := c.read("Workbook")
	if book == nil {
		book = c.read("Book")
	}
	if book == nil {
		return Document{}, lacks("workbook")
	}
	w := &xlsReader{ctx: ctx, out: &builder{max: in.opts.MaxText}, book: book,
		codepage: windowsPages[1252], own: map[int]string{}}
	sheets, err := w.globals()
	if err != nil {
		return Document{}, err
	}
	for _, s := range sheets {
		if w.out.full() {
			break
		}
		if err := w.sheet(s); err != nil {
			return Document{}, err
		}
	}
	doc := w.out.document()
	doc.Title, doc.Date = c.compoundProperties()
	doc.Notes = w.omitted.notes()
	return doc, nil
}

// The types of records that are read.
const (
	xlsBOF, xlsEOF, xlsContinue, xlsFilePass      = 0x809, 0x0a, 0x3c, 0x2f
	xlsCodepage, xlsDateMode, xlsBoundSheet       = 0x42, 0x22, 0x85
	xlsSST, xlsFormat, xlsXF                      = 0xfc, 0x41e, 0xe0
	xlsLabelSST, xlsLabel, xlsRString             = 0xfd, 0x204, 0xd6
	xlsNumber, xlsRK, xlsMulRK, xlsFormula        = 0x203, 0x27e, 0xbd, 0x06
	xlsString, xlsBoolErr, xlsRow, xlsColInfo     = 0x207, 0x205, 0x208, 0x7d
	xlsMerged, xlsComment, xlsObject, xlsTextOfIt = 0xe5, 0x1c, 0x5d, 0x1b6
)

// An xlsReader reads the records of a workbook.
type xlsReader struct {
	ctx      context.Context
	out      *builder
	omitted  tally
	book     []byte
	wide     bool // Excel 97 or later, whose texts may be UTF-16
	codepage encoding.Encoding
	from1904 bool
	own      map[int]string // the workbook's number formats, by identifier
	formats  []string       // number formats, by the style of a cell
	shared   []string
}

type xlsSheet struct {
	name   string
	offset int
}

// record returns the record at an offset and the offset of the next one. ok is false at the end.
func (w *xlsReader) record(at int) (kind int, data []byte, next int, ok bool) {
	if at < 0 || at+4 > len(w.book) {
		return 0, nil, 0, false
	}
	kind = int(binary.LittleEndian.Uint16(w.book[at:]))
	next = at + 4 + int(binary.LittleEndian.Uint16(w.book[at+2:]))
	if next > len(w.book) {
		return 0, nil, 0, false
	}
	return kind, w.book[at+4 : next], next, true
}

// globals reads the records for the whole workbook and returns the visible sheets.
func (w *xlsReader) globals() (sheets []xlsSheet, err error) {
	le := binary.LittleEndian
	var styles []int
	for at := 0; ; {
		kind, data, next, ok := w.record(at)
		if !ok || kind == xlsEOF {
			break
		}
		at = next
		switch {
		case kind == xlsBOF && len(data) >= 2:
			w.wide = le.Uint16(data) >= 0x600
		case kind == xlsFilePass:
			return nil, &Error{Reason: Encrypted, Detail: "is encrypted: save it without a password"}
		case kind == xlsCodepage && len(data) >= 2:
			if enc := windowsPages[int(le.Uint16(data))]; enc != nil {
				w.codepage = enc
			}
		case kind == xlsDateMode && len(data) >= 2:
			w.from1904 = data[0] == 1
		case kind == xlsFormat && len(data) > 3:
			w.own[int(le.Uint16(data))] = w.text(data[2:], w.wide)
		case kind == xlsXF && len(data) >= 4:
			styles = append(styles, int(le.Uint16(data[2:])))
		case kind == xlsBoundSheet && len(data) > 7:
			name := tidy(w.text(data[6:], false))
			if data[4]&3 != 0 {
				w.omitted.add("hidden sheet "+name, "left out")
			} else if data[5] == 0 && len(sheets) < maxSheets {
				sheets = append(sheets, xlsSheet{name, int(le.Uint32(data))})
			} else if data[5] == 2 {
				w.omitted.add("chart", "not read")
			}
		case kind == xlsSST && len(data) > 8:
			segments := [][]byte{data[8:]}
			for {
				kind, more, next, ok := w.record(at)
				if !ok || kind != xlsContinue {
					break
				}
				segments, at = append(segments, more), next
			}
			w.strings(segments)
		}
	}
	for _, id := range styles {
		code, ok := w.own[id]
		if !ok {
			code = builtinFormats[id]
		}
		w.formats = append(w.formats, code)
	}
	return sheets, nil
}

// text reads a text with its length before it: two bytes if long, else one.
func (w *xlsReader) text(data []byte, long bool) string {
	n, at := 0, 1
	if len(data) < 2 {
		return ""
	}
	if n = int(data[0]); long {
		n, at = int(binary.LittleEndian.Uint16(data)), 2
	}
	if !w.wide {
		return decodeWith(w.codepage, data[at:min(at+n, len(data))])
	}
	if at >= len(data) {
		return ""
	}
	flags := data[at]
	r := segmentReader{segments: [][]byte{data[at+1:]}}
	if flags&8 != 0 {
		r.skip(2)
	}
	if flags&4 != 0 {
		r.skip(4)
	}
	return r.characters(n, flags&1 != 0)
}

// strings reads the texts that cells share. They may continue from one record to the next.
func (w *xlsReader) strings(segments [][]byte) {
	r := segmentReader{segments: segments}
	size := 0
	for r.more() && size < maxShared {
		n := r.number(2)
		flags := r.number(1)
		runs, extra := 0, 0
		if flags&8 != 0 {
			runs = r.number(2)
		}
		if flags&4 != 0 {
			extra = r.number(4)
		}
		s := r.characters(n, flags&1 != 0)
		r.skip(4*runs + extra)
		size += len(s) + 16
		w.shared = append(w.shared, s)
	}
}

// A segmentReader reads data that is divided between consecutive records.
type segmentReader struct {
	segments [][]byte
	at       int
}

func (r *segmentReader) more() bool {
	for len(r.segments) > 0 && r.at >= len(r.segments[0]) {
		r.segments, r.at = r.segments[1:], 0
	}
	return len(r.segments) > 0
}

func (r *segmentReader) number(bytes int) (n int) {
	for i := 0; i < bytes && r.more(); i++ {
		n |= int(r.segments[0][r.at]) << (8 * i)
		r.at++
	}
	return n
}

func (r *segmentReader) skip(n int) {
	for n > 0 && r.more() {
		step := min(n, len(r.segments[0])-r.at)
		r.at += step
		n -= step
	}
}

// characters reads n characters of one byte each, or two if wide. When they continue in the next
// record, its first byte sets wide again.
func (r *segmentReader) characters(n int, wide bool) string {
	var units []uint16
	for n > 0 && len(r.segments) > 0 {
		if r.at >= len(r.segments[0]) {
			if r.segments, r.at = r.segments[1:], 0; len(r.segments) == 0 || len(r.segments[0]) == 0 {
				continue
			}
			wide = r.segments[0][0]&1 != 0
			r.at = 1
			continue
		}
		if wide {
			units = append(units, uint16(r.number(2)))
		} else {
			units = append(units, uint16(r.number(1)))
		}
		n--
	}
	return string(utf16.Decode(units))
}

// shown formats a number with the number format of a style.
func (w *xlsReader) shown(v float64, style int) string {
	format := ""
	if style < len(w.formats) {
		format = w.formats[style]
	}
	return formatCell(strconv.FormatFloat(v, 'g', -1, 64), format, w.from1904)
}

// rkNumber decodes a number in the four-byte RK encoding.
func rkNumber(rk uint32) float64 {
	v := float64(int32(rk) >> 2)
	if rk&2 == 0 {
		v = math.Float64frombits(uint64(rk&^3) << 32)
	}
	if rk&1 != 0 {
		v /= 100
	}
	return v
}

func (w *xlsReader) sheet(s xlsSheet) error {
	r := &xlsRecords{w: w, hiddenRows: map[int]bool{}, comments: map[int]string{}, beside: map[int][]string{}}
	if err := r.read(s.offset); err != nil {
		return err
	}
	mark := w.out.mark()
	w.out.place("sheet " + s.name)
	w.out.heading(1, s.name)
	empty := w.out.b.Len()
	rows := r.finish()
	for i := range rows {
		rows[i].notes = r.beside[rows[i].from]
		delete(r.beside, rows[i].from)
	}
	w.out.writeGrid(rows, func(row gridRow) string { return fmt.Sprintf("sheet %s row %d", s.name, row.from) })
	for _, number := range sortedKeys(r.beside) {
		for _, note := range r.beside[number] {
			w.out.paragraph(note)
		}
	}
	for _, text := range r.boxes {
		w.out.paragraph(text)
	}
	if w.out.b.Len() == empty {
		w.out.reset(mark)
	}
	return nil
}

var xlsErrors = map[byte]string{0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?",
	36: "#NUM!", 42: "#N/A"}

func sortRows(rows []gridRow) []gridRow {
	slices.SortStableFunc(rows, func(a, b gridRow) int { return cmp.Compare(a.from, b.from) })
	out := rows[:0]
	for _, r := range rows {
		if n := len(out); n > 0 && out[n-1].from == r.from {
			out[n-1].cells = append(out[n-1].cells, r.cells...)
		} else {
			out = append(out, r)
		}
	}
	for i := range out {
		slices.SortStableFunc(out[i].cells, byColumn)
		out[i].cells = slices.CompactFunc(out[i].cells, func(a, b gridCell) bool { return a.column == b.column })
	}
	return out
}

// commentOf returns a comment as it is written into the text, without the author's name that Excel
// repeats at its start.
func commentOf(author, text string) string {
	return commentText(author, strings.TrimPrefix(strings.TrimSpace(text), author+":"))
}
