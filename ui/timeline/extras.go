package timeline

import (
	"math"
	"slices"

	"weft/ui/canvas"
	"weft/ui/run"
	"weft/ui/status"
	"weft/ui/theme"
)

// whole returns an axis of the whole run. If a shows the whole run already, it returns a, so that
// minimap and chart line up.
func (a *axis) whole() axis {
	if a.from < a.per/2 && a.from+a.per*float64(a.w) >= a.end {
		return *a
	}
	return axis{folds: a.folds, end: a.end, w: a.w, per: max(a.end, shortest) / float64(a.w)}
}

// halfway returns the counts of the run in the middle of a column.
func (b *brush) halfway(x int) run.Count {
	return b.v.Total().Until(b.v, b.a.edge(x)+(b.a.edge(x+1)-b.a.edge(x))/2).Count
}

// most returns how many executions ran at once in the busiest column, on average over its time. The
// peak may be higher: the execution that sends the last event of a fan-out overlaps with the first
// one that it started, for a time too short to see.
func (b *brush) most(l *run.Lane) int {
	const little = 0.1 // tolerated overlap, as a fraction of one execution
	most, prev := 0.0, l.Until(b.v, 0)
	for x := range b.a.w {
		from, to := max(0, b.a.edge(x)), min(b.a.edge(x+1), b.until)
		if to <= from {
			continue
		}
		next := l.Until(b.v, to)
		most = max(most, float64(next.Time[run.Running]-prev.Time[run.Running])/max(b.a.u(to)-b.a.u(from), 1))
		prev = next
	}
	return int(math.Ceil(most - little))
}

// maxFailures is how many of the latest failures the minimap shows at full length.
const maxFailures = 256

// failed paints the attempts that failed, in the columns where no other execution was at work.
func (b *brush) failed() {
	fs := b.v.Failures()
	for _, at := range fs[max(0, len(fs)-maxFailures):] {
		e := b.v.Execution(b.v.Record(at).Execution)
		if e == nil || len(b.v.SubWorkflows(e)) > 0 {
			continue
		}
		for s := range e.Spans(b.v) {
			if s.To != at || s.Phase != run.Running {
				continue
			}
			x0, x1 := b.a.col(b.v.Time(s.From)), b.a.col(b.v.Time(s.To))
			for x := max(0, int(math.Round(x0))); x < min(b.a.w, int(math.Round(x1))); x++ {
				if b.halfway(x).In[run.Running] <= 1 {
					b.set(x, status.Failed.Bar(), status.Failed.Style(&b.m.theme), fails)
				}
			}
			// If the attempt fills less than half of its last column, the column shows the back-off
			// after it.
			if x := int(x1); x1-x0 >= 1 && x > int(x0) && x < b.a.w && x == int(math.Round(x1)) {
				if k := b.halfway(x); k.In[run.Backoff] > 0 && k.In[run.Running] == 0 {
					b.cells[x] = cell{status.Retrying.Bar(), status.Retrying.Style(&b.m.theme), waits}
				}
			}
		}
	}
}

// mapRows is the number of rows from which a run that is shown as a whole has a minimap: that of a
// smaller one repeats its row.
const mapRows = 9

// part returns the columns of the whole axis that a shows, and whether they are only a part of it.
func (a *axis) part(whole axis) (from, to float64, part bool) {
	from, to = a.from/whole.per, (a.from+a.per*float64(a.w))/whole.per
	return from, to, from > 0.5 || to < whole.end/whole.per-0.5
}

// mapped reports whether a minimap says more than the chart, in which a number of rows is visible.
func (m *Model) mapped(a *axis, rows int) bool {
	_, _, part := a.part(a.whole())
	return part || m.count() >= mapRows || m.count() > rows
}

// drawMinimap draws the whole run in one line. If only a part of it is shown in the chart, a line
// above marks that part.
func (m *Model) drawMinimap(s *canvas.Canvas, cols columns, a *axis, y int) {
	th := &m.theme
	whole := a.whole()
	if cap(m.cells) < a.w {
		m.cells = make([]cell, a.w)
	}
	b := &brush{m: m, v: m.run.Now(), a: &whole, cells: m.cells[:a.w], until: m.total()}
	clear(b.cells)
	most := b.most(b.v.Total())
	b.density(b.v.Total(), float64(most), nil, 0)
	b.failed()
	from, to, part := a.part(whole)
	s.TextN(cols.name.x, y, cols.name.w, "whole run", th.Faint)
	if most > 1 { // how many executions a full cell means
		s.TextRight(cols.number.x, y, cols.number.w, "█ = "+count(most), th.Faint)
	}
	for x, k := range b.cells {
		if k.weight == 0 {
			k.g = " "
		}
		if k.st == th.Running {
			k.st = th.Parent // the minimap is less prominent than the rows
		}
		if part && (float64(x) < from-0.5 || float64(x) > to) {
			k.st = th.Faint
		}
		s.Set(cols.time.x+x, y, k.g, k.st)
	}
	if part {
		x0, x1 := max(0, int(from)), min(a.w-1, int(to))
		for x := x0; x <= x1; x++ {
			g := "─"
			switch x {
			case x0:
				g = "╭"
			case x1:
				g = "╮"
			}
			s.Set(cols.time.x+x, y-1, g, th.Muted)
		}
	}
	if m.at > 0 {
		x := min(a.w-1, max(0, int(whole.col(m.elapsed()))))
		s.Set(cols.time.x+x, y, "┃", th.Now)
	}
}

// drawLegend explains the marks.
func (m *Model) drawLegend(s *canvas.Canvas, y int) {
	th := &m.theme
	type entry struct {
		g, text string
		st      theme.Style
	}
	sign := func(s status.Status) entry { return entry{s.Bar(), s.Word(), s.Style(th)} }
	list := []entry{
		sign(status.Queued), sign(status.Running), {"▂▅▇", "tokens/s", th.Tokens}, sign(status.Failed),
		sign(status.Retrying), sign(status.Waiting), {"◆", "event", th.Event}, {"╎", "first token", th.Now}, {"━", "parent", th.Parent},
	}
	if m.path {
		list = slices.Insert(list, 0, entry{"█", "critical path", th.Critical}, entry{"░", "beside it", th.Faint})
		list = slices.Delete(list, 3, 4)
	}
	x := 1
	for _, e := range list {
		n := canvas.Width(e.g) + 1 + canvas.Width(e.text)
		if x+n > m.w-1 {
			return
		}
		x += s.Text(x, y, e.g, e.st) + 1
		x += s.Text(x, y, e.text, th.Faint) + 2
	}
}
