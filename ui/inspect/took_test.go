package inspect_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"weft/ui/inspect"
	"weft/ui/run/runtest"
)

// says returns the text of the inspector for a selection.
func says(t *testing.T, sel inspect.Selection) string {
	m := model(t)
	m.SetSize(120, 60)
	m.Show(sel)
	return m.Text()
}

func contains(t *testing.T, text string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("%q is missing in\n%s", w, text)
		}
	}
}

func TestTheTimeBetweenAttemptsIsAShareOfTheRun(t *testing.T) {
	j, start := runtest.New("rag", "Question", runtest.P{"text": "why?"})
	e := j.Run("rerank", 1, start)
	j.Wait(5)
	e.Fail("no", 90)
	j.Wait(90)
	e.Start(1)
	j.Wait(5)
	e.Finish("Answer", runtest.P{"text": "so"})
	v := runtest.Fold(j.Records).Now()
	contains(t, says(t, pick(v, "rerank")), "100 % of the run (10 % running, 90 % between attempts)")
	contains(t, says(t, pick(v, "")), "100ms  100 %", "1 failed attempt, paused 90ms")
}

func TestAWaitForAPersonTakesNoTime(t *testing.T) {
	v := runtest.Fold(runtest.Human()).Now()
	sel := pick(v, "")
	before := says(t, sel)
	sel.Now = sel.Now.Add(time.Hour)
	if after := says(t, sel); after != before {
		t.Errorf("an hour of waiting changed\n%s\nto\n%s", before, after)
	}
	sel = pick(v, "retrieve")
	before = says(t, sel)
	sel.Now = sel.Now.Add(time.Hour)
	if after := says(t, sel); after != before {
		t.Errorf("an hour of waiting changed\n%s\nto\n%s", before, after)
	}
}

func TestEachRefusedModelRequestIsListed(t *testing.T) {
	j, start := runtest.New("rag", "Question", runtest.P{"text": "why?"})
	e := j.Run("synthesize", 1, start)
	call := func(p runtest.P) {
		p["model"], p["endpoint"] = "tiny", "here"
		e.Emit("ModelCall", p)
	}
	call(runtest.P{"state": "queued", "attempt": 1})
	j.Wait(10)
	call(runtest.P{"state": "retry", "attempt": 1, "wait_ms": 90, "reason": "it is busy"})
	j.Wait(90)
	j.Wait(20)
	call(runtest.P{"state": "done", "attempt": 2, "reason": "it is gone (tried 2 times)"})
	e.Fail("no answer", 0)
	e.Break("no answer")
	text := says(t, pick(runtest.Fold(j.Records).Now(), "synthesize"))
	contains(t, text, "ran 120ms · 90ms of it between requests to the model",
		"▚ request 1  at 0s, ran 10ms: it is busy", "┈ waits 90ms", "▚ request 2  at 100ms, ran 20ms: it is gone (tried 2 times)")
	if strings.Contains(text, "0 read, 0 written") {
		t.Errorf("tokens of a call that failed in\n%s", text)
	}
}

func TestAPendingRetryIsNotListedAsRunningAndItsReasonIsComplete(t *testing.T) {
	j, start := runtest.New("rag", "Question", runtest.P{"text": "why?"})
	e := j.Run("synthesize", 1, start)
	call := func(p runtest.P) {
		p["model"], p["endpoint"] = "tiny", "http://127.0.0.1:8080/v1"
		e.Emit("ModelCall", p)
	}
	call(runtest.P{"state": "queued", "attempt": 1})
	j.Wait(10)
	call(runtest.P{"state": "retry", "attempt": 1, "wait_ms": 3000, "reason": "429 too many requests at http://127.0.0.1:8080/v1: slow down; it asks to wait 3s"})
	s := pick(runtest.Fold(j.Records).Now(), "synthesize")
	s.Now = s.Now.Add(time.Second)
	text := says(t, s)
	contains(t, text, "▚ request 1  at 0s, ran 10ms: 429 too many requests: slow down", "┈ waits 3.0s", "next        in 2.0s")
	if strings.Contains(text, "request 2") {
		t.Errorf("a request that has not been made is listed in\n%s", text)
	}
	j.Wait(1000)
	e.Cancel()
	e.Break("enough")
	text = says(t, pick(runtest.Fold(j.Records).Now(), "synthesize"))
	contains(t, text, "┈ waits 1.0s")
	if strings.Contains(text, "request 2") || strings.Contains(text, "next ") {
		t.Errorf("a request that will never be made is listed in\n%s", text)
	}
}

func TestValuesAreWrittenAsFieldsWithTheirUnits(t *testing.T) {
	j, start := runtest.New("rag", "Question", runtest.P{"text": "why?"})
	e := j.Run("retrieve", 1, start)
	e.Set("best", runtest.P{"kept": runtest.P{"draft": runtest.P{"answer": strings.Repeat("so it is, ", 40)}}})
	e.Finish("Answer", runtest.P{"usage": runtest.P{"prompt_tokens": 0, "completion_tokens": 7}, "took_ms": 1212.811, "skipped": []string{}, "by_path": runtest.P{"a_b.md": 1}})
	text := says(t, pick(runtest.Fold(j.Records).Now(), ""))
	contains(t, text, "usage  completion tokens 7 · prompt tokens 0", "took  1.2s", "skipped  none", "by path  a_b.md 1", "best  1 entry")
	for _, raw := range []string{"{", "[]", "1212", `"`} {
		if strings.Contains(text, raw) {
			t.Errorf("%q is raw data in\n%s", raw, text)
		}
	}
}

func TestConcurrentCallsShowNothingThatIsUnknown(t *testing.T) {
	j, start := runtest.New("rag", "Question", runtest.P{"text": "why?"})
	e := j.Run("judge", 1, start)
	call := func(state string, p runtest.P) {
		p["model"], p["endpoint"], p["state"] = "tiny", "here", state
		e.Emit("ModelCall", p)
	}
	call("queued", runtest.P{})
	j.Wait(1000)
	call("queued", runtest.P{})
	j.Wait(10)
	call("first_token", runtest.P{}) // of the first call
	j.Wait(90)
	call("done", runtest.P{"prompt_tokens": 10, "completion_tokens": 20, "finish": "stop"})
	j.Wait(100)
	call("first_token", runtest.P{})
	j.Wait(100)
	call("done", runtest.P{"prompt_tokens": 30, "completion_tokens": 40, "finish": "stop"})
	e.Finish("Answer", runtest.P{"text": "so"})
	text := says(t, pick(runtest.Fold(j.Records).Now(), "judge"))
	contains(t, text, "2 calls: what each waited, and how fast it wrote, cannot be told apart", "10 read, 20 written", "30 read, 40 written")
	for _, wrong := range []string{"first token", "tokens a second"} {
		if strings.Contains(text, wrong) {
			t.Errorf("%q is shown for one of two concurrent calls in\n%s", wrong, text)
		}
	}
}

func TestAStepOfASubWorkflowSaysWhichAttemptItBelongsTo(t *testing.T) {
	v := runtest.Fold(runtest.Again()).Now()
	for i, w := range v.SubWorkflows(v.Executions(v.Steps(v.Root())[0])[0]) {
		s := pick(v, "")
		s.Step = v.Steps(w)[0]
		s.Execution = v.Executions(s.Step)[0]
		contains(t, says(t, s), fmt.Sprintf("in rag, attempt %d", i+1))
	}
}

func TestTheRunSaysThatItsTimesAreThoseOfArrival(t *testing.T) {
	j, start := runtest.New("rag", "Question", runtest.P{"text": "why?"})
	j.Run("retrieve", 1, start).Emit("Arrival", runtest.P{"missed": 3})
	v := runtest.Fold(j.Records).Now()
	contains(t, says(t, pick(v, "")), "when events arrived: the server sends none; 3 events are missing")
}
