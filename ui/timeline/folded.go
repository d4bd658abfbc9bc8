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
	if m.cursor.empty() || w <= 0 {
		return
	}
	th, v, total := &m.theme, m.cursor.run.Now(), m.cursor.total()
	glyph, st := m.cursor.status(status.OfRun(v.Status()), th)
	if m.incomplete {
		glyph, st = status.Incomplete, th.Warn
	}
	s.TextN(1, 0, 2, glyph, st)
	x := 3 + s.TextN(3, 0, w-3, canvas.Truncate(v.Root().Name, 20), th.Text) + 1
	x += s.TextN(x, 0, w-x, units.Duration(total), th.Muted) + 3
	right := w - 1
	if n := canvas.Width(hint); n > 0 && right-n-2 > x {
		right -= n
		s.TextN(right, 0, n, hint, th.Muted)
		right -= 3
	}
	if text := slowest(v, total); text != "" {
		if n := canvas.Width(text); right-n-3 >= x+20 {
			right -= n
			s.TextN(right, 0, n, text, th.Muted)
			right -= 2
		}
	}
	if right-x < 8 {
		return
	}
	b := &brush{th: th, labels: labels(m.w), v: v, until: total}
	overview(&m.cursor, b, right-x)
	for i, k := range b.cells {
		if k.weight > 0 {
			s.Set(x+i, 0, k.g, k.st)
		}
	}
}

// slowest names the step that took longest until total, and its share of that time.
func slowest(v run.View, total time.Duration) string {
	steps := v.Steps(v.Root())
	if total <= 0 || len(steps) < 2 {
		return ""
	}
	busy := func(s *run.Step) time.Duration { return s.Lane.Until(v, total).Busy }
	slow := slices.MaxFunc(steps, func(a, b *run.Step) int { return int(busy(a) - busy(b)) })
	took := busy(slow)
	return fmt.Sprintf("%s %s · %d %%", canvas.Truncate(slow.Name, 16), units.Duration(took), min((200*took+total)/(2*total), 100))
}

// overview paints the work of all steps of the run on one axis of w columns.
func overview(c *cursor, b *brush, w int) {
	a := axis{w: w}
	a.folds, a.end = foldGaps(c.run.Gaps(b.until), b.until, c.still())
	// Leave two columns after the end for the mark of the last event
	a.per = max(a.end, shortest) / float64(max(w-2, 1))
	b.a, b.cells = &a, make([]cell, w)
	for _, step := range b.v.Steps(b.v.Root()) {
		b.lane(&step.Lane, step, 0)
		b.events(step.Sent(b.v))
	}
}
