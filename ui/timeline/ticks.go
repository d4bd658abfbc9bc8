package timeline

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"weft/ui/units"
)

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

// tickLabel formats a time of the ruler with as many digits as the distance of the ticks needs.
func tickLabel(t, step time.Duration) string {
	switch {
	case t == 0:
		return "0"
	case t < time.Millisecond && step < time.Millisecond:
		return trim(fmt.Sprintf("%.3f", float64(t)/1e3)) + "µs"
	case t < time.Second && step < time.Second:
		return trim(fmt.Sprintf("%.3f", float64(t)/1e6)) + "ms"
	case t < time.Minute:
		return trim(fmt.Sprintf("%.3f", t.Seconds())) + "s"
	case t < time.Hour:
		s := fmt.Sprintf("%d:%02d", t/time.Minute, t%time.Minute/time.Second)
		if step < time.Second {
			s += strings.TrimPrefix(trim(fmt.Sprintf("%.3f", float64(t%time.Second)/1e9)), "0")
		}
		return s
	}
	return fmt.Sprintf("%dh%02d", t/time.Hour, t%time.Hour/time.Minute)
}

func trim(s string) string { return strings.TrimSuffix(strings.TrimRight(s, "0"), ".") }
