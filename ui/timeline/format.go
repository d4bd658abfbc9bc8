package timeline

import (
	"fmt"
	"strings"
	"time"
)

// short writes a duration in at most six cells: 12µs, 1.5ms, 640ms, 9.2s, 12.3s, 1m32s, 12m04s, 3h07m, 41h, 12d.
func short(d time.Duration) string {
	switch {
	case d < 0:
		return "-" + short(-d)
	case d == 0:
		return "0s"
	case d < 100*time.Microsecond:
		return fmt.Sprintf("%dµs", d.Microseconds())
	case d < 9950*time.Microsecond:
		return fmt.Sprintf("%.1fms", float64(d)/1e6)
	case d < 999500*time.Microsecond:
		return fmt.Sprintf("%dms", d.Round(time.Millisecond).Milliseconds())
	case d < 59950*time.Millisecond:
		return fmt.Sprintf("%.1fs", d.Seconds())
	case d < time.Hour-500*time.Millisecond:
		d = d.Round(time.Second)
		return fmt.Sprintf("%dm%02ds", d/time.Minute, d%time.Minute/time.Second)
	case d < 24*time.Hour-30*time.Second:
		d = d.Round(time.Minute)
		return fmt.Sprintf("%dh%02dm", d/time.Hour, d%time.Hour/time.Minute)
	case d < 100*time.Hour:
		return fmt.Sprintf("%dh", d/time.Hour)
	}
	return fmt.Sprintf("%dd", d/(24*time.Hour))
}

// tickLabel writes a time of the ruler with as many digits as its steps need.
func tickLabel(t, step time.Duration) string {
	switch {
	case t == 0:
		return "0"
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
