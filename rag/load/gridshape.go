package load

import (
	"maps"
	"slices"
	"strings"
)

// maxAbove is how many rows above a table are recognised as titles and other lines. It also bounds
// a list of pairs.
const maxAbove = 40

// A gridTable is a block of a sheet with its rows classified.
type gridTable struct {
	above []gridRow // titles and other lines above the table
	heads []gridRow // the rows that name the columns
	body  []gridRow
	pairs bool // each row is a name and its value
}

// shape classifies the rows of a block as titles, column names and data. alone says that no table
// of more than two columns follows the block.
func shape(b gridBlock, alone bool) gridTable {
	rows := b.rows
	width := bodyWidth(rows)
	start := 0
	for start < len(rows)-1 && start < maxAbove && aboveTable(rows[start], rows[start+1], width) {
		start++
	}
	t := gridTable{above: rows[:start], body: rows[start:]}
	if width < 2 || len(t.body) == 0 {
		t.above, t.body = nil, rows
		return t
	}
	if pairsOf(t.body, alone) {
		t.pairs = true
		return t
	}
	heads := headRows(t.body, width)
	t.heads, t.body = t.body[:heads], t.body[heads:]
	return t
}

// aboveTable reports whether a row above a table is a title, or a name with its value ("Account;
// 1234").
func aboveTable(r, next gridRow, width int) bool {
	first := r.cells[0]
	if len(r.cells) == 1 {
		return width > 1 && !isTyped(first.text) && !groupsOver(r, next, min(first.column, next.cells[0].column))
	}
	if len(r.cells) > 2 || width < 3 || r.cells[1].column != first.column+1 ||
		first.column > next.cells[0].column || groupsOver(r, next, first.column) {
		return false
	}
	return width > 3 || !names(r, first.column) || strings.HasSuffix(first.text, ":")
}

// pairsOf reports whether each row is a name with its value. That holds for two columns if most
// names end in a colon, if the second column mixes words with numbers or dates, or if the block is
// short and a wider table follows it (alone is false).
func pairsOf(rows []gridRow, alone bool) bool {
	columns := columnsOf(rows)
	if len(columns) != 2 || len(rows) > maxAbove {
		return false
	}
	typed, text, colons := 0, 0, 0
	seen := map[string]bool{}
	for _, r := range rows {
		name, value := r.at(columns[0]), r.at(columns[1])
		if name != "" && (seen[name] || !isName(strings.TrimSuffix(name, ":"))) {
			return false
		}
		seen[name] = true
		if strings.HasSuffix(name, ":") {
			colons++
		}
		if value != "" && isTyped(value) {
			typed++
		} else if value != "" {
			text++
		}
	}
	if colons*2 > len(rows) {
		return true
	}
	if !alone && len(rows) < 20 { // the block introduces the table that follows
		return true
	}
	return len(rows) > 2 && text > 1 && typed > 0 && typed*5 < 3*(typed+text)
}

// headRows returns how many rows at the top of a table name its columns. Group names above the
// column names and units below them count too.
func headRows(rows []gridRow, width int) int {
	if len(rows) == 0 {
		return 0
	}
	columns := columnsOf(rows)
	group := 0
	if len(rows) > 2 && len(rows[0].cells) >= 1 && groupsOver(rows[0], rows[1], columns[0]) {
		group = 1
		if len(rows) > 3 && groupsOver(rows[1], rows[2], columns[0]) {
			group = 2
		}
	}
	head := rows[group]
	below := rows[group+1:]
	if !names(head, columns[0]) || len(head.cells)*5 < 3*width {
		return 0
	}
	typed := typedColumns(below)
	if !distinct(head) && !over(head, typed) {
		return 0
	}
	if len(below) > 0 && len(columns) > 1 &&
		slices.IndexFunc(head.cells, func(c gridCell) bool { return isYear(c.text) }) >= 0 &&
		!over(head, typed) {
		return 0
	}
	heads := group + 1
	for heads < group+3 && heads < len(rows)-1 && unitsBelow(rows[heads], typedColumns(rows[heads+1:])) {
		heads++
	}
	return heads
}

// over reports whether any cell of head is above a column of numbers or dates.
func over(head gridRow, typed map[int]bool) bool {
	return slices.ContainsFunc(head.cells, func(c gridCell) bool { return typed[c.column] })
}

// groupsOver reports whether a row groups the columns named by the next row, such as "2024" above
// "Q1" and "Q2". A group row has gaps, or repeats a value for each column of a merged cell, and the
// next row names each of its columns.
func groupsOver(r, next gridRow, first int) bool {
	for _, c := range r.cells {
		if !isName(c.text) && !isYear(c.text) {
			return false
		}
	}
	switch own := r.at(first); {
	case len(r.cells) == 1 && own != "": // a title
		return false
	case len(r.cells) == 2 && own != "" && next.at(first) != "" && next.at(first) != own: // a name and its value
		return false
	}
	if !names(next, first) || len(next.cells) < 3 && len(next.cells) <= len(r.cells) {
		return false
	}
	if len(r.cells) >= len(next.cells) && distinct(r) {
		return false
	}
	shared := 0
	for _, c := range r.cells {
		if next.at(c.column) == c.text { // a cell merged across both rows
			shared++
		} else if next.at(c.column) == "" && c.column > first {
			return false
		}
	}
	gaps := 0
	for _, c := range next.cells {
		if r.at(c.column) == "" {
			gaps++
		}
	}
	return shared < len(r.cells) && (gaps > 0 || !distinct(r))
}

// unitsBelow reports whether a row below the column names holds only units: "(t)" or "€" in columns
// of numbers.
func unitsBelow(r gridRow, typed map[int]bool) bool {
	units := 0
	for _, c := range r.cells {
		bracketed := strings.HasPrefix(c.text, "(") && strings.HasSuffix(c.text, ")") ||
			strings.HasPrefix(c.text, "[") && strings.HasSuffix(c.text, "]")
		switch {
		case isTyped(c.text):
			return false
		case typed[c.column] || bracketed:
			units++
		default:
			return false
		}
	}
	return units > 0
}

// columnNames joins the names in all heading rows of each column: "2024" above "Q1" becomes "2024
// Q1".
func columnNames(heads []gridRow, columns []int) map[int]string {
	parts := map[int][]string{}
	for i, head := range heads {
		last := ""
		for _, column := range columns {
			name := head.at(column)
			if name == "" && i < len(heads)-1 && last != "" && heads[i+1].at(column) != "" && groups(head, heads[i+1]) {
				name = last // a group spans the columns up to the next group
			}
			last = name
			if name != "" && !slices.Contains(parts[column], name) {
				parts[column] = append(parts[column], name)
			}
		}
	}
	named := map[int]string{}
	for column, list := range parts {
		named[column] = strings.Join(list, " ")
	}
	return named
}

// groups reports whether a heading row has fewer names than the row below it, so that a name may
// span several columns.
func groups(head, next gridRow) bool { return len(head.cells) < len(next.cells) }

// sameColumns reports whether every non-empty column of the rows has a name.
func sameColumns(rows []gridRow, named map[int]string) bool {
	for _, column := range columnsOf(rows) {
		if named[column] == "" {
			return false
		}
	}
	return true
}

// sortedColumns returns the columns that have names, in order.
func sortedColumns(named map[int]string) []int { return slices.Sorted(maps.Keys(named)) }
