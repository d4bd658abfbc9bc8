package load

import "strings"

// The limits of tables.
const (
	maxTables  = 16     // how deep tables may stand in tables
	maxInRow   = 16_384 // in a row that is read; the rest of the row is text of the last one
	maxColumns = 200    // that are written side by side
	heldRows   = 1024   // rows that are held until it is decided how the table is written
)

// A table is collected before it is written: only then it is known whether it is one. A long one is written in parts, as its first part was.
type table struct {
	rows [][]string
	row  []string // the open one
	cell []byte   // the open one
	size int      // bytes of them all

	inRow, inCell bool
	begun         bool // a part is written
	layout        bool // it is no table of data: its cells are paragraphs
	columns       int
}

// cell puts a text into the open cell of a table, if there is one.
func (b *builder) cell(s string) bool {
	if len(b.tables) == 0 || !b.tables[len(b.tables)-1].inCell {
		return false
	}
	t := b.tables[len(b.tables)-1]
	if len(t.cell) > 0 {
		t.cell = append(t.cell, ' ')
	}
	t.cell = append(t.cell, strings.ReplaceAll(s, "\n", " ")...)
	t.size += len(s) + 1
	b.held += len(s) + 1
	return true
}

// beginTable begins a table. One inside another makes the other a layout of the page.
func (b *builder) beginTable() {
	if len(b.tables) == maxTables { // the rest of the tables inside are text of this one's cells
		b.inner++
		return
	}
	if n := len(b.tables); n > 0 {
		outer := b.tables[n-1]
		outer.begun, outer.layout = true, true
		b.flush(outer)
		outer.begun = false // what follows may be rows again
	}
	b.tables = append(b.tables, &table{})
}

func (b *builder) beginRow() {
	if n := len(b.tables); n > 0 {
		t := b.tables[n-1]
		if t.endRow(); len(t.rows) == heldRows {
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
			t.endCell()
		}
		t.inCell = true
	}
}

func (t *table) endCell() {
	if t.inCell {
		t.row = append(t.row, string(t.cell))
		t.cell, t.inCell = t.cell[:0], false
	}
}

func (t *table) endRow() {
	if t.endCell(); t.inRow {
		t.rows = append(t.rows, t.row)
		t.row, t.inRow = nil, false
	}
}

// endTable writes the table.
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

// endTables writes all tables that are open.
func (b *builder) endTables() {
	b.inner = 0
	for len(b.tables) > 0 {
		b.endTable()
	}
}

// flush writes a table's rows: as a table when they are rows of data, as paragraphs when they are the layout of a page.
func (b *builder) flush(t *table) {
	t.endRow()
	b.held -= t.size
	var rows [][]string
	columns, longest := 0, 0
	for _, r := range t.rows {
		used := false
		for _, c := range r {
			longest = max(longest, len(c))
			used = used || c != ""
		}
		if used {
			rows = append(rows, r)
			columns = max(columns, len(r))
		}
	}
	t.rows, t.size = nil, 0
	outer := b.tables
	b.tables = nil
	defer func() { b.tables = outer }()
	first := !t.begun
	if first {
		t.begun, t.columns = true, min(columns, maxColumns)
		t.layout = columns < 2 || len(rows) < 2 || longest > 2000
	}
	if t.layout {
		for _, r := range rows {
			for _, c := range r {
				b.paragraph(c)
			}
		}
		return
	}
	for i, r := range rows {
		var line strings.Builder
		line.WriteString("|")
		for c := range t.columns {
			text := ""
			if c < len(r) {
				text = strings.ReplaceAll(r[c], "|", `\|`)
			}
			line.WriteByte(' ')
			line.WriteString(text)
			line.WriteString(" |")
		}
		b.write(line.String(), i > 0 || !first)
		if i == 0 && first {
			b.item = true
			b.write("|"+strings.Repeat("---|", t.columns), true)
		}
	}
}
