package run

import (
	"encoding/json"
	"time"

	"weft/flow"
	"weft/flow/show"
)

// call is a ModelCall of the run, decoded when first asked for, with the sums up to it.
type call struct {
	at                 int
	value              show.ModelCall
	prompt, completion int
}

// JSON returns the payload of the record at a position; null if it can not be told.
func (r *Run) JSON(at int) json.RawMessage {
	if at < 1 || at > r.records.len() {
		return json.RawMessage("null")
	}
	b, err := r.records.at(at - 1).JSON()
	if err != nil || !json.Valid(b) {
		return json.RawMessage("null")
	}
	return b
}

// decode reads the payload at a position into v as far as the fields fit.
func (r *Run) decode(at int, v any) bool {
	b, err := r.records.at(at - 1).JSON()
	return err == nil && json.Unmarshal(b, v) == nil
}

// Passages returns the passages of a payload, nil if it has none.
func (v View) Passages(at int) []show.Passage {
	var p struct {
		Passages []show.Passage  `json:"passages"`
		Sources  []show.Source   `json:"sources"`
		Prompt   json.RawMessage `json:"prompt"` // of an await: what the step asks
	}
	if at < 1 || at > v.n || !v.r.decode(at, &p) {
		return nil
	}
	if len(p.Prompt) > 0 && p.Prompt[0] == '{' && json.Unmarshal(p.Prompt, &p) != nil {
		return nil
	}
	if len(p.Passages) == 0 {
		for _, s := range p.Sources {
			p.Passages = append(p.Passages, s.Passage)
		}
	}
	return p.Passages
}

// A Call is a ModelCall and when it was told.
type Call struct {
	show.ModelCall
	At   int
	When time.Duration
}

// calls decodes what is new and returns the number of calls told by this instant.
func (v View) calls() int {
	r := v.r
	for ; r.decoded < len(r.calls); r.decoded++ {
		c := &r.calls[r.decoded]
		r.decode(c.at, &c.value)
		if r.decoded > 0 {
			c.prompt, c.completion = r.calls[r.decoded-1].prompt, r.calls[r.decoded-1].completion
		}
		if c.value.State == show.CallDone {
			c.prompt += c.value.PromptTokens
			c.completion += c.value.CompletionTokens
		}
	}
	return upTo(r.calls, v.n, func(c call) int { return c.at })
}

// Usage returns the tokens that language models have read and written so far.
func (v View) Usage() (prompt, completion int) {
	if n := v.calls(); n > 0 {
		return v.r.calls[n-1].prompt, v.r.calls[n-1].completion
	}
	return 0, 0
}

// Calls returns what an execution told about its requests to language models, in order.
func (v View) Calls(e *Execution) []Call {
	n := v.calls()
	var cs []Call
	for _, i := range e.calls {
		if i < n {
			c := v.r.calls[i]
			cs = append(cs, Call{c.value, c.at, v.Time(c.at)})
		}
	}
	return cs
}

// Progress returns how far an execution said it is, and whether it said anything. With nil it is the last word of anybody who
// has not ended.
func (v View) Progress(e *Execution) (p show.Progress, ok bool) {
	list := v.r.notes
	if e != nil {
		list = e.progress
	}
	for i := upTo(list, v.n, position) - 1; i >= 0; i-- {
		if rec := v.r.records.at(list[i] - 1); rec.Type == show.TypeProgress && !v.Hidden(list[i]) && (e != nil || v.goesOn(rec.Execution)) {
			return p, v.r.decode(list[i], &p)
		}
		if e == nil && upTo(list, v.n, position)-i > 64 {
			break // long ago: nobody is in the middle of anything
		}
	}
	return p, false
}

func (v View) goesOn(execution uint64) bool {
	e := v.Execution(execution)
	if e == nil {
		return false
	}
	p, _, _ := v.Phase(e)
	return p != Ended
}

// WaitsFor is what an execution said last that it waits for, or waited for; "" if it never did.
func (v View) WaitsFor(e *Execution) string {
	for i := upTo(e.progress, v.n, position) - 1; i >= 0; i-- {
		var p show.Progress
		if v.r.decode(e.progress[i], &p) && p.Waits != "" {
			return p.Waits
		}
	}
	return ""
}

// pend takes an execution that says that it waits out of work, and back when it says something else.
func (r *Run) pend(e *Execution, rec flow.Record, at int) {
	var p show.Progress
	if len(e.spans) == 0 || !r.decode(at, &p) {
		return
	}
	s := r.spans.at(int(e.spans[len(e.spans)-1]))
	switch {
	case s.To != 0:
	case p.Waits != "" && s.Phase == Running:
		r.move(e, Pending, rec, at, Going)
	case p.Waits == "" && s.Phase == Pending:
		r.move(e, Running, rec, at, Going)
	}
}
