package timeline

import (
	"weft/ui/canvas"
	"weft/ui/status"
	"weft/ui/theme"
)

// Draw draws the timeline into r.
func (m *Model) Draw(c *canvas.Canvas, r canvas.Rect) {
	m.SetSize(r.Dx(), r.Dy())
	s := c.Sub(r)
	if m.w <= 0 || m.h <= 0 {
		return
	}
	if m.cursor.empty() {
		s.Text(0, 0, "nothing has run yet", m.theme.Faint)
		return
	}
	m.layout()
	p := newPicture(m, s)
	switch {
	case m.w < 40 || m.h < 3:
		p.line()
	case m.w < 60:
		p.list()
	default:
		p.full()
	}
}

// full draws the rows with their bars over time.
func (p *picture) full() {
	m, a, th := p.model, p.brush.a, p.th
	rows, minimap, legend := m.height()
	total := m.tree.count()
	m.keepWork(rows)
	shown := min(rows, total-m.top)

	p.header()
	p.ruler(shown)
	p.now(shown)
	if m.path {
		p.brush.path = m.critical.update(p.brush.v)
	}
	for y := range shown {
		if r, ok := m.tree.row(m.top + y); ok {
			p.row(r, 1+y)
		}
	}
	if total > rows {
		p.canvas.Scrollbar(canvas.R(m.w-1, 1, 1, rows), total, m.top, th.Border, th.Muted)
	}
	if minimap {
		y := m.h - 1
		if legend {
			p.legend(y)
			y--
		}
		if mapped(a, total, rows) {
			p.minimap(y)
		}
	}
}

// row draws a row with its bar.
func (p *picture) row(r row, y int) {
	th, b := p.th, p.brush
	if r.kind.detail() {
		p.detail(r, p.branch(r, y), y)
		return
	}
	rel := p.model.selection.relation(b.v, p.model.tree.laid, r)
	b.dim, b.only = rel == unrelated, nil
	if rel == self && r.kind == stepRow {
		b.only = p.model.selection.picked
	}
	b.cells, b.texts = p.blank(), b.texts[:0]
	look := p.look(r)

	p.canvas.Set(1, y, look.status, look.statusStyle)
	p.stop(r, y)
	x := p.branch(r, y)
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
	room := p.cols.name.x + p.cols.name.w - x
	if look.whole != "" && canvas.Width(look.name)+1+canvas.Width(look.whole) <= room {
		look.suffix = look.whole
	}
	if suffix := canvas.Width(look.suffix); suffix > 0 {
		n := p.canvas.TextN(x, y, max(room-suffix-1, min(room, 4)), look.name, name)
		p.canvas.TextN(x+n+1, y, room-n-1, look.suffix, look.suffixStyle)
	} else {
		p.canvas.TextN(x, y, room, look.name, name)
	}
	p.canvas.TextRight(p.cols.number.x, y, p.cols.number.w, look.number, look.numberStyle)
	if look.note != "" {
		p.note(look, y)
	}
	for x, k := range b.cells {
		if k.weight > 0 && k.weight != words {
			p.canvas.Set(p.cols.time.x+x, y, k.g, k.st)
		}
	}
	for _, t := range b.texts {
		p.canvas.TextN(p.cols.time.x+t.x, y, b.a.w-t.x, t.text, t.st)
	}
	switch rel {
	case self:
		line := canvas.R(0, y, p.model.w-1, 1)
		// Without a background the overlay reverses colours: apply it to the name and not to the
		// bar
		if th.Selection.Bg == nil {
			line = canvas.R(p.cols.name.x, y, p.cols.name.w, 1)
		}
		p.canvas.Overlay(line, th.Selection)
		p.canvas.Set(0, y, "▌", th.Accent)
		p.canvas.Overlay(canvas.R(0, y, 1, 1), theme.Style{Bg: th.Selection.Bg})
	case causing:
		p.canvas.Set(0, y, "◂", th.Cause)
	case effected:
		p.canvas.Set(0, y, "▸", th.Effect)
	case both:
		p.canvas.Set(0, y, "↔", th.Effect)
	}
}

// stop marks a step before which a debugger holds the run.
func (p *picture) stop(r row, y int) {
	if p.model.plan.stopped(r) {
		p.canvas.Set(2, y, "■", p.th.Now)
	}
}

// note writes the note of a row where there is room for it, in order of preference: after the
// bar, before the bar, shortened after or before the bar, or the brief form.
func (p *picture) note(look look, y int) {
	b := p.brush
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
		p.canvas.Clear(canvas.R(p.cols.number.x, y, p.cols.number.w, 1))
		p.canvas.TextRight(p.cols.number.x, y, p.cols.number.w, look.brief, look.noteStyle)
	}
}

// detail draws a line of text that belongs to the row above.
func (p *picture) detail(r row, x, y int) {
	text, st := status.Failed.Glyph()+" "+firstLine(r.error), p.th.Failed
	switch r.kind {
	case spreadRow:
		text, st = spread(p.brush.v, r.step), p.th.Muted
	case retryRow:
		again, _ := r.step.Retry(p.brush.v, p.brush.until)
		text, st = "↻ "+RetryText(again, p.model.w-4-x), p.th.Backoff
	}
	if n := p.canvas.TextN(x, y, p.model.w-2-x, text, st); n > 0 {
		p.canvas.Set(x+n, y, " ", theme.Style{})
	}
}

// branch draws the tree lines of a row and returns the column where its name begins.
func (p *picture) branch(r row, y int) int {
	x, st := p.cols.name.x, p.th.Border
	if r.depth == 0 {
		return x
	}
	for d := 1; d < r.depth; d++ {
		if r.guides>>min(d, 31)&1 == 1 {
			p.canvas.Set(x, y, "│", st)
		}
		x += 2
		if x > p.cols.name.x+p.cols.name.w/2 {
			return x
		}
	}
	switch {
	case r.kind.detail() && r.guides>>min(r.depth, 31)&1 == 1:
		p.canvas.Set(x, y, "│", st)
	case r.kind.detail():
	case r.last:
		p.canvas.Set(x, y, "╰", st)
	default:
		p.canvas.Set(x, y, "├", st)
	}
	return x + 2
}
