package load

import "strings"

// The limits of tables.
const (
	maxTables   = 16     // levels of nested tables
	maxInRow    = 16_384 // cells read in a row; further text is added to the last one
	maxColumns  = 200    // columns written in grid form
	heldRows    = 1024   // rows buffered before the form of the table is chosen
	maxHeadRows = 5      // rows at the top that may together be the header
	wideHead    = 600    // bytes of a header from which the named form is used
	wideRow     = 1200   // bytes of a row from which the named form is used: a split row loses its columns
)

// The forms in which a table is written.
type tableForm int

const (
	gridForm   tableForm = iota // | a | b |
	namedForm                   // - Ship: Kittiwake; Tons: 54
	layoutForm                  // page layout: cells are written as paragraphs
)

// A table is buffered before it is written, because its form depends on its rows. A long table is
// written in parts, all in the form of the first.
type table struct {
	rows [][]string
	row  []string // cells of the open row
	cell []byte   // text of the open cell
	size int      // bytes of all buffered text

	inRow, inCell bool
	begun         bool // a part has been written
	form          tableForm
	columns       int
	names         []string // column names, in the named form

	down     []rowSpan // cells from above that extend into the open row, by column
	previous []string  // the previous row
	across   int       // columns that the open cell spans
	below    int       // rows that the open cell spans
	above    bool      // the open cell continues the one above it
	single   bool      // the open row is one cell that spans several columns
	head     bool      // the document marks the open row as a header
	dropped  bool      // the open row is to be dropped
	heads    int       // number of header rows at the top
	corner   bool      // the first row looks like the upper of two header rows
}

// A rowSpan is a cell that extends into the rows below.
type rowSpan struct {
	text string
	rows int
}

// cell appends a text to the open cell of a table. It returns false when no cell is open.
func (b *builder) cell(s string) bool {
	if len(b.tables) == 0 || !b.tables[len(b.tables)-1].inCell {
		return false
	}
	t := b.tables[len(b.tables)-1]
	if len(t.cell) > 0 {
		t.cell = append(t.cell, ' ')
	}
	t.cell = append(t.cell, strings.ReplaceAll(s, "\n", " ")...)
	b.hold(t, len(s)+1)
	return true
}

// hold counts bytes that are buffered in a table.
func (b *builder) hold(t *table, n int) {
	t.size += n
	b.held += n
}

// beginTable opens a table. A table that contains another one is page layout.
func (b *builder) beginTable() {
	if len(b.tables) == maxTables { // deeper tables become text of the current cell
		b.inner++
		return
	}
	if n := len(b.tables); n > 0 {
		outer := b.tables[n-1]
		outer.begun, outer.form = true, layoutForm
		b.flush(outer)
		outer.begun = false // rows after the inner table are judged separately
	}
	b.tables = append(b.tables, &table{})
}

func (b *builder) beginRow() {
	if n := len(b.tables); n > 0 {
		t := b.tables[n-1]
		if b.endRow(t); len(t.rows) == heldRows {
			b.flush(t)
		}
		t.inRow = true
	}
}

func (b *builder) beginCell() {
	if n := len(b.tables); n > 0 {
		t := b.tables[n-1]
		if !t.inRow {
			b.beginRow()
		}
		if len(t.row)+1 < maxInRow {
			b.endCell(t)
			b.fromAbove(t)
			t.across, t.below, t.above = 1, 1, false
		}
		t.inCell = true
	}
}

// spanCell sets how many columns and rows the open cell spans. Its text is repeated in each of
// them.
func (b *builder) spanCell(columns, rows int) {
	if n := len(b.tables); n > 0 && b.tables[n-1].inCell {
		t := b.tables[n-1]
		t.across, t.below = min(max(columns, 1), maxColumns), max(rows, 1)
	}
}

// allRows is how many rows a cell spans that extends to the end of its group of rows.
const allRows = 65_534

// endRowGroup ends the open row, and every cell that extends into the rows below.
func (b *builder) endRowGroup() {
	if n := len(b.tables); n > 0 && b.inner == 0 {
		b.endRow(b.tables[n-1])
		b.tables[n-1].down = nil
	}
}

// continueCell marks the open cell as a continuation of the one above it, the way WordprocessingML
// and DrawingML store cells that span rows.
func (b *builder) continueCell() {
	if n := len(b.tables); n > 0 {
		b.tables[n-1].above = true
	}
}

// headRow marks the open row as a header.
func (b *builder) headRow() {
	if n := len(b.tables); n > 0 {
		b.tables[n-1].head = true
	}
}

// dataRow reverts headRow.
func (b *builder) dataRow() {
	if n := len(b.tables); n > 0 {
		b.tables[n-1].head = false
	}
}

// dropRow drops the open row.
func (b *builder) dropRow() {
	if n := len(b.tables); n > 0 {
		b.tables[n-1].dropped = true
	}
}

// fromAbove appends the cells from above that extend into the open row.
func (b *builder) fromAbove(t *table) {
	for at := len(t.row); at < len(t.down) && t.down[at].rows > 0; at++ {
		t.down[at].rows--
		t.row = append(t.row, t.down[at].text)
		b.hold(t, len(t.down[at].text)+1)
	}
}

func (b *builder) endCell(t *table) {
	if !t.inCell {
		return
	}
	text, at := string(t.cell), len(t.row)
	t.cell, t.inCell = t.cell[:0], false
	if t.above && text == "" && at < len(t.previous) {
		text = t.previous[at]
		b.hold(t, len(text))
	}
	t.single = at == 0 && t.across > 1
	if len(t.rows) == 0 && !t.begun {
		t.corner = t.corner || t.across > 1 && (at > 0 && (t.row[0] == "" || len(t.down) > 0 && t.down[0].rows > 0))
	}
	for i := range t.across {
		t.row = append(t.row, text)
		if i > 0 {
			b.hold(t, len(text)+1)
		}
		if t.below > 1 && at+i < maxColumns {
			for len(t.down) <= at+i {
				t.down = append(t.down, rowSpan{})
			}
			t.down[at+i] = rowSpan{text, t.below - 1}
		}
	}
}

func (b *builder) endRow(t *table) {
	if b.endCell(t); !t.inRow {
		return
	}
	if t.dropped {
		t.row, t.inRow, t.single, t.head, t.dropped = nil, false, false, false, false
		return
	}
	// A title across the table is written once.
	if b.fromAbove(t); t.single && len(t.row) == t.across {
		t.row = t.row[:1]
	}
	if t.head && t.heads == len(t.rows) && !t.begun {
		t.heads++
	}
	t.rows = append(t.rows, t.row)
	t.previous, t.row, t.inRow, t.single, t.head = t.row, nil, false, false, false
}

// endTable closes and writes the innermost table.
func (b *builder) endTable() {
	n := len(b.tables)
	if n == 0 {
		return
	}
	if b.inner > 0 {
		b.inner--
		return
	}
	t := b.tables[n-1]
	b.tables = b.tables[:n-1]
	b.flush(t)
	b.item = false
}

// endTables closes and writes all open tables.
func (b *builder) endTables() {
	b.inner = 0
	for len(b.tables) > 0 {
		b.endTable()
	}
}

// flush writes the buffered rows of a table: in the form of a table when they are data, as
// paragraphs when they are page layout.
func (b *builder) flush(t *table) {
	b.endRow(t)
	b.held -= t.size
	var rows [][]string
	heads, columns, longestCell, longestRow := 0, 0, 0, 0
	for i, r := range t.rows {
		used, size := false, 0
		for _, c := range r {
			longestCell = max(longestCell, len(c))
			size += len(c)
			used = used || c != ""
		}
		longestRow = max(longestRow, size)
		if used {
			rows = append(rows, r)
			columns = max(columns, len(r))
			if i < t.heads {
				heads++
			}
		}
	}
	t.rows, t.size = nil, 0
	outer := b.tables
	b.tables = nil
	defer func() { b.tables = outer }()
	if !t.begun {
		t.begun, t.columns, t.form = true, min(columns, maxColumns), gridForm
		for len(rows) > 2 && len(rows[0]) == 1 && columns > 1 { // a title above the table
			b.paragraph(rows[0][0])
			rows, heads = rows[1:], max(heads-1, 0)
		}
		if columns < 2 || len(rows) < 2 || longestCell > 2000 {
			t.form = layoutForm
		} else {
			if heads < 2 && t.corner && len(rows) > 2 {
				heads = 2
			}
			t.names = joinHeads(rows, min(max(heads, 1), maxHeadRows, len(rows)-1), t.columns)
			rows = rows[min(max(heads, 1), maxHeadRows, len(rows)-1):]
			size := 0
			for _, name := range t.names {
				size += len(name) + 3
			}
			if size > wideHead || longestRow > wideRow {
				t.form = namedForm
			} else {
				b.write(markdownRow(t.names, t.columns), false)
				b.item = true
				b.write("|"+strings.Repeat("---|", t.columns), true)
			}
		}
	}
	for _, r := range rows {
		switch t.form {
		case layoutForm:
			for i, c := range r {
				if i == 0 || c != r[i-1] { // the text of a spanning cell is written once
					b.paragraph(c)
				}
			}
		case namedForm:
			b.write("- "+namedRow(t.names, r), true)
		default:
			b.write(markdownRow(r, t.columns), true)
		}
	}
}

// joinHeads combines header rows to one name for each column: "2024" over "Q1" becomes "2024 Q1".
func joinHeads(rows [][]string, heads, columns int) []string {
	names := make([]string, columns)
	for at := range names {
		var parts []string
		for _, r := range rows[:heads] {
			if at < len(r) && r[at] != "" && (len(parts) == 0 || parts[len(parts)-1] != r[at]) {
				parts = append(parts, r[at])
			}
		}
		names[at] = strings.Join(parts, " ")
	}
	return names
}

// markdownRow writes a row of a table in Markdown.
func markdownRow(row []string, columns int) string {
	var line strings.Builder
	line.WriteString("|")
	for at := range columns {
		line.WriteByte(' ')
		if at < len(row) {
			line.WriteString(strings.ReplaceAll(row[at], "|", `\|`))
		}
		line.WriteString(" |")
	}
	return line.String()
}

// namedRow writes a row with the name of its column before each value.
func namedRow(names, row []string) string {
	var line strings.Builder
	for at, value := range row {
		if value == "" {
			continue
		}
		if line.Len() > 0 {
			line.WriteString("; ")
		}
		if at < len(names) && names[at] != "" {
			line.WriteString(names[at] + ": ")
		}
		line.WriteString(value)
	}
	return line.String()
}
