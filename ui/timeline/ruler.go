package timeline

import (
	"fmt"
	"slices"

	"weft/ui/canvas"
	"weft/ui/run"
	"weft/ui/status"
	"weft/ui/theme"
	"weft/ui/units"
)

// header writes which moment is shown, left of the ruler.
func (p *picture) header() {
	text, st := p.title()
	p.canvas.TextN(1, 0, p.cols.name.x+p.cols.name.w-1, text, st)
}

// news returns how much has happened since the shown moment, and where it is written: at the right
// end of the ruler. If nothing has, and the times are those at which events arrived, it says so. It
// begins with a space, which keeps labels of the ruler apart, and is "" if there is nothing to say.
func (p *picture) news() (text string, st theme.Style, at stretch) {
	cursor := &p.model.cursor
	st = p.th.Accent
	if n := cursor.run.Now().Events() - cursor.seen; cursor.at > 0 && n > 0 {
		text = " +" + plural(n, "event")
	} else if arrival, ok := cursor.run.Now().Arrival(); ok {
		text, st = " arrival times", p.th.Warn
		if arrival.Missed > 0 {
			text += fmt.Sprintf(", %d missed", arrival.Missed)
		}
	}
	return text, st, stretch{p.cols.number.x + p.cols.number.w - len(text), len(text)}
}

// title returns a text for the moment that is shown.
func (p *picture) title() (string, theme.Style) {
	th, cursor := p.th, &p.model.cursor
	all := cursor.run.Now()
	total := units.Duration(cursor.total())
	if cursor.at > 0 {
		glyph := status.Past
		if on, held := p.model.Playing(); on && !held {
			glyph = status.Playing
		}
		return fmt.Sprintf("%s %s of %s", glyph, units.Duration(cursor.elapsed()), total), join(th.Now, canvas.Bold)
	}
	switch all.Status() {
	case run.Succeeded:
		if p.model.incomplete {
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

// ruler draws the times above the rows, and the lines of the ticks through them.
func (p *picture) ruler(rows int) {
	th, a, now := p.th, p.brush.a, p.brush.now
	ms := a.marks()
	var taken []stretch // cells taken by labels
	news, newsStyle, newsAt := p.news()
	if news != "" {
		taken = append(taken, stretch{newsAt.x + 1 - p.cols.time.x, newsAt.w - 1})
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
		p.canvas.TextN(p.cols.time.x+x, 0, n, k.label, st)
		taken = append(taken, stretch{x, n})
	}
	// The cells between the labels get the same style, so that the row needs few escape sequences.
	if n := len(ms); n > 0 {
		first, last := ms[0].x, ms[0].x
		for _, k := range ms {
			first, last = min(first, k.x), max(last, k.x)
		}
		p.canvas.Fill(canvas.R(p.cols.time.x+first, 1, last-first, rows), " ", th.Border)
	}
	for _, k := range ms {
		g := "┊"
		if k.gap {
			g = "┆"
		}
		for y := range rows {
			p.canvas.Set(p.cols.time.x+k.x, 1+y, g, th.Border)
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
		p.canvas.Set(p.cols.time.x+now, 0, "▼", th.Now)
	}
	p.canvas.TextN(newsAt.x, 0, newsAt.w, news, newsStyle)
}

// now draws the line of the moment that is shown.
func (p *picture) now(rows int) {
	x := p.brush.now
	if x < 0 || x >= p.brush.a.w {
		return
	}
	for y := range rows {
		p.canvas.Set(p.cols.time.x+x, 1+y, "│", p.th.Now)
	}
}
