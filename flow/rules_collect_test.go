package flow_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"weft/flow"
)

func TestR23_CollectFiresInTheDeclaredOrder(t *testing.T) {
	bubble(t, func(t *testing.T) {
		calls := 0
		wf := flow.New[Start, Stop]("r23")
		flow.Step(wf, "a", func(*flow.Context, Start) (A, error) { time.Sleep(3 * time.Second); return A{1}, nil })
		flow.Step(wf, "b", func(*flow.Context, Start) (B, error) { time.Sleep(1 * time.Second); return B{2}, nil })
		flow.Step(wf, "c", func(*flow.Context, Start) (C, error) { time.Sleep(2 * time.Second); return C{3}, nil })
		flow.Collect3(wf, "all", func(_ *flow.Context, a A, b B, c C) (Stop, error) {
			calls++
			return Stop{100*a.N + 10*b.N + c.N}, nil
		})
		same(t, must(wf.Run(t.Context(), Start{})), Stop{123})
		same(t, calls, 1)
	})
}

// A naive engine empties its buffer when it calls the step, or calls the step to see whether there
// is enough.
func TestR23_SurplusIsKeptForTheNextBatchAndReported(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var logged strings.Builder
		wf := flow.New[Start, Stop]("r23", flow.LogTo(slog.New(slog.NewTextHandler(&logged, nil))))
		flow.Step(wf, "send", func(c *flow.Context, s Start) (*Stop, error) {
			for i := range 7 {
				if err := c.Send(A{i + 1}); err != nil {
					return nil, err
				}
			}
			return nil, nil
		}, flow.Sends[A]())
		var batches [][]A
		flow.CollectN(wf, "three", 3, func(_ *flow.Context, all []A) (B, error) {
			batches = append(batches, all)
			return B{len(batches)}, nil
		}, flow.Workers(1))
		flow.CollectN(wf, "two", 2, func(_ *flow.Context, all []B) (Stop, error) { return Stop{len(all)}, nil })
		same(t, must(wf.Run(t.Context(), Start{})), Stop{2})
		same(t, batches, [][]A{{{1}, {2}, {3}}, {{4}, {5}, {6}}})
		for _, part := range []string{"three", "2 more A"} {
			if !strings.Contains(logged.String(), part) {
				t.Errorf("the surplus is not reported: %q", logged.String())
			}
		}
	})
}

// A naive engine counts events that a failed attempt has sent, or that a failed attempt of the
// collect has taken.
func TestR23_ARetryCountsNothingTwice(t *testing.T) {
	bubble(t, func(t *testing.T) {
		retry := flow.Retry(flow.Policy{Attempts: 3, Delay: time.Second})
		wf := flow.New[Start, Stop]("r23")
		flow.Step(wf, "send", func(c *flow.Context, s Start) (A, error) {
			if err := c.Send(A{c.Attempt()}); err != nil {
				return A{}, err
			}
			if c.Attempt() < 3 {
				return A{}, errBoom
			}
			return A{9}, nil
		}, flow.Sends[A](), retry)
		var got [][]A
		flow.CollectN(wf, "two", 2, func(c *flow.Context, all []A) (Stop, error) {
			got = append(got, all)
			if c.Attempt() < 3 {
				return Stop{}, errBoom
			}
			return Stop{all[0].N*10 + all[1].N}, nil
		}, retry)
		same(t, must(wf.Run(t.Context(), Start{})), Stop{39})
		same(t, got, [][]A{{{3}, {9}}, {{3}, {9}}, {{3}, {9}}})
	})
}

// A common mistake: one event starts one search, but the collect waits for three results.
func TestR23_WaitingForMoreThanIsSentSaysWhatIsMissing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		wf := flow.New[Start, Stop]("r23")
		flow.Step(wf, "search", func(_ *flow.Context, s Start) (A, error) { return A(s), nil }, flow.Workers(3))
		flow.CollectN(wf, "merge", 3, func(_ *flow.Context, all []A) (Stop, error) { return Stop{}, nil })
		_, err := wf.Run(t.Context(), Start{})
		want(t, err, "merge", "2 more A")
	})
}

// An algorithm that is quadratic in the number of open events takes many seconds here.
func TestR23_ALargeSetIsCollectedAsFastAsASmallOne(t *testing.T) {
	const n = 50_000
	wf := flow.New[Start, Stop]("r23")
	flow.Step(wf, "many", func(c *flow.Context, _ Start) (*A, error) {
		return nil, sendUpTo(c, n, func(i int) any { return A{i} })
	}, flow.Sends[A]())
	flow.CollectN(wf, "all", n, func(_ *flow.Context, all []A) (Stop, error) { return Stop{len(all)}, nil })
	t0 := time.Now()
	same(t, must(wf.Run(t.Context(), Start{})), Stop{n})
	if d := time.Since(t0); d > 10*time.Second {
		t.Errorf("it took %v", d)
	}
}
