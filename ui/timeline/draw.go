package timeline

import (
	"weft/ui/canvas"
	"weft/ui/status"
	"weft/ui/theme"
)

// A stretch is a horizontal range of cells of the panel.
type stretch struct{ x, w int }

type columns struct{ name, time, number stretch }

// columns divides the width into status marks, name, time and number; the last column is left to
// the scrollbar.
func (m *Model) columns() (c columns) {
	name, number := 17, 6
	switch {
	case m.w >= 150:
		name, number = 30, 7
	case m.w >= 90:
		name, number = 24, 7
	}
	c.name = stretch{3, name}
	c.number = stretch{m.w - 1 - number, number}
	c.time.x = c.name.x + name + 1
	c.time.w = max(1, c.number.x-1-c.time.x)
	return c
}

// Extras is how many rows the minimap, the mark of the visible part above it and the legend take.
const Extras = 3

// labels reports whether events show their names.
func (m *Model) labels() bool { return m.w >= 90 }

// height returns how many rows of the tree are visible, and whether minimap and legend are shown
// below.
func (m *Model) height() (rows int, minimap, legend bool) {
	rows = m.h - 1
	switch spare := rows - m.count(); {
	case spare >= Extras && m.w >= 76:
		return rows - Extras, true, true
	// If some rows are hidden in any case, an overview of the run is worth more than two more of
	// them.
	case m.h >= 12 && (spare >= 2 || spare < 0):
		return rows - 2, true, false
	}
	return rows, false, false
}

// Draw draws the timeline into r.
func (m *Model) Draw(c *canvas.Canvas, r canvas.Rect) {
	m.SetSize(r.Dx(), r.Dy())
	s := c.Sub(r)
	if m.w <= 0 || m.h <= 0 {
		return
	}
	if m.run == nil || m.run.Len() == 0 {
		s.Text(0, 0, "nothing has run yet", m.theme.Faint)
		return
	}
	m.layout()
	switch {
	case m.w < 40 || m.h < 3:
		m.drawLine(s)
	case m.w < 60:
		m.drawList(s)
	default:
		m.drawFull(s)
	}
}

func (m *Model) drawFull(s *canvas.Canvas) {
	th := &m.theme
	cols := m.columns()
	a := m.axis(cols.time.w)
	rows, minimap, legend := m.height()
	total := m.count()
	m.keepWork(rows)
	m.top = max(0, min(m.top, total-rows))
	shown := min(rows, total-m.top)

	m.drawHeader(s, cols)
	ms := a.marks()
	m.drawRuler(s, cols, &a, ms, shown)
	m.drawNow(s, cols, &a, shown)
	b := &brush{m: m, v: m.View(), a: &a, until: m.elapsed(), now: m.cursorColumn(&a)}
	if m.path {
		b.path = m.criticalPath()
	}
	for y := range shown {
		if r, ok := m.row(m.top + y); ok {
			m.drawRow(s, cols, b, r, 1+y)
		}
	}
	if total > rows {
		s.Scrollbar(canvas.R(m.w-1, 1, 1, rows), total, m.top, th.Border, th.Muted)
	}
	if minimap {
		y := m.h - 1
		if legend {
			m.drawLegend(s, y)
			y--
		}
		if m.mapped(&a, rows) {
			m.drawMinimap(s, cols, &a, y)
		}
	}
}

// keepWork scrolls so that the last step at work is visible, while the present is shown and the
// user has neither selected a step nor scrolled.
func (m *Model) keepWork(rows int) {
	if m.at > 0 || m.held || m.selected.step != nil || m.over() || m.count() <= rows {
		return
	}
	v, n, last := m.View(), 0, -1
	for i := range m.lines {
		s := &m.lines[i]
		if s.kind == stepRow && s.step.Lane.Count(v).Active() {
			last = n
		}
		n += s.rows()
	}
	if last >= 0 {
		m.top = max(min(m.top, last), last-rows+1)
	}
}

func (m *Model) drawRow(s *canvas.Canvas, cols columns, b *brush, r row, y int) {
	th := &m.theme
	if r.kind.detail() {
		m.drawDetail(s, r, m.drawTree(s, cols, r, y), y)
		return
	}
	rel := m.relation(r)
	b.dim, b.only = rel == unrelated, nil
	if rel == self && r.kind == stepRow {
		b.only = m.picked
	}
	if cap(m.cells) < b.a.w {
		m.cells = make([]cell, b.a.w)
	}
	b.cells, b.texts = m.cells[:b.a.w], b.texts[:0]
	clear(b.cells)
	look := m.look(b, r)

	s.Set(1, y, look.status, look.statusStyle)
	m.drawStop(s, r, y)
	x := m.drawTree(s, cols, r, y)
	name := th.Text
	switch {
	case look.idle:
		name = th.Idle
	case rel == unrelated:
		name = th.Faint
	case r.kind == workflowRow:
		name = th.Strong
	case r.kind == executionRow || r.kind == attemptRow || r.kind == workerRow:
		name = th.Muted
	}
	room := cols.name.x + cols.name.w - x
	if look.whole != "" && canvas.Width(look.name)+1+canvas.Width(look.whole) <= room {
		look.suffix = look.whole
	}
	if suffix := canvas.Width(look.suffix); suffix > 0 {
		n := s.TextN(x, y, max(room-suffix-1, min(room, 4)), look.name, name)
		s.TextN(x+n+1, y, room-n-1, look.suffix, look.suffixStyle)
	} else {
		s.TextN(x, y, room, look.name, name)
	}
	s.TextRight(cols.number.x, y, cols.number.w, look.number, look.numberStyle)
	if look.note != "" {
		m.drawNote(s, cols, b, look, y)
	}
	for x, k := range b.cells {
		if k.weight > 0 && k.weight != words {
			s.Set(cols.time.x+x, y, k.g, k.st)
		}
	}
	for _, t := range b.texts {
		s.TextN(cols.time.x+t.x, y, b.a.w-t.x, t.text, t.st)
	}
	switch rel {
	case self:
		line := canvas.R(0, y, m.w-1, 1)
		// Without a background the overlay reverses colours: apply it to the name and not to the
		// bar
		if th.Selection.Bg == nil {
			line = canvas.R(cols.name.x, y, cols.name.w, 1)
		}
		s.Overlay(line, th.Selection)
		s.Set(0, y, "▌", th.Accent)
		s.Overlay(canvas.R(0, y, 1, 1), theme.Style{Bg: th.Selection.Bg})
	case causing:
		s.Set(0, y, "◂", th.Cause)
	case effected:
		s.Set(0, y, "▸", th.Effect)
	case both:
		s.Set(0, y, "↔", th.Effect)
	}
}

// drawStop marks a step before which a debugger holds the run.
func (m *Model) drawStop(s *canvas.Canvas, r row, y int) {
	if m.stopped(r) {
		s.Set(2, y, "■", m.theme.Now)
	}
}

// drawNote writes the note of a row where there is room for it, in order of preference: after the
// bar, before the bar, shortened after or before the bar, or the brief form.
func (m *Model) drawNote(s *canvas.Canvas, cols columns, b *brush, look look, y int) {
	x, all := b.end()+2, canvas.Width(look.note)
	if b.now >= x-1 && b.now < b.a.w {
		x = max(x, b.now+2)
	}
	before := b.begin() - 1
	switch {
	case b.write(x, look.note, look.noteStyle, all):
	case b.write(before-all-1, " "+look.note, look.noteStyle, all+1):
	case b.write(x, look.note, look.noteStyle, 12):
	case before >= 14 && b.write(0, canvas.Truncate(look.note, before), look.noteStyle, 12):
	case look.brief == "" || b.write(x, look.brief, look.noteStyle, canvas.Width(look.brief)):
	case look.urgent:
		s.Clear(canvas.R(cols.number.x, y, cols.number.w, 1))
		s.TextRight(cols.number.x, y, cols.number.w, look.brief, look.noteStyle)
	}
}

// drawDetail draws a line of text that belongs to the row above.
func (m *Model) drawDetail(s *canvas.Canvas, r row, x, y int) {
	text, st := status.Failed.Glyph()+" "+firstLine(r.error), m.theme.Failed
	switch r.kind {
	case spreadRow:
		text, st = spread(m.View(), r.step), m.theme.Muted
	case retryRow:
		again, _ := r.step.Retry(m.View(), m.elapsed())
		text, st = "↻ "+RetryText(again, m.w-4-x), m.theme.Backoff
	}
	if n := s.TextN(x, y, m.w-2-x, text, st); n > 0 {
		s.Set(x+n, y, " ", theme.Style{})
	}
}

// drawTree draws the tree lines of a row and returns the column where its name begins.
func (m *Model) drawTree(s *canvas.Canvas, cols columns, r row, y int) int {
	x, st := cols.name.x, m.theme.Border
	if r.depth == 0 {
		return x
	}
	for d := 1; d < r.depth; d++ {
		if r.guides>>min(d, 31)&1 == 1 {
			s.Set(x, y, "│", st)
		}
		x += 2
		if x > cols.name.x+cols.name.w/2 {
			return x
		}
	}
	switch {
	case r.kind.detail() && r.guides>>min(r.depth, 31)&1 == 1:
		s.Set(x, y, "│", st)
	case r.kind.detail():
	case r.last:
		s.Set(x, y, "╰", st)
	default:
		s.Set(x, y, "├", st)
	}
	return x + 2
}
