package run_test

import (
	"testing"

	"weft/flow"
	"weft/flow/show"
	"weft/ui/run"
)

func TestTextThatTurnsOutToBeReasoningIsNoLongerTheAnswer(t *testing.T) {
	var r run.Run
	r.Apply(flow.Record{Seq: 1, Run: "r", Kind: flow.RunStarted, Step: "rag", Event: 1, Type: "Question"})
	r.Apply(flow.Record{Seq: 2, Run: "r", Kind: flow.StepStarted, Step: "write", Execution: 2, Worker: 1, Attempt: 1, Cause: 1})
	for i, d := range []show.Delta{{Text: "Passage 1 "}, {Text: "says 400."}, {Restart: true}, {Text: "Every "}, {Text: "400 hours."}} {
		r.Apply(flow.Record{Seq: uint64(i + 3), Run: "r", Kind: flow.EventEmitted, Step: "write", Execution: 2, Attempt: 1, Type: show.TypeDelta, Payload: d})
	}
	for at, want := range map[int][2]string{4: {"Passage 1 says 400.", ""}, 5: {"", "Passage 1 says 400."}, 7: {"Every 400 hours.", "Passage 1 says 400."}} {
		if text, reasoning, _ := r.At(at).Streaming(); text != want[0] || reasoning != want[1] {
			t.Errorf("at %d: %q, reasoning %q, want %q", at, text, reasoning, want)
		}
	}
	e := r.Now().Executions(r.Now().Step(r.Now().Root(), "write"))[0]
	if n := e.Tokens(r.Now(), 1, 0, 1<<62); n != float64(len("Passage 1 says 400.Every 400 hours."))/4 {
		t.Errorf("%v tokens", n)
	}
}
