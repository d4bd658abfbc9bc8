package timeline_test

import (
	"strings"
	"testing"

	"weft/flow"
	"weft/ui/run"
	"weft/ui/run/runtest"
)

func TestTheStepHitByATimeoutIsFoundAndNamed(t *testing.T) {
	j, start := runtest.New("rag", "Question", runtest.P{"text": "why?"})
	j.Wait(1)
	first := j.Run("retrieve", 1, start)
	j.Wait(10)
	found := first.Done("Found", nil)
	outer := j.Run("synthesize", 1, found)
	in, begun := outer.Sub("inner", "Question", runtest.P{"text": "why?"})
	inner := in.Run("judge", 1, begun)
	j.Wait(989)
	inner.Cancel()
	outer.Cancel()
	rs := append(j.Records, flow.Record{Run: "run", Kind: flow.RunFailed, Time: j.Now(), Error: "the run took longer than its timeout of 1s; active: synthesize"})

	m := show(t, rs, "dark", 0)
	if !m.Failure() {
		t.Fatal("nothing had failed")
	}
	if s, e := m.Selected(); s == nil || s.Name != "judge" || e == nil {
		t.Errorf("selected %v", s)
	}
	if got := draw(m, 120, 14).Plain(); !strings.Contains(got, "✗ the run took longer than its timeout of 1s") {
		t.Errorf("the row does not say why in\n%s", got)
	}
	m.Filter(func(run.View, *run.Step, *run.Execution) bool { return false })
	if got := draw(m, 120, 14).Plain(); !strings.Contains(got, "synthesize") || !strings.Contains(got, "judge") || strings.Contains(got, "retrieve") {
		t.Errorf("the filter hides steps that the timeout interrupted, or shows others:\n%s", got)
	}
	m = show(t, rs[:len(rs)-3], "dark", 0)
	if m.Failure() {
		t.Error("something had failed before the timeout")
	}
}
