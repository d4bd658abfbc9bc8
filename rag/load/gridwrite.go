package load

import "strings"

// writeGrid writes the rows of a sheet, each value with the name of its column: "Ship: Kittiwake;
// Tons: 54". Titles above a table become headings. place returns the place of a row: "sheet Costs
// row 7".
func (b *builder) writeGrid(rows []gridRow, place func(gridRow) string) {
	w := gridWriter{out: b, place: place}
	blocks := blocksOf(rows)
	var held []gridRow // a row of column names, separated from its table by a blank row
	for i, block := range blocks {
		if b.full() {
			return
		}
		if len(held) > 0 {
			block.rows = append(held, block.rows...)
			held = nil
		} else if len(block.rows) == 1 && i+1 < len(blocks) && namesFor(block.rows[0], blocks[i+1]) {
			held = block.rows
			continue
		}
		alone := i == len(blocks)-1 || bodyWidth(blocks[i+1].rows) <= 2
		w.write(shape(block, alone), block)
	}
}

// namesFor reports whether a row names the columns of the block after it, which has no names
// itself.
func namesFor(r gridRow, next gridBlock) bool {
	width := bodyWidth(next.rows)
	if len(r.cells) < 2 || !names(r, r.cells[0].column) || len(r.cells) < width || headRows(next.rows, width) > 0 {
		return false
	}
	return over(r, typedColumns(next.rows))
}

// A gridWriter writes the tables of a sheet one by one.
type gridWriter struct {
	out   *builder
	place func(gridRow) string
	named map[int]string // the names of the columns of the last table
	heads []gridRow      // the rows of names, if no row of data can look like them
}

func (w *gridWriter) write(t gridTable, block gridBlock) {
	if w.named != nil && len(t.heads) > 0 && sameColumns(block.rows, w.named) &&
		!over(t.heads[0], typedColumns(t.body)) {
		t = gridTable{body: block.rows} // rows of words that continue the table above
	}
	titled := false
	for i, r := range t.above {
		switch text := strings.TrimLeft(r.cells[0].text, "# "); {
		case len(r.cells) > 1:
			w.pair(r)
		case !titled && i < len(t.above) && len(text) <= 150 && text != "" && (len(t.heads) > 0 || len(t.body) > 0):
			w.out.place(w.place(r))
			w.out.heading(2, text)
			titled = true
			w.beside(r)
		default:
			w.line(r, nil)
		}
	}
	if t.pairs {
		for _, r := range t.body {
			w.pair(r)
		}
		return
	}
	named := w.named
	switch {
	case len(t.heads) > 0:
		columns := columnsOf(block.rows)
		named = columnNames(t.heads, columns)
		w.named, w.heads = named, nil
		if over(t.heads[len(t.heads)-1], typedColumns(t.body)) {
			w.heads = t.heads
		}
		w.out.place(w.place(t.heads[0]))
		var list []string
		for _, column := range sortedColumns(named) {
			list = append(list, named[column])
		}
		w.out.write("Columns: "+strings.Join(list, "; "), true)
		for _, r := range t.heads {
			w.beside(r)
		}
	case named != nil && !sameColumns(t.body, named):
		named = nil
	}
	for _, r := range t.body {
		if w.out.full() {
			return
		}
		if named != nil && repeatsNames(r, w.heads) {
			continue
		}
		w.line(r, named)
	}
}

// repeatsNames reports whether a row repeats the column names, as at the top of each printed page.
func repeatsNames(r gridRow, heads []gridRow) bool {
	for _, head := range heads {
		if len(head.cells) != len(r.cells) {
			continue
		}
		same := true
		for i, c := range r.cells {
			same = same && c == head.cells[i]
		}
		if same {
			return true
		}
	}
	return false
}

// pair writes a row that is a name and its value.
func (w *gridWriter) pair(r gridRow) {
	if len(r.cells) != 2 {
		w.line(r, nil)
		return
	}
	name := strings.TrimSpace(strings.TrimSuffix(r.cells[0].text, ":"))
	w.text(r, strings.TrimLeft(name, "# ")+": "+r.cells[1].text)
}

// line writes a row with the names of its columns.
func (w *gridWriter) line(r gridRow, named map[int]string) {
	var b strings.Builder
	for _, c := range r.cells {
		if b.Len() > w.out.max { // a row may refer to the same long text in each cell
			break
		}
		if b.Len() > 0 {
			b.WriteString("; ")
		}
		if name := named[c.column]; name != "" {
			b.WriteString(name + ": ")
		}
		b.WriteString(c.text)
	}
	w.text(r, b.String())
}

func (w *gridWriter) text(r gridRow, s string) {
	if s == "" {
		return
	}
	w.out.place(w.place(r))
	if s[0] == '#' {
		s = `\` + s
	}
	w.out.write(s, true)
	w.beside(r)
}

// beside writes the comments on a row.
func (w *gridWriter) beside(r gridRow) {
	for _, note := range r.notes {
		w.out.write(note, true)
	}
}
