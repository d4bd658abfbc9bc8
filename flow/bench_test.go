package flow_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"weft/flow"
	"weft/flow/journal"
)

// The benchmarks measure the engine beside a floor of the same shape that is written by hand with
// goroutines and channels, in turns, so that both see the same machine. They report the medians of
// many short rounds and their ratio, x-floor; and x-best, the ratio of the fastest rounds, which
// depends less on what else the machine does.

const (
	rounds     = 60
	heapRounds = 10 // for benchmarks that measure memory
)

// beside measures weft and floor in turns and reports the medians as ns/op of the parts, and their
// ratio.
func beside(b *testing.B, weft, floor func(n int)) {
	n := 1
	for {
		t0 := time.Now()
		weft(n)
		if d := time.Since(t0); d > 3*time.Millisecond {
			break
		}
		n *= 2
	}
	var w, f []time.Duration
	for range rounds {
		t0 := time.Now()
		weft(n)
		t1 := time.Now()
		floor(n)
		w, f = append(w, t1.Sub(t0)), append(f, time.Since(t1))
	}
	slices.Sort(w)
	slices.Sort(f)
	mw, mf := w[rounds/2], f[rounds/2]
	part := func(name string, d time.Duration) {
		b.Run(name, func(b *testing.B) {
			for range b.N { // measured above; a benchmark must loop over b.N
			}
			b.ReportMetric(float64(d.Nanoseconds())/float64(n), "ns/op")
			if name == "weft" {
				b.ReportMetric(float64(mw)/float64(mf), "x-floor")
				b.ReportMetric(float64(w[0])/float64(f[0]), "x-best")
			}
		})
	}
	part("weft", mw)
	part("floor", mf)
}

func BenchmarkChain(b *testing.B) {
	wf := chain()
	beside(b, func(n int) {
		for range n {
			must(wf.Run(context.Background(), Start{1}))
		}
	}, func(n int) {
		for range n {
			start, a, bb, stop := make(chan Start), make(chan A), make(chan B), make(chan Stop)
			go func() { a <- A{(<-start).N + 1} }()
			go func() { bb <- B{(<-a).N + 1} }()
			go func() { stop <- Stop{(<-bb).N + 1} }()
			start <- Start{1}
			<-stop
		}
	})
}

const loopRounds = 10_000

// BenchmarkLoop has two floors: a bare hop from one goroutine to another through a channel each
// round, and, as the parts named goroutine, a new goroutine and a channel each round.
func BenchmarkLoop(b *testing.B) {
	wf := loop()
	weft := func(n int) {
		for range n {
			must(wf.Run(context.Background(), Tick{}))
		}
	}
	beside(b, weft, func(n int) {
		for range n {
			ping, pong, stop := make(chan Tick), make(chan Tick), make(chan Stop)
			hop := func(from, to chan Tick) {
				for t := range from {
					if t.N >= loopRounds {
						close(to)
						stop <- Stop(t)
						return
					}
					to <- Tick{t.N + 1}
				}
			}
			go hop(ping, pong)
			go hop(pong, ping)
			ping <- Tick{}
			<-stop
		}
	})
	b.Run("goroutine", func(b *testing.B) {
		beside(b, weft, func(n int) {
			for range n {
				t := Tick{}
				for t.N < loopRounds {
					c := make(chan Tick)
					go func() { c <- Tick{t.N + 1} }()
					t = <-c
				}
			}
		})
	})
}

func BenchmarkFanOut(b *testing.B) {
	wf := fan(8)
	beside(b, func(n int) {
		for range n {
			must(wf.Run(context.Background(), Start{1000}))
		}
	}, func(n int) {
		for range n {
			in, out := make(chan A), make(chan B)
			var all sync.WaitGroup
			for range 8 {
				all.Go(func() {
					for a := range in {
						out <- B{a.N + 1}
					}
				})
			}
			go func() {
				for i := range 1000 {
					in <- A{i}
				}
				close(in)
				all.Wait()
				close(out)
			}()
			var sum []B
			for x := range out {
				sum = append(sum, x)
			}
			if len(sum) != 1000 {
				panic(len(sum))
			}
		}
	})
}

const emits = 100_000

func BenchmarkEmit(b *testing.B) {
	wf := flow.New[Start, Stop]("emit")
	flow.Step(wf, "emit", func(c *flow.Context, s Start) (Stop, error) {
		for i := range s.N {
			c.Emit(Tick{i})
		}
		return Stop(s), nil
	})
	beside(b, func(n int) {
		for range n {
			run, err := wf.Start(context.Background(), Start{emits})
			if err != nil {
				panic(err)
			}
			got := 0
			for r := range run.Records(context.Background(), 0) {
				if r.Kind == flow.EventEmitted {
					got++
				}
			}
			if got != emits {
				panic(got)
			}
		}
	}, func(n int) {
		for range n {
			c := make(chan any, 64)
			go func() {
				for i := range emits {
					c <- Tick{i}
				}
				close(c)
			}()
			got := 0
			for range c {
				got++
			}
		}
	})
}

// BenchmarkRuns reports the heap per run of 1,000 runs at the same time.
func BenchmarkRuns(b *testing.B) {
	const n = 1000
	hold := make(chan struct{})
	wf := flow.New[Start, Stop]("hold")
	flow.Step(wf, "one", func(_ *flow.Context, s Start) (A, error) { return A(s), nil })
	flow.Step(wf, "hold", func(_ *flow.Context, a A) (Stop, error) { <-hold; return Stop(a), nil })
	heap := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	var per []float64
	for range b.N {
		for range heapRounds {
			before := heap()
			runs := make([]*flow.Run[Stop], n)
			var started sync.WaitGroup
			for i := range runs {
				run, err := wf.Start(context.Background(), Start{i})
				if err != nil {
					b.Fatal(err)
				}
				runs[i] = run
				started.Go(func() {
					for r := range run.Records(context.Background(), 0) {
						if r.Kind == flow.StepStarted && r.Step == "hold" {
							return
						}
					}
				})
			}
			started.Wait()
			per = append(per, float64(heap()-before)/n)
			close(hold)
			for _, run := range runs {
				must(run.Wait(context.Background()))
			}
			hold = make(chan struct{})
		}
	}
	slices.Sort(per)
	b.ReportMetric(per[len(per)/2]/1024, "KB/run")
}

// BenchmarkSnapshot takes snapshots of a run that has taken 10,000 hops.
func BenchmarkSnapshot(b *testing.B) {
	hold, there := make(chan struct{}), make(chan struct{})
	wf := flow.New[Tick, Stop]("hops")
	flow.Step(wf, "tick", func(_ *flow.Context, t Tick) (Ticks, error) {
		if t.N < loopRounds {
			return Tick{t.N + 1}, nil
		}
		close(there)
		<-hold
		return Stop(t), nil
	})
	run, err := wf.Start(context.Background(), Tick{})
	if err != nil {
		b.Fatal(err)
	}
	<-there
	for b.Loop() {
		if _, err := run.Snapshot(); err != nil {
			b.Fatal(err)
		}
	}
	close(hold)
	must(run.Wait(context.Background()))
}

// BenchmarkJournal compares a run whose journal is kept on disk with writing the same bytes, one
// write for each line.
func BenchmarkJournal(b *testing.B) {
	wf := loop()
	dir, err := journal.Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	i := 0
	id := func() string { i++; return "run" + strings.Repeat("x", i%7) + time.Duration(i).String() }
	var lines []string
	beside(b, func(n int) {
		for range n {
			name := id()
			w, err := dir.Create(name)
			if err != nil {
				panic(err)
			}
			must(wf.Run(context.Background(), Tick{}, flow.ID(name), flow.Keep(w)))
			if err := w.Close(); err != nil {
				panic(err)
			}
			if lines == nil {
				path, _ := dir.Path(name)
				all, _ := os.ReadFile(path)
				lines = slices.Collect(strings.Lines(string(all)))
			}
			dir.Remove(name)
		}
	}, func(n int) {
		for range n {
			path := filepath.Join(b.TempDir(), "floor")
			f, err := os.Create(path)
			if err != nil {
				panic(err)
			}
			for _, l := range lines {
				f.WriteString(l)
			}
			f.Sync()
			f.Close()
			os.Remove(path)
		}
	})
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
