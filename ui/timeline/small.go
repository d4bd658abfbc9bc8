package timeline

import (
	"weft/ui/canvas"
	"weft/ui/run"
	"weft/ui/status"
	"weft/ui/units"
)

// list draws the timeline for a width without room for a time axis: the steps with their own
// times.
func (p *picture) list() {
	th, m := p.th, p.model
	text, st := p.title()
	p.canvas.TextN(1, 0, m.w-1, text, st)
	p.cols = columns{name: stretch{3, max(1, m.w-12)}, number: stretch{m.w - 8, 7}, time: stretch{0, 1}}
	a := m.window.axis(&m.cursor, 1, labels(m.w))
	p.brush.a, p.brush.now, p.brush.cells = &a, 0, make([]cell, 1)
	rows := m.h - 1
	total := m.tree.count()
	m.keepWork(rows)
	for y := range min(rows, total-m.top) {
		r, ok := m.tree.row(m.top + y)
		if !ok {
			break
		}
		x := p.branch(r, 1+y)
		if r.kind.detail() {
			p.detail(r, x, 1+y)
			continue
		}
		p.brush.cells[0] = cell{}
		look := p.look(r)
		p.canvas.Set(1, 1+y, look.status, look.statusStyle)
		p.stop(r, 1+y)
		name := th.Text
		if look.idle {
			name = th.Idle
		} else if r.kind == workflowRow {
			name = th.Strong
		}
		x += p.canvas.TextN(x, 1+y, p.cols.number.x-1-x, look.name, name) + 1
		if look.suffix != "" {
			x += p.canvas.TextN(x, 1+y, p.cols.number.x-1-x, look.suffix, look.suffixStyle) + 1
		}
		if n := canvas.Width(look.note); look.note != "" && look.note != look.brief && p.cols.number.x-2-x >= min(n, 12) {
			p.canvas.TextN(x+1, 1+y, p.cols.number.x-2-x, look.note, look.noteStyle)
		}
		if look.urgent {
			p.canvas.TextRight(p.cols.number.x, 1+y, p.cols.number.w, look.brief, look.noteStyle)
		} else {
			p.canvas.TextRight(p.cols.number.x, 1+y, p.cols.number.w, look.number, look.numberStyle)
		}
		if r.key == m.selection.key {
			p.canvas.Overlay(canvas.R(0, 1+y, m.w, 1), th.Selection)
		}
	}
	if total > rows {
		p.canvas.Scrollbar(canvas.R(m.w-1, 1, 1, rows), total, m.top, th.Border, th.Muted)
	}
}

// line draws the timeline in one line: the status of the run, the step at work, and the time of
// the run.
func (p *picture) line() {
	th, v := p.th, p.brush.v
	g, st := p.status(status.OfRun(v.Status()))
	p.canvas.Set(0, 0, g, st)
	text := v.Root().Name
	if e := working(v); e != nil {
		text = e.Step.Name
		if v.Status() == run.Blocked {
			text += " " + status.Waiting.Word()
		}
	} else if msg, _ := v.Error(); msg != "" {
		text = firstLine(msg)
	}
	number := units.Duration(v.ActiveTime(p.model.cursor.now))
	n := canvas.Width(number)
	if p.model.w < n+6 {
		p.canvas.TextN(2, 0, p.model.w-2, number, th.Muted)
		return
	}
	p.canvas.TextN(2, 0, p.model.w-n-4, text, th.Text)
	p.canvas.TextRight(p.model.w-n-1, 0, n, number, th.Muted)
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
