package timeline_test

import (
	"slices"
	"strings"
	"testing"

	"weft/flow"
	"weft/ui/run"
	"weft/ui/run/runtest"
	"weft/ui/timeline"
)

// names returns the names of the rows of a picture, without the status marks and the lines of the
// tree.
func names(m *timeline.Model, w int) (list []string) {
	for line := range strings.SplitSeq(strings.TrimSpace(draw(m, w, max(m.Rows(), 3)).Plain()), "\n") {
		name := []rune(line + strings.Repeat(" ", 27))[2:27]
		list = append(list, strings.Trim(string(name), " │├╰"))
	}
	return list[1:] // without the ruler
}

// called returns a filter that accepts the steps with a name.
func called(name string) func(run.View, *run.Step, *run.Execution) bool {
	return func(_ run.View, s *run.Step, _ *run.Execution) bool { return s.Name == name }
}

func TestAFilterShowsMatchesAndTheirAncestorsOnly(t *testing.T) {
	first, second := "1 What are retries?", "2 What are fallback…"
	for name, c := range map[string]struct {
		do   func(m *timeline.Model)
		want []string
	}{
		"a step of the run": {func(m *timeline.Model) { m.Filter(called("report")) }, []string{"research", "report"}},
		"a step of sub-workflows": {func(m *timeline.Model) { m.Filter(called("retrieve")) },
			[]string{"research", "ask ×2", first, "retrieve", second, "retrieve"}},
		"a step that runs them": {func(m *timeline.Model) { m.Filter(called("ask")) }, []string{"research", "ask ×2", first, second}},
		"a step in what was folded": {func(m *timeline.Model) { m.Move(2); m.Toggle(); m.Filter(called("retrieve")) },
			[]string{"research", "ask ×2", first, "retrieve", second, "retrieve"}},
		"an execution": {func(m *timeline.Model) {
			m.Filter(func(_ run.View, s *run.Step, e *run.Execution) bool {
				return s.Name == "ask" && (e == nil || e.Number == 2)
			})
		}, []string{"research", "ask ×2", second}},
		"workers of sub-workflows": {func(m *timeline.Model) { m.Workers(); m.Filter(called("retrieve")) },
			[]string{"research", "ask #1", first, "retrieve #1", "ask #2", second, "retrieve #1"}},
		"workers of a step": {func(m *timeline.Model) { m.Workers(); m.Filter(called("report")) }, []string{"research", "report #1"}},
		"nothing":           {func(m *timeline.Model) { m.Filter(called("nobody")) }, []string{"research"}},
	} {
		m := show(t, runtest.Sub(), "dark", 0)
		m.SetRun(m.View().Run(), flow.Graph{})
		m.SetSize(100, 30)
		c.do(m)
		if got := names(m, 100); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestOfManyExecutionsAFilterShowsThoseThatMatchOrFailed(t *testing.T) {
	m := show(t, runtest.FanOut(12, false), "dark", 0)
	m.SetSize(100, 40)
	m.Move(2)
	m.Toggle() // unfold the step
	var failed []int
	v := m.View()
	for _, s := range v.Steps(v.Root()) {
		for _, e := range v.Executions(s) {
			if e.HasFailed(v) {
				failed = append(failed, e.Number)
			}
		}
	}
	if len(failed) == 0 {
		t.Fatal("none of the executions has failed")
	}
	m.Filter(func(_ run.View, s *run.Step, e *run.Execution) bool { return e != nil && e.Number == 9 })
	got := names(m, 100)
	// The run, the step, the spread of its executions, and the one that matches.
	if n := 3 + len(failed); len(got) != n+1 {
		t.Errorf("%d rows, with failures of %v: %q", len(got), failed, got)
	}
	for range len(got) {
		m.Move(1)
	}
	if _, e := m.Selected(); e == nil || e.Number != max(9, slices.Max(failed)) {
		t.Errorf("the last row is %v", e)
	}
	m.Move(-1)
	if _, e := m.Selected(); e == nil || e.Number == max(9, slices.Max(failed)) {
		t.Errorf("the row above it is %v", e)
	}
}

func TestARecoveredFailureInASubWorkflowSurvivesAFilter(t *testing.T) {
	j, start := runtest.New("research", "Topic", nil)
	outer := j.Run("ask", 1, start)
	in, q := outer.Sub("rag", "Question", runtest.P{"question": "why?"})
	inner := in.Run("retrieve", 1, q)
	j.Wait(50)
	inner.Fail("the index is gone", 0)
	next := in.Run("recover", 1, q)
	j.Wait(50)
	next.Finish("Answer", runtest.P{"text": "so"})
	outer.Finish("Answer", runtest.P{"text": "so"})
	m := show(t, j.Records, "dark", 0)
	m.SetSize(100, 20)
	m.Filter(called("nobody"))
	if got := names(m, 100); !slices.Equal(got, []string{"research", "ask", "retrieve", "✗ the index is gone"}) {
		t.Errorf("%q", got)
	}
}
