package llm

import (
	"math"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

func TestAServerMaySayHowLongToWaitInBothForms(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // the clock does not advance
		at := func(d time.Duration) string { return time.Now().Add(d).UTC().Format(http.TimeFormat) }
		for text, want := range map[string]time.Duration{
			"0": 0, "7": 7 * time.Second, "120": 2 * time.Minute, "1.5": 1500 * time.Millisecond, "99999999999": math.MaxInt32 * time.Second,
			at(time.Minute): time.Minute, at(-time.Hour): 0,
		} {
			if got, said := retryAfter(http.Header{"Retry-After": {text}}); !said || got != want {
				t.Errorf("%q: %v, %v, want %v", text, got, said, want)
			}
		}
		if got, said := retryAfter(http.Header{"Retry-After": {"2"}, "Retry-After-Ms": {"1200"}}); !said || got != 1200*time.Millisecond {
			t.Errorf("in milliseconds: %v, %v", got, said)
		}
		for _, text := range []string{"", "-1", "soon", "NaN"} {
			if got, said := retryAfter(http.Header{"Retry-After": {text}}); said {
				t.Errorf("%q is taken for %v", text, got)
			}
		}
	})
}

func TestWaitsDoubleUpToTheLongest(t *testing.T) {
	r := Retry{Wait: time.Second, MaxWait: 5 * time.Second}
	for attempts, want := range map[int]time.Duration{1: 1, 2: 2, 3: 4, 4: 5, 5: 5, 1000: 5} {
		if got := r.backOff(attempts); got != want*time.Second {
			t.Errorf("after %d attempts: %v, want %v s", attempts, got, int(want))
		}
	}
	if got := (Retry{Wait: time.Minute, MaxWait: time.Second}).backOff(1); got != time.Second {
		t.Errorf("a first wait above the longest: %v", got)
	}
}
