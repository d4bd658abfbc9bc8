package workflows

import (
	"fmt"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/answer"
	"weft/rag/retrieve"
)

// An Attempt is the outcome of the risky step: [Success] or [FellBack].
type Attempt interface{ attempt() }

// Success is an answer written as usual.
type Success struct {
	Answer show.Answer `json:"answer"`
}

// FellBack carries the error, and the passages that an answer can still be written from.
type FellBack struct {
	Asked
	Error    string         `json:"error"`
	Passages []retrieve.Hit `json:"passages"`
}

func (Success) attempt()  {}
func (FellBack) attempt() {}

// Fallback answers even when a step or the model fails. It shows both ways to handle an error. The
// risky step catches an error of the answer's writer and returns a fallback event. An error that no
// step catches, in the risky step or before it, reaches a recovery step once all attempts are used
// up. In both cases the answer is written from the passages found so far and marked as degraded.
//
// Try it with the faults writer:error (caught in the step), risky:error or retrieve:error (both
// recovered).
func Fallback(p Parts) *Workflow {
	w := fallback{p}
	wf := p.new("fallback", "answer from what is available when a step or the model fails")
	flow.Step(wf, "understand", try(p, p.understand),
		flow.Describe("make a follow-up question complete, and keep it"), flow.Awaits[answer.Consent]())
	flow.Step(wf, "retrieve", try(p, w.retrieve), flow.Describe("find the best 5 passages"), again())
	flow.Step(wf, "risky", try(p, w.risky), flow.Describe("ask for the answer; catch its errors"), flow.Awaits[answer.Consent](), again())
	flow.Recover(wf, "recover", w.rescue, flow.Covers("understand", "retrieve", "risky"),
		flow.Describe("handle errors that no step has caught"))
	flow.Step(wf, "graceful", try(p, w.graceful), flow.Describe("answer from what is available, and say so"))
	flow.Step(wf, "deliver", try(p, w.deliver), flow.Describe("return the answer"))
	return wf
}

type fallback struct{ Parts }

func (w fallback) retrieve(ctx *flow.Context, a Asked) (Reranked, error) {
	hits, err := w.find(ctx, a, topK)
	return Reranked{hits}, err
}

func (w fallback) risky(ctx *flow.Context, r Reranked) (Attempt, error) {
	a, err := w.write(ctx, question(ctx), r.Passages)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err() // a cancelled run is not a failure
	case err != nil:
		return FellBack{Asked{Question: question(ctx)}, err.Error(), r.Passages}, nil
	}
	return Success{a}, nil
}

func (w fallback) rescue(ctx *flow.Context, f flow.Failure) (FellBack, error) {
	back := FellBack{Asked{Question: question(ctx)}, fmt.Sprintf("step %s failed: %v", f.Step, f.Err), nil}
	if in, ok := input[Question](f, "Question"); ok {
		back.Asked = Asked{Question: in.Text, Scope: in.Scope}
	}
	if in, ok := input[Asked](f, "Asked"); ok {
		back.Asked = in
	}
	if in, ok := input[Reranked](f, "Reranked"); ok {
		back.Passages = in.Passages
	}
	return back, nil
}

// graceful needs no model. Without passages it searches by keyword, which needs no embeddings
// either.
func (w fallback) graceful(ctx *flow.Context, f FellBack) (show.Answer, error) {
	hits := f.Passages
	if len(hits) == 0 {
		var err error
		if hits, err = w.byKeyword(ctx, f.Asked); err != nil {
			return show.Answer{}, err
		}
	}
	a := answer.NothingFoundNear(f.Question, show.ByExtract, hits)
	if hits = retrieve.Usable(hits); len(hits) > 0 {
		var err error
		if a, err = (answer.Extractive{}).Write(ctx, f.Question, hits); err != nil {
			return show.Answer{}, err
		}
	}
	a.Degraded = f.Error
	return a, nil
}

func (w fallback) deliver(ctx *flow.Context, s Success) (show.Answer, error) { return s.Answer, nil }
