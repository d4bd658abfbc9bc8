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

// leastCovered is the share of what the question's words tell that an answer must speak of if another query has found it.
const leastCovered = 0.75

// best is the best draft of all rounds, and what was asked in them.
type best struct {
	Kept    *Accepted          `json:"kept,omitempty"`
	Queries []string           `json:"queries"`
	Tells   map[string]float64 `json:"tells"` // how much the words of the question tell: the rarer, the more
}

// consider keeps a draft if it is the first, or supported and better than the one that is kept. A draft that another query has led away
// from the question is not supported, however well it holds to its sources.
func (b *best) consider(d Draft, v *answer.Verdict) {
	if b.Queries = append(b.Queries, d.Round.Query); d.Round.N == 1 {
		b.Tells = tells(d.Passages)
	}
	overlap := v.By == "overlap"
	if v.Supported && overlap && b.strays(v.Missing) {
		v.Supported, v.Reason = false, "it does not speak of "+strings.Join(v.Missing, ", ")
	}
	if b.Kept == nil || v.Supported && (!overlap || b.Kept.Draft.Answer.Abstained || v.Covered > b.Kept.Verdict.Covered) {
		b.Kept = &Accepted{d, *v}
	}
}

// strays reports whether what another query has found leaves out too much of what the question's words tell.
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

// tells returns what the retrieval knows of the words it was asked for.
func tells(passages []retrieve.Hit) map[string]float64 {
	idf := map[string]float64{}
	for _, h := range passages {
		for _, t := range h.Why.Terms {
			idf[t.Text] = t.IDF
		}
	}
	return idf
}

// another finds another query for a question whose draft was rejected.
func (w refine) another(ctx *flow.Context, r Rejected) (string, error) {
	var found []string
	for _, h := range r.Draft.Passages {
		if len(h.Heading) > 0 {
			found = append(found, h.Heading[len(h.Heading)-1])
		}
	}
	byRule := rephrase.Again(question(ctx), r.Verdict.Missing, found, r.Draft.Round.N)
	if w.Model == nil {
		return byRule, nil
	}
	reply, err := w.Model.Decide(ctx, llm.PromptRewrite, llm.PromptData{Question: question(ctx), Reason: r.Verdict.Reason}, 0)
	if err != nil {
		return "", err
	}
	if query, ok := llm.ParseQuery(reply); ok {
		return query, nil
	}
	return byRule, nil
}
