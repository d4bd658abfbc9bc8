package workflows

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"weft/flow"
	"weft/rag/llm"
	"weft/rag/rephrase"
)

// MostParts is how many parts of a question are searched for, unless Parts.MostParts says otherwise.
const MostParts = 12

// anyParts is more parts than a question has.
const anyParts = 1 << 10

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
				n := min(p.mostParts(), len(parts))
				if n < len(parts) {
					err = flow.Set(ctx, "cut", parts[n:])
				}
				parts = parts[:n]
				err = errors.Join(err, flow.Set(ctx, "parts", parts))
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

// parts returns all parts of a question, more than are searched for if it has them.
func (p Parts) parts(ctx *flow.Context, question string) ([]string, error) {
	if err := p.inject(ctx, ctx.StepName()); err != nil {
		return nil, err
	}
	if p.Model == nil {
		return rephrase.Parts(question, anyParts), nil
	}
	reply, err := p.Model.Decide(ctx, llm.PromptDecompose, llm.PromptData{Question: question, Max: p.mostParts()}, 0)
	if err != nil {
		return nil, err
	}
	parts := llm.ParseQuestions(reply, anyParts)
	parts = slices.DeleteFunc(parts, func(part string) bool { return !rephrase.Related(question, part) })
	if len(parts) > 0 {
		return parts, nil
	}
	return rephrase.Parts(question, anyParts), nil
}

func (p Parts) mostParts() int { return cmp.Or(p.MostParts, MostParts) }

// cutParts says which parts of the question were not searched for; "" if all were.
func (p Parts) cutParts(ctx *flow.Context) string {
	parts, _ := flow.Get[[]string](ctx, "parts")
	cut, _ := flow.Get[[]string](ctx, "cut")
	if len(cut) == 0 {
		return ""
	}
	were := "were not searched for: “%s”; ask for them by themselves"
	if len(cut) == 1 {
		were = "was not searched for: “%s”; ask for it by itself"
	}
	return fmt.Sprintf("%d of %d parts "+were+", or raise the setting parts",
		len(cut), len(parts)+len(cut), strings.Join(cut, "”, “"))
}
