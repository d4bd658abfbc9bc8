package extract

import (
	"fmt"
	"slices"
	"strings"

	"weft/rag/chunk"
	"weft/rag/lazyregexp"
)

// compose returns the stretches as Markdown, each after its title.
func compose(passages []Passage, stretches []stretch) []Piece {
	var pieces []Piece
	for _, st := range stretches {
		w := writer{n: passages[st.section.passage].N}
		if code := st.section.units[0].code; code != nil {
			pieces = append(pieces, Piece{Text: quoted(passages[st.section.passage], code.text), N: w.n})
			continue
		}
		if h := title(st.section.path); h != "" {
			w.pieces = append(w.pieces, Piece{Text: h, N: w.n, Opens: true})
		}
		w.stretch(st)
		pieces = append(pieces, w.pieces...)
	}
	return pieces
}

// title returns the title of a stretch: the last two of its headings.
func title(path []string) string {
	if len(path) == 0 {
		return ""
	}
	var shown []string
	for _, h := range path[max(0, len(path)-2):] {
		shown = append(shown, strings.ReplaceAll(oneLine(clean(h)), "**", ""))
	}
	return "**" + guarded(strings.Join(shown, " › ")) + "**"
}

// A writer collects the pieces of one stretch.
type writer struct {
	pieces []Piece
	n      int
}

func (w *writer) add(text string) { w.pieces = append(w.pieces, Piece{Text: text, N: w.n}) }

// gap marks omitted text.
const gap = "…"

// gap adds a gap mark to the last piece.
func (w *writer) gap() {
	last := &w.pieces[len(w.pieces)-1]
	tag := fmt.Sprintf(" [%d]", w.n)
	if text, ok := strings.CutSuffix(last.Text, tag); ok && !last.Opens {
		last.Text = text + " " + gap + tag
	}
}

func (w *writer) stretch(st stretch) {
	units := st.section.units
	for i := st.from; i < st.to; {
		if slices.Contains(st.skip, i) && units[i].kind != chunk.Row && units[i].kind != chunk.Item {
			if i > st.from && !slices.Contains(st.skip, i-1) {
				w.gap()
			}
			i++
			continue
		}
		end := i + 1
		switch units[i].kind {
		case chunk.Columns, chunk.Row:
			for end < st.to && (units[end].kind == chunk.Row || units[end].kind == chunk.Columns) {
				end++
			}
			w.table(st, i, end)
		case chunk.Item:
			for end < st.to && (units[end].kind == chunk.Item || units[end].depth > 0) {
				end++
			}
			w.list(st, i, end)
		case chunk.Code:
			w.add(units[i].text)
		case chunk.Lines:
			for end < st.to && units[end].kind == chunk.Lines {
				end++
			}
			var lines []string
			for _, u := range units[i:end] {
				lines = append(lines, u.text)
			}
			text := strings.Join(lines, "\n")
			w.add(fence(text) + "\n" + text + "\n" + fence(text))
		default:
			for end < st.to && units[end].block == units[i].block && !slices.Contains(st.skip, end) {
				end++
			}
			w.paragraph(units[i:end], st)
		}
		i = end
	}
	if len(w.pieces) > 0 {
		if last := &w.pieces[len(w.pieces)-1]; strings.HasSuffix(last.Text, "```") || strings.HasSuffix(last.Text, "|") || strings.HasSuffix(last.Text, "~~~") {
			w.cite()
		}
	}
}

// cite adds the citation of a stretch that has none so far, because it ends in code or a table:
// after the title, or else as a piece of its own.
func (w *writer) cite() {
	tag := fmt.Sprintf("[%d]", w.n)
	if slices.ContainsFunc(w.pieces, func(p Piece) bool { return strings.HasSuffix(p.Text, tag) }) {
		return
	}
	if strings.HasPrefix(w.pieces[0].Text, "**") {
		w.pieces[0].Text += " " + tag
		return
	}
	w.add(tag)
}

func (w *writer) paragraph(units []unit, st stretch) {
	var text []string
	for _, u := range units {
		text = append(text, u.text)
	}
	said := guarded(balanced(strings.Join(text, " ")))
	if units[0].within && !(st.from > 0) {
		said = gap + " " + said
	}
	if units[0].kind == chunk.Quote {
		said = "> " + said
	}
	w.add(cite(escaped(said), w.n))
}

// list adds the units from..to as list items, one per line, indented by depth. Omitted items are
// marked.
func (w *writer) list(st stretch, from, to int) {
	units := st.section.units
	var lines []string
	skipped := false
	base := units[from].depth
	for i := from; i < to; i++ {
		u := units[i]
		if slices.Contains(st.skip, i) {
			skipped = true
			continue
		}
		if skipped && len(lines) > 0 {
			lines = append(lines, "- "+gap)
		}
		skipped = false
		indent := strings.Repeat("  ", max(0, u.depth-base))
		text := guarded(balanced(u.text))
		switch {
		case u.kind == chunk.Code:
			lines = append(lines, text)
		case u.kind == chunk.Item && u.marker != "":
			lines = append(lines, indent+marker(u.marker)+text)
		case len(lines) > 0:
			lines[len(lines)-1] += " " + text
		default:
			lines = append(lines, "- "+gap+" "+text)
		}
	}
	listed := func(i int) bool { return units[i].kind == chunk.Item || units[i].depth > 0 }
	before := from == st.from && from > 0 && listed(from-1)
	if before && units[from-1].block == units[from].block {
		before = !strings.HasPrefix(lines[0], "- "+gap) // it is marked already
	}
	if before || slices.Contains(st.skip, from) || st.from < from && slices.Contains(st.skip, st.from+1) {
		lines = append([]string{"- " + gap}, lines...)
	}
	switch after := to == st.to && to < len(units) && listed(to); {
	case after && !skipped && units[to].block == units[to-1].block:
		if last := len(lines) - 1; !strings.HasSuffix(lines[last], "```") {
			lines[last] += " " + gap
		}
	case skipped || after:
		lines = append(lines, "- "+gap)
	}
	last := len(lines) - 1
	if !strings.HasSuffix(lines[last], "```") {
		lines[last] = cite(lines[last], w.n)
	}
	w.add(strings.Join(lines, "\n"))
	w.omits(st, from, to, func(u unit) bool { return u.kind == chunk.Item || u.depth > 0 })
}

// omits sets Left of the last piece to the number of items or rows that the piece leaves out of its
// list or table. The units from..to belong to that list or table, and so do those around them for
// which within returns true.
func (w *writer) omits(st stretch, from, to int, within func(unit) bool) {
	units, left := st.section.units, 0
	for from > 0 && within(units[from-1]) {
		from--
	}
	for to < len(units) && within(units[to]) {
		to++
	}
	for i := from; i < to; i++ {
		u := units[i]
		if (i < st.from || i >= st.to || slices.Contains(st.skip, i)) && (u.kind == chunk.Row || u.marker != "") {
			left++
		}
	}
	w.pieces[len(w.pieces)-1].Left = left
}

// marker returns an item's marker in Markdown.
func marker(s string) string {
	s = strings.TrimSpace(s)
	if ordered.MatchString(s) {
		return s + " "
	}
	return "- "
}

var (
	ordered = lazyregexp.New(`^\d{1,9}[.)]`)
	// record matches a row that names its columns: "Ship: Kittiwake; Tons: 54".
	record = lazyregexp.New(`^[^:;|.]{1,60}: [^;]*(?:; [^:;]{1,60}: [^;]*)*$`)
)

// table adds the units from..to as rows. Markdown rows stay a table, records become list items,
// other rows stay lines.
func (w *writer) table(st stretch, from, to int) {
	units := st.section.units
	var rows []string
	head, skipped := 0, from == st.from && from > 0 && units[from-1].kind == chunk.Row
	for i := from; i < to; i++ {
		u := units[i]
		if slices.Contains(st.skip, i) {
			skipped = true
			continue
		}
		if skipped {
			rows = append(rows, gap)
		}
		skipped = false
		if rows = append(rows, u.text); u.kind == chunk.Columns {
			head = len(rows)
		}
	}
	if skipped || to == st.to && to < len(units) && units[to].kind == chunk.Row {
		rows = append(rows, gap)
	}
	switch {
	case strings.Contains(units[from].text, "|") && head > 0:
		names, _, _ := strings.Cut(strings.TrimSpace(rows[head-1]), "\n")
		columns := strings.Count(strings.Trim(names, "|"), "|") + 1
		for i, r := range rows {
			if r == gap {
				r = "| " + gap + strings.Repeat(" |", columns)
			}
			if rows[i] = clean(strings.TrimSpace(strings.Split(r, "\n")[0])); !strings.HasPrefix(rows[i], "|") {
				rows[i] = "| " + rows[i] + " |"
			}
		}
		rows = slices.Insert(rows, head, strings.Repeat("|---", columns)+"|")
		w.add(strings.Join(rows, "\n"))
	case !slices.ContainsFunc(rows, func(r string) bool { return r != gap && !record.MatchString(r) }):
		for i := range rows {
			rows[i] = "- " + guarded(rows[i])
		}
		rows[len(rows)-1] = cite(rows[len(rows)-1], w.n)
		w.add(strings.Join(rows, "\n"))
	default:
		text := strings.Join(rows, "\n")
		w.add(fence(text) + "\n" + text + "\n" + fence(text))
	}
	w.omits(st, from, to, func(u unit) bool { return u.kind == chunk.Row })
}

// escaped escapes a paragraph that Markdown would read as a heading, a list or a quotation.
func escaped(s string) string {
	if s != "" && (s[0] == '#' || s[0] == '+' || s[0] == '-' && strings.HasPrefix(s, "- ")) {
		return `\` + s
	}
	return s
}

// quoted returns a declaration for display: its location and a code block.
func quoted(p Passage, code string) string {
	mark := fence(code)
	code = mark + p.Code + "\n" + code + "\n" + mark
	if len(p.Heading) == 0 {
		return strings.TrimSpace(cite("", p.N)) + "\n\n" + code
	}
	return cite("`"+strings.ReplaceAll(p.Heading[0], "`", "")+"`", p.N) + "\n\n" + code
}

func cite(text string, n int) string { return fmt.Sprintf("%s [%d]", text, n) }
