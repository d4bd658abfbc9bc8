package workflows

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/answer"
	"weft/rag/retrieve"
)

// Proposal is the prompt shown to the user: the sources from which an answer would be written.
type Proposal struct {
	Text     string          `json:"text"`
	Passages []retrieve.Hit  `json:"passages"`
	Schema   json.RawMessage `json:"schema"`  // JSON schema of the reply, an [Approval]
	Default  Approval        `json:"default"` // keeps the relevant passages
}

// Approval is the user's reply to a [Proposal].
type Approval struct {
	Keep    []int  `json:"keep"`              // numbers of the passages to answer from, from 1; none declines
	Query   string `json:"query,omitempty"`   // if set, search for this query instead and propose again
	Decline bool   `json:"decline,omitempty"` // end without an answer
}

// A Decision is the reply to a proposal: [Approved], [Declined], or [Asked] to search again.
type Decision interface{ decision() }

// Approved holds the passages that the user kept.
type Approved struct {
	Passages []retrieve.Hit `json:"passages"`
}

// Declined means that no answer is written from the proposed sources.
type Declined struct {
	Kept     int `json:"kept"`     // sources that were kept when the user chose to end without an answer
	Proposed int `json:"proposed"` // sources that were proposed
}

func (Approved) decision() {}
func (Declined) decision() {}
func (Asked) decision()    {}

// Approve is a workflow with a human in the loop. It shows the sources and waits until the user
// keeps some of them, edits the query or declines. A step that awaits a reply holds no worker, and
// the time it waits does not count towards the run's timeout.
func Approve(p Parts) *Workflow {
	w := approve{p}
	wf := p.new("approve", "propose the sources, and write the answer from those that you keep")
	flow.Step(wf, "understand", try(p, p.understand),
		flow.Describe("make a follow-up question complete, and keep it"), flow.Awaits[answer.Consent]())
	flow.Step(wf, "retrieve", try(p, w.retrieve), flow.Describe("find the best 5 passages"), again())
	flow.Step(wf, "propose", try(p, w.propose),
		flow.Describe("wait for your decision on the sources"), flow.Awaits[Approval]())
	flow.Step(wf, "synthesize", try(p, w.synthesize),
		flow.Describe("write the answer from those that were kept"), flow.Awaits[answer.Consent](), again())
	flow.Step(wf, "decline", try(p, w.decline), flow.Describe("end without an answer"))
	return wf
}

type approve struct{ Parts }

func (w approve) retrieve(ctx *flow.Context, a Asked) (Reranked, error) {
	// The question may be an edited one.
	err := errors.Join(flow.Set(ctx, "asked", a), flow.Set(ctx, "question", a.Question))
	if _, known := flow.Get[string](ctx, "typed"); !known && a.Typed != "" {
		err = errors.Join(err, flow.Set(ctx, "typed", a.Typed))
	}
	if err != nil {
		return Reranked{}, err
	}
	hits, err := w.find(ctx, a, topK)
	return Reranked{hits}, err
}

func (w approve) propose(ctx *flow.Context, r Reranked) (Decision, error) {
	if len(r.Passages) == 0 {
		return Approved{}, nil // there is nothing to decide
	}
	asked, _ := flow.Get[Asked](ctx, "asked")
	reply, err := flow.Await[Approval](ctx, "sources", proposal(asked.Question, r.Passages))
	switch {
	case err != nil:
		return nil, err
	case reply.Decline:
		return Declined{Kept: len(reply.Keep), Proposed: len(r.Passages)}, nil
	case strings.TrimSpace(reply.Query) != "" && reply.Query != asked.Question:
		return Asked{Question: strings.TrimSpace(reply.Query), Typed: asked.Question, Scope: asked.Scope}, nil
	}
	var kept []retrieve.Hit
	for i, h := range r.Passages {
		if slices.Contains(reply.Keep, i+1) {
			kept = append(kept, h)
		}
	}
	if len(kept) == 0 {
		return Declined{Proposed: len(r.Passages)}, nil
	}
	return Approved{kept}, nil
}

// synthesize skips the relevance check, because the user has chosen the passages.
func (w approve) synthesize(ctx *flow.Context, a Approved) (show.Answer, error) {
	if len(a.Passages) == 0 {
		return w.write(ctx, question(ctx), nil)
	}
	return w.writeFrom(ctx, question(ctx), a.Passages)
}

func (w approve) decline(ctx *flow.Context, d Declined) (show.Answer, error) {
	text := "You chose to end without an answer."
	if d.Kept == 0 {
		text = fmt.Sprintf("You kept none of the %d proposed sources: no answer was written.", d.Proposed)
	}
	return show.Answer{Question: question(ctx), By: w.by(), Abstained: true,
		Sources: []show.Source{}, Text: text}, nil
}
