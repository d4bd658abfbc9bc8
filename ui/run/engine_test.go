package run_test

import (
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"weft/flow"
	"weft/ui/run"
	"weft/ui/run/runtest"
)

type (
	question struct{ Parts int }
	piece    struct{ N int }
	result   struct{ N int }
	gathered struct{ N int }
	approval struct{ OK bool }
	approved struct{ N int }
	checked  struct{ N int }
	Delta    struct {
		Text string `json:"text"`
	}
	final struct {
		Text string `json:"text"`
	}
)

// everything is a workflow with all that an engine's journal can record: a fan-out on two workers
// with a retry, a join, a wait for a person, a failure that is recovered from, a sub-workflow,
// state and a stream.
func everything() *flow.Workflow[question, final] {
	child := flow.New[approved, checked]("check")
	flow.Step(child, "look", func(_ *flow.Context, a approved) (checked, error) { time.Sleep(time.Second); return checked(a), nil })

	wf := flow.New[question, final]("everything")
	flow.Each(wf, "split", func(_ *flow.Context, q question) iter.Seq2[piece, error] {
		return func(yield func(piece, error) bool) {
			for i := range q.Parts {
				if !yield(piece{i}, nil) {
					return
				}
			}
		}
	})
	flow.Step(wf, "search", func(c *flow.Context, p piece) (result, error) {
		time.Sleep(2 * time.Second)
		if p.N == 1 && c.Attempt() == 1 {
			return result{}, errors.New("not yet")
		}
		return result(p), nil
	}, flow.Workers(2), flow.Retry(flow.Policy{Attempts: 2, Delay: 3 * time.Second}))
	flow.Join(wf, "gather", func(c *flow.Context, rs []result) (gathered, error) {
		return gathered{len(rs)}, flow.Set(c, "found", len(rs))
	})
	flow.Step(wf, "approve", func(c *flow.Context, g gathered) (approved, error) {
		a, err := flow.Await[approval](c, "ok", "is it right?")
		if err != nil || !a.OK {
			return approved{}, errors.New("not approved")
		}
		return approved(g), nil
	}, flow.Awaits[approval]())
	flow.Sub(wf, "check", child)
	flow.Step(wf, "write", func(c *flow.Context, k checked) (final, error) {
		c.Emit(Delta{"half an "})
		time.Sleep(time.Second)
		return final{}, errors.New("the model is gone")
	})
	flow.Recover(wf, "mend", func(c *flow.Context, f flow.Failure) (final, error) {
		c.Emit(Delta{"a plain answer"})
		return final{"a plain answer"}, nil
	}, flow.Covers("write"))
	return wf
}

// record runs the workflow everything under a fake clock, on which time passes only while the steps
// sleep.
func record(t *testing.T) (rs []flow.Record) {
	synctest.Test(t, func(t *testing.T) {
		r, err := everything().Start(t.Context(), question{5})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute) // let the run wait for the reply
		if err := r.Send(approval{true}); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		for rec := range r.Records(t.Context(), 0) {
			rs = append(rs, rec)
		}
	})
	return rs
}

func TestRealJournal(t *testing.T) {
	rs := record(t)
	r := runtest.Fold(rs)
	for n := range len(rs) + 1 {
		if got, want := describe(r.At(n)), describe(runtest.Fold(rs[:n]).Now()); got != want {
			t.Fatalf("at %d the whole run describes\n%s\nbut its prefix\n%s", n, got, want)
		}
	}
	v := r.Now()
	root := v.Root()
	count := func(step string) run.Count { return v.Step(root, step).Lane.Count(v) }
	if c := count("search"); c.Started != 5 || c.Attempts != 6 || c.Failures != 1 || c.Finished != 5 || c.Active() {
		t.Errorf("search: %+v", c)
	}
	if s := v.Step(root, "search"); s.Lane.Peak(v) != 2 || len(v.Workers(s)) != 2 || s.Lane.Until(v, v.Time(len(rs))).Time[run.Running] != 12*time.Second {
		t.Errorf("search: %d at once, %d workers", s.Lane.Peak(v), len(v.Workers(s)))
	}
	if c := count("write"); c.Failed != 1 {
		t.Errorf("write: %+v", c)
	}
	ask := v.Executions(v.Step(root, "approve"))[0]
	as := ask.Attempts(v, 0)
	if len(as) != 1 || as[0].Outcome != run.Finished || as[0].Waited < 40*time.Second || count("approve").Attempts != 1 {
		t.Errorf("approve: %+v", as)
	}
	blocked := false
	for n := range len(rs) {
		at := r.At(n)
		blocked = blocked || at.Status() == run.Blocked && len(at.Awaiting()) == 1
	}
	if !blocked {
		t.Error("the run never waited for a person")
	}
	if cs := v.Children(v.Step(root, "check")); len(cs) != 1 || cs[0].Name != "check" || len(v.Steps(cs[0])) != 1 || cs[0].Depth != 1 {
		t.Errorf("sub-workflows %v", cs)
	}
	all := v.AllExecutions()
	began := func(a, b *run.Execution) int { return a.Began() - b.Began() }
	if !slices.Contains(all, ask) || !slices.ContainsFunc(all, func(e *run.Execution) bool { return e.Step.Workflow.Depth == 1 }) || !slices.IsSortedFunc(all, began) {
		t.Errorf("all executions: %v", all)
	}
	if text, _, _ := v.Streaming(); text != "a plain answer" {
		t.Errorf("the text of the failed attempt is still shown: %q", text)
	}
	if a, ok := v.Answer(); !ok || a.Text != "a plain answer" || v.Status() != run.Succeeded {
		t.Errorf("answer %q", a.Text)
	}
	var path []string
	for e := range v.Critical() {
		path = append(path, e.Step.Name)
	}
	// write belongs to the sub-workflow that look runs
	if got := strings.Join(path, " "); got != "mend write look check approve gather search split" {
		t.Errorf("critical path %v", path)
	}
	if st := root.State(v); len(st) != 1 || st[0].Key != "found" || string(st[0].Is) != "5" {
		t.Errorf("state %v", st)
	}
}

// A run that was cut short and resumed hours later shows neither a gap nor a span that never ends.
func TestRealJournalOfAResumedRun(t *testing.T) {
	whole := record(t)
	for cut := 3; cut < len(whole)-1; cut += 5 {
		var rs []flow.Record
		synctest.Test(t, func(t *testing.T) {
			time.Sleep(3 * time.Hour)
			r, err := flow.Resume(t.Context(), everything(), slices.Values(whole[:cut]))
			if err != nil {
				t.Fatalf("cut at %d: %v", cut, err)
			}
			time.Sleep(time.Minute)
			_ = r.Send(approval{true}) // fails if the journal already has the approval
			if _, err := r.Result(t.Context()); err != nil {
				t.Fatalf("cut at %d: %v", cut, err)
			}
			for rec := range r.Records(t.Context(), 0) {
				rs = append(rs, rec)
			}
		})
		r := runtest.Fold(rs)
		for n := range len(rs) + 1 {
			if got, want := describe(r.At(n)), describe(runtest.Fold(rs[:n]).Now()); got != want {
				t.Fatalf("cut at %d, at %d the whole run describes\n%s\nbut its prefix\n%s", cut, n, got, want)
			}
		}
		v := r.Now()
		if took := v.Elapsed(time.Time{}); v.Status() != run.Succeeded || took > 3*time.Minute {
			t.Errorf("cut at %d: %v after %v", cut, v.Status(), took)
		}
		for _, s := range v.Steps(v.Root()) {
			c := s.Lane.Count(v)
			if c.Active() || c.Finished+c.Failed+c.Cancelled != c.Started {
				t.Errorf("cut at %d: %s %+v", cut, s.Name, c)
			}
		}
	}
}
