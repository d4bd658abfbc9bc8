package load

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A cellRange is a rectangle of cells: columns from 0, rows from 1.
type cellRange struct{ left, top, right, bottom int }

// An xlsxRows collects the rows of one sheet.
type xlsxRows struct {
	w      *xlsxReader
	sheet  string
	rows   []gridRow
	merged []cellRange
	hidden map[int]bool // hidden columns that have been reported
	spans  []cellRange  // ranges of hidden columns
	size   int          // bytes of the collected texts
	cells  int

	number, column int // of the open row and cell, the row from 1
	skip           bool
	reading        bool // the row shows readings (furigana)
	kind           string
	style          int
	shows          bool // the cell shows readings
	value          strings.Builder
	text           bool
	formula        bool
	computed       bool
	phonetic       bool
	row            gridRow
}

func (r *xlsxRows) full() bool {
	return r.size > r.w.out.max || r.cells > maxGridCells || len(r.rows) >= maxGridRows
}

func (r *xlsxRows) handler() xmlHandler {
	return xmlHandler{start: r.start, end: r.end, text: func(s string) {
		if r.text && !r.phonetic {
			r.value.WriteString(s)
		}
	}}
}

func (r *xlsxRows) start(name string, attr func(string) string) {
	switch name {
	case "col":
		if attr("hidden") == "1" || attr("hidden") == "true" {
			r.spans = append(r.spans, cellRange{left: numberIn(attr("min")) - 1, right: numberIn(attr("max")) - 1})
		}
	case "row":
		if r.number++; attr("r") != "" {
			r.number = numberIn(attr("r"))
		}
		hidden := attr("hidden")
		r.skip = hidden == "1" || hidden == "true"
		r.reading = attr("ph") == "1"
		r.column = -1
		r.row = gridRow{from: r.number, to: r.number}
	case "c":
		if r.column++; attr("r") != "" {
			if column, _ := cellReference(attr("r")); column >= 0 {
				r.column = column
			}
		}
		r.kind, r.style = attr("t"), numberIn(attr("s"))
		r.shows = r.reading || attr("ph") == "1"
		r.value.Reset()
		r.formula, r.computed = false, false
	case "v":
		r.text, r.computed = true, true
		r.value.Reset()
	case "t":
		r.text = true
	case "rPh":
		r.phonetic = true
	case "f":
		r.formula = true
	case "mergeCell":
		if from, to, ok := strings.Cut(attr("ref"), ":"); ok && len(r.merged) < maxMerged {
			left, top := cellReference(from)
			right, bottom := cellReference(to)
			if left >= 0 && right >= left && bottom >= top {
				r.merged = append(r.merged, cellRange{left, top, right, bottom})
			}
		}
	}
}

func (r *xlsxRows) end(name string) {
	switch name {
	case "v", "t":
		r.text = false
	case "rPh":
		r.phonetic = false
	case "c":
		r.cell()
	case "row":
		if len(r.row.cells) == 0 {
			return
		}
		if r.skip {
			r.w.leftOut("a hidden row")
			return
		}
		r.endRow()
	}
}

func (r *xlsxRows) endRow() {
	if !slices.IsSortedFunc(r.row.cells, byColumn) {
		slices.SortStableFunc(r.row.cells, byColumn)
	}
	r.rows = append(r.rows, r.row)
	r.row = gridRow{}
}

func byColumn(a, b gridCell) int { return cmp.Compare(a.column, b.column) }

// cell adds the cell that has ended to its row.
func (r *xlsxRows) cell() {
	raw := r.value.String()
	if r.formula && !r.computed && raw == "" {
		r.w.unread("formula without a saved value")
	}
	text := tidy(r.shown(raw))
	if text == "" || r.skip || r.column >= maxInRow {
		if text != "" && r.skip {
			r.row.cells = append(r.row.cells[:0], gridCell{})
		}
		return
	}
	for _, span := range r.spans {
		if r.column >= span.left && r.column <= span.right {
			if !r.hidden[r.column] {
				r.hidden[r.column] = true
				r.w.leftOut("a hidden column")
			}
			return
		}
	}
	r.row.cells = append(r.row.cells, gridCell{r.column, text})
	r.size += len(text) + 2
	r.cells++
}

// shown returns a value as the sheet displays it.
func (r *xlsxRows) shown(raw string) string {
	switch r.kind {
	case "s":
		i, err := strconv.Atoi(strings.TrimSpace(raw))
		if err != nil || i < 0 || i >= len(r.w.shared) {
			return ""
		}
		if reading := r.w.readings[i]; r.shows && reading != "" {
			return reading
		}
		return r.w.shared[i]
	case "b":
		if raw == "1" {
			return "TRUE"
		}
		return "FALSE"
	case "inlineStr", "str":
		return unescaped(raw)
	case "e":
		return raw
	case "d":
		return strings.TrimSuffix(raw, "T00:00:00")
	}
	if raw == "" {
		return ""
	}
	format := ""
	if r.style >= 0 && r.style < len(r.w.formats) {
		format = r.w.formats[r.style]
	}
	return formatCell(raw, format, r.w.from1904)
}

// finish returns the rows in order, with merged cells filled.
func (r *xlsxRows) finish() []gridRow {
	if r.full() {
		if len(r.row.cells) > 0 && !r.skip {
			r.endRow()
		}
		r.w.omitted.add(fmt.Sprintf("what follows row %d of sheet %s", r.number, r.sheet), "left out")
	}
	byNumber := func(a, b gridRow) int { return cmp.Compare(a.from, b.from) }
	if !slices.IsSortedFunc(r.rows, byNumber) {
		slices.SortStableFunc(r.rows, byNumber)
	}
	return fillMerged(r.rows, r.merged, r.w.out.max)
}

// fillMerged copies the text of a merged cell into all cells that it covers, in rows that also have
// other cells, so a title across the table is not repeated. It stops when it has added more than
// max bytes.
func fillMerged(rows []gridRow, merged []cellRange, max int) []gridRow {
	filled, size := 0, 0
	for _, m := range merged {
		from, _ := slices.BinarySearchFunc(rows, m.top, func(r gridRow, n int) int { return cmp.Compare(r.from, n) })
		if from == len(rows) || rows[from].from != m.top {
			continue
		}
		text := rows[from].at(m.left)
		if text == "" {
			continue
		}
		for i := from; i < len(rows) && rows[i].from <= m.bottom; i++ {
			r := &rows[i]
			others := slices.ContainsFunc(r.cells,
				func(c gridCell) bool { return c.column < m.left || c.column > m.right })
			right := m.right
			if !others {
				right = m.left
			}
			if i > from && !others {
				continue
			}
			right = min(right, m.left+maxColumns, maxInRow-1)
			if filled += right - m.left + 1; filled > maxMerged {
				return rows
			}
			if size += (right - m.left + 1) * (len(text) + 2); size > max {
				return rows
			}
			for column := m.left; column <= right; column++ {
				if at, found := slices.BinarySearchFunc(r.cells, gridCell{column: column}, byColumn); !found {
					r.cells = slices.Insert(r.cells, at, gridCell{column, text})
				}
			}
		}
	}
	return rows
}

// cellReference parses a reference such as "BC12" into the column, from 0, and the row, from 1. The
// column is -1 when the reference is malformed.
func cellReference(s string) (column, row int) {
	column = 0
	i := 0
	for ; i < len(s) && i < 4; i++ {
		c := s[i] &^ 0x20
		if c < 'A' || c > 'Z' {
			break
		}
		column = column*26 + int(c-'A') + 1
	}
	if i == 0 || i > 3 || i < len(s) && (s[i] < '0' || s[i] > '9') {
		return -1, numberIn(s)
	}
	return column - 1, numberIn(s[i:])
}
