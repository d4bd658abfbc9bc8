package workflows

import (
	"context"
	"iter"

	"weft/flow"
	"weft/rag/answer"
	"weft/rag/llm"
	"weft/rag/retrieve"
)

// Think starts a turn of the model.
type Think struct {
	Round int `json:"round"` // from 1
	// Last says why this turn is the last, without tools; "": the model may call tools.
	Last string `json:"last,omitempty"`
}

// Calls are the tools that the model calls in a turn.
type Calls struct {
	Round int    `json:"round"`
	Calls []Call `json:"calls"`
}

// Call is one call of a tool.
type Call struct {
	Label     string `json:"label"` // tool and argument, for the timeline
	Tool      string `json:"tool"`  // "": there is no such tool
	Arguments string `json:"arguments"`
	Round     int    `json:"round"`
	N         int    `json:"n"` // position among the calls of the round, from 0
}

// Drafted is the model's last reply, before it is checked.
type Drafted struct {
	Reply llm.Completion `json:"reply"`
	Last  string         `json:"last,omitempty"`  // which budget ended the work
	Error string         `json:"error,omitempty"` // why there is no reply
	// Found are passages for an answer without a reply, if the model has read none in time.
	Found []retrieve.Hit `json:"found,omitempty"`
}

// A Begun is how the work on a question begins: [Think] or [Unaided].
type Begun interface{ begun() }

// A Move is the result of a turn: [Calls], [Drafted], another [Think], or [Unaided].
type Move interface{ move() }

func (Think) begun()   {}
func (Unaided) begun() {}
func (Calls) move()    {}
func (Drafted) move()  {}
func (Think) move()    {}
func (Unaided) move()  {}

// Agent lets the model work with tools: it searches, reads, greps and lists the documents, several
// calls at once, until it can answer or a budget ends. It is a loop around a fan-out: the turns of
// the model and the calls of the tools are steps of one run. The passages that were read are kept
// in a ledger in the shared state, and only those may be cited. Without a model that calls tools,
// the question is answered as [Research] does.
func Agent(p Parts) *Workflow {
	w := agent{p, newToolbox(p)}
	r := research{p}
	wf := p.new("agent", "let the model search and read with tools, within budgets, then answer")
	flow.Step(wf, "understand", try(p, p.understand),
		flow.Describe("make a follow-up question complete, and keep it"), flow.Awaits[answer.Consent]())
	flow.Step(wf, "begin", try(p, w.begin), flow.Describe("is there a model that can call tools?"))
	flow.Step(wf, "turn", try(p, w.turn), flow.Describe("let the model call tools, or answer"),
		flow.Awaits[answer.Consent](), again())
	flow.Each(wf, "dispatch", w.dispatch, flow.Describe("start the calls of a turn"))
	flow.Step(wf, "tool", try(p, w.tool), flow.Workers(toolWorkers), flow.Describe("call one tool"),
		flow.Awaits[answer.Permission](), again())
	flow.Recover(wf, "do_without", w.doWithout, flow.Covers("tool"),
		flow.Describe("tell the model that a tool failed"))
	flow.Join(wf, "gather", try(p, w.gather), flow.Describe("number what was read; is a budget used up?"))
	flow.Step(wf, "check", try(p, w.check), flow.Describe("keep only citations of what was read"))
	flow.Each(wf, "decompose", w.decompose, flow.Describe("without tools: split the question into parts"))
	flow.Sub(wf, "rag", r.part(), flow.Describe("answer one part"))
	flow.Recover(wf, "leave_open", r.leaveOpen, flow.Covers("rag"),
		flow.Describe("continue without a part that failed"))
	flow.Join(wf, "report", try(p, w.report), flow.Describe("write one report from all answers"),
		flow.Awaits[answer.Consent](), again())
	return wf
}

// toolWorkers is the number of tools that are called at once.
const toolWorkers = 4

type agent struct {
	Parts
	tools *toolbox
}

func (w agent) begin(ctx *flow.Context, a Asked) (Begun, error) {
	if err := flow.Set(ctx, "scope", a.Scope); err != nil {
		return nil, err
	}
	if w.Model == nil {
		return Unaided{a, "there is no model", true}, nil
	}
	return Think{Round: 1}, nil
}

// dispatch starts each call of a turn once; a repeated one has no branch of its own.
func (w agent) dispatch(ctx *flow.Context, c Calls) iter.Seq2[Call, error] {
	return func(yield func(Call, error) bool) {
		for _, call := range c.Calls {
			if !yield(call, nil) {
				return
			}
		}
	}
}

func (w agent) tool(ctx *flow.Context, c Call) (Returned, error) {
	var r Returned
	permitted, err := w.tools.permitted(ctx, c)
	if err != nil {
		return r, err
	}
	timer := w.timer(ctx, c)
	if permitted {
		scope, _ := flow.Get[[]string](ctx, "scope")
		err = timer.Run(ctx, func(limited context.Context) (err error) {
			r, err = w.tools.call(ctx, limited, c, scope)
			return err
		})
	} else {
		r = Returned{Declined: c.Tool, Error: "the user does not permit calls of " + c.Tool + ": use other tools"}
	}
	if timer.Ended {
		r, err = Returned{Error: "the call was ended: " + timer.Late.Error()}, nil
	}
	r.Round, r.N, r.Label = c.Round, c.N, c.Label
	r.TookMS = float64(timer.Spent.Microseconds()) / 1000
	return r, err
}

func (w agent) doWithout(ctx *flow.Context, f flow.Failure) (Returned, error) {
	c, ok := input[Call](f, "Call")
	if !ok {
		return Returned{}, f.Err
	}
	return Returned{Label: c.Label, Round: c.Round, N: c.N, Error: f.Err.Error(),
		TookMS: float64(f.Elapsed.Microseconds()) / 1000}, nil
}
