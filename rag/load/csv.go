package load

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
)

// readCSV reads tables of text, a record a line. Each value is named by its column ("price: 12; item: paper"), so that a row says by itself what it means.
func readCSV(ctx context.Context, l *Loader, in input) (Document, error) {
	text, cut, ok := decode(in.data, in.opts.MaxText)
	if !ok {
		return Document{}, &Error{Reason: Binary, Detail: "is no table of text: it holds zero bytes"}
	}
	if longLine(text) {
		return readText(ctx, l, in)
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma = delimiter(in.kind, text)
	r.LazyQuotes, r.FieldsPerRecord, r.ReuseRecord = true, -1, true
	out := &builder{max: in.opts.MaxText}
	rows := rowWriter{out: out}
	for n := 0; !out.full(); n++ {
		if n%256 == 0 && ctx.Err() != nil {
			return Document{}, ctx.Err()
		}
		record, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return Document{}, &Error{Reason: Damaged, Detail: "is not a table of text: " + causeOf(err), Err: err}
		}
		line, _ := r.FieldPos(0)
		rows.write(record, fmt.Sprintf("line %d", line))
	}
	rows.end()
	doc := out.document()
	if cut && !out.full() {
		doc.cutAt(len(doc.Text))
	}
	return doc, nil
}

// longLine tells a text with a line that is longer than any row of a table.
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

// delimiter finds what separates the values: the sign that the first lines have equally many of.
func delimiter(kind, text string) rune {
	if kind == "tsv" {
		return '\t'
	}
	best, most := ',', 0
	for _, sign := range []rune{',', ';', '\t', '|'} {
		least, lines := -1, 0
		for line := range strings.Lines(text[:min(len(text), 64<<10)]) {
			if strings.TrimSpace(line) == "" {
				continue
			}
			quoted, count := false, 0
			for _, c := range line {
				if c == '"' {
					quoted = !quoted
				} else if c == sign && !quoted {
					count++
				}
			}
			if least < 0 || count < least {
				least = count
			}
			if lines++; lines == 10 {
				break
			}
		}
		if least > most {
			best, most = sign, least
		}
	}
	return best
}

// A rowWriter writes the rows of a table, named by its first row if that one holds names.
type rowWriter struct {
	out   *builder
	first []string // held back until another row follows
	place string   // of the first
	names []string // of the columns
	seen  int
}

func (w *rowWriter) write(record []string, place string) {
	if !slices.ContainsFunc(record, func(value string) bool { return strings.TrimSpace(value) != "" }) {
		return
	}
	w.seen++
	if w.seen == 1 {
		w.first, w.place = append([]string(nil), record...), place
		return
	}
	if w.seen == 2 {
		w.begin()
	}
	w.row(record, place)
}

// begin decides whether the first row names the columns: names are there, differ, and are no numbers.
func (w *rowWriter) begin() {
	if w.first == nil {
		return
	}
	distinct, named := map[string]bool{}, 0
	for _, name := range w.first {
		name = tidy(name)
		if name == "" {
			continue
		}
		if distinct[name] || len(name) > 100 || !strings.ContainsFunc(name, unicode.IsLetter) {
			named = 0
			break
		}
		distinct[name] = true
		named++
	}
	if named >= 2 && named*2 > len(w.first) {
		w.names = make([]string, len(w.first))
		for i, name := range w.first {
			w.names[i] = tidy(name)
		}
	}
	w.out.place(w.place)
	if w.names != nil {
		w.out.write("Columns: "+strings.Join(w.names, "; "), true)
	} else {
		w.row(w.first, w.place)
	}
	w.first = nil
}

func (w *rowWriter) row(record []string, place string) {
	var b strings.Builder
	for i, value := range record {
		if b.Len() > w.out.max { // a row of a spreadsheet may refer to the same long text in each cell
			break
		}
		if value = tidy(value); value == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteString("; ")
		}
		if i < len(w.names) && w.names[i] != "" {
			b.WriteString(w.names[i] + ": ")
		}
		b.WriteString(value)
	}
	if b.Len() == 0 {
		return
	}
	w.out.place(place)
	s := b.String()
	if s[0] == '#' {
		s = `\` + s
	}
	w.out.write(s, true)
}

// end writes what is held back.
func (w *rowWriter) end() {
	if w.seen == 1 {
		w.begin()
	}
}
