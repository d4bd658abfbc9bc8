package run

import (
	"iter"
	"slices"

	"weft/flow"
)

// Sent returns the positions of the events that an execution sent.
func (e *Execution) Sent(v View) []int { return e.sent[:upTo(e.sent, v.n, position)] }

// Emitted returns the positions of the events that an execution emitted for readers, except deltas.
func (e *Execution) Emitted(v View) []int { return e.notes[:upTo(e.notes, v.n, position)] }

// Sent returns the positions of the events that a step sent.
func (s *Step) Sent(v View) []int { return s.sent[:upTo(s.sent, v.n, position)] }

// SentOf returns how many events of a type a step has sent.
func (s *Step) SentOf(v View, typ string) int { return upTo(s.kinds[typ], v.n, position) }

// Event returns an event by its identifier; nil if it has not been sent.
func (v View) Event(id uint64) *Event {
	if v.r == nil {
		return nil
	}
	if e := v.r.events[id]; e != nil && e.Position <= v.n {
		return e
	}
	return nil
}

// Triggered returns the executions that an event started.
func (e *Event) Triggered(v View) []*Execution {
	return e.takers[:upTo(e.takers, v.n, func(x *Execution) int { return x.first })]
}

// Causes returns the executions whose events started e: one, or for the join of a fan-out the
// execution that ended last in its scope and the one that opened the scope. It is nil if the event
// came from outside the run.
func (e *Execution) Causes(v View) []*Execution {
	if ev := v.Event(e.Cause); ev != nil {
		if ev.Cause != nil {
			return []*Execution{ev.Cause}
		}
		return nil
	}
	if s := v.r.scopes[e.Cause]; s != nil {
		if last := v.r.lastOf(s); last != nil && last != s.By {
			return []*Execution{last, s.By}
		}
		return []*Execution{s.By}
	}
	return nil
}

// lastOf returns the execution that finished last before a scope closed; nil if there is none.
func (r *Run) lastOf(s *Scope) *Execution {
	for at := s.closed - 1; at > s.opened; at-- {
		if rec := r.records.at(at - 1); rec.Kind == flow.StepFinished {
			return r.execs[rec.Execution]
		}
	}
	return nil
}

// Effects returns the executions that the events of e started. If they started none, because e ends
// a branch of a fan-out, Effects returns the joins of that fan-out.
func (e *Execution) Effects(v View) []*Execution {
	var out []*Execution
	sent := e.Sent(v)
	for _, at := range sent {
		if ev := v.Event(v.Record(at).Event); ev != nil {
			out = append(out, ev.Triggered(v)...)
		}
	}
	if len(out) == 0 && len(sent) > 0 {
		out = e.joins(v)
	}
	return out
}

// deepest bounds how many levels joins and Critical climb or descend.
const deepest = 64

// joins returns the joins that gather what e sent: those of the innermost fan-out that contains
// e.
func (e *Execution) joins(v View) []*Execution {
	for range deepest {
		ev := v.Event(e.Cause)
		if ev == nil || ev.Cause == nil {
			return nil
		}
		above := ev.Cause
		for _, s := range above.scopes {
			if s.opened <= e.first && e.first < s.closed && s.closed <= v.n {
				return s.joins[:upTo(s.joins, v.n, func(j *Execution) int { return j.first })]
			}
		}
		e = above
	}
	return nil
}

// Connected reports whether an event of a has started an execution of b.
func (v View) Connected(a, b *Step) bool {
	at, ok := a.effects[b]
	return ok && at <= v.n
}

// Critical returns the critical path: the executions without which the run would have ended sooner,
// or would not have come this far. It starts with the latest and continues with the cause of each.
// An execution that ran a sub-workflow follows the executions that the sub-workflow had to wait
// for.
func (v View) Critical() iter.Seq[*Execution] {
	return func(yield func(*Execution) bool) {
		e, up := v.latest(), false
		for n := 0; e != nil && n <= len(v.r.execs); n++ {
			for d := 0; !up && d < deepest; d++ {
				inner := e.lastUnder(v)
				if inner == nil {
					break
				}
				e = inner
			}
			if !yield(e) {
				return
			}
			if cs := e.Causes(v); len(cs) > 0 {
				e, up = cs[0], false
			} else if failed := e.Step.Workflow.failedBefore(v); failed != nil {
				e, up = failed, false
			} else {
				e, up = e.Step.Workflow.Parent, true
			}
		}
	}
}

// lastUnder returns the execution that ended the latest sub-workflow of e; nil if there is none or
// it has not ended.
func (e *Execution) lastUnder(v View) *Execution {
	ws := v.SubWorkflows(e)
	if n := len(ws); n > 0 && ws[n-1].last != 0 && ws[n-1].last <= v.n {
		return v.endedBy(ws[n-1])
	}
	return nil
}

// endedBy returns the execution that ended a workflow; nil if none did.
func (v View) endedBy(w *Workflow) *Execution { return v.r.execs[v.r.records.at(w.last-1).Cause] }

// failedBefore returns the execution that failed the sub-workflow of the previous attempt, where w
// is the sub-workflow of a later attempt; nil if there is none.
func (w *Workflow) failedBefore(v View) *Execution {
	if w.Parent == nil {
		return nil
	}
	if i := slices.Index(w.Parent.children, w); i > 0 && w.Parent.children[i-1].last != 0 {
		return v.endedBy(w.Parent.children[i-1])
	}
	return nil
}

// latest returns the execution that ended the run; of an unfinished run, the one that started,
// finished or failed last.
func (v View) latest() (e *Execution) {
	if v.n == 0 {
		return nil
	}
	if w := v.Root(); w.last != 0 && w.last <= v.n {
		e = v.r.execs[v.r.records.at(w.last-1).Cause]
	}
	for at := v.n; at > 0 && e == nil; at-- {
		switch rec := v.r.records.at(at - 1); rec.Kind {
		case flow.StepFinished, flow.StepFailed, flow.StepStarted:
			e = v.r.execs[rec.Execution]
		}
	}
	return e
}
