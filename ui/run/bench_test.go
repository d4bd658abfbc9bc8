package run_test

import (
	"testing"
	"time"

	"weft/flow"
	"weft/ui/run"
	"weft/ui/run/runtest"
)

// floor is the minimum that a fold must do: look at each record and keep it.
func floor(rs []flow.Record) time.Duration {
	start := time.Now()
	const rounds = 20
	for range rounds {
		var kept []flow.Record
		execs := map[uint64]int{}
		for _, r := range rs {
			kept = append(kept, r)
			execs[r.Execution]++
		}
		kept[0].Seq = uint64(len(execs))
	}
	return time.Since(start) / rounds
}

func BenchmarkFold1000(b *testing.B) {
	rs := runtest.Long(1000)
	least := floor(rs)
	for b.Loop() {
		runtest.Fold(rs)
	}
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(least), "x-floor")
}

// BenchmarkSeek moves to a moment of a run of 100,000 records and queries what the panels show.
func BenchmarkSeek(b *testing.B) {
	rs := runtest.Long(100_000)
	r := runtest.Fold(rs)
	least := floor(rs[:1000])
	n := 0
	for b.Loop() {
		n = (n + 31_337) % len(rs)
		v := r.At(n + 1)
		v.Streaming()
		v.Root().State(v)
		for _, s := range v.Steps(v.Root()) {
			s.Lane.Until(v, v.Elapsed(time.Time{}))
			s.Lane.Spread(v)
		}
	}
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(least), "x-fold-of-1000")
}

var sink *run.Run

func BenchmarkFold100000(b *testing.B) {
	rs := runtest.Long(100_000)
	for b.Loop() {
		sink = runtest.Fold(rs)
	}
}

// BenchmarkFoldFanOut1000 folds 1,000 records of a run that is one wide fan-out.
func BenchmarkFoldFanOut1000(b *testing.B) {
	rs := runtest.FanOut(20_000, true)
	least := floor(rs[:1000])
	n := 0
	for b.Loop() {
		if n%len(rs) == 0 {
			sink = &run.Run{}
		}
		for range 1000 {
			sink.Apply(rs[n%len(rs)])
			n++
			if n%len(rs) == 0 {
				break
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(least), "x-floor")
}
