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

// Proposal is what the person is shown: the sources that an answer would be made of.
type Proposal struct {
	Text     string          `json:"text"`
	Passages []retrieve.Hit  `json:"passages"`
	Schema   json.RawMessage `json:"schema"`  // of the reply, an Approval
	Default  Approval        `json:"default"` // keeps what is relevant
}

// Approval is the person's reply to a [Proposal].
type Approval struct {
	Keep    []int  `json:"keep"`              // the numbers of the passages to answer from, from 1; none declines
	Query   string `json:"query,omitempty"`   // another one is searched for, and proposed again
	Decline bool   `json:"decline,omitempty"` // no answer at all
}

// A Decision is what a person made of a proposal: [Approved], [Declined], or another [Asked].
type Decision interface{ decision() }

// Approved are the passages that the person kept.
type Approved struct {
	Passages []retrieve.Hit `json:"passages"`
}

// Declined says that the person wants no answer from these sources.
type Declined struct{}

func (Approved) decision() {}
func (Declined) decision() {}
func (Asked) decision()    {}

// Approve has a human in its loop: the sources are shown, and the run waits until the person has kept some, dropped others, edited the
// query or declined. While a step awaits a reply it holds no worker, and the run's clock stands.
func Approve(p Parts) *Workflow {
	w := approve{p}
	wf := p.new("approve", "propose the sources, and write the answer from those that you keep")
	flow.Step(wf, "understand", try(p, p.understand), flow.Describe("make the question stand by itself, and keep it"), flow.Awaits[answer.Consent]())
	flow.Step(wf, "retrieve", try(p, w.retrieve), flow.Describe("find the best 5 passages"), again())
	flow.Step(wf, "propose", try(p, w.propose), flow.Describe("wait for your decision on the sources"), flow.Awaits[Approval]())
	flow.Step(wf, "synthesize", try(p, w.synthesize), flow.Describe("write the answer from those that were kept"), flow.Awaits[answer.Consent](), again())
	flow.Step(wf, "decline", try(p, w.decline), flow.Describe("end without an answer"))
	return wf
}

type approve struct{ Parts }

func (w approve) retrieve(ctx *flow.Context, a Asked) (Reranked, error) {
	if err := errors.Join(flow.Set(ctx, "asked", a), flow.Set(ctx, "question", a.Question)); err != nil { // it may have been edited
		return Reranked{}, err
	}
	hits, err := w.find(ctx, a, placed)
	return Reranked{hits}, err
}

func (w approve) propose(ctx *flow.Context, r Reranked) (Decision, error) {
	if len(r.Passages) == 0 {
		return Approved{}, nil // there is nothing to decide
	}
	asked, _ := flow.Get[Asked](ctx, "asked")
	reply, err := flow.Await(ctx, "sources", proposal(asked.Question, r.Passages), Approval{})
	switch {
	case err != nil:
		return nil, err
	case reply.Decline:
		return Declined{}, nil
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
		return Declined{}, nil
	}
	return Approved{kept}, nil
}

// synthesize does not ask whether the passages are relevant: a person has said so.
func (w approve) synthesize(ctx *flow.Context, a Approved) (show.Answer, error) {
	if len(a.Passages) == 0 {
		return w.write(ctx, question(ctx), nil)
	}
	return w.writeFrom(ctx, question(ctx), a.Passages)
}

func (w approve) decline(ctx *flow.Context, _ Declined) (show.Answer, error) {
	return show.Answer{Question: question(ctx), By: w.by(), Abstained: true, Sources: []show.Source{}, Text: "You kept none of the proposed sources: no answer was written."}, nil
}

// proposal asks for a decision on passages, with those kept to begin with that are relevant.
func proposal(query string, passages []retrieve.Hit) Proposal {
	p := Proposal{Text: fmt.Sprintf("%d sources for: %s", len(passages), query), Passages: passages, Default: Approval{Keep: []int{}, Query: query}}
	good := retrieve.Answering(passages)
	if len(good) == 0 {
		p.Text += "\nNone of them is likely to answer it."
	}
	type option struct {
		Const int    `json:"const"`
		Title string `json:"title"`
	}
	options := []option{}
	for i, h := range passages {
		title := fmt.Sprintf("%s:%d %s", h.Path, h.Line, strings.Join(h.Heading, " › "))
		options = append(options, option{i + 1, strings.TrimSpace(title)})
		if slices.ContainsFunc(good, func(g retrieve.Hit) bool { return g.ID == h.ID }) {
			p.Default.Keep = append(p.Default.Keep, i+1)
		}
	}
	type object = map[string]any
	properties := []string{
		field("keep", object{"type": "array", "title": "answer from", "items": object{"oneOf": options}}),
		field("query", object{"type": "string", "title": "search for", "description": "another query is searched for, and proposed again"}),
		field("decline", object{"type": "boolean", "title": "decline", "default": false}),
	}
	p.Schema = json.RawMessage(`{"type":"object","properties":{` + strings.Join(properties, ",") + `}}`)
	return p
}

// field is a property of a schema: forms show the properties in the order in which they are written.
func field(name string, schema any) string {
	b, _ := json.Marshal(schema) // plain values
	return fmt.Sprintf("%q:%s", name, b)
}
