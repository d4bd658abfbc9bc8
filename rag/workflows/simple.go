package workflows

import (
	"weft/flow"
	"weft/rag/answer"
	"weft/rag/retrieve"
)

// Asked is a question that was stored in the run's state and is passed on.
type Asked struct {
	Question string   `json:"question"`
	Scope    []string `json:"scope,omitempty"`
}

// Simple is the smallest workflow that is one: the question is stored in the shared state, passed on, and answered in a single call, by
// the model alone, without looking anything up. Without a model the best single passage answers.
func Simple(p Parts) *Workflow {
	w := simple{p}
	wf := p.new("simple", "ask the model alone; offline, quote the best single passage")
	flow.Step(wf, "accept", w.accept, flow.Describe("store the question and pass it on"))
	flow.Step(wf, "generate", w.generate, flow.Describe("answer in one call"), flow.Awaits[answer.Consent]())
	return wf
}

type simple struct{ Parts }

func (w simple) accept(ctx *flow.Context, q Question) (Asked, error) {
	return Asked{q.Text, q.Scope}, flow.Set(ctx, "question", q.Text)
}

func (w simple) generate(ctx *flow.Context, a Asked) (answer.Answer, error) {
	if w.Model != nil {
		return w.Model.Alone(ctx, a.Question)
	}
	hits, err := w.Search.Candidates(ctx, retrieve.Query{Text: a.Question, Candidates: candidates, Scope: a.Scope})
	if err != nil {
		return answer.Answer{}, err
	}
	best, err := w.Search.Rerank(ctx, a.Question, hits, 1)
	if err != nil {
		return answer.Answer{}, err
	}
	return w.write(ctx, a.Question, best)
}
