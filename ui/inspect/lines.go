package inspect

import (
	"fmt"
	"strings"

	"weft/ui/canvas"
	"weft/ui/run"
	"weft/ui/status"
	"weft/ui/theme"
)

// A part is a piece of a line in one style. It begins at column at or, if that is 0, where the
// previous part ended.
type part struct {
	text   string
	spoken string // what a screen reader says instead of text; "": text
	style  theme.Style
	at     int
}

// A line of the inspector.
type line struct {
	parts   []part
	fold    string // path of the foldable part that this line heads
	open    bool
	heading bool
	target  Target
}

// A builder builds the lines.
type builder struct {
	m      *Model
	th     *theme.Theme
	v      run.View
	w      int
	lines  []line
	indent int
}

// most is how many lines a text or a payload may have; the rest is only counted.
const most = 2000

func (b *builder) add(parts ...part) *line {
	if b.indent > 0 && len(parts) > 0 && parts[0].at == 0 {
		parts[0].at = b.indent
	}
	b.lines = append(b.lines, line{parts: parts})
	return &b.lines[len(b.lines)-1]
}

func p(text string, st theme.Style) part { return part{text: text, style: st} }

// status returns a status as its glyph and word.
func (b *builder) status(s status.Status) part {
	return part{text: s.Label(), spoken: s.Spoken(), style: s.Style(b.th)}
}

// mark returns a glyph that stands alone, with its spoken form.
func mark(glyph, spoken string, st theme.Style) part {
	return part{text: glyph + " ", spoken: spoken + " ", style: st}
}

// heading begins a section.
func (b *builder) heading(title string, extra ...part) *line {
	if len(b.lines) > 0 {
		b.add()
	}
	b.indent = 0
	l := b.add(append([]part{p(title, b.th.Heading)}, extra...)...)
	l.heading = true
	b.indent = 2
	return l
}

// labels is the column in which the values of labels begin.
const labels = 12

// label writes a name and its value, wrapped.
func (b *builder) label(name, value string, st theme.Style) *line {
	var first *line
	room := max(8, b.w-b.indent-labels)
	rows := canvas.Wrap(canvas.Head(value, 40*room), room)
	for i, row := range rows {
		if i == 8 && len(rows) > 9 {
			b.add(part{text: fmt.Sprintf("… %d more lines", len(rows)-i), style: b.th.Faint, at: b.indent + labels})
			break
		}
		if i > 0 {
			b.add(part{text: row, style: st, at: b.indent + labels})
			continue
		}
		b.add(p(name, b.th.Muted), part{text: row, style: st, at: b.indent + labels})
		first = &b.lines[len(b.lines)-1]
	}
	return first
}

// text writes wrapped text.
func (b *builder) text(s string, st theme.Style, rows int) {
	room := max(8, b.w-b.indent)
	lines := canvas.Wrap(strings.TrimRight(canvas.Head(s, 2*rows*room), "\n"), room)
	for i, l := range lines {
		if i == rows {
			b.add(p(fmt.Sprintf("… %d more lines", len(lines)-i), b.th.Faint))
			return
		}
		b.add(p(l, st))
	}
}

// marked writes wrapped text after a mark.
func (b *builder) marked(sign part, text string) {
	for i, row := range canvas.Wrap(text, max(8, b.w-b.indent-2)) {
		if i > 0 {
			sign = p("  ", sign.style)
		}
		b.add(sign, p(row, b.th.Text))
	}
}

// fold writes the heading line of a part that can be folded and reports whether it is open.
func (b *builder) fold(path string, open bool, parts ...part) bool {
	if o, told := b.m.folds[path]; told {
		open = o
	}
	mark := "▸ "
	if open {
		mark = "▾ "
	}
	l := b.add(append([]part{p(mark, b.th.Muted)}, parts...)...)
	l.fold, l.open = path, open
	return open
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
