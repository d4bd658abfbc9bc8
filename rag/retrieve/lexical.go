package retrieve

import "context"

// Lexical is the reranker that needs no model: the order of the words' scores, and how much of the question a passage has, where, and how close
// together.
type Lexical struct{}

// Name returns "lexical".
func (Lexical) Name() string { return "lexical" }

// The weights of the features, each from 0 to 1.
const (
	lexicalRank     = 1.0
	lexicalCoverage = 0.6
	lexicalHeading  = 0.3
)

// Rerank scores hits by what their Why says.
func (Lexical) Rerank(ctx context.Context, _ string, hits []Hit) ([]float64, error) {
	best := 0.0
	for _, h := range hits {
		if h.Why.Keyword != nil {
			best = max(best, h.Why.Keyword.Score)
		}
	}
	scores := make([]float64, len(hits))
	for i, h := range hits {
		if h.Why.Keyword != nil && best > 0 {
			scores[i] += lexicalRank * h.Why.Keyword.Score / best
		}
		scores[i] += lexicalCoverage * h.Why.Coverage
		var head, all float64
		for _, t := range h.Why.Terms {
			all += t.IDF
			if t.Heading {
				head += t.IDF
			}
		}
		if all > 0 {
			scores[i] += lexicalHeading * head / all
		}
	}
	return scores, ctx.Err()
}
