package workflows

import (
	"fmt"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/answer"
)

// Finding is the result of one part of a question.
type Finding struct {
	Answer show.Answer `json:"answer"`
	Error  string      `json:"error,omitempty"` // why the part has no answer
}

// Research splits a question into parts, runs a workflow for each part, all at once, and writes a
// report from the answers, with one list of sources. It shows that a step can be a workflow: the
// parts' runs are nested in this one, and their records are in its journal. If a part fails, the
// report is written without it.
func Research(p Parts) *Workflow {
	w := research{p}
	wf := p.new("research", "split the question, answer all parts at once, write a report")
	flow.Step(wf, "understand", try(p, p.understand),
		flow.Describe("make a follow-up question complete, and keep it"), flow.Awaits[answer.Consent]())
	flow.Each(wf, "decompose", w.decompose, flow.Describe("split the question into parts"))
	flow.Sub(wf, "rag", w.part(), flow.Describe("answer one part"))
	flow.Recover(wf, "leave_open", w.leaveOpen, flow.Covers("rag"),
		flow.Describe("continue without a part that failed"))
	flow.Join(wf, "report", try(p, w.report), flow.Describe("write one report from all answers"),
		flow.Awaits[answer.Consent](), again())
	return wf
}

type research struct{ Parts }

// part returns the workflow [RAG] with other start and end events, so that the engine does not
// confuse the question and answer of a part with those of the whole run.
func (w research) part() *flow.Workflow[Part, Finding] {
	wf := flow.New[Part, Finding]("rag", flow.Describe("answer one part of a question"))
	flow.Step(wf, "accept", try(w.Parts, w.accept), flow.Describe("keep the part's question"))
	flow.Step(wf, "retrieve", try(w.Parts, w.retrieve),
		flow.Describe("choose passages by words and vectors"), again())
	flow.Step(wf, "rerank", try(w.Parts, w.rerank), flow.Describe("choose the best 5 of them"), again())
	flow.Step(wf, "synthesize", try(w.Parts, w.synthesize),
		flow.Describe("write the answer from these 5"), flow.Awaits[answer.Consent](), again())
	return wf
}

func (w research) accept(ctx *flow.Context, part Part) (Asked, error) {
	return Asked{Question: part.Question, Scope: part.Scope}, flow.Set(ctx, "question", part.Question)
}

func (w research) synthesize(ctx *flow.Context, r Reranked) (Finding, error) {
	a, err := w.Parts.synthesize(ctx, r)
	return Finding{Answer: a}, err
}

func (w research) leaveOpen(ctx *flow.Context, f flow.Failure) (Finding, error) {
	part, ok := input[Part](f, "Part")
	if !ok {
		return Finding{}, f.Err
	}
	return Finding{answer.Unanswered(part.Question, w.by(), f.Err), f.Err.Error()}, nil
}

func (w research) report(ctx *flow.Context, found []Finding) (show.Answer, error) {
	var parts []show.Answer
	degraded, failed := "", 0
	for _, f := range found {
		parts = append(parts, f.Answer)
		if f.Error != "" {
			degraded = "a part of the question has no answer: " + f.Error
			failed++
		}
	}
	if failed == len(found) && failed > 0 {
		return show.Answer{}, fmt.Errorf("no part of the question could be answered: %s", found[0].Error)
	}
	a, err := answer.Reporter{Model: w.Model}.Write(ctx, question(ctx), parts)
	a = w.complete(ctx, a)
	if degraded != "" {
		a.Degraded = degraded
	}
	return a, err
}
