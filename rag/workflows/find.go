package workflows

import (
	"weft/flow"
	"weft/rag/retrieve"
)

// candidates is the number of passages that each of several searches returns, and topK the number
// that remain after ranking.
const (
	candidates = 15
	topK       = 5
)

// candidates retrieves passages by words and vectors: 15, or 40 if a model reranks them.
func (p Parts) candidates(ctx *flow.Context, a Asked) ([]retrieve.Hit, error) {
	search, err := p.retriever(ctx)
	if err != nil {
		return nil, err
	}
	return search.Candidates(ctx, retrieve.Query{Text: a.Question, Scope: a.Scope})
}

// best reranks passages and returns the best k.
func (p Parts) best(ctx *flow.Context, question string, hits []retrieve.Hit, k int) ([]retrieve.Hit, error) {
	search, err := p.retriever(ctx)
	if err != nil {
		return nil, err
	}
	return search.Rerank(ctx, question, hits, k)
}

// find retrieves candidates and returns the best k.
func (p Parts) find(ctx *flow.Context, a Asked, k int) ([]retrieve.Hit, error) {
	hits, err := p.candidates(ctx, a)
	if err != nil {
		return nil, err
	}
	return p.best(ctx, a.Question, hits, k)
}
