package flow_test

import (
	"context"
	"encoding/json"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"weft/flow"
	"weft/flow/journal"
)

// failing is a workflow whose step fails until the given attempt.
func failing(until int, opts ...flow.StepOption) *flow.Workflow[Start, Stop] {
	wf := flow.New[Start, Stop]("failing")
	flow.Step(wf, "risky", func(c *flow.Context, s Start) (Stop, error) {
		if c.Attempt() < until {
			return Stop{}, errBoom
		}
		return Stop{c.Attempt()}, nil
	}, opts...)
	return wf
}

func TestR32_ThePolicySaysWhichHowLongAndWhenToStop(t *testing.T) {
	bubble(t, func(t *testing.T) {
		run := func(until int, p flow.Policy) (Stop, time.Duration, error) {
			t0 := time.Now()
			stop, err := failing(until, flow.Retry(p)).Run(t.Context(), Start{})
			return stop, time.Since(t0), err
		}
		s := time.Second
		for _, c := range []struct {
			policy flow.Policy
			until  int
			n      int // the number of the attempt that succeeds; 0: none
			after  time.Duration
		}{
			{flow.Policy{}, 2, 0, 0},
			{flow.Policy{Attempts: 3, Delay: s}, 3, 3, 2 * s},
			{flow.Policy{Attempts: 3, Delay: s}, 4, 0, 2 * s},
			{flow.Policy{Attempts: 5, Delay: s, Factor: 2}, 5, 5, 15 * s},
			{flow.Policy{Attempts: 5, Delay: s, Factor: 2, Max: 3 * s}, 5, 5, 9 * s},
			{flow.Policy{Elapsed: 10 * s, Delay: 3 * s}, 99, 0, 9 * s}, // the upcoming pause counts
			{flow.Policy{Attempts: 9, If: func(err error) bool { return !errors.Is(err, errBoom) }}, 2, 0, 0},
		} {
			stop, d, err := run(c.until, c.policy)
			if (err == nil) != (c.n > 0) || stop.N != c.n || d != c.after {
				t.Errorf("%+v: %v, %v after %v", c.policy, stop, err, d)
			}
		}
	})
}

// The policy is asked about a step's error without the run's lock. Here it calls the run, which
// would deadlock otherwise.
func TestR32_APolicyIsCalledWhileTheRunContinues(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var run *flow.Run[Stop]
	begun := make(chan bool)
	asked := 0
	wf := flow.New[Start, Stop]("r32")
	flow.Step(wf, "risky", func(c *flow.Context, _ Start) (Stop, error) {
		if <-begun; c.Attempt() < 3 {
			return Stop{}, errBoom
		}
		panic(errBoom)
	}, flow.Retry(flow.Policy{Attempts: 9, If: func(err error) bool {
		asked++
		run.Explain()
		_, panicked := errors.AsType[*flow.PanicError](err)
		return !panicked
	}}))
	run = begin(t, wf, Start{})
	close(begun)
	_, err := run.Wait(ctx)
	var step *flow.StepError
	if !errors.As(err, &step) || step.Attempts != 3 {
		t.Fatal(err)
	}
	same(t, asked, 3)
}

// A pause that grows without limit must not overflow to zero, and a pause of zero must stay zero:
// after a thousand attempts the factor 2ⁿ is infinite.
func TestR32_APolicyWithoutAPauseEndsToo(t *testing.T) {
	bubble(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		wf := flow.New[Start, Stop]("r32")
		flow.Step(wf, "risky", func(*flow.Context, Start) (Stop, error) { time.Sleep(time.Millisecond); return Stop{}, errBoom },
			flow.Retry(flow.Policy{Elapsed: 2 * time.Second, Factor: 2}))
		_, err := wf.Run(ctx, Start{})
		var step *flow.StepError
		if !errors.As(err, &step) || step.Attempts != 2001 {
			t.Error(err)
		}
	})
}

func TestR32_JitterIsSeededAndRecorded(t *testing.T) {
	bubble(t, func(t *testing.T) {
		due := func(id string) (pauses []time.Duration) {
			run := begin(t, failing(5, flow.Retry(flow.Policy{Attempts: 5, Delay: time.Minute, Jitter: 0.5})), Start{}, flow.ID(id))
			must(run.Wait(t.Context()))
			for _, r := range of(all(t, run), flow.StepFailed) {
				pauses = append(pauses, r.Due.Sub(r.Time))
			}
			return pauses
		}
		one := due("x")
		same(t, due("x"), one)
		if slices.Equal(due("y"), one) {
			t.Error("another run has the same jitter")
		}
		for i, p := range one {
			if p < 30*time.Second || p > time.Minute || slices.Contains(one[:i], p) {
				t.Errorf("pauses %v", one)
			}
		}
	})
}

// The last failure and one of a policy without a number have no limit to show.
func TestR32_AFailureSaysHowManyAttemptsThereMayBe(t *testing.T) {
	bubble(t, func(t *testing.T) {
		limits := func(p flow.Policy) (limits []int) {
			run := begin(t, failing(9, flow.Retry(p)), Start{})
			if _, err := run.Wait(t.Context()); err == nil {
				t.Error("the run succeeded")
			}
			for _, r := range of(all(t, run), flow.StepFailed) {
				limits = append(limits, r.Attempts)
			}
			return limits
		}
		same(t, limits(flow.Policy{Attempts: 3, Delay: time.Second}), []int{3, 3, 0})
		same(t, limits(flow.Policy{Elapsed: 2 * time.Second, Delay: time.Second}), []int{0, 0, 0})
	})
}

type custom struct{ code int }

func (*custom) Error() string { return "custom" }

func TestR33_TheRunFailsWithTheLastErrorWrapped(t *testing.T) {
	bubble(t, func(t *testing.T) {
		wf := flow.New[Start, Stop]("r33")
		flow.Step(wf, "risky", func(c *flow.Context, s Start) (Stop, error) {
			if c.Attempt() == 2 {
				return Stop{}, &custom{42}
			}
			return Stop{}, errBoom
		}, flow.Retry(flow.Policy{Attempts: 2}))
		_, err := wf.Run(t.Context(), Start{})
		var step *flow.StepError
		var mine *custom
		if !errors.As(err, &step) || !errors.As(err, &mine) || mine.code != 42 || errors.Is(err, errBoom) {
			t.Fatal(err)
		}
		same(t, *step, flow.StepError{Step: "risky", Event: "Start", Attempts: 2, Err: mine})
		want(t, err, "r33", "risky", "Start", "2 attempts", "custom")
	})
}

// A naive engine counts failures by run, so that two branches share a budget, or never, so that a
// loop of failures is endless.
func TestR34_ARecoveryHasABudgetForEachLineage(t *testing.T) {
	bubble(t, func(t *testing.T) {
		build := func(loops bool, opts ...flow.StepOption) *flow.Workflow[Start, Stop] {
			wf := flow.New[Start, Stop]("r34")
			flow.Each(wf, "split", numbers(2))
			flow.Step(wf, "risky", func(_ *flow.Context, a A) (B, error) {
				if a.N < 10 || loops {
					return B{}, errBoom
				}
				return B(a), nil
			})
			flow.Recover(wf, "mend", func(_ *flow.Context, f flow.Failure) (A, error) {
				if f.Step != "risky" || f.Attempts != 1 || !errors.Is(f.Err, errBoom) {
					t.Errorf("failure %+v", f)
				}
				return A{f.Input.(A).N + 10}, nil
			}, opts...)
			flow.Join(wf, "sum", func(_ *flow.Context, all []B) (Stop, error) { return Stop{all[0].N + 100*all[1].N}, nil })
			return wf
		}
		same(t, must(build(false).Run(t.Context(), Start{})), Stop{10 + 1100}) // two lineages, one recovery each
		count := func(wf *flow.Workflow[Start, Stop]) map[any]int {
			run := begin(t, wf, Start{})
			if _, err := run.Wait(t.Context()); !errors.Is(err, errBoom) {
				t.Error(err)
			}
			n := map[any]int{}
			for _, r := range of(all(t, run), flow.EventSent) {
				if f, ok := r.Payload.(flow.Failure); ok {
					n[f.Input.(A).N%10]++
				}
			}
			return n
		}
		for who, n := range count(build(true)) {
			if n > 1 {
				t.Errorf("lineage %v was recovered %d times", who, n)
			}
		}
		most := 0
		for _, n := range count(build(true, flow.Budget(3))) {
			most = max(most, n)
		}
		same(t, most, 3)
	})
}

func TestR35_ACancelAndTheRunsTimeoutAreNotRecovered(t *testing.T) {
	bubble(t, func(t *testing.T) {
		recovered := 0
		build := func(limit time.Duration, opts ...flow.StepOption) *flow.Workflow[Start, Stop] {
			wf := flow.New[Start, Stop]("r35", flow.Timeout(limit))
			flow.Step(wf, "slow", func(c *flow.Context, _ Start) (Stop, error) { <-c.Done(); return Stop{}, c.Err() }, opts...)
			flow.Recover(wf, "mend", func(_ *flow.Context, f flow.Failure) (Stop, error) {
				recovered++
				return Stop{f.Attempts}, f.Err
			})
			return wf
		}
		run := begin(t, build(0), Start{})
		synctest.Wait()
		run.Cancel(errBoom)
		if _, err := run.Wait(t.Context()); !errors.Is(err, errBoom) {
			t.Error(err)
		}
		if _, err := build(time.Second).Run(t.Context(), Start{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		same(t, recovered, 0)
		// A step's timeout is retried and recovered; the recovery step's own failure fails the run.
		_, err := build(0, flow.Timeout(time.Second), flow.Retry(flow.Policy{Attempts: 3})).Run(t.Context(), Start{})
		want(t, err, `"mend"`)
		same(t, recovered, 1)
	})
}

func none() map[string]int { return nil }

func TestR36_APanicIsAFailureWithItsStack(t *testing.T) {
	bubble(t, func(t *testing.T) {
		wf := flow.New[Start, Stop]("r36")
		flow.Step(wf, "risky", func(c *flow.Context, s Start) (Stop, error) {
			switch c.Attempt() {
			case 1:
				none()["x"] = 1
			case 2:
				runtime.Goexit()
			case 3:
				panic(errBoom)
			}
			return Stop{4}, nil
		}, flow.Retry(flow.Policy{Attempts: 4}))
		run := begin(t, wf, Start{})
		same(t, must(run.Wait(t.Context())), Stop{4})
		failed := of(all(t, run), flow.StepFailed)
		same(t, len(failed), 3)
		for i, part := range []string{"nil map", "Goexit", "boom"} {
			p, ok := failed[i].Payload.(flow.Panic)
			if !ok || !strings.Contains(p.Value, part) || !strings.Contains(p.Stack, "rules_failure_test.go") {
				t.Errorf("panic %d: %+v", i, failed[i])
			}
		}
		wf = flow.New[Start, Stop]("r36b")
		flow.Each(wf, "split", func(*flow.Context, Start) iter2[A] {
			return func(yield func(A, error) bool) { yield(A{}, nil); panic("in the iterator") }
		})
		flow.Step(wf, "work", func(_ *flow.Context, a A) (*Stop, error) { return nil, nil })
		_, err := wf.Run(t.Context(), Start{})
		want(t, err, "in the iterator")
		var p *flow.PanicError
		if !errors.As(err, &p) || p.Stack == "" {
			t.Error(err)
		}
	})
}

type touchy struct{ N int }

func (touchy) MarshalJSON() ([]byte, error) { panic(errBoom) }

// The journal is written on a goroutine of its own, so only that goroutine can recover its panic.
func TestR36_APanicWhileAnEventIsWrittenIsAnErrorOfTheJournal(t *testing.T) {
	w := must(must(journal.Open(t.TempDir())).Create("r36"))
	defer w.Close()
	wf := flow.New[Start, Stop]("r36")
	flow.Step(wf, "show", func(c *flow.Context, _ Start) (Stop, error) {
		c.Emit(touchy{1})
		r, err := flow.Await[Reply](c, "k", Ask{})
		return Stop{r.ID}, err
	}, flow.Awaits[Reply]())
	run := begin(t, wf, Start{}, flow.ID("r36"), flow.Keep(w))
	until(t, run, func(r flow.Record) bool { return r.Kind == flow.AwaitOpened })
	if err := run.Send(Reply{ID: 3}); err != nil {
		t.Error(err) // the run continues without its journal
	}
	same(t, must(run.Wait(t.Context())), Stop{3})
	var p *flow.PanicError
	err := run.JournalErr()
	if !errors.As(err, &p) || !errors.Is(err, errBoom) || !strings.Contains(p.Stack, "rules_failure_test.go") {
		t.Error(err)
	}
	want(t, err, "journal", "record 3", "touchy")
}

type told struct{ text string }

func (e *told) Error() string { return e.text }

// An error that is a nil pointer is not nil, and calling its Error method panics.
func TestR36_AnErrorWithoutATextIsAFailure(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var none *told
		wf := flow.New[Start, Stop]("r36")
		flow.Step(wf, "risky", func(c *flow.Context, s Start) (Stop, error) {
			if s.N == 1 {
				return Stop{}, none
			}
			<-c.Done()
			return Stop{}, c.Err()
		})
		_, err := wf.Run(t.Context(), Start{1})
		want(t, err, "risky")
		if got := new(told); !errors.As(err, &got) || got != nil {
			t.Error(err)
		}
		run := begin(t, wf, Start{})
		run.Cancel(none)
		var cancelled *flow.CancelError
		if _, err = run.Wait(t.Context()); !errors.As(err, &cancelled) {
			t.Fatal(err)
		}
		want(t, cancelled, "cancelled")
		if _, err := json.Marshal(flow.Failure{Err: none}); err != nil {
			t.Error(err)
		}
	})
}
