package workflows

import (
	"strings"
	"testing"
	"time"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/rephrase"
)

func TestARequestAboutTheLastAnswerIsAskedOfTheConversation(t *testing.T) {
	p, server := scripted(t)
	p.Model.Now = func() time.Time { return time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC) }
	p.Model.Instructions = "Answer in British English."
	source := show.Source{N: 1, Passage: show.Passage{Path: "keys.md", Line: 3, EndLine: 5, Text: "Press ctrl+c."}, Cited: true}
	q := Question{Text: "translate that into German", Conversation: []rephrase.Turn{
		{Question: "What is a run?", Answer: "One execution of a workflow."},
		{Question: "How do I cancel it?", Answer: "Press ctrl+c [1].", Sources: []show.Source{source}},
	}}
	if !Revises(q) || Revises(Question{Text: q.Text}) || Revises(Question{Text: "how do I pause?", Conversation: q.Conversation}) {
		t.Fatal("only a request about an answer revises it")
	}
	server.Script("say=Dr%C3%BCcke+ctrl%2Bc+[1].")
	run, err := Revise(p).Start(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	a, err := run.Wait(t.Context())
	if err != nil || a.Text != "Drücke ctrl+c [1]." || len(a.Sources) != 1 || !a.Sources[0].Cited {
		t.Errorf("%v %+v", err, a)
	}
	var sent string
	for r := range run.Records(t.Context(), 0) {
		if r.Kind == flow.EventEmitted {
			if p, ok := r.Payload.(show.Prompt); ok {
				for _, m := range p.Messages {
					sent += m.Content + "\n"
				}
			}
		}
	}
	for _, want := range []string{"Press ctrl+c [1].", "Request: translate that into German", "How do I cancel it?", "keys.md:3-5", "Today is Sunday, 29 November 2026", "Answer in British English."} {
		if !strings.Contains(sent, want) {
			t.Errorf("the prompt lacks %q:\n%s", want, sent)
		}
	}
	server.Script("status=500", "status=500", "status=500", "status=500")
	if run, err = Revise(p).Start(t.Context(), q); err != nil {
		t.Fatal(err)
	}
	if a, err := run.Wait(t.Context()); err != nil || a.Degraded == "" || a.Text != "Press ctrl+c [1]." {
		t.Errorf("the model fails: %v %+v", err, a)
	}
	if run, err = Revise(Parts{}).Start(t.Context(), q); err != nil {
		t.Fatal(err)
	}
	if a, err := run.Wait(t.Context()); err != nil || a.Degraded != noReviser || a.Text != "Press ctrl+c [1]." || len(a.Sources) != 1 || a.By != show.ByExtract {
		t.Errorf("there is no model: %v %+v", err, a)
	}
}
