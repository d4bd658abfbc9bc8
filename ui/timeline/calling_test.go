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
	step.Emit("ModelCall", runtest.P{"model": "tiny", "state": "retry", "attempt": 1, "attempts": 4, "wait_ms": 4000, "reason": "the server is busy (503)"})
	m := show(t, j.Records, "dark", 1500*time.Millisecond)
	for _, w := range []int{80, 120} {
		if got := draw(m, w, 12).Plain(); !strings.Contains(rowOf(t, got, "synthesize"), "↻2.5s") {
			t.Errorf("no countdown at %d columns in\n%s", w, got)
		} else if !strings.Contains(got, "↻ the server is busy (503) · attempt 2 of 4 in 2.5s") {
			t.Errorf("no reason at %d columns in\n%s", w, got)
		}
	}
}

func TestTheReasonOfARetryIsCutBeforeItsAttempt(t *testing.T) {
	j, start := runtest.New("rag", "Question", runtest.P{"text": "why?"})
	step := j.Run("synthesize", 1, start)
	step.Emit("ModelCall", runtest.P{"model": "tiny", "state": "retry", "attempt": 2, "wait_ms": 4000, "reason": strings.Repeat("quota exhausted ", 20)})
	if got := draw(show(t, j.Records, "dark", time.Second), 80, 12).Plain(); !strings.Contains(got, "↻ quota exhausted quota exhausted") || !strings.Contains(got, "… · attempt 3 in 3.0s") {
		t.Errorf("the reason and the attempt are not both shown:\n%s", got)
	}
}

func TestTheReasonIsShownAtTheMomentOfTheRetryOnly(t *testing.T) {
	j, start := runtest.New("rag", "Question", runtest.P{"text": "why?"})
	step := j.Run("synthesize", 1, start)
	step.Emit("ModelCall", runtest.P{"model": "tiny", "state": "retry", "attempt": 1, "wait_ms": 1000, "reason": "busy"})
	j.Wait(1500)
	n := len(j.Records)
	if got := draw(show(t, j.Records, "dark", 1200*time.Millisecond), 80, 12).Plain(); !strings.Contains(got, "↻ busy · attempt 2") || strings.Contains(got, "attempt 2 in") {
		t.Errorf("an attempt that has begun is still counted down to:\n%s", got)
	}
	step.Emit("ModelCall", runtest.P{"model": "tiny", "state": "first_token", "attempt": 2})
	m := show(t, j.Records, "dark", 1600*time.Millisecond)
	if got := draw(m, 80, 12).Plain(); strings.Contains(got, "busy") {
		t.Errorf("the reason is shown after the model has answered:\n%s", got)
	}
	m.ScrubTo(n)
	if got := draw(m, 80, 12).Plain(); !strings.Contains(got, "↻ busy · attempt 2") {
		t.Errorf("the reason is missing in the past:\n%s", got)
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
	call("retry", runtest.P{"attempt": 1, "wait_ms": 1000, "reason": "429 too many requests at " + here + ": slow down", "attempts": 4})
	j.Wait(1050)
	call("retry", runtest.P{"attempt": 2, "wait_ms": 4000, "reason": "503 not ready at " + here})
	n := len(j.Records)
	for _, tt := range []struct {
		records int
		after   time.Duration
		want    []string
	}{
		{n - 1, 500 * time.Millisecond, []string{"synthesize  ", "↻500ms"}},
		{n - 1, 1020 * time.Millisecond, []string{"synthesize ×2 "}}, // the model is asked again
		{n, 500 * time.Millisecond, []string{"synthesize ×2 ", "↻3.5s"}},
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
