package workflows

import (
	"weft/flow"
	"weft/flow/show"
	"weft/rag/answer"
	"weft/rag/rephrase"
	"weft/rag/retrieve"
)

// write answers a question from the relevant passages. If none is relevant, the answer says so and
// the model is not called.
func (p Parts) write(ctx *flow.Context, question string, passages []retrieve.Hit) (show.Answer, error) {
	kept := retrieve.Usable(passages)
	if len(kept) == 0 {
		return p.complete(ctx, answer.NothingFoundNear(question, p.by(), passages)), nil
	}
	return p.writeFrom(ctx, question, kept)
}

// writeFrom answers a question from these passages, relevant or not. If the model fails for a
// reason that the user need not fix (see [answer.Replaceable]), the passages are quoted and the
// answer is marked as degraded.
func (p Parts) writeFrom(ctx *flow.Context, question string, passages []retrieve.Hit) (a show.Answer, err error) {
	if err := p.inject(ctx, Writer); err != nil {
		return a, err
	}
	if p.Model != nil {
		a, err = p.inConversation(ctx).Write(ctx, worded(ctx, question), passages)
		a.Question = question
	}
	failed := err
	if p.Model == nil || answer.Replaceable(failed) {
		passages = passages[:min(topK, len(passages))] // a model may have been given more
		if a, err = (answer.Extractive{}).Write(ctx, question, passages); failed != nil {
			a.Degraded = failed.Error()
		}
	}
	return p.complete(ctx, a), err
}

// inConversation returns the model with the conversation that understand has stored.
func (p Parts) inConversation(ctx *flow.Context) answer.Model {
	m := *p.Model
	m.History, _ = flow.Get[[]show.Message](ctx, "conversation")
	return m
}

// complete adds to an answer the question as typed, if it was understood differently, what was not
// searched, and the workflow that would answer each part of the question.
func (p Parts) complete(ctx *flow.Context, a show.Answer) show.Answer {
	a.Typed, _ = flow.Get[string](ctx, "typed")
	if a.Degraded == "" {
		a.Degraded = p.cutParts(ctx)
	}
	if p.Missing != nil && a.Degraded == "" {
		a.Degraded = p.Missing()
	}
	if _, split := flow.Get[[]string](ctx, "parts"); !split && len(rephrase.Parts(a.Question, 2)) > 1 {
		a.Suggest = "research"
	}
	return a
}

// by returns the name of the model that writes answers, or [show.ByExtract].
func (p Parts) by() string {
	if p.Model == nil {
		return show.ByExtract
	}
	return p.Model.Client.Config().Model
}
