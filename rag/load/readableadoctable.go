package load

import (
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"strings"

	"weft/rag/lazyregexp"
)

var (
	adocColumns   = lazyregexp.New(`\bcols=(?:"([^"\n]*)"|([^,\]\n"]*))`)
	adocRepeated  = lazyregexp.New(`^[ \t]*(\d{1,3})\*`)
	adocSeparator = lazyregexp.New(`\bseparator="?([^"\],\s\\]{1,4})`)
	adocData      = lazyregexp.New(`\bformat="?(csv|tsv|dsv)\b`)
	adocCell      = lazyregexp.New(`(?:^|[ \t])(?:(\d{1,3})?(?:\.(\d{1,4}))?([+*]))?(?:[<^>])?(?:\.[<^>])?[adehlmsv]?$`)
)

// An adocTableCell is a cell of an AsciiDoc table.
type adocTableCell struct {
	text   string
	line   int // on which it begins
	end    int // on which its text ends
	across int // columns that it spans
	down   int // rows that it spans
	copies int // number of cells with its text
}

// An adocTable holds the cells of a table while they are read.
type adocTable struct {
	cells   []adocTableCell
	columns int
	size    int // bytes of the rows
	most    int // size beyond which the table is not written as rows
}

// An adocRow is a row of a table, and the lines that it comes from.
type adocRow struct {
	cells     []string
	line, end int
}

// table writes the table that begins at line i and returns the index of the next line to convert. A
// table that cannot be written as rows within its lines loses its fences, and its lines become text.
func (a *adocReader) table(i int, fence string) int {
	n := linesBefore(a.lines[i+1:], fence, adocReach)
	settings := a.settings
	margin := a.begin(i)
	if n < 0 {
		a.barred = len(a.lines)
		return i + 1
	}
	last := i + 1 + n
	rows := a.tableRows(i+1, last, fence[0], settings)
	// The header, the line below it and the other rows are written without a blank line, the first
	// row on its own line if there is room for all. The line of the closing fence stays blank.
	first := -1
	if len(rows) > 1 {
		first = min(rows[1].line-2, last-len(rows)-1)
	}
	if first < i {
		a.tableEnd, a.barred = last, max(a.barred, last)
		return i + 1
	}
	clear(a.lines[i : last+1])
	columns := len(rows[0].cells)
	at, moved := first, false
	for k, row := range rows {
		a.lines[at] = margin + markdownRow(row.cells, columns)
		moved = moved || at != row.line && (k > 0 || at != row.line-1) || row.end > row.line
		if at++; k == 0 {
			a.lines[at] = margin + "|" + strings.Repeat("---|", columns)
			at++
		}
	}
	if moved {
		a.places[first] = placeOfLines(rows[0].line+1, rows[0].end+1)
		a.places[first+1] = a.places[first]
		for k, row := range rows[1:] {
			a.places[first+2+k] = placeOfLines(row.line+1, row.end+1)
		}
	}
	return last + 1
}

// tableRows returns the rows of the table in the lines from i to last, all with the same number of
// cells; nil if it is to be written line by line: it has one column or row, or blocks in its cells.
func (a *adocReader) tableRows(i, last int, fence byte, settings string) []adocRow {
	separator := string(fence)
	if m := adocData.FindStringSubmatch(settings); m != nil {
		separator = map[string]string{"csv": ",", "tsv": "\t", "dsv": ":"}[m[1]]
	}
	data := separator != string(fence) || fence == ',' || fence == ':'
	if m := adocSeparator.FindStringSubmatch(settings); m != nil {
		separator = m[1]
	}
	t := adocTable{columns: adocColumnCount(settings)}
	source := 0
	for j := i; j < last; j++ {
		source += 4*len(a.lines[j]) + 1 // a cell without text takes four bytes in Markdown
	}
	t.most = source + maxExpansion - int(a.grown)
	switch {
	case a.grown.full(), data && !t.readData(a.lines[i:last], i, separator):
		return nil
	case !data && !a.readCells(&t, i, last, separator):
		return nil
	}
	if t.columns < 2 || t.columns > maxColumns {
		return nil
	}
	rows := t.rows()
	if len(rows) < 2 {
		return nil
	}
	a.grown += expansion(max(t.size-source, 0))
	for _, row := range rows {
		for k, text := range row.cells {
			if row.cells[k] = a.inline(text); len(text) > maxAdocCell {
				return nil
			}
		}
	}
	return rows
}

// maxAdocCell is the length in bytes of the longest cell in a table that is written as rows.
const maxAdocCell = 2000

// adocColumnCount returns the number of columns that attributes set: cols="1,2*,3". 0: not set.
func adocColumnCount(settings string) int {
	m := adocColumns.FindStringSubmatch(settings)
	if m == nil || m[1]+m[2] == "" {
		return 0
	}
	count := 0
	for column := range strings.FieldsFuncSeq(m[1]+m[2], func(r rune) bool { return r == ',' || r == ';' }) {
		width := 1
		if n := adocRepeated.FindStringSubmatch(column); n != nil {
			width, _ = strconv.Atoi(n[1])
		}
		count += width
	}
	return count
}

// readCells reads the cells of the lines from i to last. It returns false if a cell has a block.
func (a *adocReader) readCells(t *adocTable, i, last int, separator string) bool {
	for j := i; j < last; j++ {
		line := strings.TrimRight(a.lines[j], " \t")
		ruled := len(line) >= 4 && strings.Trim(line[1:], line[1:2]) == "" && !strings.HasPrefix(line, separator+separator)
		switch {
		case line == "", strings.HasPrefix(line, "//"), adocMacro.MatchString(line):
			continue
		case ruled && strings.IndexByte("-.=*_+", line[1]) >= 0, strings.HasPrefix(line, "```"),
			len(line) > maxCleanedLine, adocItem.MatchString(line), a.ctx.Err() != nil:
			return false
		}
		t.readLine(line, j, separator)
		if n := len(t.cells); n > 0 && len(t.cells[n-1].text) > maxAdocCell {
			return false
		}
		if t.columns == 0 {
			for _, cell := range t.cells {
				t.columns += cell.across * cell.copies
			}
		}
	}
	return true
}

// readLine reads the cells that begin on a line, and the rest of the cell from the line above.
func (t *adocTable) readLine(line string, at int, separator string) {
	for {
		text, rest, found := cutAdocCell(line, separator)
		if !found {
			t.add(text, at)
			return
		}
		next := adocTableCell{line: at, end: at, across: 1, down: 1, copies: 1}
		if m := adocCell.FindStringSubmatchIndex(text); m != nil && strings.TrimSpace(text[m[0]:]) != "" {
			number := func(from, to int) int {
				if from < 0 {
					return 1
				}
				n, _ := strconv.Atoi(text[from:to])
				return max(n, 1)
			}
			if m[6] >= 0 && text[m[6]] == '*' {
				next.copies = number(m[2], m[3])
			} else {
				next.across, next.down = number(m[2], m[3]), number(m[4], m[5])
			}
			text = text[:m[0]]
		}
		t.add(text, at)
		t.cells = append(t.cells, next)
		line = rest
	}
}

// cutAdocCell cuts a line at the first separator without a backslash before it. It removes the
// backslashes of the others.
func cutAdocCell(line, separator string) (before, after string, found bool) {
	var cell strings.Builder
	for {
		n := strings.Index(line, separator)
		if n < 0 {
			cell.WriteString(line)
			return cell.String(), "", false
		}
		if n == 0 || line[n-1] != '\\' {
			cell.WriteString(line[:n])
			return cell.String(), line[n+len(separator):], true
		}
		cell.WriteString(line[:n-1] + separator)
		line = line[n+len(separator):]
	}
}

// add adds text to the last cell.
func (t *adocTable) add(text string, at int) {
	text = strings.TrimSpace(text)
	if rest, broken := strings.CutSuffix(text, " +"); broken {
		text = rest
	}
	if text == "" {
		return
	}
	if len(t.cells) == 0 {
		t.cells = append(t.cells, adocTableCell{line: at, across: 1, down: 1, copies: 1})
	}
	cell := &t.cells[len(t.cells)-1]
	if cell.text != "" {
		text = cell.text + " " + text
	}
	cell.text, cell.end = text, at
}

// readData reads the rows of a table of data, which begins at line i of the file. It returns false
// if they are not well-formed.
func (t *adocTable) readData(lines []string, i int, separator string) bool {
	add := func(texts []string, line, end int) bool {
		if t.columns == 0 {
			t.columns = len(texts)
		}
		for k := range t.columns {
			cell := adocTableCell{line: i + line, end: i + end, across: 1, down: 1, copies: 1}
			if k < len(texts) {
				cell.text = tidy(texts[k])
			}
			t.cells = append(t.cells, cell)
		}
		return len(texts) <= t.columns
	}
	if separator == ":" {
		for k, line := range lines {
			var texts []string
			for text, found := "", strings.TrimSpace(line) != ""; found; {
				text, line, found = cutAdocCell(line, separator)
				texts = append(texts, text)
			}
			if len(texts) > 0 && !add(texts, k, k) {
				return false
			}
		}
		return true
	}
	r := csv.NewReader(strings.NewReader(strings.Join(lines, "\n")))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes, r.TrimLeadingSpace = []rune(separator)[0], -1, true, separator != "\t"
	for {
		texts, err := r.Read()
		if err != nil {
			return errors.Is(err, io.EOF)
		}
		line, _ := r.FieldPos(0)
		end, _ := r.FieldPos(len(texts) - 1)
		if !add(texts, line-1, end-1+strings.Count(texts[len(texts)-1], "\n")) {
			return false
		}
	}
}

// rows places the cells in rows. A cell that spans columns or rows is repeated in them. It returns
// nil if the rows become too large.
func (t *adocTable) rows() []adocRow {
	var rows []adocRow
	var row adocRow
	size := 0
	down := make([]rowSpan, t.columns)
	put := func(text string, line, end int) {
		if len(row.cells) == 0 {
			row = adocRow{line: line, end: line}
		}
		row.end = max(row.end, end)
		size += len(text) + 3
		if row.cells = append(row.cells, text); len(row.cells) == t.columns {
			rows, row = append(rows, row), adocRow{}
		}
	}
	above := func(line int) {
		span := &down[len(row.cells)]
		span.rows--
		put(span.text, line, line)
	}
	for _, cell := range t.cells {
		for range cell.copies {
			for down[len(row.cells)].rows > 0 && size <= t.most {
				above(cell.line)
			}
			for range min(cell.across, t.columns-len(row.cells)) {
				down[len(row.cells)] = rowSpan{cell.text, cell.down - 1}
				put(cell.text, cell.line, cell.end)
			}
			if size > t.most {
				return nil
			}
		}
	}
	for len(row.cells) > 0 { // the last row may end with cells from above
		if down[len(row.cells)].rows > 0 {
			above(row.end)
		} else {
			put("", row.end, row.end)
		}
	}
	t.size = size
	return rows
}

// cells returns line i, if it is in a table that is not written as rows, without the marks of its
// cells.
func (a *adocReader) cells(i int, line string) string {
	if i >= a.barred || len(line) > maxCleanedLine || !strings.Contains(line, "|") {
		return line
	}
	var t adocTable
	t.readLine(line, 0, "|")
	var texts []string
	for _, cell := range t.cells {
		if cell.text != "" {
			texts = append(texts, cell.text)
		}
	}
	return strings.Join(texts, " | ")
}
