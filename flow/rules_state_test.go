package flow_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"weft/flow"
)

func TestR40_AStepMayBeAWorkflow(t *testing.T) {
	bubble(t, func(t *testing.T) {
		child := flow.New[A, B]("child", flow.Timeout(time.Minute))
		flow.Step(child, "ask", func(c *flow.Context, a A) (B, error) {
			r, err := flow.Await[Reply](c, "k", Ask{"?"})
			return B{a.N + r.ID}, err
		}, flow.Awaits[Reply]())
		wf := flow.New[Start, Stop]("parent", flow.Timeout(time.Minute))
		flow.Each(wf, "split", numbers(2))
		flow.Sub(wf, "child", child)
		flow.Join(wf, "sum", func(_ *flow.Context, all []B) (Stop, error) { return digits(all), nil })
		run := begin(t, wf, Start{}, flow.ID("p"))
		time.Sleep(time.Hour) // both clocks are stopped
		if err := run.Send(Reply{ID: 3}); err != nil {
			t.Fatal(err)
		}
		same(t, must(run.Wait(t.Context())), Stop{134})
		names := map[string]bool{}
		for _, r := range all(t, run) {
			names[r.Run] = true
			if r.Kind == flow.RunStarted && r.Run != "p" && r.Run != fmt.Sprintf("p/%d", r.Cause) {
				t.Errorf("the sub-workflow of execution %d is called %s", r.Cause, r.Run)
			}
		}
		same(t, len(names), 3)
		// a failure of the sub-workflow is a failure of its step, and can be retried
		calls := 0
		child = flow.New[A, B]("child2")
		flow.Step(child, "fail", func(c *flow.Context, a A) (B, error) {
			if calls++; calls < 3 {
				return B{}, errBoom
			}
			return B(a), nil
		})
		wf = flow.New[Start, Stop]("parent2")
		flow.Step(wf, "in", func(_ *flow.Context, s Start) (A, error) { return A(s), nil })
		flow.Sub(wf, "child", child, flow.Retry(flow.Policy{Attempts: 3, Delay: time.Second}))
		flow.Step(wf, "out", func(_ *flow.Context, b B) (Stop, error) { return Stop(b), nil })
		same(t, must(wf.Run(t.Context(), Start{8})), Stop{8})
		// the clock of a step's timeout is stopped too
		child = flow.New[A, B]("child3")
		flow.Step(child, "slow", func(c *flow.Context, a A) (B, error) { <-c.Done(); return B{}, c.Err() })
		wf = flow.New[Start, Stop]("parent3")
		flow.Step(wf, "in", func(_ *flow.Context, s Start) (A, error) { return A(s), nil })
		flow.Sub(wf, "child", child, flow.Timeout(time.Second))
		flow.Step(wf, "out", func(_ *flow.Context, b B) (Stop, error) { return Stop(b), nil })
		_, err := wf.Run(t.Context(), Start{8})
		want(t, err, "child", "timeout")
	})
}

type Counter struct {
	N     int
	Names map[string]int
}

func one(f func(*flow.Context) error) *flow.Workflow[Start, Stop] {
	wf := flow.New[Start, Stop]("one")
	flow.Step(wf, "one", func(c *flow.Context, _ Start) (Stop, error) { return Stop{}, f(c) })
	return wf
}

func TestR41_UpdatesAreWholeAndNoneIsLost(t *testing.T) {
	bubble(t, func(t *testing.T) {
		wf := flow.New[Start, Stop]("r41")
		flow.Each(wf, "split", numbers(50))
		flow.Step(wf, "count", func(c *flow.Context, a A) (B, error) {
			var wait sync.WaitGroup
			for range 3 { // for several goroutines of one step
				wait.Go(func() {
					err := flow.Update(c, func(s *Counter) error {
						n := s.N
						runtime.Gosched()
						s.N = n + 1
						if s.Names == nil {
							s.Names = map[string]int{}
						}
						s.Names["x"] = s.N
						return nil
					})
					if err != nil {
						t.Error(err)
					}
					if s := flow.State[Counter](c); s.Names["x"] != s.N {
						t.Errorf("half of an update: %v", s)
					}
				})
			}
			wait.Wait()
			return B{}, nil
		}, flow.Workers(8))
		flow.Join(wf, "end", func(c *flow.Context, _ []B) (Stop, error) { return Stop{flow.State[Counter](c).N}, nil })
		same(t, must(wf.Run(t.Context(), Start{})), Stop{150})
	})
}

func TestR41_AnUpdateIsIsolatedAndRolledBack(t *testing.T) {
	bubble(t, func(t *testing.T) {
		must(one(func(c *flow.Context) error {
			set := func(n int, err error) error {
				return flow.Update(c, func(s *Counter) error { s.N = n; s.Names = map[string]int{"n": n}; return err })
			}
			if err := set(1, nil); err != nil {
				return err
			}
			got := flow.State[Counter](c)
			got.Names["n"] = 99 // a clone
			if err := set(2, errBoom); !errors.Is(err, errBoom) {
				t.Error(err)
			}
			same(t, flow.State[Counter](c), Counter{1, map[string]int{"n": 1}})
			want(t, flow.Update(c, func(*Counter) error {
				return flow.Update(c, func(*Counter) error { return nil })
			}), "Update within an Update")
			func() {
				defer func() { recover() }()
				flow.Update(c, func(s *Counter) error { s.N = 7; panic("x") })
			}()
			same(t, flow.State[Counter](c).N, 1)
			if err := set(3, nil); err != nil { // the lock was released
				return err
			}
			if _, ok := flow.Get[string](c, "no"); ok {
				t.Error("a key that was not set")
			}
			if err := flow.Set(c, "query", "what?"); err != nil {
				return err
			}
			q, _ := flow.Get[string](c, "query")
			same(t, q, "what?")
			defer func() {
				if recover() == nil {
					t.Error("another type is no panic")
				}
			}()
			flow.Get[int](c, "query")
			return nil
		}).Run(t.Context(), Start{}))
	})
}

func TestR42_EachCommitIsARecordWithAPatch(t *testing.T) {
	bubble(t, func(t *testing.T) {
		run := begin(t, one(func(c *flow.Context) error {
			return errors.Join(
				flow.Set(c, "k", map[string]any{"a": 1.0, "b": map[string]any{"c": 2.0, "d": 3.0}}),
				flow.Set(c, "k", map[string]any{"b": map[string]any{"c": 2.0, "d": 4.0}, "e": "x"}),
				flow.Update(c, func(s *Counter) error { s.N = 1; return nil }),
				flow.Update(c, func(s *Counter) error { s.N = 2; return nil }),
				flow.Set(c, "list", []int{1, 2}),
			)
		}), Start{})
		must(run.Wait(t.Context()))
		var got []string
		for _, r := range of(all(t, run), flow.StateChanged) {
			got = append(got, r.Type+" "+string(must(r.JSON())))
		}
		same(t, got, []string{
			`k [{"op":"replace","path":"","value":{"a":1,"b":{"c":2,"d":3}}}]`,
			`k [{"op":"replace","path":"","value":{"b":{"c":2,"d":4},"e":"x"}}]`,
			`Counter [{"op":"replace","path":"","value":{"N":1,"Names":null}}]`,
			`Counter [{"op":"replace","path":"/N","value":2}]`,
			`list [{"op":"replace","path":"","value":[1,2]}]`,
		})
	})
}

func TestR43_AnyNumberOfReadersFromAnyRecord(t *testing.T) {
	bubble(t, func(t *testing.T) {
		wf := one(func(c *flow.Context) error {
			for i := range 2000 {
				c.Emit(Tick{i})
				if i%100 == 0 {
					time.Sleep(time.Second)
				}
			}
			return nil
		})
		run := begin(t, wf, Start{})
		var wait sync.WaitGroup
		counts := make([]int, 20)
		for i := range counts {
			wait.Go(func() {
				time.Sleep(time.Duration(i) * 700 * time.Millisecond) // late
				last := uint64(i * 10)
				for r := range run.Records(t.Context(), last) {
					if r.Seq != last+1 {
						t.Errorf("record %d follows %d", r.Seq, last)
					}
					last = r.Seq
					counts[i]++
					if i == 7 {
						time.Sleep(time.Millisecond) // slow
					}
					if i == 9 {
						break
					}
				}
			})
		}
		t0 := time.Now()
		must(run.Wait(t.Context()))
		same(t, time.Since(t0), 20*time.Second)
		wait.Wait()
		n := len(all(t, run))
		for i, c := range counts {
			if i != 9 && c != n-10*i {
				t.Errorf("reader %d saw %d of %d", i, c, n-10*i)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for range run.Records(ctx, 0) {
		}
		for range run.Records(t.Context(), 1<<40) { // from beyond the end
			t.Error("a record from beyond the end")
		}
	})
}

// Emit reads the clock before it has the run's lock, and another goroutine may get the lock first.
func TestR43_TheTimesOfRecordsNeverGoBack(t *testing.T) {
	run := begin(t, one(func(c *flow.Context) error {
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				for range 20_000 {
					c.Emit(Tick{i})
				}
				if err := flow.Set(c, "k", i); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		return nil
	}), Start{})
	var last flow.Record
	for r := range run.Records(t.Context(), 0) {
		if r.Time.Before(last.Time) {
			t.Fatalf("record %d is %v before the one before it", r.Seq, last.Time.Sub(r.Time))
		}
		last = r
	}
}

func TestR44_PauseResumeStepOnceAndBreakpoints(t *testing.T) {
	bubble(t, func(t *testing.T) {
		wf := chain()
		run := begin(t, wf, Start{1})
		run.Pause()
		synctest.Wait()
		started := func() int { synctest.Wait(); return len(of(sofar(t, run), flow.StepStarted)) }
		n := started()
		for range 10 {
			time.Sleep(time.Hour)
			same(t, started(), n)
			if run.StepOnce(); n == 3 {
				break
			}
			n++
			same(t, started(), n)
		}
		run.Continue()
		same(t, must(run.Wait(t.Context())), Stop{4})

		slow := flow.New[Start, Stop]("r44")
		flow.Step(slow, "one", func(_ *flow.Context, s Start) (A, error) { time.Sleep(time.Second); return A(s), nil })
		flow.Step(slow, "two", func(_ *flow.Context, a A) (B, error) { return B(a), nil })
		flow.Step(slow, "three", func(_ *flow.Context, b B) (Stop, error) { return Stop(b), nil })
		run = begin(t, slow, Start{5})
		run.SetBreakpoints(func(step, event string) bool { return step == "two" || event == "B" })
		for _, step := range []string{"two", "three"} {
			until(t, run, func(r flow.Record) bool { return r.Kind == flow.RunPaused && r.Step == step })
			time.Sleep(time.Hour)
			if !run.Explain().Paused {
				t.Error("not paused")
			}
			run.Continue()
		}
		same(t, must(run.Wait(t.Context())), Stop{5})
		run.Pause() // has no effect after the end
		run.Continue()
		run.StepOnce()
		run.Cancel(nil)
		same(t, must(run.Wait(t.Context())), Stop{5})
	})
}

func TestR44_ARunCanBePausedBeforeItsTurn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		wf := flow.New[Start, Stop]("r44", flow.MaxRuns(1))
		flow.Step(wf, "one", func(_ *flow.Context, s Start) (A, error) { return A(s), nil })
		flow.Step(wf, "two", func(c *flow.Context, a A) (Stop, error) { time.Sleep(time.Second); return Stop(a), nil })
		// after sends a request to a run that waits for its turn, and returns how many steps start
		// when the turn has come, once for each way to begin.
		after := func(ask func(*flow.Run[Stop])) (started []int) {
			old := begin(t, wf, Start{})
			records := all(t, old)[:1]
			for range 2 {
				first, run := begin(t, wf, Start{}), (*flow.Run[Stop])(nil)
				if len(started) == 0 {
					run = begin(t, wf, Start{})
				} else {
					run = must(wf.Resume(t.Context(), slices.Values(records)))
				}
				ask(run)
				must(first.Wait(t.Context()))
				time.Sleep(time.Hour)
				started = append(started, len(of(sofar(t, run), flow.StepStarted)))
				run.Continue()
				must(run.Wait(t.Context()))
			}
			return started
		}
		same(t, after(func(run *flow.Run[Stop]) { run.Pause() }), []int{0, 0})
		same(t, after(func(run *flow.Run[Stop]) { run.Pause(); run.StepOnce() }), []int{1, 1})
		same(t, after(func(run *flow.Run[Stop]) { run.Pause(); run.Continue() }), []int{2, 2})
		same(t, after(func(run *flow.Run[Stop]) { run.Pause(); run.Continue(); run.Pause() }), []int{0, 0})
		same(t, after(func(run *flow.Run[Stop]) { run.StepOnce() }), []int{2, 2})
	})
}

func TestR44_WhatIsDueTogetherAfterAPauseKeepsItsOrder(t *testing.T) {
	bubble(t, func(t *testing.T) {
		child := flow.New[A, B]("child", flow.Timeout(time.Minute))
		flow.Step(child, "slow", func(c *flow.Context, a A) (B, error) { <-c.Done(); return B{}, c.Err() })
		wf := flow.New[Start, Stop]("r44")
		flow.Each(wf, "split", numbers(8))
		flow.Sub(wf, "child", child, flow.Workers(8))
		flow.Recover(wf, "mend", func(*flow.Context, flow.Failure) (*B, error) { return nil, nil })
		flow.Join(wf, "sum", func(_ *flow.Context, all []B) (Stop, error) { return Stop{len(all)}, nil })
		run := begin(t, wf, Start{})
		synctest.Wait()
		run.Pause()
		time.Sleep(time.Hour)
		run.Continue()
		must(run.Wait(t.Context()))
		records := all(t, run)
		var began, ended []string
		for _, r := range of(records, flow.RunStarted)[1:] {
			began = append(began, r.Run)
		}
		for _, r := range of(records, flow.RunFailed) {
			ended = append(ended, r.Run)
		}
		same(t, ended, began)
	})
}

func TestR45_ExplainSaysWhyNothingMoves(t *testing.T) {
	bubble(t, func(t *testing.T) {
		wf := flow.New[Start, Stop]("r45")
		flow.Each(wf, "split", numbers(6))
		flow.Step(wf, "work", func(c *flow.Context, a A) (B, error) {
			if a.N == 0 {
				return B{}, errBoom
			}
			if a.N == 1 {
				r, err := flow.Await[Reply](c, "approve", Ask{}, flow.Where("ID", 5), flow.Within(time.Hour))
				return B{r.ID}, err
			}
			select {
			case <-time.After(time.Minute):
			case <-c.Done():
			}
			return B(a), nil
		}, flow.Workers(2), flow.Awaits[Reply](), flow.Retry(flow.Policy{Attempts: 2, Delay: time.Hour}))
		flow.Join(wf, "sum", func(_ *flow.Context, all []B) (C, error) { return C{}, nil })
		flow.Step(wf, "d", func(_ *flow.Context, _ Start) (D, error) { return D{}, nil })
		flow.Collect2(wf, "pair", func(_ *flow.Context, c C, d D) (Stop, error) { return Stop{}, nil })
		run := begin(t, wf, Start{})
		time.Sleep(time.Second)
		e := run.Explain()
		same(t, e.Steps, []flow.StepLoad{{Step: "work", Queued: 2, Running: 2, Free: 0}})
		if len(e.Retries) != 1 || e.Retries[0].Attempt != 2 || e.Retries[0].Error != "boom" || time.Until(e.Retries[0].Due) > time.Hour {
			t.Errorf("retries: %+v", e.Retries)
		}
		if len(e.Awaits) != 1 || e.Awaits[0].Key != "approve" || e.Awaits[0].Due.Sub(e.Awaits[0].Since) != time.Hour || e.Awaits[0].Prompt != any(Ask{}) {
			t.Errorf("awaits: %+v", e.Awaits)
		}
		if len(e.Joins) != 2 || e.Joins[0].Step != "sum" || e.Joins[1].Needs != "1 more C" {
			t.Errorf("joins: %+v", e.Joins)
		}
		for _, part := range []string{"work: 2 running, 2 queued", "attempt 2 of 2 is due", "needs 6 open", `awaits Reply as "approve" that matches {"ID":5} until 2000-01-01 01:00:00`, "pair: has 1"} {
			want(t, errors.New(e.String()), part)
		}
		run.Cancel(nil)
		<-run.Done()
		if !run.Explain().Ended {
			t.Error("not ended")
		}
	})
}
