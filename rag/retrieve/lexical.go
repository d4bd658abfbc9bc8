package retrieve

import (
	"cmp"
	"context"
	"slices"

	"weft/rag/extract"
	"weft/rag/load"
)

// Lexical is the reranker that needs no model. It orders by the words' score and by what neighbours lent, and puts forward passages that have more of
// the question's words, have them in a heading, have them together, or have a heading that asks the same. Tests of code stand back behind code.
type Lexical struct{}

// Name returns "lexical".
func (Lexical) Name() string { return "lexical" }

// The weights of the features, each of which is from 0 to 1.
const (
	lexicalWords    = 0.5  // beside a smoothed list,
	lexicalFused    = 0.25 // beside a fused one, where passages found by meaning may lack the words
	lexicalCoverage = 0.2
	lexicalHeading  = 0.1
	lexicalPairs    = 0.1
	lexicalLikeness = 0.3
	lexicalChecks   = 0.85 // of the score: tests use all the words of the code, so that code as good as they are should come first
)

// Rerank scores hits by what their Why says and by the section of each that answers best.
func (Lexical) Rerank(ctx context.Context, question string, hits []Hit) ([]float64, error) {
	var words, listed float64
	for _, h := range hits {
		words = max(words, h.Why.Keyword.score())
		listed = max(listed, h.Why.retrieval().score())
	}
	order := make([]int, len(hits))
	for i := range hits {
		why := &hits[i].Why
		w := lexicalWords
		if why.Fused != nil {
			w = lexicalFused
		}
		why.Prior = &Place{Score: w*share(why.Keyword.score(), words) + (1-w)*share(why.retrieval().score(), listed)}
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(hits[b].Why.Prior.Score, hits[a].Why.Prior.Score) })
	passages := make([]extract.Passage, len(hits))
	for rank, i := range order {
		hits[i].Why.Prior.Rank = rank + 1
		passages[i] = hits[i].Passage(i + 1)
	}
	scores := extract.Rate(question, Terms(hits), passages)
	for i, h := range hits {
		if checks(h.Path) && !asksForChecks(h.Why.Terms) {
			scores[i] *= lexicalChecks
		}
	}
	return scores, ctx.Err()
}

// Passage is the hit as sections are taken from it and scored (see [extract]). n is its number.
func (h *Hit) Passage(n int) extract.Passage {
	p := extract.Passage{Chunk: h.Whole(), N: n, Code: load.Language(h.Path), Near: h.Why.Vector.score()}
	if h.Why.Prior != nil {
		p.Prior, p.Place = h.Why.Prior.Score, h.Why.Prior.Rank
	}
	return p
}

// Terms are the words of the question with what each one tells, as the search has measured it.
func Terms(hits []Hit) (terms []extract.Term) {
	if len(hits) == 0 {
		return nil
	}
	for _, t := range hits[0].Why.Terms {
		terms = append(terms, extract.Term{Text: t.Text, Share: t.Share})
	}
	return terms
}

// score is 0 for a list that does not have the passage.
func (p *Place) score() float64 {
	if p == nil {
		return 0
	}
	return p.Score
}

// retrieval is the list that the candidates were chosen from.
func (w *Why) retrieval() *Place {
	switch {
	case w.Fused != nil:
		return w.Fused
	case w.Smoothed != nil:
		return w.Smoothed
	}
	return w.Keyword
}

func share(part, whole float64) float64 {
	if whole <= 0 {
		return 0
	}
	return min(1, part/whole)
}
