package retrieve

import (
	"cmp"
	"context"
	"slices"

	"weft/rag/extract"
	"weft/rag/load"
)

// Lexical is the reranker without a model. It starts from the retrieval score and favours passages
// with a section that answers the question by the features of [extract.SectionFeatures]; a query that
// names a topic has no answer, so there the retrieval score decides alone. In source code, tests rank
// below the code that they test.
type Lexical struct{}

// Name returns "lexical".
func (Lexical) Name() string { return "lexical" }

const (
	// lexicalWords is the weight of the words' score in the retrieval score of a smoothed list.
	lexicalWords = 0.5
	// lexicalFused is the weight of the words' score in a fused list, which has passages without
	// the words.
	lexicalFused = 0.25
	// lexicalPrior is the weight of the retrieval score, from 0 to 1, beside the score of a
	// passage's best section. The sections' features were fitted on questions that have one answer
	// in one section; without this weight they order general questions, and sections whose heading
	// does not name their subject, worse than the retrieval does.
	lexicalPrior = 8
	// lexicalChecks is the factor for tests, which repeat the words of the code they test.
	lexicalChecks = 0.85
)

// Rerank scores hits by their Why and by the best-scoring section of each.
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
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(hits[b].Why.Prior.Score, hits[a].Why.Prior.Score)
	})
	passages := make([]extract.Passage, len(hits))
	for rank, i := range order {
		hits[i].Why.Prior.Rank = rank + 1
		passages[i] = hits[i].Passage(i + 1)
	}
	scores := make([]float64, len(hits))
	switch {
	case topic(question):
		for i := range hits {
			scores[i] = hits[i].Why.Prior.Score
		}
	default:
		for i, rating := range extract.Rate(question, Terms(hits), passages) {
			scores[i] = rating.Score + lexicalPrior*hits[i].Why.Prior.Score
		}
	}
	for i, h := range hits {
		if checks(h.Path) && !asksForChecks(h.Why.Terms) {
			scores[i] *= lexicalChecks
		}
	}
	return scores, ctx.Err()
}

// Passage converts the hit to passage number n for package extract.
func (h *Hit) Passage(n int) extract.Passage {
	p := extract.Passage{Chunk: h.WithHeader(), N: n, Code: load.Language(h.Path), Near: h.Why.Vector.score(),
		Fields: h.Fields}
	if h.Why.Prior != nil {
		p.Prior, p.Place = h.Why.Prior.Score, h.Why.Prior.Rank
	}
	return p
}

// Terms returns the words of the question with the weights that the search measured.
func Terms(hits []Hit) (terms []extract.Term) {
	if len(hits) == 0 {
		return nil
	}
	for _, t := range hits[0].Why.Terms {
		terms = append(terms, extract.Term{Text: t.Text, Share: t.Share})
	}
	return terms
}

// score returns 0 for a list that does not contain the passage.
func (p *Place) score() float64 {
	if p == nil {
		return 0
	}
	return p.Score
}

// retrieval returns the passage's place in the list that the candidates were chosen from.
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
