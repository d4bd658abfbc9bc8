package workflows

import (
	"weft/flow"
	"weft/flow/show"
	"weft/rag/answer"
	"weft/rag/retrieve"
)

// Retrieved are the passages that fit a question, as the index found them.
type Retrieved struct {
	Passages []retrieve.Hit `json:"passages"` // best first, at most 15
}

// Reranked are the passages that an answer is to be made of.
type Reranked struct {
	Passages []retrieve.Hit `json:"passages"` // best first, at most 5
}

// RAG finds 15 passages, places the best 5 and has an answer written from them: retrieval-augmented generation in three steps that
// follow on each other, after the one that all workflows begin with. The question is kept in the run's shared state, where every step
// finds it: what travels from step to step is only what the next one works on.
func RAG(p Parts) *Workflow {
	wf := p.new("rag", "find passages, place the best, write an answer that cites them")
	flow.Step(wf, "understand", try(p, p.understand), flow.Describe("make the question stand by itself, and keep it"), flow.Awaits[answer.Consent]())
	flow.Step(wf, "retrieve", try(p, p.retrieve), flow.Describe("choose passages by words and vectors"), again())
	flow.Step(wf, "rerank", try(p, p.rerank), flow.Describe("place the best 5 of them"), again())
	flow.Step(wf, "synthesize", try(p, p.synthesize), flow.Describe("write the answer from these 5"), flow.Awaits[answer.Consent](), again())
	return wf
}

func (p Parts) retrieve(ctx *flow.Context, a Asked) (Retrieved, error) {
	hits, err := p.candidates(ctx, a)
	return Retrieved{hits}, err
}

func (p Parts) rerank(ctx *flow.Context, r Retrieved) (Reranked, error) {
	hits, err := p.best(ctx, question(ctx), r.Passages, placed)
	return Reranked{hits}, err
}

func (p Parts) synthesize(ctx *flow.Context, r Reranked) (show.Answer, error) {
	return p.write(ctx, question(ctx), r.Passages)
}
