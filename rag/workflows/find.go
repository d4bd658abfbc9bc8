package workflows

import (
	"weft/flow"
	"weft/rag/retrieve"
)

// How many passages each of several searches gives, and how many are placed.
const (
	candidates = 15
	placed     = 5
)

// candidates chooses passages by words and vectors: 15, or 40 if a model reranks them.
func (p Parts) candidates(ctx *flow.Context, a Asked) ([]retrieve.Hit, error) {
	search, err := p.retriever(ctx)
	if err != nil {
		return nil, err
	}
	return search.Candidates(ctx, retrieve.Query{Text: a.Question, Scope: a.Scope})
}

// best places the k best passages.
func (p Parts) best(ctx *flow.Context, question string, hits []retrieve.Hit, k int) ([]retrieve.Hit, error) {
	search, err := p.retriever(ctx)
	if err != nil {
		return nil, err
	}
	return search.Rerank(ctx, question, hits, k)
}

// find is both in one.
func (p Parts) find(ctx *flow.Context, a Asked, k int) ([]retrieve.Hit, error) {
	hits, err := p.candidates(ctx, a)
	if err != nil {
		return nil, err
	}
	return p.best(ctx, a.Question, hits, k)
}
