package flow_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"weft/flow"
	"weft/flow/journal"
)

// An edit is the workflow of threeSteps after a change of the program, in its steps or its types.
type edit struct {
	name string
	wf   *flow.Workflow[Start, Stop]
	want string // a part of the refusal; "": the run continues
	out  int    // what it then gives
}

type line struct {
	Text string `json:"text"`
	N    int    `json:"n"`
}

// threeSteps builds the workflow that began the runs, with other types for its two inner events.
func threeSteps[M, L any](mid func(int) M, of func(M) L, end func(L) int, opts ...func(*flow.Workflow[Start, Stop])) *flow.Workflow[Start, Stop] {
	wf := flow.New[Start, Stop]("edited")
	for _, o := range opts {
		o(wf)
	}
	flow.Step(wf, "one", func(_ *flow.Context, s Start) (M, error) { return mid(s.N), nil })
	flow.Step(wf, "two", func(_ *flow.Context, m M) (L, error) { return of(m), nil })
	flow.Step(wf, "three", func(_ *flow.Context, l L) (Stop, error) { return Stop{end(l)}, nil })
	return wf
}

func edits() []edit {
	type Mid struct {
		Lines []line `json:"lines"`
		N     int    `json:"n"`
	}
	type Last struct{ N int }
	mid := func(n int) Mid { return Mid{[]line{{"a", n}}, n} }
	last := func(m Mid) Last { return Last{m.Lines[0].N + m.N} }
	n := func(l Last) int { return l.N }
	same := threeSteps(mid, last, n)
	all := []edit{{"nothing", same, "", 2}}
	add := func(name string, wf *flow.Workflow[Start, Stop], want string, out int) {
		all = append(all, edit{name, wf, want, out})
	}
	{
		wf := flow.New[Start, Stop]("edited")
		flow.Step(wf, "uno", func(_ *flow.Context, s Start) (Mid, error) { return mid(s.N), nil })
		flow.Step(wf, "two", func(_ *flow.Context, m Mid) (Last, error) { return last(m), nil })
		flow.Step(wf, "three", func(_ *flow.Context, l Last) (Stop, error) { return Stop(l), nil })
		add("a step is renamed", wf, `step "one" is gone; step "uno" is new`, 0)
	}
	{
		wf := flow.New[Start, Stop]("edited")
		flow.Step(wf, "uno", func(_ *flow.Context, s Start) (Mid, error) { return mid(s.N), nil }, flow.Formerly("one"))
		flow.Step(wf, "two", func(_ *flow.Context, m Mid) (Last, error) { return last(m), nil })
		flow.Step(wf, "three", func(_ *flow.Context, l Last) (Stop, error) { return Stop(l), nil }, flow.Workers(1), flow.Timeout(1e9))
		add("a step is renamed and says so, another has other options", wf, "", 2)
	}
	type Middle Mid
	middle := func(n int) Middle { return Middle(mid(n)) }
	lastOf := func(m Middle) Last { return last(Mid(m)) }
	add("a type is renamed", threeSteps(middle, lastOf, n), `step "one" gave Mid and gives Middle; step "two" took Mid and takes Middle`, 0)
	add("a type is renamed and says so", threeSteps(middle, lastOf, n, func(wf *flow.Workflow[Start, Stop]) {
		flow.Name[Middle](wf, "Middle", "Mid")
	}), "", 2)
	all = append(all, fieldEdits()...)
	{
		wf := flow.New[Start, Stop]("edited")
		flow.Step(wf, "one", func(_ *flow.Context, s Start) (Last, error) { return Last(s), nil })
		flow.Step(wf, "three", func(_ *flow.Context, l Last) (Stop, error) { return Stop(l), nil })
		add("a step is removed", wf, `step "one" gave Mid and gives Last; step "two" is gone`, 0)
	}
	{
		wf := threeSteps(mid, last, n)
		flow.Step(wf, "audit", func(*flow.Context, Mid) (*Stop, error) { return nil, nil })
		add("a step is added", wf, `step "audit" is new`, 0)
	}
	{
		wf := flow.New[Start, Stop]("edited")
		flow.Step(wf, "one", func(_ *flow.Context, s Start) (Mid, error) { return mid(s.N), nil })
		flow.Step(wf, "two", func(_ *flow.Context, m Mid) (B, error) { return B{1}, nil })
		flow.Step(wf, "three", func(_ *flow.Context, b B) (Stop, error) { return Stop(b), nil })
		add("a step gives another event", wf, `step "two" gave Last and gives B; step "three" took Last and takes B`, 0)
	}
	return all
}

// fieldEdits changes the fields of the event Mid, and of the lines in it.
func fieldEdits() (all []edit) {
	type Last struct{ N int }
	n := func(l Last) int { return l.N }
	add := func(name string, wf *flow.Workflow[Start, Stop], want string, out int) {
		all = append(all, edit{name, wf, want, out})
	}
	{
		type row struct {
			Text string `json:"text"`
			Num  int    `json:"num"`
		}
		type Mid struct {
			Lines []row `json:"lines"`
			N     int   `json:"n"`
		}
		add("a field is renamed", threeSteps(func(int) Mid { return Mid{} }, func(m Mid) Last { return Last{m.Lines[0].Num} }, n),
			"event Mid: field lines[].n is gone", 0)
	}
	{
		type row struct {
			Text string `json:"text"`
			Num  int    `json:"num" flow:"formerly=n"`
		}
		type Mid struct {
			Rows  []row `json:"rows" flow:"formerly=lines"`
			Extra int   `json:"extra"`
			N     int64 `json:"n"`
		}
		add("fields are renamed and say so, one is added, one is wider",
			threeSteps(func(int) Mid { return Mid{} }, func(m Mid) Last { return Last{m.Rows[0].Num + int(m.N) + m.Extra} }, n), "", 2)
	}
	{
		type Mid struct {
			Lines []line `json:"lines"`
			N     string `json:"n"`
		}
		add("a field has another type", threeSteps(func(int) Mid { return Mid{} }, func(Mid) Last { return Last{} }, n),
			"event Mid: field n was int and is string", 0)
	}
	{
		type Mid struct {
			N int `json:"n"`
		}
		add("a field is removed", threeSteps(func(int) Mid { return Mid{} }, func(Mid) Last { return Last{} }, n),
			"event Mid: field lines is gone", 0)
	}
	{
		type Mid struct {
			Lines []line `json:"lines"`
			N     int    `json:"n"`
			Who   string `json:"who" flow:"required"`
		}
		add("a field is added whose zero value is not usable", threeSteps(func(int) Mid { return Mid{} }, func(Mid) Last { return Last{} }, n),
			"event Mid: field who is new and has no usable zero value", 0)
	}
	return all
}

// TestR48_AChangedWorkflowIsRefusedInWordsOrContinues lets a run end while its second step is under
// way, and continues it in each of the ways with each of the edits of the program.
func TestR48_AChangedWorkflowIsRefusedInWordsOrContinues(t *testing.T) {
	dir, err := journal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	first := edits()[0].wf
	var snap *flow.Snapshot
	bubble(t, func(t *testing.T) {
		w := must(dir.Create("r"))
		run := begin(t, first, Start{1}, flow.ID("r"), flow.Keep(w), flow.Breakpoints(func(step, _ string) bool { return step == "two" }))
		synctest.Wait()
		s, err := run.Snapshot()
		snap = stored(t, s, err)
		run.Cancel(nil)
		run.Wait(context.Background())
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	})
	file := must(dir.Read("r"))
	at := slices.IndexFunc(file.Records, func(r flow.Record) bool { return r.Kind == flow.RunPaused })
	for _, e := range edits() {
		for how, resume := range map[string]func() (*flow.Run[Stop], error){
			"fork": func() (*flow.Run[Stop], error) {
				return e.wf.Fork(t.Context(), slices.Values(file.Records), uint64(at), flow.Past(file.Header))
			},
			"resume": func() (*flow.Run[Stop], error) {
				return e.wf.Resume(t.Context(), slices.Values(file.Records[:at]), flow.Past(file.Header))
			},
			"resume with its journal": func() (*flow.Run[Stop], error) {
				return e.wf.Resume(t.Context(), slices.Values(file.Records[:at]), flow.Keep(begun{file.Header, uint64(at)}))
			},
			"from a snapshot": func() (*flow.Run[Stop], error) { return e.wf.ResumeFrom(t.Context(), snap) },
		} {
			t.Run(e.name+", "+how, func(t *testing.T) {
				run, err := resume()
				if e.want != "" {
					want(t, err, "the workflow edited has changed since the run began: "+e.want)
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				run.Continue()
				same(t, must(run.Wait(t.Context())), Stop{e.out})
			})
		}
	}
	if rs := must(dir.Read("r")).Records; len(rs) != len(file.Records) { // a changed program can still read it
		t.Errorf("%d records, were %d", len(rs), len(file.Records))
	}
}

// TestR48_TheStateIsReadWithTheFormerNamesOfItsFields resumes a run whose state has a field that
// was renamed.
func TestR48_TheStateIsReadWithTheFormerNamesOfItsFields(t *testing.T) {
	build := func(step func(c *flow.Context) int) *flow.Workflow[Start, Stop] {
		wf := flow.New[Start, Stop]("state")
		flow.Step(wf, "set", func(c *flow.Context, s Start) (A, error) {
			return A{}, flow.Set(c, "count", map[string]int{"old": 7})
		})
		flow.Step(wf, "get", func(c *flow.Context, _ A) (Stop, error) { return Stop{step(c)}, nil })
		return wf
	}
	records := all(t, begin(t, build(func(*flow.Context) int { return 0 }), Start{}))
	at := slices.IndexFunc(records, func(r flow.Record) bool { return r.Kind == flow.StepStarted && r.Step == "get" })
	type counted struct {
		New int `flow:"formerly=old"`
	}
	wf := build(func(c *flow.Context) int { v, _ := flow.Get[counted](c, "count"); return v.New })
	run := must(wf.Resume(t.Context(), slices.Values(journalOf(t, records[:at]))))
	same(t, must(run.Wait(t.Context())), Stop{7})
}

// TestR48_TheShapeOfAWorkflowIsInItsJournal reads the header.
func TestR48_TheShapeOfAWorkflowIsInItsJournal(t *testing.T) {
	dir, err := journal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := must(dir.Create("r"))
	must(chain().Run(t.Context(), Start{1}, flow.ID("r"), flow.Keep(w)))
	var shape struct {
		Steps []struct {
			Step, Kind   string
			Takes, Gives []string
		}
		Events map[string]map[string]string
	}
	if err := json.Unmarshal(w.Header().Shape, &shape); err != nil {
		t.Fatal(err)
	}
	same(t, shape.Events["A"], map[string]string{"": "object", "N": "int"})
	same(t, strings.Join(shape.Steps[1].Gives, ""), "B")
}

// A begun is a journal that has some records of a run already.
type begun struct {
	header flow.Header
	have   uint64
}

func (b begun) Header() flow.Header                  { return b.header }
func (b begun) Begin(flow.Header) (uint64, error)    { return b.have, nil }
func (b begun) Append(rs []flow.Record) (int, error) { return len(rs), nil }
func (b begun) Sync() error                          { return nil }

// TestR48_AChangedBranchIsRefused takes a branch away from a step that returns an interface, and adds
// one.
func TestR48_AChangedBranchIsRefused(t *testing.T) {
	build := func(b bool) *flow.Workflow[Start, Stop] {
		wf := flow.New[Start, Stop]("branches")
		flow.Step(wf, "choose", func(_ *flow.Context, s Start) (AorB, error) { return A(s), nil })
		flow.Step(wf, "a", func(c *flow.Context, a A) (Stop, error) {
			_, err := flow.Await[Reply](c, "k", Ask{})
			return Stop(a), err
		}, flow.Awaits[Reply]())
		if b {
			flow.Step(wf, "b", func(_ *flow.Context, b B) (Stop, error) { return Stop(b), nil })
		}
		return wf
	}
	for _, had := range []bool{false, true} {
		bubble(t, func(t *testing.T) {
			run := begin(t, build(had), Start{4})
			synctest.Wait()
			s, err := run.Snapshot()
			snap := stored(t, s, err)
			run.Cancel(nil)
			_, err = build(!had).ResumeFrom(t.Context(), snap)
			says := map[bool]string{true: `step "choose" gave A, B and gives A; step "b" is gone`, false: `step "choose" gave A and gives A, B; step "b" is new`}
			want(t, err, says[had])
			again := must(build(had).ResumeFrom(t.Context(), snap))
			if err := again.Send(Reply{}); err != nil {
				t.Fatal(err)
			}
			same(t, must(again.Wait(t.Context())), Stop{4})
		})
	}
}
