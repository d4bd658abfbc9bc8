package workflows

import (
	"fmt"

	"weft/flow"
	"weft/rag/retrieve"
)

// candidates is the number of passages that each of several searches returns, and topK the number
// that remain after ranking. A model is given more of the candidates if they justify it.
const (
	candidates = 15
	topK       = 5
)

// most returns the maximum number of passages that remain after ranking.
func (p Parts) most() int {
	if p.Model != nil {
		return candidates
	}
	return topK
}

// few returns " 5" if exactly the best topK passages remain after ranking, for descriptions.
func (p Parts) few() string {
	if p.Model != nil {
		return ""
	}
	return fmt.Sprintf(" %d", topK)
}

// candidates retrieves passages by words and vectors: 15, or 40 if a model reranks them.
func (p Parts) candidates(ctx *flow.Context, a Asked) ([]retrieve.Hit, error) {
	search, err := p.retriever(ctx)
	if err != nil {
		return nil, err
	}
	return search.Candidates(ctx, retrieve.Query{Text: a.Question, Scope: a.Scope})
}

// best reranks passages and returns the best k; beyond the best topK only those that fit the
// question as well (see [retrieve.Justified]).
func (p Parts) best(ctx *flow.Context, question string, hits []retrieve.Hit, k int) ([]retrieve.Hit, error) {
	search, err := p.retriever(ctx)
	if err != nil {
		return nil, err
	}
	ranked, err := search.Rerank(ctx, question, hits, k)
	return retrieve.Justified(ranked, topK), err
}

// find retrieves candidates and returns the best k.
func (p Parts) find(ctx *flow.Context, a Asked, k int) ([]retrieve.Hit, error) {
	hits, err := p.candidates(ctx, a)
	if err != nil {
		return nil, err
	}
	return p.best(ctx, a.Question, hits, k)
}

// byKeyword returns the best passages by keywords alone, which needs no other program.
func (p Parts) byKeyword(ctx *flow.Context, a Asked) ([]retrieve.Hit, error) {
	search, err := p.retriever(ctx)
	if err != nil {
		return nil, err
	}
	return search.Keyword(ctx, retrieve.Query{Text: a.Question, K: topK, Scope: a.Scope})
}
