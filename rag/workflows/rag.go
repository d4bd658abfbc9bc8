package workflows

import (
	"weft/flow"
	"weft/rag/answer"
	"weft/rag/retrieve"
)

// How many passages the workflows choose and place.
const (
	candidates = 15
	placed     = 5
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
// follow on each other. The question is kept in the run's shared state, where every step finds it.
func RAG(p Parts) *Workflow {
	w := rag{p}
	wf := p.new("rag", "find passages, place the best, write an answer that cites them")
	flow.Step(wf, "retrieve", w.retrieve, flow.Describe("choose 15 passages by words and vectors"))
	flow.Step(wf, "rerank", w.rerank, flow.Describe("place the best 5 of them"))
	flow.Step(wf, "synthesize", w.synthesize, flow.Describe("write the answer from these 5"), flow.Awaits[answer.Consent]())
	return wf
}

type rag struct{ Parts }

func (w rag) retrieve(ctx *flow.Context, q Question) (Retrieved, error) {
	if err := flow.Set(ctx, "question", q.Text); err != nil {
		return Retrieved{}, err
	}
	hits, err := w.Search.Candidates(ctx, retrieve.Query{Text: q.Text, Candidates: candidates, Scope: q.Scope})
	return Retrieved{hits}, err
}

func (w rag) rerank(ctx *flow.Context, r Retrieved) (Reranked, error) {
	question, _ := flow.Get[string](ctx, "question")
	hits, err := w.Search.Rerank(ctx, question, r.Passages, placed)
	return Reranked{hits}, err
}

func (w rag) synthesize(ctx *flow.Context, r Reranked) (answer.Answer, error) {
	question, _ := flow.Get[string](ctx, "question")
	return w.write(ctx, question, r.Passages)
}
