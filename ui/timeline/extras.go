package timeline

import (
	"slices"

	"weft/ui/canvas"
	"weft/ui/theme"
)

// drawMinimap draws the whole run in one line, and above it, if only a part is shown, which part.
func (m *Model) drawMinimap(s *canvas.Canvas, cols columns, a *axis, y int) {
	th := &m.theme
	whole := axis{folds: a.folds, end: a.end, w: a.w, per: max(a.end, shortest) / float64(a.w)}
	if cap(m.cells) < a.w {
		m.cells = make([]cell, a.w)
	}
	b := &brush{m: m, v: m.run.Now(), a: &whole, cells: m.cells[:a.w], until: m.total()}
	clear(b.cells)
	b.density(b.v.Total())
	from, to := a.from/whole.per, (a.from+a.per*float64(a.w))/whole.per
	part := from > 0.5 || to < float64(a.w)-0.5
	s.TextN(cols.name.x, y, cols.name.w, "whole run", th.Faint)
	for x, k := range b.cells {
		if k.weight == 0 {
			k.g = " "
		}
		if k.st == th.Running {
			k.st = th.Parent // quieter than the rows themselves
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

// drawLegend says what the marks mean.
func (m *Model) drawLegend(s *canvas.Canvas, y int) {
	th := &m.theme
	type entry struct {
		g, text string
		st      theme.Style
	}
	list := []entry{
		{"╌", "queued", th.Queued}, {"█", "runs", th.Running}, {"▂▅▇", "tokens", th.Tokens}, {"▚", "failed", th.Failed},
		{"┈", "retry", th.Backoff}, {"▒", "waits for you", th.Waiting}, {"◆", "event", th.Event}, {"╎", "first token", th.Now}, {"━", "parent", th.Parent},
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
