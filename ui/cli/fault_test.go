package cli

import (
	"strings"
	"testing"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/workflows"
)

func TestAFaultWithoutEffectIsReported(t *testing.T) {
	s := begin(t, map[string]string{"WEFT_OFFLINE": "true", "WEFT_FAULT": "retrieve:delay=1ms"}, "../../docs")
	notices := 0
	run := func(workflow string) {
		if _, err := driving(s).Ask(workflow, "how do I cancel a run?"); err != nil {
			t.Fatal(err)
		}
	}
	run("rag")
	run("parallel")
	s.cancel()
	for r := range s.life.Records(t.Context(), 0) {
		if n, ok := r.Payload.(show.Notice); ok && strings.Contains(n.Text, "fault retrieve: there is no such step in parallel") && n.Level == "warn" {
			notices++
		}
	}
	if notices != 1 {
		t.Errorf("it was reported %d times", notices)
	}
}

func TestAFaultSetDuringARunTakesEffect(t *testing.T) {
	s := offline(t, "../../docs")
	driving(s).Break(func(step, _ string) bool { return step == "rerank" })
	run, err := driving(s).Ask("rag", "how do I cancel a run?")
	if err != nil {
		t.Fatal(err)
	}
	for r := range run.Records(t.Context(), 0) {
		if r.Kind == flow.RunPaused {
			break
		}
	}
	if err := driving(s).Inject("rerank", "error"); err != nil {
		t.Fatal(err)
	}
	run.Continue()
	struck := 0
	for r := range run.Records(t.Context(), 0) {
		if _, ok := r.Payload.(workflows.Injected); ok && r.Step == "rerank" {
			struck++
			if err := driving(s).Inject("rerank", ""); err != nil { // the next attempt has no fault
				t.Fatal(err)
			}
		}
		if r.Kind == flow.RunFinished && struck == 1 {
			return
		}
	}
	t.Errorf("faults were injected %d times", struck)
}
