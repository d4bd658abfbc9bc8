package run_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weft/flow"
	"weft/ui/run"
	"weft/ui/run/runtest"
)

var situations = map[string][]flow.Record{
	"rag": runtest.RAG(), "retries": runtest.Retries(), "human": runtest.HumanDone(), "fan-out": runtest.FanOut(40, false),
	"loop": runtest.Loop(3), "sub": runtest.Sub(), "again": runtest.Again(), "long": runtest.Long(800),
}

// describe queries a view for everything that the screen shows.
func describe(v run.View) string {
	out := fmt.Sprintln(v.Status(), v.Position(), v.Events())
	text, reasoning, _ := v.Streaming()
	out += fmt.Sprintln(text, reasoning)
	a, ok := v.Answer()
	err, _ := v.Error()
	p, c := v.Usage()
	out += fmt.Sprintln(a.Text, ok, err, p, c, len(v.Awaiting()), len(v.Failures()), len(slices.Collect(v.Critical())))
	until := v.Elapsed(time.Time{})
	var walk func(w *run.Workflow)
	walk = func(w *run.Workflow) {
		out += fmt.Sprintln(w.ID, w.Name, w.Depth, w.Status(v))
		for _, val := range w.State(v) {
			out += fmt.Sprintln(val.Key, string(val.Was), string(val.Is), val.Changed)
		}
		for _, s := range v.Steps(w) {
			sum := s.Lane.Until(v, until)
			out += fmt.Sprintln(s.Name, s.Lane.Count(v), sum.Busy, sum.Time, s.Lane.Spread(v), s.Lane.Peak(v), len(v.Workers(s)), s.Sent(v))
			for _, e := range v.Executions(s) {
				out += fmt.Sprintln(e.ID, e.Number, e.Attempts(v, until), e.Sent(v), e.Emitted(v), len(e.Causes(v)), len(e.Effects(v)), e.Calls(v))
				pr, ok := e.Progress(v)
				out += fmt.Sprintln(pr, ok)
				for _, ch := range e.Changes(v) {
					out += fmt.Sprintln(ch)
				}
				for _, u := range v.SubWorkflows(e) {
					walk(u)
				}
			}
		}
	}
	if v.Root() != nil {
		walk(v.Root())
	}
	return out
}

func TestViewEqualsFoldOfPrefix(t *testing.T) {
	for name, rs := range situations {
		t.Run(name, func(t *testing.T) {
			whole := runtest.Fold(rs)
			step := max(1, len(rs)/60)
			for n := 0; n <= len(rs); n += step {
				if got, want := describe(whole.At(n)), describe(runtest.Fold(rs[:n]).Now()); got != want {
					t.Fatalf("at %d the whole run describes\n%s\nbut its prefix\n%s", n, got, want)
				}
			}
		})
	}
}

func TestJournalFromDiskEqualsLiveOne(t *testing.T) {
	for name, rs := range situations {
		var read []flow.Record
		for _, rec := range rs {
			b, err := rec.JSON()
			if err != nil {
				t.Fatal(err)
			}
			if rec.Payload = json.RawMessage(b); string(b) == "null" {
				rec.Payload = nil
			}
			read = append(read, rec)
		}
		if describe(runtest.Fold(read).Now()) != describe(runtest.Fold(rs).Now()) {
			t.Errorf("%s differs", name)
		}
	}
}

func TestFailedAttemptsAreHidden(t *testing.T) {
	r := runtest.Fold(runtest.Retries())
	seen := false
	for n := range r.Len() {
		if text, _, _ := r.At(n).Streaming(); text == "Retries use exponential backoff wi" {
			seen = true
		}
	}
	if !seen {
		t.Error("the text was not shown during the attempt")
	}
	if text, _, _ := r.Now().Streaming(); text != "" {
		t.Errorf("the failed attempt still shows %q", text)
	}
}

func TestAttemptsCarryTimesErrorsAndNextDue(t *testing.T) {
	v := runtest.Fold(runtest.Retries()).Now()
	var web *run.Step
	for _, s := range v.Steps(v.Root()) {
		if s.Name == "search·web" {
			web = s
		}
	}
	as := v.Executions(web)[0].Attempts(v, v.Elapsed(time.Time{}))
	if len(as) != 3 || as[0].Outcome != run.Failed || as[1].Error == "" || as[2].Outcome != run.Finished {
		t.Fatalf("attempts %+v", as)
	}
	if got := as[1].Started - as[0].Ended; got != 500*time.Millisecond {
		t.Errorf("back-off of %v", got)
	}
	if got := web.Lane.Until(v, as[2].Ended).Busy; got != as[0].Ended-as[0].Started+as[1].Ended-as[1].Started+as[2].Ended-as[2].Started {
		t.Errorf("own time %v", got)
	}
}

func TestStatusFollowsTheRun(t *testing.T) {
	for _, tt := range []struct {
		name string
		rs   []flow.Record
		want run.Status
	}{
		{"nothing", nil, run.NotStarted}, {"live", runtest.RAGLive(), run.Working}, {"answered", runtest.RAG(), run.Succeeded},
		{"failed", runtest.Retries(), run.Broken}, {"back-off", runtest.Backoff(), run.Working}, {"human", runtest.Human(), run.Blocked},
	} {
		if got := runtest.Fold(tt.rs).Now().Status(); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// A run whose process has ended is interrupted where its records end, and not at earlier moments.
func TestARunThatIsNotContinuedIsInterrupted(t *testing.T) {
	r := runtest.Fold(runtest.RAGLive())
	r.Interrupt()
	now := r.Now()
	if now.Status() != run.Interrupted || !now.Over() || now.Ended() {
		t.Errorf("the status is %v, over %v, ended %v", now.Status(), now.Over(), now.Ended())
	}
	if before := r.At(r.Len() - 1); before.Status() != run.Working || before.Over() {
		t.Errorf("the status before is %v", before.Status())
	}
	if first, later := now.Elapsed(now.Start().Add(time.Hour)), now.Elapsed(now.Start().Add(2*time.Hour)); first != later {
		t.Errorf("its time grows from %v to %v", first, later)
	}
	ended := runtest.Fold(runtest.RAG())
	ended.Interrupt()
	if got := ended.Now().Status(); got != run.Succeeded {
		t.Errorf("a run that has ended is %v", got)
	}
}

func TestJoinIsCausedByTheLastBranch(t *testing.T) {
	v := runtest.Fold(runtest.FanOut(8, false)).Now()
	var path []string
	for e := range v.Critical() {
		path = append(path, e.Step.Name)
	}
	if !reflect.DeepEqual(path, []string{"store", "embed", "split"}) {
		t.Errorf("critical path %v", path)
	}
	for _, e := range v.Executions(v.Step(v.Root(), "embed")) {
		if es := e.Effects(v); len(es) != 1 || es[0].Step.Name != "store" {
			t.Errorf("embed %d led to %v", e.Number, es)
		}
	}
}

func TestLaneAgreesWithItsSpans(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rs := runtest.FanOut(rapid.IntRange(1, 60).Draw(t, "n"), rapid.Bool().Draw(t, "live"))
		r := runtest.Fold(rs)
		v := r.At(rapid.IntRange(1, r.Len()).Draw(t, "at"))
		upto := time.Duration(rapid.Int64Range(0, int64(v.Elapsed(time.Time{}))).Draw(t, "t"))
		for _, s := range v.Steps(v.Root()) {
			var want time.Duration
			for _, e := range v.Executions(s) {
				for sp := range e.Spans(v) {
					to := v.Elapsed(time.Time{})
					if sp.To != 0 {
						to = v.Time(sp.To)
					}
					if sp.Phase == run.Running {
						want += max(0, min(to, upto)-v.Time(sp.From))
					}
				}
			}
			if got := s.Lane.Until(v, upto).Time[run.Running]; got != want {
				t.Fatalf("%s until %v: %v, want %v", s.Name, upto, got, want)
			}
		}
	})
}

func TestPatchesOfTheState(t *testing.T) {
	j, start := runtest.New("w", "Start", nil)
	e := j.Run("s", 1, start)
	e.Set("k", runtest.P{"a": 1, "b": runtest.P{"c": 2}})
	e.Patch("k", runtest.P{"op": "remove", "path": "/a"}, runtest.P{"op": "add", "path": "/b/d", "value": 3})
	for i := range 300 {
		e.Patch("k", runtest.P{"op": "add", "path": "/n", "value": i})
	}
	r := runtest.Fold(j.Records)
	for _, tt := range []struct {
		n    int
		want string
	}{{3, `{"a":1,"b":{"c":2}}`}, {4, `{"b":{"c":2,"d":3}}`}, {304, `{"b":{"c":2,"d":3},"n":299}`}, {140, `{"b":{"c":2,"d":3},"n":135}`}, {3, `{"a":1,"b":{"c":2}}`}} {
		v := r.At(tt.n)
		if got := string(v.Root().State(v)[0].Is); got != tt.want {
			t.Errorf("at %d: %s, want %s", tt.n, got, tt.want)
		}
	}
}

// No content of a journal makes folding or querying it fail.
func TestInvalidJournalDoesNotPanic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		small := rapid.Uint64Range(0, 6)
		r := &run.Run{}
		for i := range rapid.IntRange(0, 60).Draw(t, "n") {
			r.Apply(flow.Record{
				Seq: uint64(i), Time: runtest.Epoch.Add(time.Duration(rapid.Int64Range(-1e9, 1e10).Draw(t, "time"))),
				Run: rapid.SampledFrom([]string{"r", "r/1", "r/1/2", ""}).Draw(t, "run"), Kind: flow.Kind(rapid.IntRange(0, 20).Draw(t, "kind")),
				Step: rapid.SampledFrom([]string{"a", "b", ""}).Draw(t, "step"), Worker: rapid.IntRange(-1, 5).Draw(t, "worker"),
				Attempt: rapid.IntRange(-1, 3).Draw(t, "attempt"), Execution: small.Draw(t, "exec"), Event: small.Draw(t, "event"), Cause: small.Draw(t, "cause"),
				Type:    rapid.SampledFrom([]string{"Delta", "Progress", "ModelCall", "X"}).Draw(t, "type"),
				Payload: rapid.SampledFrom([]any{nil, 1, "x", json.RawMessage("{"), map[string]any{"text": 5}, make(chan int)}).Draw(t, "payload"),
			})
		}
		for n := range r.Len() + 1 {
			describe(r.At(n))
		}
	})
}
