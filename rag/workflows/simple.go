package workflows

import (
	"weft/flow"
	"weft/flow/show"
	"weft/rag/answer"
)

// Simple is the smallest useful workflow. The question is stored in the shared state, passed on as
// an event, and answered in a single call by the model alone, without a search. Without a model the
// answer quotes the best single passage, and says so.
func Simple(p Parts) *Workflow {
	w := simple{p}
	understood := p
	if p.Model != nil {
		understood.Search = nil // no spelling correction from the index
	}
	wf := p.new("simple", "ask the model alone; offline, quote the best single passage")
	flow.Step(wf, "understand", try(p, understood.understand),
		flow.Describe("store the question and pass it on"), flow.Awaits[answer.Consent]())
	flow.Step(wf, "generate", try(p, w.generate), flow.Describe("answer in one call"),
		flow.Awaits[answer.Consent](), again())
	return wf
}

type simple struct{ Parts }

func (w simple) generate(ctx *flow.Context, a Asked) (show.Answer, error) {
	if w.Model != nil {
		if err := w.inject(ctx, Writer); err != nil {
			return show.Answer{}, err
		}
		got, err := w.inConversation(ctx).Alone(ctx, a.Question)
		if !answer.Replaceable(err) || w.Search == nil {
			return w.complete(ctx, got), err
		}
		w.Model = nil
		got, quoteErr := w.quote(ctx, a)
		got.Degraded = err.Error()
		return got, quoteErr
	}
	return w.quote(ctx, a)
}

// quote answers from the single best passage.
func (w simple) quote(ctx *flow.Context, a Asked) (show.Answer, error) {
	best, err := w.find(ctx, a, 1)
	if err != nil {
		return show.Answer{}, err
	}
	return w.write(ctx, a.Question, best)
}
