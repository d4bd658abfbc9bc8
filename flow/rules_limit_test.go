package flow_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"weft/flow"
)

// A meter counts how many functions run at once.
type meter struct{ now, most atomic.Int32 }

func (b *meter) work(d time.Duration) {
	b.most.Store(max(b.most.Load(), b.now.Add(1)))
	time.Sleep(d)
	b.now.Add(-1)
}

func TestR70_ALimitIsSharedByStepsAndRuns(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var b meter
		limit := flow.Limit(3)
		build := func() *flow.Workflow[Start, Stop] {
			wf := flow.New[Start, Stop]("r70")
			flow.Each(wf, "items", numbers(6), limit)
			flow.Step(wf, "a", func(_ *flow.Context, a A) (B, error) { b.work(time.Second); return B(a), nil }, limit, flow.Workers(6))
			flow.Step(wf, "b", func(_ *flow.Context, e B) (C, error) {
				b.work(time.Second)
				if e.N == 1 {
					panic("boom") // gives its place up too
				}
				return C(e), nil
			}, limit, flow.Workers(6))
			flow.Recover(wf, "mend", func(*flow.Context, flow.Failure) (C, error) { return C{1}, nil }, flow.Covers("b"))
			flow.Join(wf, "sum", func(_ *flow.Context, all []C) (Stop, error) { return Stop{len(all)}, nil })
			return wf
		}
		began := time.Now()
		one, two := build(), build()
		runs := []*flow.Run[Stop]{begin(t, one, Start{}), begin(t, one, Start{}), begin(t, two, Start{})}
		for _, run := range runs {
			same(t, must(run.Wait(t.Context())), Stop{6})
		}
		same(t, int(b.most.Load()), 3)
		same(t, time.Since(began), 12*time.Second) // 36 calls of a second, three at once
	})
}

func TestR70_AStepThatWaitsLetsOthersRun(t *testing.T) {
	bubble(t, func(t *testing.T) {
		limit := flow.Limit(1)
		asking := flow.New[Start, Stop]("asking")
		var b meter
		flow.Step(asking, "ask", func(c *flow.Context, s Start) (Stop, error) {
			b.work(time.Second)
			_, err := flow.Await[Reply](c, "k", Ask{})
			if s.N == 1 { // another goroutine waits while the step returns
				go flow.Sleep(c, "k", time.Hour)
				time.Sleep(time.Second)
			}
			b.work(time.Second)
			return Stop(s), err
		}, flow.Awaits[Reply](), limit)
		working := flow.New[Start, Stop]("working")
		flow.Step(working, "work", func(_ *flow.Context, s Start) (Stop, error) { b.work(time.Hour); return Stop(s), nil }, limit)

		for n := range 2 {
			run := begin(t, asking, Start{n})
			time.Sleep(2 * time.Second)
			other := begin(t, working, Start{5})
			time.Sleep(time.Minute)
			if err := run.Send(Reply{}); err != nil { // it continues when the other is done
				t.Fatal(err)
			}
			same(t, must(other.Wait(t.Context())), Stop{5})
			same(t, must(run.Wait(t.Context())), Stop{n})
		}
		same(t, int(b.most.Load()), 1)
		same(t, must(working.Run(t.Context(), Start{7})), Stop{7}) // no place was lost
	})
}

func TestR70_AnAttemptThatEndsWhileItWaitsForALimitIsNotCalled(t *testing.T) {
	bubble(t, func(t *testing.T) {
		limit := flow.Limit(1)
		called := 0
		holder := flow.New[Start, Stop]("holder")
		flow.Step(holder, "hold", func(_ *flow.Context, s Start) (Stop, error) { time.Sleep(time.Hour); return Stop(s), nil }, limit)
		wf := flow.New[Start, Stop]("r70")
		flow.Step(wf, "work", func(_ *flow.Context, s Start) (Stop, error) { called++; return Stop(s), nil },
			limit, flow.Timeout(30*time.Minute))
		began := time.Now()
		held := begin(t, holder, Start{1})
		synctest.Wait()
		cancelled, late := begin(t, wf, Start{2}), begin(t, wf, Start{3})
		synctest.Wait()
		cancelled.Cancel(errBoom)
		if _, err := cancelled.Wait(t.Context()); !errors.Is(err, errBoom) {
			t.Error(err)
		}
		same(t, time.Since(began), 0)
		_, err := late.Wait(t.Context())
		want(t, err, "work")
		same(t, time.Since(began), 30*time.Minute)
		time.Sleep(15 * time.Minute)
		inTime := begin(t, wf, Start{4})
		same(t, must(held.Wait(t.Context())), Stop{1})
		same(t, must(inTime.Wait(t.Context())), Stop{4})
		same(t, called, 1)
	})
}
