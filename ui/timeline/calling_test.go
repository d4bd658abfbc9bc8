package timeline_test

import (
	"strings"
	"testing"
	"time"

	"weft/ui/run/runtest"
)

func TestARetriedModelRequestCountsDownWithItsReason(t *testing.T) {
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

func TestARequestThatIsStillToComeIsNotCountedAndTheReasonIsNotTheEndpoint(t *testing.T) {
	const here = "http://127.0.0.1:8080/v1"
	j, start := runtest.New("rag", "Question", runtest.P{"text": "why?"})
	step := j.Run("synthesize", 1, start)
	call := func(state string, p runtest.P) {
		p["model"], p["endpoint"], p["state"] = "tiny", here, state
		step.Emit("ModelCall", p)
	}
	call("queued", runtest.P{"attempt": 1})
	j.Wait(100)
	call("retry", runtest.P{"attempt": 1, "wait_ms": 1000, "reason": here + " limits how much may be asked (429)"})
	j.Wait(1050)
	call("retry", runtest.P{"attempt": 2, "wait_ms": 4000, "reason": "the server at " + here + " is not ready (503)"})
	n := len(j.Records)
	for _, tt := range []struct {
		records int
		after   time.Duration
		want    []string
	}{
		{n - 1, 500 * time.Millisecond, []string{"synthesize  ", "↻500ms limits how much"}},
		{n - 1, 1020 * time.Millisecond, []string{"synthesize ×2 "}}, // the model is asked again
		{n, 500 * time.Millisecond, []string{"synthesize ×2 ", "↻3.5s the server"}},
	} {
		row := rowOf(t, draw(show(t, j.Records[:tt.records], "dark", tt.after), 150, 12).Plain(), "synthesize")
		if strings.ContainsAny(row[strings.LastIndex(row, "▚"):], "▏▎▍▌▋▊▉█") != (tt.after > time.Second) {
			t.Errorf("what follows the pause is drawn wrong in %s", row)
		}
		for _, want := range tt.want {
			if !strings.Contains(row, want) {
				t.Errorf("no %q in %s", want, row)
			}
		}
	}
}
