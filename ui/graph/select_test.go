package graph_test

import (
	"strings"
	"testing"
	"time"

	"weft/flow"
	"weft/ui/graph"
	"weft/ui/run"
	"weft/ui/run/runtest"
)

// research returns the graph of a recorded run with two sub-workflows, and that run.
func research(t *testing.T) (flow.Graph, *run.Run) {
	g := of(">Question>understand", "understand>Asked>decompose", "decompose>Part>rag", "rag>[]Finding>report", "rag>!Failure>leave_open",
		"leave_open>[]Finding>report", "report>Answer>")
	inner := of(">Part>accept", "accept>Asked>retrieve", "retrieve>Retrieved>rerank", "rerank>Reranked>synthesize", "synthesize>Finding>")
	g.Name, inner.Name = "research", "rag"
	for i := range g.Steps {
		if g.Steps[i].Name == "rag" {
			g.Steps[i].Graph = &inner
		}
	}
	return g, runtest.Fold(runtest.Read(t, "../../testdata/runs/research.jsonl"))
}

func shown(g flow.Graph, v run.View) *graph.Model {
	m := model(g, v)
	m.Show(v, v.Start().Add(time.Hour))
	draw(m, 76, 20)
	return m
}

func TestASubWorkflowIsOpenedAndLeft(t *testing.T) {
	g, r := research(t)
	m := shown(g, r.Now())
	if m.Open() {
		t.Error("a graph without a selected step has something to open")
	}
	for m.Selected() == nil || m.Selected().Name != "rag" {
		m.Move(1)
	}
	outer := draw(m, 76, 20)
	if !m.Open() || m.Name() != "research › rag" {
		t.Fatalf("shown is %q", m.Name())
	}
	inner := draw(m, 76, 20)
	for _, want := range []string{"✓ accept", "✓ synthesize", "×2", "▾ Finding"} {
		if !strings.Contains(inner, want) {
			t.Errorf("%q is missing:\n%s", want, inner)
		}
	}
	if strings.Contains(inner, "report") {
		t.Errorf("a step of the outer workflow is drawn:\n%s", inner)
	}
	if !m.Leave() || m.Leave() {
		t.Error("a sub-workflow is left once")
	}
	if back := draw(m, 76, 20); back != outer {
		t.Errorf("after the sub-workflow:\n%s\nbefore it:\n%s", back, outer)
	}
}

// Steps of all sub-workflows are shown together. The time of a step is that in which any of them was
// at work, so it is not longer than the run.
func TestTheTimeOfStepsThatRunAtOnceIsNotAddedUp(t *testing.T) {
	g, r := research(t)
	m := shown(g, r.Now())
	for m.Selected() == nil || m.Selected().Name != "rag" {
		m.Move(1)
	}
	m.Open()
	if inner := draw(m, 76, 20); !strings.Contains(inner, "×2 260ms") { // both retrieve for 260 ms, at once
		t.Errorf("the two retrievals do not take 260 ms:\n%s", inner)
	}
}

func TestASelectedStepLeadsToItsExecution(t *testing.T) {
	g, r := research(t)
	m := shown(g, r.Now())
	if m.Execution() != nil {
		t.Error("without a selected step there is no execution")
	}
	for _, want := range []string{"understand", "decompose", "rag", "leave_open", "report"} {
		m.Move(1)
		if m.Selected().Name != want {
			t.Fatalf("%s is selected, not %s", m.Selected().Name, want)
		}
		e := m.Execution()
		if want == "leave_open" {
			if e != nil {
				t.Error("a step that has not started has an execution")
			}
			continue
		}
		if e == nil || e.Step.Name != want {
			t.Errorf("%s leads to %v", want, e)
		}
	}
}

func TestTheStepOfTheTimelineIsSelectedInTheGraph(t *testing.T) {
	g, r := research(t)
	v := r.Now()
	m := shown(g, v)
	rag := v.Step(v.Root(), "rag")
	inner := v.Step(v.Children(rag)[1], "rerank")
	m.Reflect(inner)
	if m.Selected() == nil || m.Selected().Name != "rag" {
		t.Errorf("a step of a closed sub-workflow selects %v", m.Selected())
	}
	m.Open()
	m.Reflect(inner)
	if m.Selected() == nil || m.Selected().Name != "rerank" {
		t.Errorf("a step of the open sub-workflow selects %v", m.Selected())
	}
	m.Reflect(v.Step(v.Root(), "report"))
	if m.Selected() != nil {
		t.Errorf("a step that is not shown selects %v", m.Selected())
	}
}

func TestAStepIsClickedWhereItIsDrawn(t *testing.T) {
	g, r := research(t)
	for _, size := range [][2]int{{76, 20}, {120, 40}, {39, 9}} {
		m := shown(g, r.Now())
		for y, line := range strings.Split(draw(m, size[0], size[1]), "\n") {
			at := strings.Index(line, "decompose")
			if at < 0 || strings.Contains(line, "→ decompose") {
				continue
			}
			x := len([]rune(line[:at]))
			if hit, again := m.Click(x, y); !hit || again || m.Selected().Name != "decompose" {
				t.Errorf("%v: hit %v, again %v, %v", size, hit, again, m.Selected())
			}
			if hit, again := m.Click(x, y); !hit || !again {
				t.Errorf("%v: the second click: hit %v, again %v", size, hit, again)
			}
		}
		if m.Selected() == nil {
			t.Errorf("%v: decompose is not drawn", size)
		}
		if hit, _ := m.Click(size[0]-2, size[1]-1); hit {
			t.Errorf("%v: a click beside all steps hits one", size)
		}
	}
}

// The progress of a run is that of its workflow only, and not of a step with the same name.
func TestARunOfAnotherWorkflowIsNotShown(t *testing.T) {
	_, r := research(t)
	g := graphs["rag"]
	g.Name = "rag"
	m := graphOf(g)
	m.Show(r.Now(), time.Now())
	if text := draw(m, 76, 20); strings.Contains(text, "✓") {
		t.Errorf("%s", text)
	}
}
