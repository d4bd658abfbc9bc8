package timeline

import (
	"slices"

	"weft/ui/canvas"
	"weft/ui/status"
	"weft/ui/theme"
)

// minimap draws the whole run in one line. If only a part of it is shown in the chart, a line
// above marks that part.
func (p *picture) minimap(y int) {
	th, a := p.th, p.brush.a
	whole := a.whole()
	b := &brush{th: th, labels: p.brush.labels, v: p.model.cursor.run.Now(), a: &whole, cells: p.blank(), until: p.model.cursor.total()}
	most := b.most(b.v.Total())
	b.density(b.v.Total(), float64(most), nil, 0)
	b.failed()
	from, to, part := a.part(whole)
	p.canvas.TextN(p.cols.name.x, y, p.cols.name.w, "whole run", th.Faint)
	if most > 1 { // how many executions a full cell means
		p.canvas.TextRight(p.cols.number.x, y, p.cols.number.w, "█ = "+count(most), th.Faint)
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
		p.canvas.Set(p.cols.time.x+x, y, k.g, k.st)
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
			p.canvas.Set(p.cols.time.x+x, y-1, g, th.Muted)
		}
	}
	if p.model.cursor.at > 0 {
		x := min(a.w-1, max(0, int(whole.col(p.model.cursor.elapsed()))))
		p.canvas.Set(p.cols.time.x+x, y, "┃", th.Now)
	}
}

// legend explains the marks.
func (p *picture) legend(y int) {
	th := p.th
	type entry struct {
		g, text string
		st      theme.Style
	}
	sign := func(s status.Status) entry { return entry{s.Bar(), s.Word(), s.Style(th)} }
	list := []entry{
		sign(status.Queued), sign(status.Running), {"▂▅▇", "tokens/s", th.Tokens}, sign(status.Failed),
		sign(status.Retrying), sign(status.Waiting), {"◆", "event", th.Event}, {"╎", "first token", th.Now}, {"━", "parent", th.Parent},
	}
	if p.model.path {
		list = slices.Insert(list, 0, entry{"█", "critical path", th.Critical}, entry{"░", "beside it", th.Faint})
		list = slices.Delete(list, 3, 4)
	}
	x := 1
	for _, e := range list {
		n := canvas.Width(e.g) + 1 + canvas.Width(e.text)
		if x+n > p.model.w-1 {
			return
		}
		x += p.canvas.Text(x, y, e.g, e.st) + 1
		x += p.canvas.Text(x, y, e.text, th.Faint) + 2
	}
}
