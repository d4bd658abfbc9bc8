package answer

import (
	"fmt"
	"strings"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/extract"
	"weft/rag/llm"
)

// A Verdict says whether an answer is supported by its sources and answers its question.
type Verdict struct {
	Supported bool `json:"supported"`
	// Reason says in a few words why the answer is not supported.
	Reason string `json:"reason,omitempty"`
	// Claims is the share of the answer's words found in the sources it cites.
	Claims float64 `json:"claims"`
	// Covered is the share of the question's words found in the answer and its sources.
	Covered float64 `json:"covered"`
	// Missing are the question's words that were not found.
	Missing []string `json:"missing,omitempty"`
	// By is "overlap" or the model's name.
	By string `json:"by"`
}

// The thresholds for support by overlap. An answer is supported if enough of its claims are in its
// sources, or if it and they cover most of the question.
const (
	leastClaims  = 0.75
	leastCovered = 0.65
)

// A Judge judges answers.
type Judge struct {
	Model *Model // nil: judge by overlap alone
}

// Judge judges an answer to a question. By overlap, it compares the words of the answer's claims
// with its sources, and the words of the question with both. If a model is set it is asked; a reply
// that is not a verdict falls back to overlap.
func (j Judge) Judge(ctx *flow.Context, question string, a show.Answer) (Verdict, error) {
	if a.Abstained {
		s := extract.Support(question, "", nil)
		return Verdict{Reason: "nothing relevant was found", Missing: s.Missing, By: "overlap"}, nil
	}
	text := bare(a.Text)
	s := extract.Support(question, text, extracts(a.Sources))
	v := Verdict{Claims: s.Claims, Covered: s.Covered, Missing: s.Missing, By: "overlap", Supported: true}
	switch {
	case s.Claims < leastClaims:
		v.Supported, v.Reason = false, fmt.Sprintf("only %.0f %% of the answer is in its sources", 100*s.Claims)
	case s.Covered < leastCovered:
		v.Supported, v.Reason = false, "it does not mention "+strings.Join(s.Missing, ", ")
	}
	if j.Model == nil {
		return v, nil
	}
	data := llm.PromptData{Question: question, Answer: text}
	for _, src := range a.Sources {
		data.Passages = append(data.Passages, llm.Passage{Source: where(src), Text: src.Text})
	}
	reply, err := j.Model.Decide(ctx, llm.PromptJudge, data, len(data.Passages))
	if err != nil {
		return v, err
	}
	if supported, reason, ok := llm.ParseVerdict(reply); ok {
		v.Supported, v.Reason, v.By = supported, reason, j.Model.Client.Config().Model
	}
	return v, nil
}
