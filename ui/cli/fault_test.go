package cli

import (
	"strings"
	"testing"
)

func TestAFaultThatHasNoEffectIsTold(t *testing.T) {
	s := begin(t, map[string]string{"WEFT_OFFLINE": "true", "WEFT_FAULT": "retrieve:delay=1ms"}, "../../docs")
	notices := 0
	run := func(workflow string) {
		if _, err := s.Ask(workflow, "how do I cancel a run?"); err != nil {
			t.Fatal(err)
		}
	}
	run("rag")
	run("parallel")
	s.cancel()
	for r := range s.life.Records(t.Context(), 0) {
		if n, ok := r.Payload.(Notice); ok && strings.Contains(n.Text, "fault retrieve: there is no such step in parallel") && n.Level == "warn" {
			notices++
		}
	}
	if notices != 1 {
		t.Errorf("it was told %d times", notices)
	}
}
