package workflows

import (
	"weft/flow"
	"weft/flow/show"
	"weft/rag/answer"
	"weft/rag/retrieve"
)

// Retrieved holds the passages that the index found for a question.
type Retrieved struct {
	Passages []retrieve.Hit `json:"passages"` // best first, at most 15
}

// Reranked holds the passages that the answer is written from.
type Reranked struct {
	Passages []retrieve.Hit `json:"passages"` // best first, at most 5; for a model at most 15
}

// RAG is retrieval-augmented generation in three steps: it finds 15 passages, ranks the best 5
// and writes an answer from them; a model is given more of them if they fit the question as well. As in all workflows, a step that understands the question comes
// first. The question is kept in the run's shared state for every step, so an event carries only
// the input of the next step.
func RAG(p Parts) *Workflow {
	wf := p.new("rag", "find passages, rerank them, write an answer that cites them")
	flow.Step(wf, "understand", try(p, p.understand),
		flow.Describe("make a follow-up question complete, and keep it"), flow.Awaits[answer.Consent]())
	flow.Step(wf, "retrieve", try(p, p.retrieve), flow.Describe("choose passages by words and vectors"), again())
	flow.Step(wf, "rerank", try(p, p.rerank), flow.Describe("choose the best"+p.few()+" of them"), again())
	flow.Step(wf, "synthesize", try(p, p.synthesize),
		flow.Describe("write the answer from these"+p.few()), flow.Awaits[answer.Consent](), again())
	return wf
}

func (p Parts) retrieve(ctx *flow.Context, a Asked) (Retrieved, error) {
	hits, err := p.candidates(ctx, a)
	return Retrieved{hits}, err
}

func (p Parts) rerank(ctx *flow.Context, r Retrieved) (Reranked, error) {
	hits, err := p.best(ctx, question(ctx), r.Passages, p.most())
	return Reranked{hits}, err
}

func (p Parts) synthesize(ctx *flow.Context, r Reranked) (show.Answer, error) {
	return p.write(ctx, question(ctx), r.Passages)
}
