package timeline

import (
	"fmt"
	"math"
	"slices"

	"weft/ui/canvas"
	"weft/ui/run"
	"weft/ui/status"
	"weft/ui/theme"
	"weft/ui/units"
)

// drawHeader writes which moment is shown, left of the ruler.
func (m *Model) drawHeader(s *canvas.Canvas, cols columns) {
	text, st := m.title()
	s.TextN(1, 0, cols.name.x+cols.name.w-1, text, st)
}

// news returns how much has happened since the shown moment, and where it is written: at the right end
// of the ruler. If nothing has, and the times are those at which events arrived, it says so. It begins
// with a space, which keeps labels of the ruler apart, and is "" if there is nothing to say.
func (m *Model) news(cols columns) (text string, st theme.Style, at stretch) {
	st = m.theme.Accent
	if n := m.run.Now().Events() - m.seen; m.at > 0 && n > 0 {
		text = " +" + plural(n, "event")
	} else if arrival, ok := m.run.Now().Arrival(); ok {
		text, st = " arrival times", m.theme.Warn
		if arrival.Missed > 0 {
			text += fmt.Sprintf(", %d missed", arrival.Missed)
		}
	}
	return text, st, stretch{cols.number.x + cols.number.w - len(text), len(text)}
}

// title returns a text for the moment that is shown.
func (m *Model) title() (string, theme.Style) {
	th := &m.theme
	all := m.run.Now()
	total := units.Duration(m.total())
	if m.at > 0 {
		glyph := status.Past
		if on, held := m.Playing(); on && !held {
			glyph = status.Playing
		}
		return fmt.Sprintf("%s %s of %s", glyph, units.Duration(m.elapsed()), total), join(th.Now, canvas.Bold)
	}
	switch all.Status() {
	case run.Succeeded:
		if m.incomplete {
			return status.Incomplete + " in " + total, th.Warn
		}
		return status.Done.Glyph() + " in " + total, th.Done
	case run.Broken:
		return status.Failed.Glyph() + " after " + total, th.Failed
	case run.Stopped:
		return status.Cancelled.Glyph() + " after " + total, th.Cancelled
	case run.Interrupted:
		return status.Interrupted.Glyph() + " after " + total, th.Warn
	case run.Blocked:
		return status.Waiting.Label(), join(th.Waiting, canvas.Bold)
	case run.Paused:
		if all.Idle() {
			total = units.Duration(all.Time(all.Position()))
		}
		return status.Paused.Label() + " at " + total, th.Now
	}
	return status.Running.Glyph() + " live " + total, th.Running
}

func join(st theme.Style, attrs uint8) theme.Style { st.Attrs |= attrs; return st }

func (m *Model) drawRuler(s *canvas.Canvas, cols columns, a *axis, ms []mark, rows int) {
	th := &m.theme
	now := m.cursorColumn(a)
	var taken []stretch // cells taken by labels
	news, newsStyle, newsAt := m.news(cols)
	if news != "" {
		taken = append(taken, stretch{newsAt.x + 1 - cols.time.x, newsAt.w - 1})
	}
	place := func(k mark, st theme.Style) {
		n := canvas.Width(k.label)
		x := k.x
		if k.gap {
			x -= n / 2
		}
		x = max(0, min(x, a.w-n))
		if k.gap && now >= x-1 && now <= x+n {
			x = now - n - 1 // in an open gap, the label is to the left of the line of the present
		}
		if x < 0 || n > a.w || now >= x-1 && now <= x+n || slices.ContainsFunc(taken, func(t stretch) bool { return x < t.x+t.w+1 && x+n+1 > t.x }) {
			return
		}
		s.TextN(cols.time.x+x, 0, n, k.label, st)
		taken = append(taken, stretch{x, n})
	}
	// The cells between the labels get the same style, so that the row needs few escape sequences.
	if n := len(ms); n > 0 {
		first, last := ms[0].x, ms[0].x
		for _, k := range ms {
			first, last = min(first, k.x), max(last, k.x)
		}
		s.Fill(canvas.R(cols.time.x+first, 1, last-first, rows), " ", th.Border)
	}
	for _, k := range ms {
		g := "┊"
		if k.gap {
			g = "┆"
		}
		for y := range rows {
			s.Set(cols.time.x+k.x, 1+y, g, th.Border)
		}
	}
	// Labels of gaps come before those of ticks: the user must see that time is left out.
	for _, k := range ms {
		if k.gap {
			place(k, th.Muted)
		}
	}
	for _, k := range ms {
		if !k.gap {
			place(k, th.Faint)
		}
	}
	if now >= 0 && now < a.w {
		s.Set(cols.time.x+now, 0, "▼", th.Now)
	}
	s.TextN(newsAt.x, 0, newsAt.w, news, newsStyle)
}

// cursorColumn returns the column of the shown moment; negative if no line is drawn, as at the end
// of a finished run.
func (m *Model) cursorColumn(a *axis) int {
	if m.at == 0 && m.over() {
		return -9
	}
	return int(math.Floor(a.col(m.elapsed())))
}

func (m *Model) drawNow(s *canvas.Canvas, cols columns, a *axis, rows int) {
	x := m.cursorColumn(a)
	if x < 0 || x >= a.w {
		return
	}
	for y := range rows {
		s.Set(cols.time.x+x, 1+y, "│", m.theme.Now)
	}
}

// spinner returns the spinner's current glyph. It stands still at a moment of the past.
func (m *Model) spinner() string {
	if m.at > 0 || m.over() {
		return status.Running.Glyph()
	}
	frames := [...]string{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"}
	n := m.now.UnixNano() / int64(tick)
	return frames[((n%10)+10)%10]
}
