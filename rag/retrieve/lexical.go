package retrieve

import "context"

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

// Rerank scores hits by what their Why says; the question itself is in there.
func (Lexical) Rerank(ctx context.Context, _ string, hits []Hit) ([]float64, error) {
	var words, listed float64
	for _, h := range hits {
		words = max(words, h.Why.Keyword.score())
		listed = max(listed, h.Why.retrieval().score())
	}
	scores := make([]float64, len(hits))
	for i, h := range hits {
		w := lexicalWords
		if h.Why.Fused != nil {
			w = lexicalFused
		}
		s := w*share(h.Why.Keyword.score(), words) + (1-w)*share(h.Why.retrieval().score(), listed)
		s += lexicalCoverage * h.Why.Coverage
		var heading, all float64
		for _, t := range h.Why.Terms {
			all += t.IDF
			if t.Heading {
				heading += t.IDF
			}
		}
		s += lexicalHeading * share(heading, all)
		s += lexicalPairs * share(float64(h.Why.Pairs), float64(len(h.Why.Terms)-1))
		s += lexicalLikeness * h.Why.Likeness
		if checks(h.Path) && !asksForChecks(h.Why.Terms) {
			s *= lexicalChecks
		}
		scores[i] = s
	}
	return scores, ctx.Err()
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
