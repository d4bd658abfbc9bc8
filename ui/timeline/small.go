package timeline

import (
	"weft/ui/canvas"
	"weft/ui/run"
	"weft/ui/status"
	"weft/ui/units"
)

// drawList draws the timeline for a width without room for a time axis: the steps with their own
// times.
func (m *Model) drawList(s *canvas.Canvas) {
	th := &m.theme
	text, st := m.title()
	s.TextN(1, 0, m.w-1, text, st)
	cols := columns{name: stretch{3, max(1, m.w-12)}, number: stretch{m.w - 8, 7}, time: stretch{0, 1}}
	a := m.axis(1)
	b := &brush{m: m, v: m.View(), a: &a, cells: make([]cell, 1), until: m.elapsed()}
	rows := m.h - 1
	total := m.count()
	m.keepWork(rows)
	m.top = max(0, min(m.top, total-rows))
	for y := range min(rows, total-m.top) {
		r, ok := m.row(m.top + y)
		if !ok {
			break
		}
		x := m.drawTree(s, cols, r, 1+y)
		if r.kind.detail() {
			m.drawDetail(s, r, x, 1+y)
			continue
		}
		b.cells[0] = cell{}
		look := m.look(b, r)
		s.Set(1, 1+y, look.status, look.statusStyle)
		m.drawStop(s, r, 1+y)
		name := th.Text
		if look.idle {
			name = th.Idle
		} else if r.kind == workflowRow {
			name = th.Strong
		}
		x += s.TextN(x, 1+y, cols.number.x-1-x, look.name, name) + 1
		if look.suffix != "" {
			x += s.TextN(x, 1+y, cols.number.x-1-x, look.suffix, look.suffixStyle) + 1
		}
		if n := canvas.Width(look.note); look.note != "" && look.note != look.brief && cols.number.x-2-x >= min(n, 12) {
			s.TextN(x+1, 1+y, cols.number.x-2-x, look.note, look.noteStyle)
		}
		if look.urgent {
			s.TextRight(cols.number.x, 1+y, cols.number.w, look.brief, look.noteStyle)
		} else {
			s.TextRight(cols.number.x, 1+y, cols.number.w, look.number, look.numberStyle)
		}
		if r.key == m.selected {
			s.Overlay(canvas.R(0, 1+y, m.w, 1), th.Selection)
		}
	}
	if total > rows {
		s.Scrollbar(canvas.R(m.w-1, 1, 1, rows), total, m.top, th.Border, th.Muted)
	}
}

// drawLine draws the timeline in one line: the status of the run, the step at work, and the time of
// the run.
func (m *Model) drawLine(s *canvas.Canvas) {
	th := &m.theme
	v := m.View()
	g, st := m.status(status.OfRun(v.Status()))
	s.Set(0, 0, g, st)
	text := v.Root().Name
	if e := working(v); e != nil {
		text = e.Step.Name
		if v.Status() == run.Blocked {
			text += " " + status.Waiting.Word()
		}
	} else if msg, _ := v.Error(); msg != "" {
		text = firstLine(msg)
	}
	number := units.Duration(v.ActiveTime(m.now))
	n := canvas.Width(number)
	if m.w < n+6 {
		s.TextN(2, 0, m.w-2, number, th.Muted)
		return
	}
	s.TextN(2, 0, m.w-n-4, text, th.Text)
	s.TextRight(m.w-n-1, 0, n, number, th.Muted)
}

// working returns an execution that is at work or waits: the one whose step began last.
func working(v run.View) *run.Execution {
	if v.Ended() {
		return nil
	}
	steps := v.Steps(v.Root())
	for i := len(steps) - 1; i >= 0; i-- {
		if steps[i].Lane.Count(v).Active() {
			es := v.Executions(steps[i])
			return es[len(es)-1]
		}
	}
	return nil
}
