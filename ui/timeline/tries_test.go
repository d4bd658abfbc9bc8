package timeline_test

import (
	"strings"
	"testing"

	"weft/ui/run/runtest"
)

// refused is a run whose model refuses four requests.
func refused() *runtest.Journal {
	j, start := runtest.New("rag", "Question", runtest.P{"text": "why?"})
	step := j.Run("synthesize", 1, start)
	step.Emit("ModelCall", runtest.P{"model": "tiny", "state": "queued", "attempt": 1})
	for i, wait := range []float64{500, 1000, 2000} {
		j.Wait(50)
		step.Emit("ModelCall", runtest.P{"model": "tiny", "state": "retry", "attempt": i + 1, "wait_ms": wait, "reason": "nothing answers"})
		j.Wait(wait)
	}
	j.Wait(50)
	step.Emit("ModelCall", runtest.P{"model": "tiny", "state": "done", "attempt": 4, "reason": "nothing answers (tried 4 times)"})
	step.Fail("no answer", 0)
	step.Break("no answer")
	return j
}

func TestRefusedModelRequestsAndTheirPausesAreDrawn(t *testing.T) {
	m := show(t, refused().Records, "dark", 0)
	lines := strings.Split(draw(m, 120, 12).Plain(), "\n")
	bar := lines[2]
	if !strings.Contains(bar, "synthesize ×4") {
		t.Errorf("the row does not show how often the model was asked: %s", bar)
	}
	if strings.Count(bar, "┈") < 40 || !strings.HasSuffix(bar[:strings.LastIndex(bar, "▚")], "┈") {
		t.Errorf("the pauses are not drawn: %s", bar)
	}
	failed := len(strings.FieldsFunc(bar, func(r rune) bool { return r != '▚' }))
	if failed != 4 {
		t.Errorf("%d requests are drawn as failed, not 4: %s", failed, bar)
	}
}
