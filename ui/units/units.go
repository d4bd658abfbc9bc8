// Package units formats durations, counts and prices for people. All parts of the screen and the
// command line use it, so that a value looks the same everywhere.
package units

import (
	"fmt"
	"time"
)

// Duration formats a duration in at most six cells, with two or three digits: 0s, 12µs, 1.5ms,
// 640ms, 9.2s, 1m32s, 3h07m, 41h, 12d.
func Duration(d time.Duration) string {
	switch {
	case d < 0:
		return "-" + Duration(-d)
	case d == 0:
		return "0s"
	case d < 500*time.Nanosecond:
		return "<1µs"
	case d < 999500*time.Nanosecond:
		return fmt.Sprintf("%dµs", d.Round(time.Microsecond).Microseconds())
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
		return fmt.Sprintf("%dh", d.Round(time.Hour)/time.Hour)
	}
	const day = 24 * time.Hour
	return fmt.Sprintf("%dd", d.Round(day)/day)
}

// Bytes formats an amount of text or disk space: 940 B, 312 kB, 1.2 MB.
func Bytes(n int64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case n < 999_500:
		return fmt.Sprintf("%.0f kB", float64(n)/1e3)
	case n < 999_500_000:
		return fmt.Sprintf("%.3g MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/1e9)
}

// Count formats a number of tokens: 412, 3.1k.
func Count(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%.1fk", float64(n)/1000)
}

// Rate formats how many things are done per second: 3.1/s, 412/s. It is "" if r is 0, which means
// that the rate is not known.
func Rate(r float64) string {
	switch {
	case r <= 0:
		return ""
	case r < 0.05:
		return "<0.1/s"
	case r < 9.95:
		return fmt.Sprintf("%.1f/s", r)
	}
	return fmt.Sprintf("%.0f/s", r)
}

// Price formats a price: 0.0021 USD, 12.50 EUR. A price that would be rounded to zero is "under
// 0.0001 USD".
func Price(cost float64, currency string) string {
	switch {
	case cost > 0 && cost < 0.0001:
		return "under 0.0001 " + currency
	case cost >= 1:
		return fmt.Sprintf("%.2f %s", cost, currency)
	}
	return fmt.Sprintf("%.4f %s", cost, currency)
}
