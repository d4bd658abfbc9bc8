package load

import (
	"bufio"
	"context"
	"encoding/binary"
	"io"
	"math"
	"strconv"
	"unicode/utf16"
)

// Record types of binary workbooks (MS-XLSB). The cells have types 1 to 11.
const (
	xlsbRow           = 0
	xlsbCellRK        = 2
	xlsbCellError     = 3
	xlsbCellBool      = 4
	xlsbCellReal      = 5
	xlsbCellText      = 6
	xlsbCellShared    = 7
	xlsbFormulaText   = 8
	xlsbFormulaNumber = 9
	xlsbFormulaBool   = 10
	xlsbFormulaError  = 11
	xlsbSharedText    = 19
	xlsbFormat        = 44
	xlsbStyle         = 47
	xlsbColumns       = 60
	xlsbCellRichText  = 62
	xlsbWorkbook      = 153
	xlsbSheet         = 156
	xlsbMerged        = 176
	xlsbBeginStyles   = 617
	xlsbEndStyles     = 618
	xlsbAuthor        = 632
	xlsbComment       = 635
	xlsbCommentText   = 637
)

// An xlsbRecord reads the fields of a record one after the other. Beyond its end they are zero.
type xlsbRecord []byte

func (r *xlsbRecord) take(n int) []byte {
	field := make([]byte, n)
	copy(field, *r)
	*r = (*r)[min(n, len(*r)):]
	return field
}

func (r *xlsbRecord) byte() byte  { return r.take(1)[0] }
func (r *xlsbRecord) short() int  { return int(binary.LittleEndian.Uint16(r.take(2))) }
func (r *xlsbRecord) number() int { return int(binary.LittleEndian.Uint32(r.take(4))) }

// text reads a text in UTF-16 after its length; "" for none, whose length is 0xFFFFFFFF.
func (r *xlsbRecord) text() string {
	n := r.number()
	if n > len(*r)/2 {
		return ""
	}
	units := make([]uint16, n)
	for i := range units {
		units[i] = uint16(r.short())
	}
	return string(utf16.Decode(units))
}

// maxBinaryRecord is the size in bytes of the longest record that is read. Others are skipped.
const maxBinaryRecord = 4 << 20

// eachBinary calls do with the records of a part of a binary workbook, until do returns false. A
// record is valid until the next one is read.
func (p *packed) eachBinary(ctx context.Context, part string, do func(kind int, r xlsbRecord) bool) error {
	file, err := p.open(part)
	if file == nil || err != nil {
		return err
	}
	defer file.Close()
	in := bufio.NewReaderSize(file, 64<<10)
	// A number has seven bits in each byte; the eighth bit is set if another byte follows.
	number := func(most int) (n int) {
		for i := 0; i < most && err == nil; i++ {
			var c byte
			if c, err = in.ReadByte(); err != nil {
				break
			}
			if n |= int(c&0x7f) << (7 * i); c < 0x80 {
				break
			}
		}
		return n
	}
	var buf []byte
	for count := 0; err == nil; count++ {
		if count%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		kind, size := number(2), number(4)
		if err != nil {
			break
		}
		if size > maxBinaryRecord {
			_, err = in.Discard(size)
			continue
		}
		if cap(buf) < size {
			buf = make([]byte, size)
		}
		buf = buf[:size]
		if _, err = io.ReadFull(in, buf); err != nil || !do(kind, xlsbRecord(buf)) {
			break
		}
	}
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil // a truncated part is read up to its end
	}
	return err
}

// binaryWorkbook does the same as the method workbook, for a binary workbook.
func (w *xlsxReader) binaryWorkbook(main string) (sheets []xlsxSheet, err error) {
	rels, err := w.p.related(w.ctx, main)
	if err != nil {
		return nil, err
	}
	err = w.p.eachBinary(w.ctx, main, func(kind int, r xlsbRecord) bool {
		switch kind {
		case xlsbWorkbook:
			w.from1904 = r.number()&1 != 0
		case xlsbSheet:
			state, _, id := r.number(), r.number(), r.text()
			name := tidy(r.text())
			if state != 0 {
				w.leftOut("hidden sheet " + name)
			} else if part := rels.targets[id]; part != "" && len(sheets) < maxSheets {
				sheets = append(sheets, xlsxSheet{name, part, rels.types[id]})
				delete(rels.targets, id)
			}
		}
		return true
	})
	if err != nil {
		return nil, err
	}
	if err := w.binaryStyles(rels.first("styles")); err != nil {
		return nil, err
	}
	size := 0
	return sheets, w.p.eachBinary(w.ctx, rels.first("sharedStrings"), func(kind int, r xlsbRecord) bool {
		if kind == xlsbSharedText {
			r.byte() // whether formatting and readings follow
			text := r.text()
			size += len(text) + 16
			w.shared = append(w.shared, text)
		}
		return size <= maxShared
	})
}

func (w *xlsxReader) binaryStyles(part string) error {
	own := map[int]string{}
	inside := false
	return w.p.eachBinary(w.ctx, part, func(kind int, r xlsbRecord) bool {
		switch kind {
		case xlsbFormat:
			id := r.short()
			own[id] = r.text()
		case xlsbBeginStyles, xlsbEndStyles:
			inside = kind == xlsbBeginStyles
		case xlsbStyle:
			if _, id := r.short(), r.short(); inside {
				code, ok := own[id]
				if !ok {
					code = builtinFormats[id]
				}
				w.formats = append(w.formats, code)
			}
		}
		return true
	})
}

// readBinary reads the cells of a sheet of a binary workbook.
func (r *xlsxRows) readBinary(part string) error {
	inRow := false
	err := r.w.p.eachBinary(r.w.ctx, part, func(kind int, record xlsbRecord) bool {
		switch kind {
		case xlsbRow:
			if inRow {
				r.end("row")
			}
			inRow = true
			r.number = record.number() + 1
			record.take(7)
			r.skip = record.byte()&0x10 != 0
			r.row = gridRow{from: r.number, to: r.number}
		case xlsbColumns:
			first, last := record.number(), record.number()
			if record.take(8); record.short()&1 != 0 {
				r.spans = append(r.spans, cellRange{left: first, right: last})
			}
		case xlsbMerged:
			top, bottom, left, right := record.number(), record.number(), record.number(), record.number()
			if left <= right && top <= bottom && len(r.merged) < maxMerged {
				r.merged = append(r.merged, cellRange{left, top + 1, right, bottom + 1})
			}
		default:
			if inRow && (kind >= xlsbCellRK && kind <= xlsbFormulaError || kind == xlsbCellRichText) {
				r.binaryCell(kind, record)
			}
		}
		return !r.full()
	})
	if inRow {
		r.end("row")
	}
	return err
}

func (r *xlsxRows) binaryCell(kind int, record xlsbRecord) {
	r.column = record.number()
	style := record.take(4)
	r.style = int(style[0]) | int(style[1])<<8 | int(style[2])<<16
	r.kind, r.formula, r.computed, r.shows = "", false, true, false
	r.value.Reset()
	switch kind {
	case xlsbCellRK:
		r.value.WriteString(strconv.FormatFloat(rkNumber(uint32(record.number())), 'g', -1, 64))
	case xlsbCellReal, xlsbFormulaNumber:
		v := math.Float64frombits(binary.LittleEndian.Uint64(record.take(8)))
		r.value.WriteString(strconv.FormatFloat(v, 'g', -1, 64))
	case xlsbCellError, xlsbFormulaError:
		r.kind = "e"
		r.value.WriteString(truth(record.byte(), true))
	case xlsbCellBool, xlsbFormulaBool:
		r.kind = "b"
		r.value.WriteString(strconv.Itoa(int(record.byte())))
	case xlsbCellShared:
		r.kind = "s"
		r.value.WriteString(strconv.Itoa(record.number()))
	case xlsbCellRichText:
		record.byte()
		fallthrough
	case xlsbCellText, xlsbFormulaText:
		r.kind = "str"
		r.value.WriteString(record.text())
	}
	r.cell()
}

// binaryComments does the same as the method sheetComments, for a binary workbook.
func (w *xlsxReader) binaryComments(part string) (map[int][]string, error) {
	comments := map[int][]string{}
	var authors []string
	author, row := "", 0
	return comments, w.p.eachBinary(w.ctx, part, func(kind int, r xlsbRecord) bool {
		switch kind {
		case xlsbAuthor:
			authors = append(authors, r.text())
		case xlsbComment:
			author = ""
			if i := r.number(); i < len(authors) {
				author = authors[i]
			}
			row = r.number() + 1
		case xlsbCommentText:
			r.byte()
			if s := commentOf(author, r.text()); s != "" {
				comments[row] = append(comments[row], s)
			}
		}
		return true
	})
}
