package workflows

import (
	"fmt"
	"iter"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/answer"
	"weft/rag/llm"
	"weft/rag/rephrase"
	"weft/rag/retrieve"
)

// A Route is the classification of a question: [SimpleQuery] or [ComplexQuery]. A step that returns
// a Route branches.
type Route interface{ route() }

// SimpleQuery is a question that one search answers.
type SimpleQuery struct {
	Asked
	Because string `json:"because"` // why it is simple
}

// ComplexQuery is a question that has to be decomposed.
type ComplexQuery struct {
	Asked
	Because string `json:"because"`
}

func (SimpleQuery) route()  {}
func (ComplexQuery) route() {}

// Found holds the passages for one part of a question.
type Found struct {
	Question string         `json:"question"`
	Passages []retrieve.Hit `json:"passages"` // best first, at most 5
}

// Routing branches on the question. A question of fewer than five words is searched for directly.
// Any other is decomposed, each part is searched for, and the answer is written from all results.
// If Parts.Classify is set, a model classifies the question instead of the word count.
func Routing(p Parts) *Workflow {
	w := routing{p}
	wf := p.new("routing", "search at once for a short question, split a longer one first")
	flow.Step(wf, "understand", try(p, p.understand),
		flow.Describe("make a follow-up question complete, and keep it"), flow.Awaits[answer.Consent]())
	flow.Step(wf, "classify", try(p, w.classify), flow.Describe("simple or complex?"))
	flow.Step(wf, "handle_simple", try(p, w.simple), flow.Describe("one search, one answer"),
		flow.Awaits[answer.Consent](), again())
	flow.Each(wf, "decompose", w.parts, flow.Describe("split the question into parts"))
	flow.Step(wf, "search", try(p, w.search), flow.Describe("find passages for one part"), again())
	flow.Join(wf, "handle_complex", try(p, w.complex),
		flow.Describe("write one answer from what all searches found"), flow.Awaits[answer.Consent](), again())
	return wf
}

type routing struct{ Parts }

func (w routing) classify(ctx *flow.Context, a Asked) (Route, error) {
	simple, because := rephrase.Simple(a.Question), "five words or more"
	if simple {
		because = "fewer than five words"
	}
	if w.Classify && w.Model != nil {
		reply, err := w.Model.Decide(ctx, llm.PromptClassify, llm.PromptData{Question: a.Question}, 0)
		if err != nil {
			return nil, err
		}
		if complex, ok := llm.ParseClass(reply); ok {
			simple, because = !complex, "the model's judgement"
		}
	}
	if simple {
		return SimpleQuery{a, because}, nil
	}
	return ComplexQuery{a, because}, flow.Set(ctx, "because", because)
}

func (w routing) simple(ctx *flow.Context, q SimpleQuery) (show.Answer, error) {
	best, err := w.find(ctx, q.Asked, w.most())
	if err != nil {
		return show.Answer{}, err
	}
	a, err := w.write(ctx, q.Question, best)
	if err == nil {
		answer.Note(ctx, &a, fmt.Sprintf("Simple path: %s.", q.Because))
	}
	return a, err
}

// parts yields the whole question before its parts, so that a poor decomposition cannot lose
// passages.
func (w routing) parts(ctx *flow.Context, q ComplexQuery) iter.Seq2[Part, error] {
	return func(yield func(Part, error) bool) {
		if !yield(Part{q.Question, q.Scope}, nil) {
			return
		}
		for part, err := range w.decompose(ctx, q.Asked) {
			if part.Question != q.Question && !yield(part, err) {
				return
			}
		}
	}
}

func (w routing) search(ctx *flow.Context, part Part) (Found, error) {
	hits, err := w.find(ctx, Asked{Question: part.Question, Scope: part.Scope}, topK)
	return Found{part.Question, hits}, err
}

func (w routing) complex(ctx *flow.Context, found []Found) (show.Answer, error) {
	a, err := w.write(ctx, question(ctx), inTurn(found, w.most()))
	if err == nil {
		because, _ := flow.Get[string](ctx, "because")
		answer.Note(ctx, &a, fmt.Sprintf("Complex path: %s; %d searches.", because, len(found)))
	}
	return a, err
}

// inTurn merges the results round-robin: the best passage of each search, then the second of each,
// and so on. It returns at most the given number of passages.
func inTurn(found []Found, most int) (hits []retrieve.Hit) {
	have := map[string]bool{}
	for rank := range topK {
		for _, f := range found {
			if rank < len(f.Passages) && !have[f.Passages[rank].ID] && len(hits) < most {
				have[f.Passages[rank].ID] = true
				hits = append(hits, f.Passages[rank])
			}
		}
	}
	return hits
}
