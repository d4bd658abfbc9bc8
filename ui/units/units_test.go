package units

import (
	"regexp"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestDurationsAreShortAndRound(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 1: "<1µs", 499: "<1µs", 500: "1µs", 12 * time.Microsecond: "12µs", 638_400: "638µs", 999_499: "999µs", 999_500: "1.0ms",
		1540 * time.Microsecond: "1.5ms", 9949 * time.Microsecond: "9.9ms", 9950 * time.Microsecond: "10ms", 16_600 * time.Microsecond: "17ms",
		340 * time.Millisecond: "340ms", 999_499 * time.Microsecond: "999ms", 999_500 * time.Microsecond: "1.0s", 7640 * time.Millisecond: "7.6s",
		59_949 * time.Millisecond: "59.9s", 59_950 * time.Millisecond: "1m00s", 125 * time.Second: "2m05s", 62 * time.Minute: "1h02m",
		time.Hour - time.Millisecond: "1h00m", 24*time.Hour - time.Second: "24h", 41 * time.Hour: "41h", 300 * time.Hour: "13d", -90 * time.Second: "-1m30s",
	} {
		if got := Duration(d); got != want {
			t.Errorf("%d ns is written %q, want %q", d, got, want)
		}
	}
}

func TestDurationsNeverTakeMoreThanSixCells(t *testing.T) {
	form := regexp.MustCompile(`^(0s|<1µs|\d+µs|\d\.\dms|\d+ms|\d+\.\ds|\d+m\d\ds|\d+h\d\dm|\d+h|\d+d)$`)
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(0, int64(99_999*24*time.Hour)).Draw(t, "d"))
		if got := Duration(d); utf8.RuneCountInString(got) > 6 || !form.MatchString(got) {
			t.Fatalf("%d ns is written %q", d, got)
		}
	})
}

func TestBytesHaveAboutThreeDigits(t *testing.T) {
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1 kB", 311_941: "312 kB", 999_499: "999 kB", 999_500: "1 MB",
		12_345_678: "12.3 MB", 999_499_999: "999 MB", 1_500_000_000: "1.5 GB"} {
		if got := Bytes(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestRates(t *testing.T) {
	for r, want := range map[float64]string{0: "", -1: "", 0.04: "<0.1/s", 3.14: "3.1/s", 9.96: "10/s", 412.4: "412/s"} {
		if got := Rate(r); got != want {
			t.Errorf("%v is shown as %q, want %q", r, got, want)
		}
	}
}

func TestPrices(t *testing.T) {
	for cost, want := range map[float64]string{0: "0.0000 USD", 0.000_01: "under 0.0001 USD", 0.0021: "0.0021 USD", 0.999: "0.9990 USD", 12.5: "12.50 USD"} {
		if got := Price(cost, "USD"); got != want {
			t.Errorf("%v is shown as %q, want %q", cost, got, want)
		}
	}
}
