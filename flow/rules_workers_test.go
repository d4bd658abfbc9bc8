package flow_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"weft/flow"
)

func TestR08_WorkersAreNeverExceeded(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var now, most atomic.Int32
		wf := flow.New[Start, Stop]("r08")
		flow.Each(wf, "split", func(_ *flow.Context, s Start) iter2[A] { return upTo(10, func(i int) A { return A{i} }) })
		flow.Step(wf, "work", func(_ *flow.Context, a A) (B, error) {
			most.Store(max(most.Load(), now.Add(1)))
			time.Sleep(time.Second)
			now.Add(-1)
			return B(a), nil
		}, flow.Workers(5))
		flow.Join(wf, "sum", func(_ *flow.Context, all []B) (Stop, error) { return Stop{len(all)}, nil })
		run := begin(t, wf, Start{})
		t0 := time.Now()
		must(run.Wait(t.Context()))
		same(t, most.Load(), 5)
		same(t, time.Since(t0), 2*time.Second)
		var workers []int
		for _, r := range of(all(t, run), flow.StepStarted) {
			if r.Step == "work" {
				workers = append(workers, r.Worker)
			}
		}
		same(t, workers[:5], []int{1, 2, 3, 4, 5})
		slices.Sort(workers)
		same(t, workers, []int{1, 1, 2, 2, 3, 3, 4, 4, 5, 5})
	})
}

func TestR08_TheSmallestFreeWorkerIsTaken(t *testing.T) {
	bubble(t, func(t *testing.T) {
		wf := flow.New[Start, Stop]("r08b")
		flow.Each(wf, "split", func(_ *flow.Context, s Start) iter2[A] { return upTo(5, func(i int) A { return A{i} }) })
		flow.Step(wf, "work", func(_ *flow.Context, a A) (B, error) {
			time.Sleep([]time.Duration{5, 2, 9, 1, 1}[a.N] * time.Second) // the second worker is free first
			return B(a), nil
		}, flow.Workers(3))
		flow.Join(wf, "sum", func(_ *flow.Context, all []B) (Stop, error) { return Stop{len(all)}, nil })
		run := begin(t, wf, Start{})
		must(run.Wait(t.Context()))
		var workers []int
		for _, r := range of(all(t, run), flow.StepStarted) {
			if r.Step == "work" {
				workers = append(workers, r.Worker)
			}
		}
		same(t, workers, []int{1, 2, 3, 2, 2})
	})
}

// The spare goroutine takes a queued branch when no record was appended for a while. Here one
// branch appends records all the time, and the other must still start.
func TestR08_ABranchThatShowsSomethingAllTheTimeKeepsNoOtherWaiting(t *testing.T) {
	var busy, other atomic.Bool
	pair := func(yield func(A, error) bool) {
		more := yield(A{0}, nil)
		for !busy.Load() {
			runtime.Gosched()
		}
		_ = more && yield(A{1}, nil)
	}
	wf := fanOut(func(*flow.Context, Start) iter2[A] { return pair }, func(c *flow.Context, a A) (*B, error) {
		if a.N == 1 {
			other.Store(true)
		}
		for i := 0; !other.Load() && c.Err() == nil; i++ {
			c.Emit(Tick{})
			busy.Store(i > 1000)
		}
		return &B{a.N}, nil
	}, func(all []B) Stop { return Stop{len(all)} }, flow.Workers(2))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	same(t, must(wf.Run(ctx, Start{})), Stop{2})
}

// Other computation in the program must not delay the spare goroutine. The test counts the turns of
// a goroutine that takes the only processor for some milliseconds each time.
func TestR08_BranchesGoOnTogetherWhileTheProcessorsAreBusy(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	const n = 8
	var together sync.WaitGroup
	var turns, sum atomic.Int64
	var over atomic.Bool
	together.Add(n)
	wf := fanOut(numbers(n), func(_ *flow.Context, a A) (*B, error) {
		together.Done()
		together.Wait()
		over.Store(true)
		return &B{}, nil
	}, func(all []B) Stop { return Stop{len(all)} }, flow.Workers(n))
	run := begin(t, wf, Start{})
	for ; !over.Load(); turns.Add(1) {
		for i := range 20_000_000 {
			if i&0xfffff == 0 {
				sum.Add(1)
			}
		}
		runtime.Gosched()
	}
	same(t, must(run.Wait(t.Context())), Stop{n})
	if got := turns.Load(); got > n {
		t.Errorf("it took %d turns until all were under way", got)
	}
}

// Branches return at once, take a while, wait for one another, or never return. On whatever
// goroutine they run, each branch with a free worker must make progress.
func TestR08_BranchesOfAnyPaceGoOnTogether(t *testing.T) {
	for seed := range uint64(50) {
		bubble(t, func(t *testing.T) {
			const n = 64
			rng := rand.New(rand.NewPCG(seed, 8))
			pace, met := make([]int, n), make([]chan struct{}, n/2)
			for i := range pace {
				pace[i] = rng.IntN(5)
				if i%2 == 1 && (pace[i] == 2 || pace[i-1] == 2) {
					pace[i], pace[i-1] = 2, 2
				}
				met[i/2] = make(chan struct{})
			}
			wf := fanOut(numbers(n), func(c *flow.Context, a A) (*B, error) {
				switch p := pace[a.N]; {
				case p == 1:
					for range 20 {
						runtime.Gosched()
					}
				case p == 2 && a.N%2 == 0:
					met[a.N/2] <- struct{}{}
				case p == 2:
					<-met[a.N/2]
				case p == 3 && c.Attempt() == 1:
					panic("once")
				case p == 4 && c.Attempt() == 1:
					runtime.Goexit()
				}
				return &B{a.N}, nil
			}, func(all []B) Stop { return Stop{len(all)} }, flow.Workers(2+rng.IntN(4)), flow.Retry(flow.Policy{Attempts: 2}))
			same(t, must(wf.Run(t.Context(), Start{})), Stop{n})
		})
	}
}

func TestR09_ADelayedRetryHoldsNoWorkerAndGoesToTheFront(t *testing.T) {
	bubble(t, func(t *testing.T) {
		wf := flow.New[Start, Stop]("r09")
		flow.Each(wf, "split", func(_ *flow.Context, s Start) iter2[A] { return upTo(6, func(i int) A { return A{i} }) })
		var order []string
		flow.Step(wf, "work", func(c *flow.Context, a A) (B, error) {
			order = append(order, fmt.Sprintf("%d.%d", a.N, c.Attempt()))
			if a.N < 2 && c.Attempt() == 1 {
				return B{}, errBoom // both are due at the same instant, while 3 works
			}
			time.Sleep(2 * time.Second)
			return B(a), nil
		}, flow.Workers(1), flow.Retry(flow.Policy{Attempts: 2, Delay: 3 * time.Second}))
		flow.Join(wf, "sum", func(_ *flow.Context, all []B) (Stop, error) { return Stop{len(all)}, nil })
		same(t, must(wf.Run(t.Context(), Start{})), Stop{6})
		same(t, strings.Join(order, " "), "0.1 1.1 2.1 3.1 0.2 1.2 4.1 5.1")
	})
}

func TestR10_ParallelRunsShareNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		wf := flow.New[Start, Stop]("r10")
		flow.Step(wf, "work", func(c *flow.Context, s Start) (Stop, error) {
			if err := flow.Set(c, "n", s.N); err != nil {
				return Stop{}, err
			}
			time.Sleep(time.Second)
			n, _ := flow.Get[int](c, "n")
			return Stop{n}, nil
		}, flow.Workers(1))
		t0 := time.Now()
		var wait sync.WaitGroup
		for i := range 50 {
			wait.Go(func() { same(t, must(wf.Run(t.Context(), Start{i})), Stop{i}) })
		}
		wait.Wait()
		same(t, time.Since(t0), time.Second)
	})
}

// The first run of a workflow resolves it and its sub-workflows. This test is for the race
// detector.
func TestR10_WorkflowsWithinEachOtherMayBeginAtTheSameTime(t *testing.T) {
	for range 100 {
		inner, outer := flow.New[A, B]("inner"), flow.New[A, B]("outer")
		flow.Step(inner, "ask", func(_ *flow.Context, a A) (B, error) { return B(a), nil }, flow.Awaits[Reply]())
		flow.Sub(outer, "inner", inner)
		flow.Step(outer, "other", func(*flow.Context, A) (*B, error) { return nil, nil }, flow.Awaits[Ask]())
		wf := flow.New[Start, Stop]("r10")
		flow.Step(wf, "in", func(_ *flow.Context, s Start) (A, error) { return A(s), nil })
		flow.Sub(wf, "outer", outer)
		flow.Step(wf, "out", func(_ *flow.Context, b B) (Stop, error) { return Stop(b), nil })
		var wait sync.WaitGroup
		wait.Go(func() { same(t, must(wf.Run(t.Context(), Start{1})), Stop{1}) })
		wait.Go(func() { same(t, must(outer.Run(t.Context(), A{2})), B{2}) })
		wait.Wait()
	}
}

// A naive engine starts the clock of the timeout when Start is called.
func TestR11_WaitingForTheTurnDoesNotUseUpTheTimeout(t *testing.T) {
	bubble(t, func(t *testing.T) {
		wf := flow.New[Start, Stop]("r11", flow.MaxRuns(1), flow.Timeout(3*time.Second))
		flow.Step(wf, "work", func(c *flow.Context, s Start) (Stop, error) { time.Sleep(2 * time.Second); return Stop(s), nil })
		t0 := time.Now()
		var runs []*flow.Run[Stop]
		for i := range 4 {
			runs = append(runs, begin(t, wf, Start{i}))
		}
		same(t, time.Since(t0), 0)
		runs[3].Cancel(errBoom)
		if _, err := runs[3].Wait(t.Context()); !errors.Is(err, errBoom) {
			t.Error(err)
		}
		same(t, time.Since(t0), 0)
		for i, run := range runs[:3] {
			same(t, must(run.Wait(t.Context())), Stop{i})
		}
		same(t, time.Since(t0), 6*time.Second)
		if r := all(t, runs[3]); len(r) == 0 || r[0].Kind != flow.RunStarted || r[len(r)-1].Kind != flow.RunCancelled {
			t.Errorf("the records of a run that never had its turn: %v", r)
		}
	})
}

// A naive engine forgets the limit of a workflow that is a step of another one.
func TestR11_TheLimitOfASubWorkflowHoldsInEachRun(t *testing.T) {
	for _, tc := range []struct {
		limit, workers, most int
	}{{1, 0, 1}, {2, 3, 2}, {5, 3, 3}, {9, 0, 4}} {
		bubble(t, func(t *testing.T) {
			child := flow.New[A, B]("child", flow.MaxRuns(tc.limit))
			var now, most atomic.Int32
			flow.Step(child, "work", func(_ *flow.Context, a A) (B, error) {
				most.Store(max(most.Load(), now.Add(1)))
				defer now.Add(-1)
				time.Sleep(time.Second)
				return B(a), nil
			})
			wf := flow.New[Start, Stop]("r11")
			flow.Each(wf, "items", numbers(6))
			var opts []flow.StepOption
			if tc.workers > 0 {
				opts = append(opts, flow.Workers(tc.workers))
			}
			flow.Sub(wf, "child", child, opts...)
			flow.Join(wf, "sum", func(_ *flow.Context, all []B) (Stop, error) { return digits(all), nil })
			must(wf.Run(t.Context(), Start{}))
			same(t, int(most.Load()), tc.most)
		})
	}
}

func TestR11_AResumedRunWaitsForItsTurnToo(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var now, most atomic.Int32
		wf := flow.New[Start, Stop]("r11", flow.MaxRuns(1), flow.Timeout(4*time.Second))
		flow.Step(wf, "work", func(c *flow.Context, s Start) (A, error) {
			most.Store(max(most.Load(), now.Add(1)))
			defer now.Add(-1)
			select {
			case <-time.After(2 * time.Second):
			case <-c.Done():
			}
			return A(s), nil
		})
		flow.Step(wf, "ask", func(c *flow.Context, a A) (Stop, error) {
			r, err := flow.Await[Reply](c, "k", Ask{})
			return Stop{a.N + r.ID}, err
		}, flow.Awaits[Reply]())
		old := begin(t, wf, Start{1})
		time.Sleep(time.Second)
		snap, err := old.Snapshot()
		snap = stored(t, snap, err)
		old.Cancel(nil)
		records := all(t, old)[:2]
		first := begin(t, wf, Start{})
		t0 := time.Now()
		resumed, from := must(wf.Resume(t.Context(), slices.Values(records))), must(wf.ResumeFrom(t.Context(), snap))
		fork, none := must(wf.Fork(t.Context(), slices.Values(records), 1)), must(wf.Fork(t.Context(), slices.Values(records), 2))
		runs := []*flow.Run[Stop]{first, resumed, from, fork}
		for i, run := range runs {
			if err := run.Send(Reply{ID: 10 * i}); err != nil { // what is sent before the turn is kept
				t.Error(err)
			}
		}
		_, err = resumed.Snapshot()
		want(t, err, "waits for its turn")
		none.Cancel(errBoom)
		if _, err := none.Wait(t.Context()); !errors.Is(err, errBoom) {
			t.Error(err)
		}
		same(t, time.Since(t0), 0)
		sum := 0
		for _, run := range runs {
			sum += must(run.Wait(t.Context())).N
		}
		same(t, sum, 10+20+30+3)
		same(t, time.Since(t0), 8*time.Second)
		same(t, most.Load(), 1)
	})
}
