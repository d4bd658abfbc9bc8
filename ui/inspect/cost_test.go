package inspect_test

import (
	"strings"
	"testing"

	"weft/ui/run/runtest"
)

func TestTheCostOfACallIsShownWherePricesAreKnown(t *testing.T) {
	for cost, want := range map[float64]string{0.0123: "0.0123 EUR", 0.000_02: "under 0.0001 EUR"} {
		j, start := runtest.New("rag", "Question", runtest.P{"text": "why?"})
		e := j.Run("synthesize", 1, start)
		e.Emit("ModelCall", runtest.P{"model": "tiny", "endpoint": "http://x/v1", "state": "queued", "attempt": 1})
		j.Wait(10)
		e.Emit("ModelCall", runtest.P{"model": "tiny", "state": "done", "prompt_tokens": 1000, "completion_tokens": 50, "finish": "stop", "cost": cost, "currency": "EUR"})
		e.Finish("Answer", runtest.P{"text": "because"})
		m := model(t)
		m.Show(pick(runtest.Fold(j.Records).Now(), "synthesize"))
		if got := draw(m, 80, 40); !strings.Contains(got, want) {
			t.Errorf("no cost of %s in\n%s", want, got)
		}
	}
}
