package timeline

import (
	"cmp"
	"slices"
	"time"

	"weft/ui/run"
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

// whole returns an axis of the whole run. If a shows the whole run already, it returns a, so that
// minimap and chart line up.
func (a *axis) whole() axis {
	if a.from < a.per/2 && a.from+a.per*float64(a.w) >= a.end {
		return *a
	}
	return axis{folds: a.folds, end: a.end, w: a.w, per: max(a.end, shortest) / float64(a.w)}
}

// part returns the columns of the whole axis that a shows, and whether they are only a part of it.
func (a *axis) part(whole axis) (from, to float64, part bool) {
	from, to = a.from/whole.per, (a.from+a.per*float64(a.w))/whole.per
	return from, to, from > 0.5 || to < whole.end/whole.per-0.5
}
