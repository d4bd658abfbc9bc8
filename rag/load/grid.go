package load

import (
	"slices"
	"strings"
	"unicode"

	"weft/rag/lazyregexp"
)

// A gridCell is a non-empty cell of a sheet.
type gridCell struct {
	column int // from 0
	text   string
}

// Limits of sheets and text tables. Rows and cells beyond them are left out, with a note.
const (
	maxGridRows  = 250_000
	maxGridCells = 1_000_000 // non-empty cells of one sheet
)

// A gridRow is a row of a sheet, or a record of a text table.
type gridRow struct {
	from, to int        // rows or lines in the file, from 1; a gap before the next row means blank rows
	cells    []gridCell // by column, none of them empty
	notes    []string   // comments on the row
}

// at returns the text in a column, or "" if the cell is empty.
func (r gridRow) at(column int) string {
	i, found := slices.BinarySearchFunc(r.cells, column, func(c gridCell, column int) int { return c.column - column })
	if !found {
		return ""
	}
	return r.cells[i].text
}

// A gridBlock is a run of rows without a blank row between them.
type gridBlock struct {
	rows []gridRow
}

// blocksOf divides a sheet into tables: at blank rows, and at blank columns that separate two
// tables.
func blocksOf(rows []gridRow) []gridBlock {
	var blocks []gridBlock
	start := 0
	for i := range rows {
		if i > start && rows[i].from > rows[i-1].to+1 {
			blocks = append(blocks, sideBySide(rows[start:i])...)
			start = i
		}
	}
	if start < len(rows) {
		blocks = append(blocks, sideBySide(rows[start:])...)
	}
	return blocks
}

// sideBySide divides rows at a blank column if each side is a table with headings, at least two
// columns, and words in its first column. A column of numbers after the blank column belongs to the
// left table.
func sideBySide(rows []gridRow) []gridBlock {
	sample := rows[:min(len(rows), 200)]
	columns := columnsOf(sample)
	if len(rows) < 2 || len(columns) > 100 {
		return []gridBlock{{rows}}
	}
	for i, tried := 2, 0; i+1 < len(columns) && tried < 8; i++ {
		if columns[i] == columns[i-1]+1 {
			continue
		}
		tried++
		left, right := cutColumns(sample, 0, columns[i]), cutColumns(sample, columns[i], maxInRow)
		if len(left) < 2 || len(right) < 2 || !labels(left) || !labels(right) {
			continue
		}
		if head := headRows(left, bodyWidth(left)); head == 0 {
			continue
		}
		if head := headRows(right, bodyWidth(right)); head == 0 {
			continue
		}
		return append([]gridBlock{{cutColumns(rows, 0, columns[i])}},
			sideBySide(cutColumns(rows, columns[i], maxInRow))...)
	}
	return []gridBlock{{rows}}
}

// labels reports whether the first column of a table holds mostly words.
func labels(rows []gridRow) bool {
	columns := columnsOf(rows)
	text, typed := 0, 0
	for _, r := range rows[1:] {
		switch value := r.at(columns[0]); {
		case value == "":
		case isTyped(value):
			typed++
		default:
			text++
		}
	}
	return text > typed
}

// columnsOf returns the columns that have a non-empty cell, in order.
func columnsOf(rows []gridRow) []int {
	last := 0
	for _, r := range rows {
		last = max(last, r.cells[len(r.cells)-1].column)
	}
	used := make([]bool, last+1)
	for _, r := range rows {
		for _, c := range r.cells {
			used[c.column] = true
		}
	}
	var columns []int
	for c, is := range used {
		if is {
			columns = append(columns, c)
		}
	}
	return columns
}

// cutColumns returns the cells in columns from (inclusive) to to (exclusive), without rows that are
// empty there.
func cutColumns(rows []gridRow, from, to int) []gridRow {
	var cut []gridRow
	for _, r := range rows {
		var cells []gridCell
		for _, c := range r.cells {
			if c.column >= from && c.column < to {
				cells = append(cells, c)
			}
		}
		if len(cells) > 0 {
			cut = append(cut, gridRow{from: r.from, to: r.to, cells: cells})
			if from == 0 { // comments are kept once, with the leftmost part
				cut[len(cut)-1].notes = r.notes
			}
		}
	}
	return cut
}

var (
	numberLike = lazyregexp.New(`^[-+−(]*\s?(?:[$€£¥₹]|[A-Z]{3}\s)?\s?[-+−]?\d[\d.,'’  \x{202f}]*` +
		`(?:[eE][-+]?\d+)?\)?\s?(?:%|‰|[$€£¥₹]|[A-Z]{3}|k|M)?-?$`)
	dateLike = lazyregexp.New(`^(?:\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\.?|` +
		`\d{1,2}[-. /]\p{L}{3,9}\.?[-. /,]*\d{2,4}|\p{L}{3,9}\.? \d{1,2}, \d{4})(?:[ T]+\d{1,2}:\d{2}.*)?$|` +
		`^\d{1,2}:\d{2}(?::\d{2})?(?:\s?[AaPp][Mm])?$`)
	yearLike = lazyregexp.New(`\b(?:19|20)\d\d\b`)
)

// isTyped reports whether a value is a number, date, time, truth value or placeholder. Such values
// are not column names.
func isTyped(s string) bool {
	switch s {
	case "TRUE", "FALSE", "true", "false", "-", "–", "n/a", "N/A", "#N/A":
		return true
	}
	return len(s) <= 40 && (numberLike.MatchString(s) || dateLike.MatchString(s))
}

// isName reports whether a value may be the name of a column.
func isName(s string) bool {
	if s == "" || len(s) > 100 || isTyped(s) || strings.Contains(s, "@") || strings.Contains(s, "://") {
		return false
	}
	letters, digits := 0, 0
	for _, r := range s {
		if unicode.IsLetter(r) {
			letters++
		} else if unicode.IsDigit(r) {
			digits++
		}
	}
	return letters > 0 && (digits < 5 || digits <= letters || yearLike.MatchString(s)) ||
		s == "%" || s == "#" || s == "№"
}

func isYear(s string) bool { return len(s) == 4 && yearLike.MatchString(s) }

// names reports whether a row may name the columns of the rows below it. Years in ascending order
// and dates count as names if the first column is empty or holds a word: "Country, 2023, 2024".
func names(r gridRow, first int) bool {
	words, series := 0, 0
	for _, c := range r.cells {
		switch {
		case isName(c.text):
			words++
		case isYear(c.text) || dateLike.MatchString(c.text):
			series++
		default:
			return false
		}
	}
	if series == 0 {
		return words >= 2
	}
	if series < 2 && words < 2 || isTyped(r.at(first)) {
		return false
	}
	last := ""
	for _, c := range r.cells {
		if isYear(c.text) {
			if last != "" && c.text < last {
				return false
			}
			last = c.text
		}
	}
	return true
}

// distinct reports whether all values of a row differ.
func distinct(r gridRow) bool {
	seen := make(map[string]bool, len(r.cells))
	for _, c := range r.cells {
		if seen[c.text] {
			return false
		}
		seen[c.text] = true
	}
	return true
}

// bodyWidth returns the typical number of cells in a data row of a table: the median of the lower
// two thirds, which excludes titles and other lines above the data.
func bodyWidth(rows []gridRow) int {
	lower := rows[len(rows)/3:]
	widths := make([]int, len(lower))
	for i, r := range lower {
		widths[i] = len(r.cells)
	}
	slices.Sort(widths)
	return widths[len(widths)/2]
}

// typedColumns reports for each column whether most of its values in the first 200 rows are numbers
// or dates.
func typedColumns(rows []gridRow) map[int]bool {
	typed, text := map[int]int{}, map[int]int{}
	for _, r := range rows[:min(len(rows), 200)] {
		for _, c := range r.cells {
			if isTyped(c.text) {
				typed[c.column]++
			} else {
				text[c.column]++
			}
		}
	}
	columns := map[int]bool{}
	for c, n := range typed {
		columns[c] = n*5 >= 3*(n+text[c])
	}
	return columns
}
