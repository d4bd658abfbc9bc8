package flow_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"weft/flow"
)

func TestAHelperEmitsThroughADerivedContext(t *testing.T) {
	helper := func(ctx context.Context) {
		if c, ok := flow.FromContext(ctx); ok {
			c.Emit(Tick{7})
		}
	}
	wf := flow.New[Start, Stop]("helper")
	flow.Step(wf, "one", func(c *flow.Context, _ Start) (Stop, error) {
		ctx, cancel := context.WithTimeout(context.WithValue(c, keyType{}, 1), time.Minute)
		defer cancel()
		helper(ctx)
		helper(context.Background())
		return Stop{}, nil
	})
	run := begin(t, wf, Start{})
	same(t, slices.Collect(flow.Events[Tick](t.Context(), run)), []Tick{{7}})
	again := must(wf.Resume(t.Context(), slices.Values(journalOf(t, all(t, run)))))
	same(t, slices.Collect(flow.Events[Tick](t.Context(), again)), []Tick{{7}})
}

func TestEventsYieldsWhatStepsGive(t *testing.T) {
	run := begin(t, fan(2), Start{3})
	var got []int
	for b := range flow.Events[B](t.Context(), run) {
		got = append(got, b.N)
	}
	same(t, slices.Sorted(slices.Values(got)), []int{1, 2, 3})
}

func TestItemsFansOutOverASlice(t *testing.T) {
	wf := flow.New[Start, Stop]("items")
	flow.Each(wf, "split", func(_ *flow.Context, s Start) iter2[A] { return flow.Items(make([]A, s.N)) })
	flow.Step(wf, "work", func(_ *flow.Context, a A) (B, error) { return B(a), nil })
	flow.Join(wf, "sum", func(_ *flow.Context, all []B) (Stop, error) { return Stop{len(all)}, nil })
	for n := range 3 {
		same(t, must(wf.Run(t.Context(), Start{n})), Stop{n})
	}
}

func TestR37_AStepSeesWhenItsTimeIsOver(t *testing.T) {
	bubble(t, func(t *testing.T) {
		inner := flow.New[A, B]("inner")
		begun := time.Now()
		flow.Step(inner, "one", func(c *flow.Context, a A) (B, error) {
			at, ok := c.Deadline()
			if want := begun.Add(time.Duration(a.N) * time.Second); !ok || !at.Equal(want) {
				t.Errorf("%d: the deadline is %v, %v", a.N, at.Sub(begun), ok)
			}
			return B{}, nil
		}, flow.Timeout(30*time.Second))
		build := func(run, step time.Duration, n int) *flow.Workflow[Start, Stop] {
			wf := flow.New[Start, Stop]("deadline", flow.Timeout(run))
			flow.Step(wf, "first", func(c *flow.Context, _ Start) (A, error) { return A{n}, nil })
			flow.Sub(wf, "inner", inner, flow.Timeout(step))
			flow.Step(wf, "last", func(c *flow.Context, _ B) (Stop, error) { return Stop{}, nil })
			return wf
		}
		for _, wf := range []*flow.Workflow[Start, Stop]{
			build(time.Minute, time.Minute, 30), build(10*time.Second, 0, 10), build(0, 20*time.Second, 20),
		} {
			must(wf.Run(t.Context(), Start{}))
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		must(build(0, 0, 5).Run(ctx, Start{}))
	})
}

func TestR49_StartAndStopEventOfOneTypeAreAFinding(t *testing.T) {
	wf := flow.New[A, A]("same")
	flow.Step(wf, "one", func(_ *flow.Context, a A) (A, error) { return a, nil })
	want(t, wf.Check(), "its start event and its stop event are both A")
}

// A busy error says when the server can be asked again.
type busy struct{ after time.Duration }

func (busy) Error() string { return "429 too many requests" }

func TestR32_AnErrorMayAskForItsPause(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var at []time.Duration
		begun := time.Now()
		wf := flow.New[Start, Stop]("busy")
		flow.Step(wf, "call", func(c *flow.Context, _ Start) (Stop, error) {
			at = append(at, time.Since(begun))
			asks := []error{busy{20 * time.Second}, errBoom, busy{time.Hour}, nil}
			return Stop{1}, asks[c.Attempt()-1]
		}, flow.Retry(flow.Policy{
			Attempts: 4, Delay: time.Second, Max: time.Minute, Jitter: 0,
			PauseOf: func(err error) time.Duration {
				var b busy
				errors.As(err, &b)
				return b.after
			},
		}))
		same(t, must(wf.Run(t.Context(), Start{})), Stop{1})
		same(t, at, []time.Duration{0, 20 * time.Second, 21 * time.Second, 81 * time.Second})
	})
}
