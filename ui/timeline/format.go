package timeline

import (
	"fmt"
	"strings"
	"time"
)

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

func firstLine(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	return s
}

func plural(n int, word string) string {
	if n != 1 {
		word += "s"
	}
	return count(n) + " " + word
}

func count(n int) string {
	if n < 10_000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%dk", n/1000)
}
