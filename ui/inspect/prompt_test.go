package inspect_test

import (
	"strings"
	"testing"

	"weft/flow"
	"weft/ui/run"
)

func TestThePromptIsRead(t *testing.T) {
	var r run.Run
	r.Apply(flow.Record{Seq: 1, Run: "r", Kind: flow.RunStarted, Step: "rag", Event: 1, Type: "Question"})
	r.Apply(flow.Record{Seq: 2, Run: "r", Kind: flow.StepStarted, Step: "synthesize", Execution: 2, Worker: 1, Attempt: 1, Cause: 1})
	r.Apply(flow.Record{Seq: 3, Run: "r", Kind: flow.EventEmitted, Step: "synthesize", Execution: 2, Attempt: 1, Event: 3, Type: "Prompt", Payload: map[string]any{
		"messages": []map[string]any{{"role": "system", "content": "Answer from the passages.\nCite them."}, {"role": "user", "content": "[1] The first retry waits.\n\nHow long?"}},
		"tokens":   812, "context": 8192, "left_out": []map[string]any{{"n": 5}},
	}})
	m := model(t)
	m.Show(pick(r.Now(), "synthesize"))
	got := draw(m, 100, 30)
	for _, want := range []string{"prompt  about 812 tokens of 8192, without 1 passage for which there was no room", "▸ system  Answer from the passages.", "▾ user", "[1] The first retry waits.", "How long?"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing:\n%s", want, got)
		}
	}
	if strings.Contains(got, "Cite them.") || strings.Contains(got, "emits") {
		t.Errorf("the instructions are not folded, or the prompt is shown twice:\n%s", got)
	}
}

func TestLogsAreReadWithTheirTime(t *testing.T) {
	var r run.Run
	r.Apply(flow.Record{Seq: 1, Run: "r", Kind: flow.RunStarted, Step: "rag", Event: 1, Type: "Question"})
	r.Apply(flow.Record{Seq: 2, Run: "r", Kind: flow.StepStarted, Step: "talk", Execution: 2, Worker: 1, Attempt: 1, Cause: 1})
	r.Apply(flow.Record{Seq: 3, Run: "r", Kind: flow.EventEmitted, Step: "talk", Execution: 2, Attempt: 1, Event: 3, Type: "Log", Payload: flow.Log{Level: "WARN", Message: "storm\x1b[2J", Attrs: map[string]string{"force": "9", "at": "sea"}}})
	m := model(t)
	m.Show(pick(r.Now(), "talk"))
	if got := draw(m, 100, 30); !strings.Contains(got, "logs  1") || !strings.Contains(got, "WARN") || !strings.Contains(got, "storm  at=sea  force=9") || strings.Contains(got, "emits") {
		t.Errorf("%s", got)
	}
}

func TestReasoningIsFoldedWithItsTokens(t *testing.T) {
	var r run.Run
	r.Apply(flow.Record{Seq: 1, Run: "r", Kind: flow.RunStarted, Step: "rag", Event: 1, Type: "Question"})
	r.Apply(flow.Record{Seq: 2, Run: "r", Kind: flow.StepStarted, Step: "write", Execution: 2, Worker: 1, Attempt: 1, Cause: 1})
	r.Apply(flow.Record{Seq: 3, Run: "r", Kind: flow.EventEmitted, Step: "write", Execution: 2, Attempt: 1, Type: "Delta", Payload: map[string]any{"reasoning": "Let me look.\nPassage 1 says 400."}})
	r.Apply(flow.Record{Seq: 4, Run: "r", Kind: flow.EventEmitted, Step: "write", Execution: 2, Attempt: 1, Type: "Delta", Payload: map[string]any{"text": "Every 400 hours."}})
	m := model(t)
	m.Show(pick(r.Now(), "write"))
	if got := draw(m, 100, 30); !strings.Contains(got, "reasoning  about 8 tokens") || !strings.Contains(got, "▸ Let me look.") || strings.Contains(got, "Passage 1 says") || !strings.Contains(got, "Every 400 hours.") {
		t.Errorf("%s", got)
	}
	r.Apply(flow.Record{Seq: 5, Run: "r", Kind: flow.EventEmitted, Step: "write", Execution: 2, Attempt: 1, Type: "ModelCall", Payload: map[string]any{"state": "done", "finish": "stop", "completion_tokens": 20, "reasoning_tokens": 11}})
	m.Show(pick(r.Now(), "write"))
	if got := draw(m, 100, 40); !strings.Contains(got, "reasoning  11 tokens") {
		t.Errorf("%s", got)
	}
}
