package timeline_test

import (
	"slices"
	"strings"
	"testing"

	"weft/flow"
	"weft/ui/run/runtest"
)

func TestEachAttemptOfASubWorkflowHasARow(t *testing.T) {
	m := show(t, runtest.Again(), "dark", 0)
	m.SetRun(m.View().Run(), flow.Graph{})
	want := []string{"research", "ask ×2", "attempt 1", "search", "✗ no", "attempt 2", "search"}
	if got := names(m, 100); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	m.SelectRun()
	text := draw(m, 100, 20).Plain()
	for _, want := range []string{"✓ ╰ ask ×2", "✗   ├ attempt 1", "✗   │ ╰ search", "✓   ╰ attempt 2", "✓     ╰ search"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q:\n%s", want, text)
		}
	}
	if row := rowOf(t, text, "ask ×2"); !strings.Contains(row, "▚┈") || !strings.Contains(row, "800ms") {
		t.Error(row)
	}
	m.Zoom(0.9)
	if row := rowOf(t, draw(m, 100, 20).Plain(), "whole run"); !strings.Contains(row, "▚┈") {
		t.Errorf("the pause is missing in the line of the whole run: %s", row)
	}
	m.Fit()
	m.Move(3)
	m.Move(1)
	if _, _, what := m.Place(); what != "attempt 2 of ask" {
		t.Errorf("%q is selected", what)
	}
	if !m.Toggle() || !slices.Equal(names(m, 100), want[:2]) {
		t.Errorf("folded, it has the rows %q", names(m, 100))
	}
	m.Toggle()
	m.Workers()
	want = []string{"research", "ask #1 ×2", "attempt 1", "search #1", "attempt 2", "search #1"}
	if got := names(m, 100); !slices.Equal(got, want) {
		t.Errorf("of the workers: %q, want %q", got, want)
	}
}

func TestARowThatWaitsToRunASubWorkflowAgainShowsThePause(t *testing.T) {
	rs := runtest.Again()
	for i, rec := range rs {
		if rec.Kind == flow.StepFailed && !rec.Due.IsZero() {
			m := show(t, rs[:i+1], "dark", 300e6)
			if row := rowOf(t, draw(m, 100, 20).Plain(), "ask"); !strings.Contains(row, "━┈") || !strings.Contains(row, "↻500ms") {
				t.Error(row)
			}
		}
	}
}

func TestAWorkerWhoseWorkWasCancelledIsNotDone(t *testing.T) {
	j, start := runtest.New("rag", "Question", nil)
	e := j.Run("search", 1, start)
	j.Wait(300)
	e.Fail("no", 800)
	m := show(t, j.Records, "dark", 100e6)
	m.Workers()
	if row := rowOf(t, draw(m, 100, 20).Plain(), "search #1"); !strings.HasPrefix(row, " ✗") {
		t.Error("its attempt failed: " + row)
	}
	j.Wait(300)
	e.Cancel()
	e.Break("the run took too long")
	m = show(t, j.Records, "dark", 0)
	m.Workers()
	if row := rowOf(t, draw(m, 100, 20).Plain(), "search #1"); !strings.HasPrefix(row, " ⊘") {
		t.Error("it was cancelled: " + row)
	}
}

func TestEventsOfSeveralTypesAtOnePlaceAreNamedByTheirTypes(t *testing.T) {
	j, start := runtest.New("rag", "Question", nil)
	e := j.Run("route", 1, start)
	j.Wait(400)
	e.Send("Simple", nil)
	e.Done("Complex", nil)
	e = j.Run("split", 1, start)
	j.Wait(400)
	e.Send("Part", nil)
	e.Done("Part", nil)
	text := draw(show(t, j.Records, "dark", 0), 140, 20).Plain()
	for step, want := range map[string]string{"route": "◆ Simple, Complex ", "split": "◆ Part ×2 "} {
		if row := rowOf(t, text, step); !strings.Contains(row, want) {
			t.Error(row)
		}
	}
}

func TestASuffixStaysInTheColumnOfTheName(t *testing.T) {
	j, start := runtest.New("a", "Question", nil)
	ask := j.Run("ask", 1, start)
	in, begun := ask.Sub("b", "Question", nil)
	g := steps("reciprocal")
	for range 6 {
		ask = in.Run("ask", 1, begun)
		in, begun = ask.Sub("b", "Question", nil)
		inner := g
		g = flow.Graph{Steps: []flow.GraphStep{{Name: "ask", Workers: 4, Graph: &inner}}}
	}
	e := in.Run("reciprocal", 1, begun)
	j.Wait(200)
	e.End()
	for _, w := range []int{80, 100} {
		m := show(t, j.Records, "dark", 0)
		m.SetRun(m.View().Run(), flow.Graph{Steps: []flow.GraphStep{{Name: "ask", Workers: 4, Graph: &g}}})
		m.Workers()
		row := []rune(rowOf(t, draw(m, w, 30).Plain(), "rec"))
		if bar := slices.Index(row, '█'); bar < 0 || !strings.HasSuffix(strings.TrimRight(string(row[:bar]), " "), " #1") || row[bar-1] != ' ' {
			t.Errorf("width %d: %s", w, string(row))
		}
	}
}
