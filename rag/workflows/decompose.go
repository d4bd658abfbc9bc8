package workflows

import (
	"iter"
	"slices"

	"weft/flow"
	"weft/rag/llm"
	"weft/rag/rephrase"
)

// mostParts limits the number of parts that a question is decomposed into.
const mostParts = 4

// Part is one part of a decomposed question.
type Part struct {
	Question string   `json:"question"`
	Scope    []string `json:"scope,omitempty"`
}

// decompose splits a question and yields its parts, each as a branch of its own. The parts are kept
// in the shared state: after a restart, a step that fans out must yield the same events again, and
// a model would not return the same parts twice.
func (p Parts) decompose(ctx *flow.Context, a Asked) iter.Seq2[Part, error] {
	return func(yield func(Part, error) bool) {
		parts, known := flow.Get[[]string](ctx, "parts")
		if !known {
			var err error
			if parts, err = p.parts(ctx, a.Question); err == nil {
				err = flow.Set(ctx, "parts", parts)
			}
			if err != nil {
				yield(Part{}, err)
				return
			}
		}
		for _, q := range parts {
			if !yield(Part{q, a.Scope}, nil) {
				return
			}
		}
	}
}

func (p Parts) parts(ctx *flow.Context, question string) ([]string, error) {
	if err := p.inject(ctx, ctx.StepName()); err != nil {
		return nil, err
	}
	if p.Model == nil {
		return rephrase.Parts(question, mostParts), nil
	}
	reply, err := p.Model.Decide(ctx, llm.PromptDecompose, llm.PromptData{Question: question, Max: mostParts}, 0)
	if err != nil {
		return nil, err
	}
	parts := llm.ParseQuestions(reply, mostParts)
	parts = slices.DeleteFunc(parts, func(part string) bool { return !rephrase.Related(question, part) })
	if len(parts) > 0 {
		return parts, nil
	}
	return rephrase.Parts(question, mostParts), nil
}
