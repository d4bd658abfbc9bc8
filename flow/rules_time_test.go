package flow_test

import (
	"context"
	"errors"
	"math"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"weft/flow"
)

func TestR37_ARunsTimeoutNamesWhatIsActive(t *testing.T) {
	bubble(t, func(t *testing.T) {
		wf := flow.New[Start, Stop]("r37", flow.Timeout(5*time.Second))
		flow.Step(wf, "slow", func(c *flow.Context, _ Start) (Stop, error) { <-c.Done(); return Stop{}, context.Cause(c) })
		flow.Step(wf, "quick", func(c *flow.Context, _ Start) (*Stop, error) { return nil, nil })
		t0 := time.Now()
		_, err := wf.Run(t.Context(), Start{})
		var late *flow.TimeoutError
		if !errors.As(err, &late) || !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		same(t, late.Active, []string{"slow"})
		same(t, time.Since(t0), 5*time.Second)
		wf = flow.New[Start, Stop]("r37b")
		flow.Step(wf, "slow", func(c *flow.Context, _ Start) (Stop, error) { <-c.Done(); return Stop{}, c.Err() }, flow.Timeout(time.Second))
		_, err = wf.Run(t.Context(), Start{})
		if !errors.As(err, &late) || late.Step != "slow" {
			t.Error(err)
		}
	})
}

func TestR37_AStepIsToldThatItsTimeIsOver(t *testing.T) {
	bubble(t, func(t *testing.T) {
		soon, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		second, again := flow.Timeout(time.Second), flow.Retry(flow.Policy{Attempts: 2})
		for _, tc := range []struct {
			whose    string
			ctx      context.Context
			run      time.Duration
			sub      []flow.StepOption
			step     []flow.StepOption
			attempts int
		}{
			{"that of who started the run", soon, 0, nil, nil, 1},
			{"the step's", t.Context(), 0, nil, []flow.StepOption{second}, 1},
			{"the step's, twice", t.Context(), 0, nil, []flow.StepOption{second, again}, 2},
			{"that of the step that it is within", t.Context(), 0, []flow.StepOption{second, again}, nil, 2},
			{"the run's", t.Context(), time.Second, nil, nil, 1},
		} {
			told := make(chan error, 8)
			inner := flow.New[Start, Stop]("inner")
			flow.Step(inner, "slow", func(c *flow.Context, _ Start) (Stop, error) {
				made, cancel := context.WithCancel(c)
				defer cancel()
				<-made.Done()
				told <- context.Cause(made)
				told <- context.Cause(c)
				told <- c.Err()
				_, err := flow.Await[Reply](c, "k", Ask{})
				told <- err
				return Stop{}, nil
			}, append(tc.step, flow.Awaits[Reply]())...)
			wf := flow.New[Start, Stop]("r37", flow.Timeout(tc.run))
			flow.Sub(wf, "inner", inner, tc.sub...)
			if _, err := wf.Run(tc.ctx, Start{}); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: the run ended with %v", tc.whose, err)
			}
			synctest.Wait()
			close(told)
			n := 0
			for err := range told {
				if n++; !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%s: the step was told %v", tc.whose, err)
				}
			}
			same(t, n, 4*tc.attempts)
		}
	})
}

func TestR37_AsMuchTimeAsCanBeToldIsForEver(t *testing.T) {
	bubble(t, func(t *testing.T) {
		const forever = time.Duration(math.MaxInt64)
		again := flow.Retry(flow.Policy{Attempts: 2, Delay: time.Hour})
		wf := flow.New[Start, Stop]("r37", flow.Timeout(forever))
		flow.Step(wf, "again", func(c *flow.Context, _ Start) (A, error) {
			if c.Attempt() == 1 {
				return A{}, errBoom // its retry must be handled, whatever else is due
			}
			return A{}, nil
		}, again, flow.Timeout(forever))
		flow.Step(wf, "ask", func(c *flow.Context, _ Start) (B, error) {
			_, err := flow.Await[Reply](c, "k", Ask{}, flow.Within(forever))
			return B{}, err
		}, flow.Awaits[Reply]())
		flow.Collect2(wf, "both", func(*flow.Context, A, B) (Stop, error) { return Stop{1}, nil })
		run := begin(t, wf, Start{})
		time.Sleep(time.Minute)
		snap, err := run.Snapshot()
		snap = stored(t, snap, err)
		for _, run := range []*flow.Run[Stop]{run, must(wf.ResumeFrom(t.Context(), snap))} {
			time.Sleep(24 * time.Hour)
			if err := run.Send(Reply{}); err != nil {
				t.Fatal(err)
			}
			same(t, must(run.Wait(t.Context())), Stop{1})
		}
	})
}

// A naive engine waits for the end of all goroutines of its steps.
func TestR38_AStepThatIgnoresItsContextCannotDelayTheEnd(t *testing.T) {
	bubble(t, func(t *testing.T) {
		free := make(chan struct{})
		wf := flow.New[Start, Stop]("r38", flow.Timeout(time.Second))
		flow.Step(wf, "deaf", func(c *flow.Context, _ Start) (Stop, error) { <-free; return Stop{}, nil })
		t0 := time.Now()
		_, err := wf.Run(t.Context(), Start{})
		want(t, err, "timeout")
		same(t, time.Since(t0), time.Second)
		close(free)
		// a step that ignores its context cannot delay its own timeout either
		free2 := make(chan struct{})
		var calls atomic.Int32
		wf = flow.New[Start, Stop]("r38b")
		flow.Step(wf, "deaf", func(c *flow.Context, _ Start) (Stop, error) {
			if calls.Add(1) == 1 {
				<-free2
				return Stop{1}, nil
			}
			return Stop{2}, nil
		}, flow.Timeout(time.Second), flow.Retry(flow.Policy{Attempts: 2}))
		same(t, must(wf.Run(t.Context(), Start{})), Stop{2})
		close(free2)
	})
}

// If a cancel or a timeout could end the run, a step must not be able to block the caller of Run.
func TestR38_RunCallsStepsOnItsCallersGoroutineOnlyIfNothingElseCanEndTheRun(t *testing.T) {
	here := false
	look := func() { // whether this test's function is among the callers
		pcs := make([]uintptr, 64)
		frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
		here = false
		for more := true; more; {
			var f runtime.Frame
			f, more = frames.Next()
			here = here || strings.HasSuffix(f.Function, ".onWhichGoroutine")
		}
	}
	build := func(limit time.Duration, opts ...flow.StepOption) *flow.Workflow[Start, Stop] {
		wf := flow.New[Start, Stop]("r38", flow.Timeout(limit))
		flow.Step(wf, "one", func(*flow.Context, Start) (A, error) { return A{}, nil }, opts...)
		flow.Step(wf, "two", func(*flow.Context, A) (Stop, error) { look(); return Stop{}, nil })
		return wf
	}
	two := build(0)
	flow.Step(two, "other", func(*flow.Context, A) (*B, error) { return nil, nil })
	flow.Step(two, "end", func(*flow.Context, B) (Stop, error) { return Stop{}, nil })
	cancellable, cancel := context.WithCancel(context.Background())
	defer cancel()
	for _, tc := range []struct {
		name string
		wf   *flow.Workflow[Start, Stop]
		ctx  context.Context
		here bool
	}{
		{"strictly one after the other", build(0), context.Background(), true},
		{"a context that can end", build(0), cancellable, false},
		{"a limit of time for the run", build(time.Hour), context.Background(), false},
		{"a limit of time for a step", build(0, flow.Timeout(time.Hour)), context.Background(), false},
		{"a wait for the world", build(0, flow.Awaits[B]()), context.Background(), false},
		{"two steps that take one event", two, context.Background(), false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			onWhichGoroutine(tc.ctx, t, tc.wf)
			same(t, here, tc.here)
		})
	}
}

func onWhichGoroutine(ctx context.Context, t *testing.T, wf *flow.Workflow[Start, Stop]) {
	if _, err := wf.Run(ctx, Start{}); err != nil {
		t.Error(err)
	}
}

func TestR39_ACancelIsNotLostWhileTheTurnComes(t *testing.T) {
	for i := range 5000 {
		var over atomic.Bool
		wf := flow.New[Start, Stop]("r39", flow.MaxRuns(1))
		flow.Step(wf, "one", func(c *flow.Context, s Start) (Stop, error) {
			for s.N == 1 && !over.Load() {
				runtime.Gosched()
			}
			if s.N == 2 {
				<-c.Done() // and returns as if it had not been cancelled
			}
			return Stop{}, nil
		})
		first, second := begin(t, wf, Start{1}), begin(t, wf, Start{2})
		runtime.Gosched()
		over.Store(true)
		for range i % 50 * 20 { // so that the cancel comes a little later each time
			over.Store(true)
		}
		second.Cancel(errBoom)
		if _, err := second.Wait(t.Context()); !errors.Is(err, errBoom) {
			t.Fatalf("try %d: a run that was cancelled ended with %v", i, err)
		}
		must(first.Wait(t.Context()))
	}
}

// A naive engine does not cancel the sub-workflows.
func TestR39_CancelCarriesItsCauseAndReachesSubWorkflows(t *testing.T) {
	bubble(t, func(t *testing.T) {
		causes := make(chan error, 2)
		inner := flow.New[A, B]("inner")
		flow.Step(inner, "wait", func(c *flow.Context, a A) (B, error) { <-c.Done(); causes <- context.Cause(c); return B{}, nil })
		mid := flow.New[A, B]("mid")
		flow.Sub(mid, "inner", inner)
		wf := flow.New[Start, Stop]("r39")
		flow.Step(wf, "in", func(_ *flow.Context, s Start) (A, error) { return A(s), nil })
		flow.Sub(wf, "mid", mid)
		flow.Step(wf, "out", func(_ *flow.Context, b B) (Stop, error) { return Stop(b), nil })
		run := begin(t, wf, Start{})
		synctest.Wait()
		run.Cancel(errBoom)
		run.Cancel(errors.New("another"))
		_, err := run.Wait(t.Context())
		var c *flow.CancelError
		if !errors.As(err, &c) || !errors.Is(err, errBoom) {
			t.Error(err)
		}
		if cause := <-causes; !errors.Is(cause, errBoom) {
			t.Errorf("the step within was told %v", cause)
		}
		same(t, len(of(all(t, run), flow.RunCancelled)), 3)

		ctx, cancel := context.WithCancelCause(t.Context())
		run, _ = wf.Start(ctx, Start{})
		synctest.Wait()
		cancel(errBoom)
		if _, err := run.Wait(t.Context()); !errors.Is(err, errBoom) {
			t.Error(err)
		}
		<-causes
	})
}
