package answer

import (
	"fmt"
	"strings"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/extract"
	"weft/rag/llm"
)

// A Verdict says whether an answer is supported by its sources, and whether it answers its question.
type Verdict struct {
	Supported bool     `json:"supported"`
	Reason    string   `json:"reason,omitempty"`  // why not, in a few words
	Claims    float64  `json:"claims"`            // the share of the answer's words that stand in the sources it cites
	Covered   float64  `json:"covered"`           // the share of the question's words that the answer and its sources have
	Missing   []string `json:"missing,omitempty"` // those that they do not have
	By        string   `json:"by"`                // "overlap", or the model
}

// An answer is supported by overlap if it holds to its sources, and if it or they speak of most of what was asked.
const (
	leastClaims  = 0.75
	leastCovered = 0.65
)

// A Judge judges answers.
type Judge struct {
	Model *Model // nil: by overlap alone
}

// Judge judges an answer to a question. By overlap it compares words: those of the answer's claims with its sources, those of the question
// with both. A model is asked; a reply that is no verdict leaves the judgement to the overlap.
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
		v.Supported, v.Reason = false, fmt.Sprintf("only %.0f %% of the answer stands in its sources", 100*s.Claims)
	case s.Covered < leastCovered:
		v.Supported, v.Reason = false, "it does not speak of "+strings.Join(s.Missing, ", ")
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
