package workflows

import (
	"fmt"
	"slices"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/answer"
	"weft/rag/retrieve"
)

// rounds limits the number of drafts.
const rounds = 3

// Round starts a round with the query to search for.
type Round struct {
	N     int      `json:"round"` // from 1
	Query string   `json:"query"`
	Scope []string `json:"scope,omitempty"`
}

// Draft is the answer of a round, with the passages it was written from.
type Draft struct {
	Round    Round          `json:"round"`
	Passages []retrieve.Hit `json:"passages"`
	Answer   show.Answer    `json:"answer"`
}

// A Judgement is the verdict on a draft: [Accepted] or [Rejected].
type Judgement interface{ judgement() }

// Accepted is the draft that becomes the answer: a supported one, or the best one after the last
// round.
type Accepted struct {
	Draft   Draft          `json:"draft"`
	Verdict answer.Verdict `json:"verdict"`
}

// Rejected is a draft that starts another round.
type Rejected struct {
	Draft   Draft          `json:"draft"`
	Verdict answer.Verdict `json:"verdict"`
}

// A Next follows a rejected draft: another [Round], or [Accepted] if there is no other query to
// try.
type Next interface{ next() }

func (Accepted) judgement() {}
func (Rejected) judgement() {}
func (Round) next()         {}
func (Accepted) next()      {}

// Refine is a loop. It answers, judges whether the answer is supported by its sources and answers
// the question, and if not searches again with another query, for at most three rounds. The loop
// closes because its last step returns the event that its first step accepts. The best draft so far
// is a typed value in the shared state.
func Refine(p Parts) *Workflow {
	w := refine{p}
	wf := p.new("refine", "answer, judge the answer, ask again in other words; three rounds at most")
	flow.Step(wf, "understand", try(p, p.understand),
		flow.Describe("make a follow-up question complete, and keep it"), flow.Awaits[answer.Consent]())
	flow.Step(wf, "begin", try(p, w.begin), flow.Describe("begin the first round"))
	flow.Step(wf, "draft", try(p, w.draft), flow.Describe("search and answer"),
		flow.Awaits[answer.Consent](), again())
	flow.Step(wf, "judge", try(p, w.judge), flow.Describe("is it supported by its sources?"),
		flow.Awaits[answer.Consent](), again())
	flow.Step(wf, "rewrite", try(p, w.rewrite), flow.Describe("write another query, begin another round"), again())
	flow.Step(wf, "conclude", try(p, w.conclude), flow.Describe("return the best draft"))
	return wf
}

type refine struct{ Parts }

func (w refine) begin(ctx *flow.Context, a Asked) (Round, error) {
	return Round{1, a.Question, a.Scope}, nil
}

func (w refine) draft(ctx *flow.Context, r Round) (Draft, error) {
	hits, err := w.find(ctx, Asked{Question: r.Query, Scope: r.Scope}, w.most())
	if err != nil {
		return Draft{}, err
	}
	a, err := w.write(ctx, question(ctx), hits)
	return Draft{r, hits, a}, err
}

func (w refine) judge(ctx *flow.Context, d Draft) (Judgement, error) {
	v, err := answer.Judge{Model: w.Model}.Judge(ctx, question(ctx), d.Answer)
	if err != nil {
		return nil, err
	}
	err = flow.Update(ctx, func(b *best) error {
		b.consider(d, &v)
		return nil
	})
	switch {
	case err != nil:
		return nil, err
	case v.Supported || d.Round.N == rounds:
		return *flow.State[best](ctx).Kept, nil
	}
	return Rejected{d, v}, nil
}

func (w refine) rewrite(ctx *flow.Context, r Rejected) (Next, error) {
	query, err := w.another(ctx, r)
	if err != nil {
		return nil, err
	}
	if slices.Contains(flow.State[best](ctx).Queries, query) {
		return *flow.State[best](ctx).Kept, nil
	}
	return Round{r.Draft.Round.N + 1, query, r.Draft.Round.Scope}, nil
}

func (w refine) conclude(ctx *flow.Context, kept Accepted) (show.Answer, error) {
	a := kept.Draft.Answer
	if v := kept.Verdict; !v.Supported && !a.Abstained {
		answer.Note(ctx, &a, fmt.Sprintf("After %d rounds this is not fully supported: %s.",
			len(flow.State[best](ctx).Queries), v.Reason))
	}
	return a, nil
}
