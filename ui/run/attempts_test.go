package run_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"weft/flow"
	"weft/ui/run"
	"weft/ui/run/runtest"
)

// recordOf runs a workflow under a fake clock, on which time passes only while the steps sleep;
// meanwhile may interact with the run.
func recordOf[I, O any](t *testing.T, wf *flow.Workflow[I, O], in I, meanwhile func(flow.Handle)) (rs []flow.Record) {
	synctest.Test(t, func(t *testing.T) {
		r, err := wf.Start(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		if meanwhile != nil {
			meanwhile(r)
		}
		_, _ = r.Wait(t.Context())
		for rec := range r.Records(t.Context(), 0) {
			rs = append(rs, rec)
		}
	})
	return rs
}

// stubborn runs a sub-workflow of two steps of one second each, whose second fails in the first two
// of three attempts; the attempts are two seconds apart.
func stubborn() *flow.Workflow[approved, final] {
	child := flow.New[approved, checked]("check")
	tries := 0
	flow.Step(child, "look", func(c *flow.Context, a approved) (gathered, error) {
		time.Sleep(time.Second)
		tries++
		return gathered(a), flow.Set(c, "tries", tries)
	})
	flow.Step(child, "judge", func(_ *flow.Context, g gathered) (checked, error) {
		time.Sleep(time.Second)
		if tries < 3 {
			return checked{}, errors.New("not yet")
		}
		return checked(g), nil
	})
	wf := flow.New[approved, final]("stubborn")
	flow.Sub(wf, "check", child, flow.Retry(flow.Policy{Attempts: 3, Delay: 2 * time.Second}))
	flow.Step(wf, "write", func(*flow.Context, checked) (final, error) { return final{"so"}, nil })
	return wf
}

func TestEachAttemptOfASubWorkflowHasItsOwnSteps(t *testing.T) {
	rs := recordOf(t, stubborn(), approved{1}, nil)
	r := runtest.Fold(rs)
	for n := range len(rs) + 1 {
		if got, want := describe(r.At(n)), describe(runtest.Fold(rs[:n]).Now()); got != want {
			t.Fatalf("at %d the whole run describes\n%s\nbut its prefix\n%s", n, got, want)
		}
	}
	v := r.Now()
	e := v.Executions(v.Step(v.Root(), "check"))[0]
	runs := v.SubWorkflows(e)
	if len(runs) != 3 {
		t.Fatalf("%d sub-workflows", len(runs))
	}
	for i, w := range runs {
		want := run.Broken
		if i == 2 {
			want = run.Succeeded
		}
		from, to, ended := w.Span(v)
		if w.Status(v) != want || w.Attempt != i+1 || !ended || from != time.Duration(i)*4*time.Second || to-from != 2*time.Second {
			t.Errorf("attempt %d of %d is %v from %v to %v", w.Attempt, i+1, w.Status(v), from, to)
		}
		if steps := v.Steps(w); len(steps) != 2 || len(v.Executions(steps[1])) != 1 {
			t.Errorf("attempt %d has the steps %v", i+1, steps)
		}
		if st := w.State(v); len(st) != 1 || string(st[0].Is) != []string{"1", "2", "3"}[i] || string(st[0].Was) != "null" {
			t.Errorf("attempt %d has the state %v", i+1, st)
		}
	}
	var path []string
	for e := range v.Critical() {
		path = append(path, e.Step.Name)
	}
	if got := strings.Join(path, " "); got != "write judge look judge look judge look check" {
		t.Errorf("critical path %v", path)
	}
}

func TestBackoffBeforeASubWorkflowCountsForTheRun(t *testing.T) {
	v := runtest.Fold(recordOf(t, stubborn(), approved{1}, nil)).Now()
	total := v.Total().Until(v, v.Elapsed(time.Time{}))
	if total.Time[run.Backoff] != 4*time.Second || total.Time[run.Running] != 6*time.Second || total.Active() {
		t.Errorf("%v at work, %v between attempts, %+v", total.Time[run.Running], total.Time[run.Backoff], total.Count)
	}
	if gs := v.Run().Gaps(v.Elapsed(time.Time{})); len(gs) != 0 {
		t.Errorf("gaps %v, want none", gs)
	}
}

func TestWorkerCountsOutcomesOfItsExecutions(t *testing.T) {
	wf := flow.New[approved, final]("ask")
	flow.Step(wf, "ask", func(c *flow.Context, a approved) (checked, error) {
		_, err := flow.Await[approval](c, "ok", "is it right?")
		return checked(a), err
	}, flow.Awaits[approval]())
	flow.Step(wf, "write", func(c *flow.Context, _ checked) (final, error) {
		<-c.Done()
		return final{}, context.Cause(c)
	})
	v := runtest.Fold(recordOf(t, wf, approved{1}, func(h flow.Handle) {
		time.Sleep(time.Minute)
		if err := h.Send(approval{true}); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Second)
		h.Cancel(errors.New("enough"))
	})).Now()
	count := func(step string) run.Count { return v.Workers(v.Step(v.Root(), step))[0].Lane.Count(v) }
	// ask was started once, although its wait released the worker
	if c := count("ask"); c.Started != 1 || c.Finished != 1 {
		t.Errorf("ask: %+v", c)
	}
	if c := count("write"); c.Started != 1 || c.Cancelled != 1 || c.Finished != 0 {
		t.Errorf("write: %+v", c)
	}
}
