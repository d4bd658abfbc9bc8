package timeline

import (
	"cmp"
	"math"
	"slices"
	"time"

	"weft/ui/run"
	"weft/ui/units"
)

// An axis maps the time of the run to columns by way of the axis time u, in nanoseconds. In u, long
// gaps (no execution works, or the run waits for a person) are folded to a short stretch, so that a
// lunch break does not squeeze the work into a few columns.
type axis struct {
	folds []folded
	end   float64 // axis time of the present, or of the end of a finished run
	from  float64 // axis time at the left edge of the first column
	per   float64 // axis time per column
	w     int     // number of columns
}

// A folded is a gap that is drawn shorter than it was.
type folded struct {
	run.Gap
	at, len float64 // axis time at which it begins, and its length in axis time
}

// foldShare is the fraction of the unfolded time above which a gap is folded, and to which it is
// folded.
const foldShare = 0.15

// foldGaps folds the gaps that take more than foldShare of the time until total, and returns them
// with the axis time of total. If still is set, no execution works and the open gap has its folded
// length from the start, so that the picture does not move during the wait.
func foldGaps(gaps []run.Gap, total time.Duration, still bool) (fs []folded, end float64) {
	left := float64(total) // what remains after the gaps folded so far
	slices.SortFunc(gaps, func(a, b run.Gap) int { return cmp.Compare(b.To-b.From, a.To-a.From) })
	for _, g := range gaps {
		if g.Open && still {
			left -= float64(g.To - g.From)
			fs = append(fs, folded{Gap: g})
		}
	}
	for _, g := range gaps {
		d := float64(g.To - g.From)
		if g.Open && still {
			continue
		}
		if d < foldShare*left || g.To-g.From < time.Second || left-d < 1e6 {
			break
		}
		left -= d
		fs = append(fs, folded{Gap: g})
	}
	slices.SortFunc(fs, func(a, b folded) int { return cmp.Compare(a.From, b.From) })
	shift := 0.0
	for i := range fs {
		fs[i].len = foldShare * max(left, float64(time.Millisecond))
		fs[i].at = float64(fs[i].From) - shift
		shift += float64(fs[i].To-fs[i].From) - fs[i].len
	}
	return fs, float64(total) - shift
}

// u returns the axis time of a time.
func (a *axis) u(t time.Duration) float64 {
	u := float64(t)
	for _, f := range a.folds {
		switch {
		case t >= f.To:
			u -= float64(f.To-f.From) - f.len
		case t > f.From:
			return f.at + float64(t-f.From)/float64(f.To-f.From)*f.len
		}
	}
	return u
}

// t is the inverse of u.
func (a *axis) t(u float64) time.Duration {
	t := u
	for _, f := range a.folds {
		switch {
		case u >= f.at+f.len:
			t += float64(f.To-f.From) - f.len
		case u > f.at:
			return f.From + time.Duration((u-f.at)/f.len*float64(f.To-f.From))
		}
	}
	return time.Duration(t)
}

// col returns the column of a time, with its fraction. It is clamped to -2 … w+2, so that it can be
// converted to an int.
func (a *axis) col(t time.Duration) float64 {
	return min(max((a.u(t)-a.from)/a.per, -2), float64(a.w+2))
}

// edge returns the time at the left edge of a column.
func (a *axis) edge(x int) time.Duration { return a.t(a.from + float64(x)*a.per) }

// Limits of the window.
const (
	shortest = float64(10 * time.Microsecond) // the deepest zoom
	opening  = float64(2 * time.Second)       // the least that a live run shows
	longest  = float64(60 * time.Second)      // the most of a live run before it scrolls
	present  = 0.85                           // column of the followed present, as a fraction
)

// axis returns the axis for w columns.
func (m *Model) axis(w int) axis {
	a := axis{w: max(w, 1)}
	total, still := m.total(), m.still()
	if m.run != nil {
		a.folds, a.end = foldGaps(m.run.Gaps(total), total, still)
	}
	reserve := 2.0 // columns after the end, for the mark of the last event
	if m.labels() {
		reserve = 10
	}
	live := !m.over()
	span := m.span
	switch {
	case m.auto && still:
		span = min(a.end/present, longest) // nothing moves: the run so far gets the full width
	case m.auto && live:
		span = min(max(a.end/present, opening), longest)
	case m.auto:
		span = max(a.end, shortest) / (1 - reserve/float64(max(a.w, 24)))
	}
	span = max(span, shortest)
	switch {
	case m.auto && !live:
		a.from = 0
	case m.follow:
		a.from = max(0, a.end-present*span)
	default:
		a.from = m.from
	}
	a.per = span / float64(a.w)
	return a
}

// hold stops the automatic choice of the window and keeps the present one, so that it can be moved.
func (m *Model) hold() {
	a := m.axis(m.columns().time.w)
	m.auto, m.from, m.span = false, a.from, a.per*float64(a.w)
}

// clock holds the distances of the ruler's ticks above ten seconds. Below, they are 1, 2 or 5 times
// a power of ten.
var clock = []time.Duration{
	15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute,
	30 * time.Minute, time.Hour, 2 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour,
}

// interval returns the distance of the ticks: the smallest round one that is not below least.
func interval(least float64) time.Duration {
	if least <= float64(10*time.Second) {
		p := math.Pow(10, math.Floor(math.Log10(max(least, 1))))
		for _, k := range []float64{1, 2, 5, 10} {
			if d := k * p; d >= least {
				return time.Duration(d)
			}
		}
	}
	for _, d := range clock {
		if float64(d) >= least {
			return d
		}
	}
	days := math.Ceil(least / float64(24*time.Hour))
	return time.Duration(days) * 24 * time.Hour
}

// A mark of the ruler: a tick with its label, or a folded gap.
type mark struct {
	x     int
	label string
	gap   bool
}

// marks returns the ticks that are visible, and the folded gaps.
func (a *axis) marks() (ms []mark) {
	wide := 8.0
	if a.w < 60 {
		wide = 7
	}
	step := interval(a.per * wide)
	for t := a.edge(0).Truncate(step); ; t += step {
		if i := slices.IndexFunc(a.folds, func(f folded) bool { return t > f.From && (t < f.To || f.Open) }); i >= 0 {
			if a.folds[i].Open {
				break // the gap is open: the time after it is not known yet
			}
			t = a.folds[i].To.Truncate(step) // no ticks within a gap
			continue
		}
		x := int(math.Round(a.col(t)))
		if x >= a.w {
			break
		}
		if x >= 0 && t >= 0 {
			ms = append(ms, mark{x: x, label: tickLabel(t, step)})
		}
	}
	for _, f := range a.folds {
		x0, x1 := a.col(f.From), a.col(f.To)
		if x1 > 0 && x0 < float64(a.w) {
			label := "…" // an open gap grows, and the frame may not be drawn again meanwhile
			if !f.Open {
				label = units.Duration(f.To - f.From)
			}
			ms = append(ms, mark{x: int((x0 + x1) / 2), label: "⌇" + label + "⌇", gap: true})
		}
	}
	return ms
}
