package timeline_test

import (
	"strings"
	"testing"
	"time"

	"weft/ui/run/runtest"
)

func TestAModelThatIsAskedAgainCountsDownWithItsReason(t *testing.T) {
	j, start := runtest.New("rag", "Question", runtest.P{"text": "why?"})
	j.Wait(1)
	step := j.Run("synthesize", 1, start)
	step.Emit("ModelCall", runtest.P{"model": "tiny", "state": "queued", "attempt": 1})
	j.Wait(100)
	step.Emit("ModelCall", runtest.P{"model": "tiny", "state": "retry", "attempt": 1, "wait_ms": 4000, "reason": "the server is busy (503)"})
	m := show(t, j.Records, "dark", 1500*time.Millisecond)
	if got := draw(m, 120, 12).Plain(); !strings.Contains(got, "↻2.5s the ser") {
		t.Errorf("no countdown with its reason in\n%s", got)
	}
	if got := draw(m, 80, 12).Plain(); !strings.Contains(got, "↻2.5s") {
		t.Errorf("no countdown in\n%s", got)
	}
}
