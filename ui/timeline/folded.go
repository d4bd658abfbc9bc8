package timeline

import (
	"fmt"
	"slices"
	"time"

	"weft/ui/canvas"
	"weft/ui/run"
	"weft/ui/status"
	"weft/ui/units"
)

// DrawFolded draws the whole run in the one row of r: how it ended and after how long, its steps on
// one axis, and the step that took longest. hint is drawn at the right end.
func (m *Model) DrawFolded(c *canvas.Canvas, r canvas.Rect, hint string) {
	s, w := c.Sub(r), r.Dx()
	if m.run == nil || m.run.Len() == 0 || w <= 0 {
		return
	}
	th, v := &m.theme, m.run.Now()
	glyph, st := m.status(status.OfRun(v.Status()))
	if m.incomplete {
		glyph, st = status.Incomplete, th.Warn
	}
	s.TextN(1, 0, 2, glyph, st)
	x := 3 + s.TextN(3, 0, w-3, canvas.Truncate(v.Root().Name, 20), th.Text) + 1
	x += s.TextN(x, 0, w-x, units.Duration(m.total()), th.Muted) + 3
	right := w - 1
	if n := canvas.Width(hint); n > 0 && right-n-2 > x {
		right -= n
		s.TextN(right, 0, n, hint, th.Muted)
		right -= 3
	}
	if text := m.slowest(v); text != "" {
		if n := canvas.Width(text); right-n-3 >= x+20 {
			right -= n
			s.TextN(right, 0, n, text, th.Muted)
			right -= 2
		}
	}
	if right-x >= 8 {
		m.drawSteps(s, v, x, right-x)
	}
}

// drawSteps draws the work of all steps on one axis of w columns.
func (m *Model) drawSteps(s *canvas.Canvas, v run.View, x, w int) {
	total := m.total()
	a := axis{w: w}
	a.folds, a.end = foldGaps(m.run.Gaps(total), total, m.still())
	// Leave two columns after the end for the mark of the last event
	a.per = max(a.end, shortest) / float64(max(w-2, 1))
	b := &brush{m: m, v: v, a: &a, cells: make([]cell, w), until: total}
	for _, step := range v.Steps(v.Root()) {
		b.lane(&step.Lane, step, 0)
		b.events(step.Sent(v))
	}
	for i, k := range b.cells {
		if k.weight > 0 {
			s.Set(x+i, 0, k.g, k.st)
		}
	}
}

// slowest names the step that took longest, and its share of the run.
func (m *Model) slowest(v run.View) string {
	total := m.total()
	steps := v.Steps(v.Root())
	if total <= 0 || len(steps) < 2 {
		return ""
	}
	busy := func(s *run.Step) time.Duration { return s.Lane.Until(v, total).Busy }
	slow := slices.MaxFunc(steps, func(a, b *run.Step) int { return int(busy(a) - busy(b)) })
	took := busy(slow)
	return fmt.Sprintf("%s %s · %d %%", canvas.Truncate(slow.Name, 16), units.Duration(took), min((200*took+total)/(2*total), 100))
}
