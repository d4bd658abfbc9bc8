package workflows

import (
	"slices"
	"strings"

	"weft/flow"
	"weft/rag/answer"
	"weft/rag/llm"
	"weft/rag/rephrase"
	"weft/rag/retrieve"
)

// leastCovered is the share of the question's words, weighted by IDF, that an answer found by
// another query must mention.
const leastCovered = 0.75

// best is the best draft of all rounds, and the queries that were tried.
type best struct {
	Kept    *Accepted `json:"kept,omitempty"`
	Queries []string  `json:"queries"`
	// Tells maps the words of the question to their IDF: the rarer a word, the higher its weight.
	Tells map[string]float64 `json:"tells"`
}

// consider keeps a draft if it is the first, or supported and better than the one kept. A draft
// whose query has drifted away from the question counts as unsupported, even if its sources support
// it.
func (b *best) consider(d Draft, v *answer.Verdict) {
	if b.Queries = append(b.Queries, d.Round.Query); d.Round.N == 1 {
		b.Tells = termWeights(d.Passages)
	}
	overlap := v.By == "overlap"
	if v.Supported && overlap && b.strays(v.Missing) {
		v.Supported, v.Reason = false, "it does not mention "+strings.Join(v.Missing, ", ")
	}
	if b.Kept == nil || v.Supported && (!overlap || b.Kept.Draft.Answer.Abstained ||
		v.Covered > b.Kept.Verdict.Covered) {
		b.Kept = &Accepted{d, *v}
	}
}

// strays reports whether an answer that lacks the missing words covers less than leastCovered of
// the question.
func (b best) strays(missing []string) bool {
	lost, all := 0.0, 0.0
	for word, idf := range b.Tells {
		all += idf
		if slices.Contains(missing, word) {
			lost += idf
		}
	}
	return all > 0 && lost/all > 1-leastCovered
}

// termWeights returns the IDF of each query term, as retrieval reported it with the passages.
func termWeights(passages []retrieve.Hit) map[string]float64 {
	idf := map[string]float64{}
	for _, h := range passages {
		for _, t := range h.Why.Terms {
			idf[t.Text] = t.IDF
		}
	}
	return idf
}

// another returns another query for a question whose draft was rejected.
func (w refine) another(ctx *flow.Context, r Rejected) (string, error) {
	var found []string
	for _, h := range r.Draft.Passages {
		if len(h.Heading) > 0 {
			found = append(found, h.Heading[len(h.Heading)-1])
		}
	}
	byRule := rephrase.Rewrite(question(ctx), r.Verdict.Missing, found, r.Draft.Round.N)
	if w.Model == nil {
		return byRule, nil
	}
	reply, err := w.Model.Decide(ctx, llm.PromptRewrite,
		llm.PromptData{Question: question(ctx), Reason: r.Verdict.Reason}, 0)
	if err != nil {
		return "", err
	}
	if query, ok := llm.ParseQuery(reply); ok && !rephrase.Narrates(query) {
		return query, nil
	}
	return byRule, nil
}
