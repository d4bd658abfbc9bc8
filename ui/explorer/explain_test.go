package explorer

import (
	"testing"

	"weft/flow"
	"weft/ui/run/runtest"
)

// TestABreakpointIsNamedAfterARestart pauses a run before a step, and continues it in a new
// process: it stays paused there until it is released.
func TestABreakpointIsNamedAfterARestart(t *testing.T) {
	j, _ := runtest.New("rag", "Question", nil)
	stopped := append(j.Records,
		flow.Record{Run: "run", Kind: flow.RunPaused, Time: j.Now(), Step: "rerank", Execution: 9},
		flow.Record{Run: "run", Kind: flow.RunResumed, Time: j.Now(), Type: "restart"})
	if got := heldWords(runtest.Fold(stopped).Now()); got != "paused before rerank" {
		t.Errorf("after a restart: %q", got)
	}
	released := append(stopped, flow.Record{Run: "run", Kind: flow.RunResumed, Time: j.Now()})
	if got := heldWords(runtest.Fold(released).Now()); got != "" {
		t.Errorf("after it was let go: %q", got)
	}
}
