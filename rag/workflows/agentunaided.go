package workflows

import (
	"fmt"
	"iter"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/answer"
)

// Unaided is a question that is answered as the workflow research does, because no model calls tools.
type Unaided struct {
	Asked
	Because string `json:"because"`
	Offline bool   `json:"offline,omitempty"` // there is no model at all
}

// unaided returns the question to be answered without tools.
func (w agent) unaided(ctx *flow.Context, because string) Unaided {
	scope, _ := flow.Get[[]string](ctx, "scope")
	return Unaided{Asked{Question: question(ctx), Scope: scope}, because, false}
}

func (w agent) decompose(ctx *flow.Context, u Unaided) iter.Seq2[Part, error] {
	return func(yield func(Part, error) bool) {
		if err := flow.Set(ctx, "unaided", u); err != nil {
			yield(Part{}, err)
			return
		}
		w.Parts.decompose(ctx, u.Asked)(yield)
	}
}

func (w agent) report(ctx *flow.Context, found []Finding) (show.Answer, error) {
	a, err := research{w.Parts}.report(ctx, found)
	u, _ := flow.Get[Unaided](ctx, "unaided")
	switch {
	case err != nil:
	case u.Offline:
		answer.Note(ctx, &a, "The workflow agent needs a model: this was answered as research does.")
	default:
		a.Degraded = fmt.Sprintf("%s: it was answered as research does", u.Because)
	}
	return a, err
}
