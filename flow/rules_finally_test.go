package flow_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"weft/flow"
)

// A trip is booked in three parts, and what was booked is given back if it cannot be finished.
type booked struct{ Parts []string }

func (b *booked) undo(c *flow.Context, part string) error {
	_, err := flow.Do(c, "undo "+part, func(ctx context.Context, _ string) (bool, error) {
		b.Parts = slices.DeleteFunc(b.Parts, func(p string) bool { return p == part })
		return true, ctx.Err()
	})
	return err
}

// trip books a flight and a hotel, and then works until the given function returns.
func (b *booked) trip(work func(*flow.Context) error, opts ...flow.WorkflowOption) *flow.Workflow[Start, Stop] {
	book := func(c *flow.Context, part string) error {
		if _, err := flow.Do(c, part, func(context.Context, string) (bool, error) {
			b.Parts = append(b.Parts, part)
			return true, nil
		}); err != nil {
			return err
		}
		return flow.Update(c, func(s *booked) error { s.Parts = append(s.Parts, part); return nil })
	}
	wf := flow.New[Start, Stop]("trip", append(opts, flow.RegisterError("boom", errBoom))...)
	flow.Step(wf, "flight", func(c *flow.Context, _ Start) (A, error) { return A{}, book(c, "flight") })
	flow.Step(wf, "hotel", func(c *flow.Context, _ A) (B, error) { return B{}, book(c, "hotel") })
	flow.Step(wf, "car", func(c *flow.Context, _ B) (Stop, error) { return Stop{1}, work(c) })
	flow.Finally(wf, "undo", func(c *flow.Context, end flow.Ending) error {
		if end.Err == nil {
			return nil
		}
		if end.Kind == flow.RunFailed && !errors.Is(end.Err, errBoom) && !errors.Is(end.Err, context.DeadlineExceeded) {
			return fmt.Errorf("the run ends because of %v", end.Err)
		}
		for _, part := range slices.Backward(flow.State[booked](c).Parts) {
			if err := b.undo(c, part); err != nil {
				return err
			}
		}
		return nil
	}, flow.Retry(flow.Policy{Attempts: 2}))
	return wf
}

// A naive engine ends the run without undoing the work of its steps.
func TestR63_WhatWasDoneIsUndoneHoweverTheRunEnds(t *testing.T) {
	waits := func(c *flow.Context) error { <-c.Done(); return c.Err() }
	for how, tc := range map[string]struct {
		work func(*flow.Context) error
		left []string
		kind flow.Kind
	}{
		"success": {func(*flow.Context) error { return nil }, []string{"flight", "hotel"}, flow.RunFinished},
		"failure": {func(*flow.Context) error { return errBoom }, nil, flow.RunFailed},
		"panic":   {func(*flow.Context) error { panic(errBoom) }, nil, flow.RunFailed},
		"timeout": {waits, nil, flow.RunFailed},
		"cancel":  {waits, nil, flow.RunCancelled},
	} {
		t.Run(how, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				b := &booked{}
				run := begin(t, b.trip(tc.work, flow.Timeout(time.Minute)), Start{})
				synctest.Wait()
				if how == "cancel" {
					run.Cancel(errBoom)
					run.Cancel(errors.New("again"))
				}
				_, err := run.Wait(t.Context())
				if (err == nil) != (how == "success") || how == "cancel" && !errors.Is(err, errBoom) {
					t.Error(err)
				}
				same(t, slices.Sorted(slices.Values(b.Parts)), tc.left)
				records := all(t, run)
				same(t, records[len(records)-1].Kind, tc.kind)
				begun := of(records, flow.CleanupStarted)
				same(t, len(begun), 1)
				same(t, begun[0].Payload.(flow.Ending).Kind, tc.kind)
			})
		})
	}
}

// A process may end at any instant of the clean-up.
func TestR63_ACleanUpContinuesAfterARestart(t *testing.T) {
	bubble(t, func(t *testing.T) {
		build := func(b *booked) *flow.Workflow[Start, Stop] {
			return b.trip(func(c *flow.Context) error { return errBoom })
		}
		run := begin(t, build(&booked{}), Start{})
		_, want := run.Wait(t.Context())
		records := all(t, run)
		for n := 1; n < len(records); n++ {
			b := &booked{}
			for _, r := range of(records[:n], flow.CallFinished) { // the calls that the previous process has made
				call := slices.IndexFunc(records, func(s flow.Record) bool { return s.Kind == flow.CallStarted && s.Event == r.Event })
				if part := records[call].Payload.(flow.Call).Key; strings.HasPrefix(part, "undo ") {
					b.Parts = slices.DeleteFunc(b.Parts, func(p string) bool { return "undo "+p == part })
				} else {
					b.Parts = append(b.Parts, part)
				}
			}
			again := must(build(b).Resume(t.Context(), slices.Values(journalOf(t, records[:n]))))
			if _, err := again.Wait(t.Context()); err == nil || err.Error() != want.Error() {
				t.Errorf("%d: %v", n, err)
			}
			same(t, len(b.Parts), 0)
		}
	})
}

func TestR63_ACleanUpStepHasAContextOfItsOwn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		wf := flow.New[Start, Stop]("ctx")
		flow.Step(wf, "wait", func(c *flow.Context, _ Start) (Stop, error) { <-c.Done(); return Stop{}, c.Err() })
		called := 0
		flow.Finally(wf, "last", func(c *flow.Context, _ flow.Ending) error {
			called++
			want(t, flow.Sleep(c, "k", time.Second), "does not await or sleep")
			time.Sleep(time.Second)
			same(t, c.Err(), nil)
			return flow.Set(c, "k", 1)
		})
		run := must(wf.Start(ctx, Start{}))
		synctest.Wait()
		cancel()
		synctest.Wait()
		e := run.Explain()
		same(t, e.Cleans, true)
		if !strings.Contains(e.String(), "cleans up") {
			t.Error(e)
		}
		if err := run.Send(Start{}); !errors.Is(err, flow.ErrEnded) {
			t.Error(err)
		}
		if _, err := run.Wait(t.Context()); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		same(t, called, 1)
	})
}

// A naive engine waits for a clean-up that hangs.
func TestR64_ACleanUpIsBounded(t *testing.T) {
	for limit, opts := range map[time.Duration][]flow.StepOption{
		10 * time.Second: nil,
		time.Minute:      {flow.Timeout(time.Minute)},
	} {
		bubble(t, func(t *testing.T) {
			for _, fails := range []bool{false, true} {
				gate := make(chan struct{})
				wf := flow.New[Start, Stop]("hangs")
				flow.Step(wf, "one", func(*flow.Context, Start) (Stop, error) { return Stop{1}, nil })
				retry := flow.Retry(flow.Policy{Attempts: 1000, Delay: time.Second})
				flow.Finally(wf, "last", func(c *flow.Context, _ flow.Ending) error {
					if fails {
						return errBoom
					}
					<-gate // and ignores its context
					return nil
				}, append(slices.Clone(opts), retry)...)
				t0 := time.Now()
				same(t, must(wf.Run(t.Context(), Start{})), Stop{1})
				same(t, time.Since(t0), limit)
				close(gate)
			}
		})
	}
}

func TestR63_ASubWorkflowCleansUpBeforeTheOneAroundIt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var mu sync.Mutex
		var order []string
		note := func(name string) func(*flow.Context, flow.Ending) error {
			return func(_ *flow.Context, end flow.Ending) error {
				time.Sleep(time.Second)
				mu.Lock()
				defer mu.Unlock()
				order = append(order, name+" "+end.Kind.String())
				return nil
			}
		}
		inner := flow.New[A, B]("inner")
		flow.Step(inner, "wait", func(c *flow.Context, _ A) (B, error) { <-c.Done(); return B{}, c.Err() })
		flow.Finally(inner, "last", note("inner"))
		wf := flow.New[Start, Stop]("outer")
		flow.Each(wf, "split", numbers(2))
		flow.Sub(wf, "inner", inner, flow.Timeout(time.Minute))
		flow.Join(wf, "sum", func(_ *flow.Context, all []B) (Stop, error) { return Stop{}, nil })
		flow.Finally(wf, "last", note("outer"))
		run := begin(t, wf, Start{})
		synctest.Wait()
		records := journalOf(t, sofar(t, run))
		run.Cancel(errBoom)
		time.Sleep(500 * time.Millisecond)
		run.Cancel(nil) // while the inner ones clean up
		run.Wait(t.Context())
		same(t, order, []string{"inner run.cancelled", "inner run.cancelled", "outer run.cancelled"})

		order = nil
		run = must(wf.Resume(t.Context(), slices.Values(records))) // the step's time runs out
		if _, err := run.Wait(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		same(t, order, []string{"inner run.cancelled", "inner run.cancelled", "outer run.failed"})
	})
}

// The parent is cancelled while only a sub-workflow of it is open, which is already cleaning up.
func TestR63_ACancelIsKeptWhileASubWorkflowCleansUp(t *testing.T) {
	bubble(t, func(t *testing.T) {
		inner := flow.New[A, B]("inner")
		flow.Step(inner, "one", func(c *flow.Context, _ A) (B, error) { return B{}, nil })
		flow.Finally(inner, "last", func(*flow.Context, flow.Ending) error { time.Sleep(time.Second); return nil })
		wf := flow.New[Start, Stop]("outer")
		flow.Step(wf, "first", func(*flow.Context, Start) (A, error) { return A{}, nil })
		flow.Sub(wf, "inner", inner)
		flow.Step(wf, "end", func(*flow.Context, B) (Stop, error) { return Stop{}, nil })
		run := begin(t, wf, Start{})
		synctest.Wait()
		run.Cancel(errBoom)
		records := journalOf(t, sofar(t, run))
		same(t, len(of(records, flow.RunEnding)), 1)
		for _, run := range []*flow.Run[Stop]{run, must(wf.Resume(t.Context(), slices.Values(records)))} {
			_, err := run.Wait(t.Context())
			want(t, err, "boom")
		}
	})
}

func TestR63_ARunThatIsCancelledBeforeItsTurnCleansUp(t *testing.T) {
	bubble(t, func(t *testing.T) {
		b := &booked{}
		wf := b.trip(func(c *flow.Context) error { <-c.Done(); return c.Err() }, flow.MaxRuns(1))
		first := begin(t, wf, Start{})
		records := journalOf(t, sofar(t, first))
		same(t, len(b.Parts), 2)
		second := must(wf.Resume(t.Context(), slices.Values(records)))
		second.Cancel(errBoom)
		if _, err := second.Wait(t.Context()); !errors.Is(err, errBoom) {
			t.Error(err)
		}
		same(t, len(b.Parts), 0)
		first.Cancel(nil)
		first.Wait(t.Context())
	})
}

func TestR63_ACleanUpStepNeitherSendsNorAwaits(t *testing.T) {
	defer func() {
		if p, _ := recover().(string); !strings.Contains(p, `step "last"`) {
			t.Error(p)
		}
	}()
	wf := flow.New[Start, Stop]("wrong")
	flow.Finally(wf, "last", func(*flow.Context, flow.Ending) error { return nil }, flow.Awaits[Reply]())
}

// If a debugger also held clean-up steps, a cancelled run would never end.
func TestR63_ARunThatIsCancelledWhileItIsHeldCleansUpAndEnds(t *testing.T) {
	for _, nested := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			cleaned := 0
			inner := flow.New[Start, Stop]("inner")
			flow.Step(inner, "work", func(*flow.Context, Start) (Stop, error) { return Stop{1}, nil })
			flow.Finally(inner, "tidy", func(*flow.Context, flow.Ending) error { cleaned++; return nil })
			wf := inner
			if nested {
				wf = flow.New[Start, Stop]("outer")
				flow.Sub(wf, "inner", inner)
				flow.Finally(wf, "tidy", func(*flow.Context, flow.Ending) error { cleaned++; return nil })
			}
			run, err := wf.Start(t.Context(), Start{}, flow.Breakpoints(func(step, _ string) bool { return step == "work" }))
			if err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			if !run.Explain().Paused {
				t.Fatal("the breakpoint does not hold the run")
			}
			run.Cancel(errBoom)
			if _, err := run.Wait(t.Context()); !errors.Is(err, errBoom) {
				t.Errorf("the run ends with %v", err)
			}
			if !nested && cleaned != 1 || nested && cleaned != 2 {
				t.Errorf("nested %v: %d workflows have cleaned up", nested, cleaned)
			}
		})
	}
}
