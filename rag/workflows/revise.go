package workflows

import (
	"weft/flow"
	"weft/flow/show"
	"weft/rag/answer"
	"weft/rag/rephrase"
)

// Revises reports whether a question is a request about the last answer of its conversation, such
// as "shorter" or "translate that into German". Such a request is not searched for in the
// documents.
func Revises(q Question) bool {
	return len(q.Conversation) > 0 && len(q.Scope) == 0 && rephrase.AboutAnswer(q.Text)
}

// Revise applies a request such as "shorter" to the last answer of a conversation, in one model
// call and without a search. It keeps the sources, so citations stay valid. It replaces the chosen
// workflow when [Revises] reports true. Without a model the answer stays unchanged, and says so: a
// search for the words of the request would answer another question.
func Revise(p Parts) *Workflow {
	wf := p.new("revise", "do something with the last answer: shorten it, translate it, explain it")
	flow.Step(wf, "revise", try(p, p.revise),
		flow.Describe("rewrite the answer as asked, without a search"), flow.Awaits[answer.Consent](), again())
	return wf
}

// revisedTokens limits how much of the conversation before the last answer is sent, in tokens for
// each turn.
const revisedTokens = 150

// noReviser says why an answer was not changed without a model.
const noReviser = "a model is needed to change an answer, and none is in use: the last answer is unchanged"

func (p Parts) revise(ctx *flow.Context, q Question) (show.Answer, error) {
	if err := p.inject(ctx, Writer); err != nil {
		return show.Answer{}, err
	}
	last := q.Conversation[len(q.Conversation)-1]
	was := show.Answer{Question: q.Text, Text: last.Answer, Sources: last.Sources, By: p.by()}
	if p.Model == nil {
		was.Degraded = noReviser
		return was, nil
	}
	// The answer of the last turn has a place of its own in the prompt.
	before := history(q.Conversation, revisedTokens)
	before[len(before)-1].Content = "(see below)"
	a, err := p.Model.Revise(ctx, q.Text, was, before)
	if answer.Replaceable(err) {
		was.Degraded = "the last answer is unchanged: " + err.Error()
		return was, nil
	}
	return a, err
}
