package load

import (
	"strings"
	"unicode"
)

// A builder writes the text of a document that is not text itself, as Markdown, and remembers where the places of the file begin in it.
type builder struct {
	b      strings.Builder
	marks  []Mark
	max    int  // bytes; beyond it the caller stops
	item   bool // the last block was an item or row, which the next one follows without a blank line
	tables []*table
	inner  int // tables that were begun beyond the limit
}

// A table is collected before it is written: only then it is known whether it is one.
type table struct {
	rows [][]string
	open bool // a row was begun
}

// maxTables is how deep tables may stand in tables.
const maxTables = 16

// full tells that no more text is wanted.
func (b *builder) full() bool { return b.b.Len() > b.max }

// place says where in the file the text comes from that is written next.
func (b *builder) place(place string) {
	if n := len(b.marks); n > 0 {
		if b.marks[n-1].Place == place {
			return
		}
		if b.marks[n-1].Offset == b.b.Len() {
			b.marks[n-1].Place = place
			return
		}
	}
	b.marks = append(b.marks, Mark{Offset: b.b.Len(), Place: place})
}

func (b *builder) write(s string, item bool) {
	if b.full() {
		return
	}
	if b.b.Len() > 0 && !(item && b.item) {
		b.b.WriteByte('\n')
	}
	b.item = item
	b.b.WriteString(s)
	b.b.WriteByte('\n')
}

// heading writes a heading.
func (b *builder) heading(level int, s string) {
	if s = tidy(s); s != "" && !b.cell(s) {
		b.write(strings.Repeat("#", min(max(level, 1), 6))+" "+s, false)
	}
}

// paragraph writes a paragraph; its lines may be broken by \n.
func (b *builder) paragraph(s string) {
	if s = tidyLines(s); s != "" && !b.cell(s) {
		b.write(s, false)
	}
}

// listItem writes an item of a list, depth from 0.
func (b *builder) listItem(depth int, s string) {
	if s = strings.ReplaceAll(tidyLines(s), "\n", " "); s != "" && !b.cell(s) {
		b.write(strings.Repeat("  ", min(max(depth, 0), 8))+"- "+s, true)
	}
}

// code writes lines as they stand.
func (b *builder) code(language, s string) {
	s = strings.Trim(clean(s), "\n")
	if strings.TrimSpace(s) == "" || b.cell(tidy(s)) {
		return
	}
	fence := "```"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if len(fence) > 64 {
		b.write(tidyLines(s), false)
		return
	}
	b.write(fence+language+"\n"+s+"\n"+fence, false)
}

// cell puts a text into the open cell of a table, if there is one.
func (b *builder) cell(s string) bool {
	if len(b.tables) == 0 || !b.tables[len(b.tables)-1].open {
		return false
	}
	t := b.tables[len(b.tables)-1]
	row := &t.rows[len(t.rows)-1]
	if len(*row) == 0 {
		return false
	}
	last := &(*row)[len(*row)-1]
	if *last != "" {
		*last += " "
	}
	*last += strings.ReplaceAll(s, "\n", " ")
	return true
}

// beginTable begins a table. One inside another makes the other a layout of the page.
func (b *builder) beginTable() {
	if len(b.tables) == maxTables { // the rest of the tables inside are text of this one's cells
		b.inner++
		return
	}
	if n := len(b.tables); n > 0 {
		b.flush(b.tables[n-1], true)
		b.tables[n-1].open = false
	}
	b.tables = append(b.tables, &table{})
}

func (b *builder) beginRow() {
	if n := len(b.tables); n > 0 {
		t := b.tables[n-1]
		if size := len(t.rows); size > 0 && size%256 == 0 && b.b.Len() > b.max/2 {
			b.flush(t, false) // a table without end
		}
		t.rows, t.open = append(t.rows, nil), true
	}
}

func (b *builder) beginCell() {
	if n := len(b.tables); n > 0 {
		t := b.tables[n-1]
		if !t.open {
			b.beginRow()
		}
		t.rows[len(t.rows)-1] = append(t.rows[len(t.rows)-1], "")
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
	b.flush(t, false)
}

// flush writes a table's rows: as a table when they are rows of data, as paragraphs when they are the layout of a page.
func (b *builder) flush(t *table, layout bool) {
	columns, longest := 0, 0
	var rows [][]string
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
	t.rows, t.open = nil, false
	outer := b.tables
	b.tables = nil
	defer func() { b.tables = outer }()
	if layout || columns < 2 || len(rows) < 2 || longest > 2000 {
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
		for c := range min(columns, 200) {
			text := ""
			if c < len(r) {
				text = strings.ReplaceAll(r[c], "|", `\|`)
			}
			line.WriteString(" " + text + " |")
		}
		b.write(line.String(), i > 0)
		if i == 0 {
			b.item = true
			b.write("|"+strings.Repeat("---|", min(columns, 200)), true)
		}
	}
	b.item = false
}

// document ends the writing.
func (b *builder) document() Document {
	b.endTables()
	return Document{Text: b.b.String(), Marks: b.marks}
}

// endTables writes all tables that are open.
func (b *builder) endTables() {
	b.inner = 0
	for len(b.tables) > 0 {
		b.endTable()
	}
}

// tidy makes one line of a text.
func tidy(s string) string { return collapse(clean(s)) }

// collapse makes one blank of each run of them, and none at the ends.
func collapse(s string) string {
	var b strings.Builder
	start := -1
	for i, r := range s {
		if unicode.IsSpace(r) {
			if start >= 0 {
				b.WriteString(s[start:i])
				start = -1
			}
			continue
		}
		if start < 0 {
			if start = i; b.Len() > 0 {
				b.WriteByte(' ')
			}
		}
	}
	if start == 0 {
		return s
	}
	if start > 0 {
		b.WriteString(s[start:])
	}
	return b.String()
}

// tidyLines takes the blanks around each line and the empty lines away, and keeps what begins a line from being taken for a heading, quote or fence.
func tidyLines(s string) string {
	var out []string
	for l := range strings.SplitSeq(clean(s), "\n") {
		if l = collapse(l); l == "" {
			continue
		}
		if c := l[0]; c == '#' || c == '>' || strings.HasPrefix(l, "```") || strings.HasPrefix(l, "~~~") ||
			(c == '-' || c == '=') && strings.Trim(l, l[:1]) == "" {
			l = `\` + l
		}
		out = append(out, l)
	}
	return strings.Join(out, "\n")
}
