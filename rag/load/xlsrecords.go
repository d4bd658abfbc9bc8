package load

import (
	"encoding/binary"
	"fmt"
	"math"
)

// An xlsRecords collects the cells of one sheet.
type xlsRecords struct {
	w          *xlsReader
	rows       []gridRow
	merged     []cellRange
	hiddenRows map[int]bool
	hidden     []cellRange // hidden columns; top is set once one has been reported
	left       map[int]bool
	size       int
	cells      int

	object   int            // number of the drawing object whose text follows
	isNote   bool           // that object is a comment
	comments map[int]string // texts of comments, by object number
	anchors  []xlsNote
	beside   map[int][]string // comments, by row from 1
	boxes    []string
	pending  *gridCell // formula cell whose text is in the next record
	row      int
}

// An xlsNote is a comment on a cell.
type xlsNote struct {
	row, object int
	author      string
}

func (r *xlsRecords) full() bool {
	return r.size > r.w.out.max || r.cells > maxGridCells || len(r.rows) >= maxGridRows
}

// read reads the records of a sheet from an offset on.
func (r *xlsRecords) read(at int) error {
	depth := 0
	for n := 0; ; n++ {
		if n%4096 == 0 && r.w.ctx.Err() != nil {
			return r.w.ctx.Err()
		}
		kind, data, next, ok := r.w.record(at)
		if !ok {
			break
		}
		switch kind {
		case xlsBOF:
			if depth++; depth > 1 {
				r.w.omitted.add("chart", "not read")
			}
		case xlsEOF:
			if depth--; depth <= 0 {
				return nil
			}
		case xlsTextOfIt:
			if depth == 1 && len(data) >= 12 {
				next = r.text(int(binary.LittleEndian.Uint16(data[10:])), next)
			}
		default:
			if depth == 1 {
				r.record(kind, data)
			}
		}
		if at = next; r.full() {
			r.w.omitted.add("what follows row "+fmt.Sprint(r.row)+" of a sheet", "left out")
			return nil
		}
	}
	return nil
}

// text reads the text of a drawing object from the records that continue it, and returns the offset
// after them.
func (r *xlsRecords) text(characters, at int) int {
	var segments [][]byte
	wide := false
	for {
		kind, data, next, ok := r.w.record(at)
		if !ok || kind != xlsContinue {
			break
		}
		if at = next; len(segments) == 0 && len(data) > 0 {
			wide = data[0]&1 != 0
			data = data[1:]
		}
		segments = append(segments, data)
	}
	s := segmentReader{segments: segments}
	if text := s.characters(characters, wide); r.isNote {
		r.comments[r.object] = text
	} else if len(r.boxes) < 10_000 {
		r.boxes = append(r.boxes, text)
	}
	return at
}

func (r *xlsRecords) record(kind int, data []byte) {
	le := binary.LittleEndian
	u16 := func(at int) int {
		if at+2 > len(data) {
			return 0
		}
		return int(le.Uint16(data[at:]))
	}
	switch kind {
	case xlsRow:
		if u16(12)&0x20 != 0 {
			r.hiddenRows[u16(0)] = true
		}
	case xlsColInfo:
		if u16(8)&1 != 0 {
			r.hidden = append(r.hidden, cellRange{left: u16(0), right: u16(2)})
		}
	case xlsMerged:
		for i := range u16(0) {
			if at := 2 + 8*i; at+8 <= len(data) && len(r.merged) < maxMerged {
				r.merged = append(r.merged, cellRange{left: u16(at + 4), top: u16(at) + 1,
					right: u16(at + 6), bottom: u16(at+2) + 1})
			}
		}
	case xlsObject:
		if len(data) >= 8 {
			r.isNote, r.object = u16(4) == 0x19, u16(6)
		}
	case xlsComment:
		if len(data) > 8 && len(r.anchors) < 100_000 {
			r.anchors = append(r.anchors, xlsNote{u16(0), u16(6), r.w.text(data[8:], true)})
		}
	case xlsMulRK:
		for i := 4; i+6 <= len(data)-2; i += 6 {
			r.add(u16(0), u16(2)+(i-4)/6, r.w.shown(rkNumber(le.Uint32(data[i+2:])), u16(i)))
		}
	case xlsString:
		if r.pending != nil {
			r.add(r.row, r.pending.column, r.w.text(data, true))
			r.pending = nil
		}
	default:
		if len(data) >= 6 {
			r.cell(kind, u16(0), u16(2), u16(4), data[6:])
		}
	}
}

// cell reads a record with a single cell.
func (r *xlsRecords) cell(kind, row, column, style int, data []byte) {
	le := binary.LittleEndian
	switch {
	case kind == xlsLabelSST && len(data) >= 4:
		if i := le.Uint32(data); int(i) < len(r.w.shared) {
			r.add(row, column, r.w.shared[i])
		}
	case kind == xlsLabel || kind == xlsRString:
		r.add(row, column, r.w.text(data, true))
	case kind == xlsNumber && len(data) >= 8:
		r.add(row, column, r.w.shown(math.Float64frombits(le.Uint64(data)), style))
	case kind == xlsRK && len(data) >= 4:
		r.add(row, column, r.w.shown(rkNumber(le.Uint32(data)), style))
	case kind == xlsBoolErr && len(data) >= 2:
		r.add(row, column, truth(data[0], data[1] != 0))
	case kind == xlsFormula && len(data) >= 8:
		if le.Uint16(data[6:]) != 0xffff {
			r.add(row, column, r.w.shown(math.Float64frombits(le.Uint64(data)), style))
			return
		}
		switch data[0] {
		case 0:
			r.row, r.pending = row, &gridCell{column: column}
		case 1, 2:
			r.add(row, column, truth(data[2], data[0] == 2))
		}
	}
}

func truth(value byte, isError bool) string {
	switch {
	case isError:
		return xlsErrors[value]
	case value != 0:
		return "TRUE"
	}
	return "FALSE"
}

// add adds a cell unless its row or column is hidden.
func (r *xlsRecords) add(row, column int, text string) {
	if text = tidy(text); text == "" || column >= maxInRow {
		return
	}
	if r.hiddenRows[row] {
		if r.left == nil {
			r.left = map[int]bool{}
		}
		if !r.left[row] {
			r.left[row] = true
			r.w.omitted.add("a hidden row", "left out")
		}
		return
	}
	for i := range r.hidden {
		if h := &r.hidden[i]; column >= h.left && column <= h.right {
			if h.top == 0 {
				h.top = 1
				r.w.omitted.add("a hidden column", "left out")
			}
			return
		}
	}
	if n := len(r.rows); n == 0 || r.rows[n-1].from != row+1 {
		r.rows = append(r.rows, gridRow{from: row + 1, to: row + 1})
	}
	last := &r.rows[len(r.rows)-1]
	last.cells = append(last.cells, gridCell{column, text})
	r.row = row
	r.size += len(text) + 2
	r.cells++
}

// finish returns the rows in order, with merged cells filled, and collects the comments by row.
func (r *xlsRecords) finish() []gridRow {
	for _, note := range r.anchors {
		if s := commentOf(note.author, r.comments[note.object]); s != "" {
			r.beside[note.row+1] = append(r.beside[note.row+1], s)
		}
	}
	return fillMerged(sortRows(r.rows), r.merged, r.w.out.max)
}
