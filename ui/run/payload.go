package run

import (
	"encoding/json"
	"slices"
	"time"

	"weft/flow"
	"weft/flow/show"
)

// A call is a ModelCall of the run, decoded on first use, with the sums of tokens up to and
// including it.
type call struct {
	at                 int
	value              show.ModelCall
	prompt, completion int
}

// JSON returns the payload of the record at a position; null if it cannot be encoded.
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

// decode unmarshals the payload at a position into v and reports whether that worked.
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

// A Call is a ModelCall with the position and the time of its record: one of several reports about
// the same request, of which the last, in the state show.CallDone, has the tokens and the cost.
type Call struct {
	show.ModelCall
	At   int
	When time.Duration
}

// calls decodes the calls that are new and returns the number of calls up to this moment.
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

// Usage returns the tokens that models have read and written so far, embedding models included.
func (v View) Usage() (prompt, completion int) {
	if n := v.calls(); n > 0 {
		return v.r.calls[n-1].prompt, v.r.calls[n-1].completion
	}
	return 0, 0
}

// Calls returns the reports of an execution about its requests to language models, in order.
func (e *Execution) Calls(v View) []Call {
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

// Progress returns the latest progress that any execution that has not ended reported, and whether
// there is one. It looks back at most 64 notes.
func (v View) Progress() (p show.Progress, ok bool) {
	notes := v.r.notes[:upTo(v.r.notes, v.n, position)]
	// What is older does not matter, and the search must stay short
	for _, at := range slices.Backward(notes[max(0, len(notes)-64):]) {
		rec := v.Record(at)
		if rec.Type != show.TypeProgress || v.Hidden(at) {
			continue
		}
		if e := v.Execution(rec.Execution); e != nil && !e.ended(v) {
			ok = v.r.decode(at, &p)
			return p, ok
		}
	}
	return p, false
}

// Progress returns the latest progress that the execution reported, and whether it reported any.
func (e *Execution) Progress(v View) (show.Progress, bool) { return v.latestProgress(e.progress) }

// Progress returns the latest progress that any execution of a step reported, and whether there
// is one. The executions of a fan-out may report the progress of all of them together.
func (s *Step) Progress(v View) (show.Progress, bool) { return v.latestProgress(s.progress) }

// latestProgress decodes the last progress at given positions that is not hidden.
func (v View) latestProgress(positions []int) (p show.Progress, ok bool) {
	for i := upTo(positions, v.n, position) - 1; i >= 0; i-- {
		if !v.Hidden(positions[i]) {
			ok = v.r.decode(positions[i], &p)
			return p, ok
		}
	}
	return p, false
}

// WaitsFor returns what an execution last reported to be waiting for; "" if it never did. The wait
// may be over.
func (e *Execution) WaitsFor(v View) string {
	for i := upTo(e.progress, v.n, position) - 1; i >= 0; i-- {
		var p show.Progress
		if v.r.decode(e.progress[i], &p) && p.Waits != "" {
			return p.Waits
		}
	}
	return ""
}

// pend moves an execution between running and pending when Progress.Waits changes.
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
