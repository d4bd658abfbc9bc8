package load

import (
	"context"
	"fmt"
	"strings"
)

// readCSV reads text tables. It writes each value with the name of its column ("price: 12; item:
// paper"), so that a row can be understood alone. It detects the delimiter and the row of column
// names.
func readCSV(ctx context.Context, l *Loader, in input) (Document, error) {
	text, cut, encoding, ok := decodeText(in.data, in.opts.MaxText)
	if !ok {
		return Document{}, &Error{Reason: Binary, Detail: "is no table of text: it holds zero bytes"}
	}
	text = strings.ReplaceAll(text, "\r\n", "\n")
	if !strings.Contains(text, "\n") {
		text = strings.ReplaceAll(text, "\r", "\n")
	}
	if longLine(text) {
		return readText(ctx, l, in)
	}
	sign, begin := declaredDelimiter(text)
	if sign == 0 {
		sign = delimiter(in.kind, text)
	}
	records := csvRecords{text: text, at: begin, line: 1, sign: sign}
	if begin > 0 {
		records.line = 2
	}
	rows := make([]gridRow, 0, min(strings.Count(text, "\n")+1, maxGridRows))
	var values []string
	var store []gridCell // room for the cells of many rows
	cells, size, wide := 0, 0, false
	for n := 0; records.at < len(text) && size <= in.opts.MaxText; n++ { // the text is longer than the values
		if n%256 == 0 && ctx.Err() != nil {
			return Document{}, ctx.Err()
		}
		first := records.line
		values = records.next(values[:0])
		row := gridRow{from: first, to: max(first, records.line-1)}
		if cap(store)-len(store) < len(values) {
			store = make([]gridCell, 0, max(len(values), cellsAtOnce))
		}
		begin := len(store)
		for column, value := range values {
			if value = tidy(value); value != "" && column < maxInRow {
				store = append(store, gridCell{column, value})
				size += len(value) + len("; ")
			} else if value != "" {
				wide = true
			}
		}
		if row.cells = store[begin:len(store):len(store)]; len(row.cells) > 0 {
			rows = append(rows, row)
		}
		if cells += len(row.cells); len(rows) == maxGridRows || cells > maxGridCells {
			break
		}
	}
	out := &builder{max: in.opts.MaxText}
	out.writeGrid(rows, linesOfRow)
	doc := out.document()
	doc.decoded(encoding)
	if records.at < len(text) && size <= in.opts.MaxText {
		doc.Notes = append(doc.Notes, fmt.Sprintf("only the first %d rows are read", len(rows)))
	}
	if wide {
		doc.Notes = append(doc.Notes, fmt.Sprintf("only the first %d columns are read", maxInRow))
	}
	if cut && !out.full() {
		doc.cutAt(len(doc.Text))
	}
	return doc, nil
}

// cellsAtOnce is the number of cells for which memory is allocated together.
const cellsAtOnce = 1024

// linesOfRow returns the lines of a record as a place.
func linesOfRow(r gridRow) string { return placeOfLines(r.from, r.to) }

// longLine reports whether a text has a line of more than 1 MB, which no row of a table has.
func longLine(text string) bool {
	for len(text) > 1<<20 {
		i := strings.LastIndexByte(text[:1<<20], '\n')
		if i < 0 {
			return true
		}
		text = text[i+1:]
	}
	return false
}

// declaredDelimiter parses the line "sep=;" that Excel writes and reads at the start of a table.
// begin is the offset of the table after it. sign is 0 if there is no such line.
func declaredDelimiter(text string) (sign byte, begin int) {
	line, _, found := strings.Cut(text[:min(len(text), 32)], "\n")
	declared, ok := strings.CutPrefix(strings.ToLower(strings.Trim(line, "\"\r ")), "sep=")
	if !found || !ok || len(declared) > 1 {
		return 0, 0
	}
	if declared == "" { // a tab that was trimmed away, or nothing
		return '\t', len(line) + 1
	}
	return declared[0], len(line) + 1
}

// delimiter detects the delimiter: the character that occurs equally often in most of the first
// lines.
func delimiter(kind, text string) byte {
	if kind == "tsv" && strings.Contains(text, "\t") {
		return '\t'
	}
	best, most := byte(','), 0.0
	for _, sign := range []byte{',', ';', '\t', '|'} {
		records := csvRecords{text: text[:min(len(text), 64<<10)], sign: sign}
		counts, total := map[int]int{}, 0
		for total < 100 && records.at < len(records.text) {
			if n := len(records.next(nil)); n > 1 || records.filled {
				counts[n]++
				total++
			}
		}
		for n, times := range counts {
			if score := float64(times) / float64(total) * (1 + float64(min(n, 20))/20); n > 1 && score > most+1e-9 {
				best, most = sign, score
			}
		}
	}
	return best
}

// Limits of a quoted value. A quote that is not closed within them is an ordinary character.
const (
	maxQuoted      = 256 << 10
	maxQuotedLines = 500
)

// csvRecords parses a text into records (RFC 4180). It accepts common deviations: quotes inside
// values, records of different lengths, unclosed quotes.
type csvRecords struct {
	text   string
	at     int
	line   int // the line of the file where the next record begins, from 1
	sign   byte
	filled bool // the last record was not an empty line

	open   int // start of a range without a closing quote
	closed int // end of that range
}

// next appends the values of the next record to values.
func (r *csvRecords) next(values []string) []string {
	begin := r.at
	for {
		value, end := r.value()
		values = append(values, value)
		if r.at = end; r.at >= len(r.text) {
			break
		}
		r.at++
		if r.text[end] == '\n' {
			break
		}
		if r.at == len(r.text) {
			values = append(values, "")
			break
		}
	}
	r.line += strings.Count(r.text[begin:r.at], "\n")
	r.filled = len(values) > 1 || values[0] != ""
	return values
}

// value returns the value at the current offset, and the offset of the delimiter or line end after
// it.
func (r *csvRecords) value() (string, int) {
	at := r.at
	for at < len(r.text) && r.text[at] == ' ' {
		at++
	}
	if at < len(r.text) && r.text[at] == '"' {
		if value, end, ok := r.quoted(at + 1); ok {
			return value, end
		}
	}
	for end := r.at; ; end++ {
		if end == len(r.text) || r.text[end] == '\n' || r.text[end] == r.sign {
			return r.text[r.at:end], end
		}
	}
}

// quoted reads a value after its opening quote, up to a quote followed by a delimiter or line end.
// ok is false if there is none within the limits.
func (r *csvRecords) quoted(begin int) (value string, end int, ok bool) {
	lines, doubled := 0, false
	at := begin
	if begin >= r.open && begin < r.closed { // known to have no closing quote
		at = r.closed
	}
	for ; at < len(r.text) && at-begin < maxQuoted && lines < maxQuotedLines; at++ {
		switch r.text[at] {
		case '\n':
			lines++
		case '"':
			if at+1 < len(r.text) && r.text[at+1] == '"' {
				doubled = true
				at++
				continue
			}
			end := at + 1
			for end < len(r.text) && r.text[end] == ' ' {
				end++
			}
			if end == len(r.text) || r.text[end] == '\n' || r.text[end] == r.sign {
				if value = r.text[begin:at]; doubled || strings.Contains(value, `""`) {
					value = strings.ReplaceAll(value, `""`, `"`)
				}
				return value, end, true
			}
		}
	}
	if begin < r.open || begin >= r.closed {
		r.open = begin
	}
	r.closed = at
	return "", 0, false
}
