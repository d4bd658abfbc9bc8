package tools

import (
	"sort"
	"strings"
	"unicode/utf8"

	"weft/rag/chunk"
)

// A lines is the text of a document by lines.
type lines struct {
	text    []string
	numbers []int // of each line in the file, from 1; never falling
	places  []place
}

// A place is a position in a document without lines of its own, such as a page, and the index of
// the line at which it begins.
type place struct {
	at   int
	name string
}

// linesOf puts a document together from its passages, which cover all of its text but blanks: see
// [chunk.Split]. Blank lines between passages are restored by the line numbers.
func (t *tree) linesOf(d *document) *lines {
	var b strings.Builder
	l := &lines{}
	type start struct{ line, number int } // the index of a line, and its number in the file
	var starts []start
	end, line, number := 0, 0, 0 // offset in the document; index and number of the line there
	for _, id := range d.passages {
		c := t.view.Chunk(id)
		text, from := c.Text, c.Line
		if c.Start < end { // passages of one section overlap
			overlap := min(end-c.Start, len(text))
			from += strings.Count(text[:overlap], "\n")
			text = text[overlap:]
		} else if b.Len() > 0 {
			newlines := min(max(from-number, 0), c.Start-end)
			b.WriteString(strings.Repeat("\n", newlines))
			if newlines == 0 && c.Start > end {
				b.WriteByte(' ')
			}
			line += newlines
		}
		if text == "" {
			continue
		}
		if n := len(l.places); c.Place != "" && (n == 0 || l.places[n-1].name != c.Place) {
			l.places = append(l.places, place{line, c.Place})
		}
		starts = append(starts, start{line, from})
		b.WriteString(text)
		n := strings.Count(text, "\n")
		line += n
		number = min(from+n, max(c.EndLine, from))
		end = max(end, c.End)
	}
	l.text = strings.Split(b.String(), "\n")
	l.numbers = make([]int, len(l.text))
	s, last := 0, 0
	for i := range l.numbers {
		for s+1 < len(starts) && starts[s+1].line <= i {
			s++
		}
		n := i + 1
		if len(starts) > 0 {
			n = starts[s].number + i - starts[s].line
			if s+1 < len(starts) {
				n = min(n, starts[s+1].number)
			}
		}
		last = max(last, n)
		l.numbers[i] = last
	}
	return l
}

// from returns the index of the first line whose number is at least n.
func (l *lines) from(n int) int {
	return sort.Search(len(l.numbers), func(i int) bool { return l.numbers[i] >= n })
}

// place returns the place of a line; "" if the document has lines of its own.
func (l *lines) place(at int) string {
	i := sort.Search(len(l.places), func(i int) bool { return l.places[i].at > at })
	if i == 0 {
		return ""
	}
	return l.places[i-1].name
}

// clip shortens a text to at most a number of bytes, at a whole character.
func clip(text string, most int) (short string, cut bool) {
	if len(text) <= most {
		return text, false
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most] + "…", true
}

// textOf returns a passage's text for a reader: with the header of a table that it continues.
func textOf(c *chunk.Chunk) string { return c.WithHeader().Text }
