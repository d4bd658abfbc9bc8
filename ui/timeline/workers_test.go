package timeline_test

import (
	"slices"
	"strings"
	"testing"

	"weft/flow"
	"weft/ui/run/runtest"
)

// queued is a run whose step runs two sub-workflows, one after the other.
func queued() *runtest.Journal {
	j, start := runtest.New("research", "Topic", nil)
	plan := j.Run("plan", 1, start)
	questions := []string{"What are retries?", "What are fallbacks?"}
	var parts []uint64
	for _, q := range questions {
		parts = append(parts, plan.Send("Part", runtest.P{"question": q}))
	}
	plan.End()
	for i, q := range questions {
		ask := j.Run("ask", 1, parts[i])
		in, begun := ask.Sub("rag", "Question", runtest.P{"question": q})
		a, b := in.Run("search", 1, begun), in.Run("search", 2, begun)
		j.Wait(100)
		a.End()
		j.Wait(50)
		b.Finish("Answer", runtest.P{"text": "so"})
		ask.Done("Answer", runtest.P{"text": "so"})
	}
	return j
}

func TestWorkersOfASubWorkflowAreBelowItsName(t *testing.T) {
	m := show(t, queued().Records, "dark", 0)
	m.SetRun(m.View().Run(), flow.Graph{})
	m.SetSize(100, 30)
	m.Workers()
	want := []string{"research", "plan #1", "ask #1 ×2", "1 What are retries?", "search #1", "search #2", "2 What are fallback…", "search #1", "search #2"}
	if got := names(m, 100); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	text := draw(m, 100, 30).Plain()
	for row, tree := range map[string]string{"ask": "╰ ask", "1 What": "  ├ 1 What", "2 What": "  ╰ 2 What", "search #2": "│ ╰ search #2"} {
		if !strings.Contains(text, tree) {
			t.Errorf("%s is not at its place in the tree:\n%s", row, text)
		}
	}
	m.Move(4) // selects the first worker of the first sub-workflow
	s, e := m.Selected()
	if s == nil || e == nil || s.Name != "search" || s.Workflow.Parent.Number != 1 {
		t.Errorf("%v %v is selected", s, e)
	}
	if _, _, what := m.Place(); what != "worker 1 in ask 1" {
		t.Errorf("it is described as %q", what)
	}
	m.Move(3)
	if s, _ := m.Selected(); s == nil || s.Workflow.Parent.Number != 2 {
		t.Errorf("%v is selected", s)
	}
}

func TestOneSubWorkflowNeedsNoName(t *testing.T) {
	j, start := runtest.New("research", "Topic", nil)
	ask := j.Run("ask", 1, start)
	in, begun := ask.Sub("rag", "Question", runtest.P{"question": "why?"})
	in.Run("search", 1, begun)
	j.Wait(100)
	m := show(t, j.Records, "dark", 0)
	m.SetRun(m.View().Run(), flow.Graph{})
	m.SetSize(100, 30)
	m.Workers()
	if got, want := names(m, 100), []string{"research", "ask #1", "search #1"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
