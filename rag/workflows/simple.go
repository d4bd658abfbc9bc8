package workflows

import (
	"weft/flow"
	"weft/flow/show"
	"weft/rag/answer"
)

// Simple is the smallest workflow that is one: the question is stored in the shared state, passed on as an event, and answered in a
// single call, by the model alone, without looking anything up. Without a model the best single passage answers, and says so.
func Simple(p Parts) *Workflow {
	w := simple{p}
	if p.Model != nil {
		p.Search = nil // nothing is looked up: neither documents nor the words that they have
	}
	wf := p.new("simple", "ask the model alone; offline, quote the best single passage")
	flow.Step(wf, "understand", try(p, p.understand), flow.Describe("store the question and pass it on"), flow.Awaits[answer.Consent]())
	flow.Step(wf, "generate", try(p, w.generate), flow.Describe("answer in one call"), flow.Awaits[answer.Consent](), again())
	return wf
}

type simple struct{ Parts }

func (w simple) generate(ctx *flow.Context, a Asked) (show.Answer, error) {
	if w.Model != nil {
		if err := w.strike(ctx, Writer); err != nil {
			return show.Answer{}, err
		}
		answer, err := w.Model.Alone(ctx, a.Question)
		return w.complete(ctx, answer), err
	}
	best, err := w.find(ctx, a, 1)
	if err != nil {
		return show.Answer{}, err
	}
	return w.write(ctx, a.Question, best)
}
