package run

import (
	"strings"

	"weft/flow"
	"weft/flow/show"
)

// Apply adds the next record. A record that does not fit, such as one of an unknown execution, is
// kept and shown as far as possible: no content of a journal or of a live run can make Apply fail.
// A record of a kind that this program does not know, or that has no case here, adds a moment that
// can be shown, and changes nothing else.
func (r *Run) Apply(rec flow.Record) {
	if r.execs == nil {
		r.byRun, r.execs = map[string]*Workflow{}, map[uint64]*Execution{}
		r.events, r.scopes = map[uint64]*Event{}, map[uint64]*Scope{}
		r.openAwait, r.states = map[uint64]*Await{}, map[stateKey]*history{}
		r.start = rec.Time
	}
	t := rec.Time.Sub(r.start)
	if n := len(r.times); n > 0 {
		t = max(t, r.times[n-1])
		if IsRestart(rec) { // no process ran the run before this record: leave that time out
			r.start = r.start.Add(t - r.times[n-1])
			t = r.times[n-1]
		}
	}
	r.records.append(rec)
	r.times = append(r.times, t)
	at := r.records.len()
	w := r.workflow(rec, at)
	switch rec.Kind {
	case flow.RunStarted:
		w.Name = rec.Step
		if e := r.execs[rec.Cause]; e != nil && w.Parent == nil && w.Depth > 0 {
			w.Parent = e
			r.adopt(e, w, at)
		}
		if rec.Event != 0 {
			r.send(rec, at)
		}
	case flow.RunFinished, flow.RunFailed, flow.RunCancelled:
		w.last = at
		if rec.Kind == flow.RunFailed {
			r.failures = append(r.failures, at)
		}
		if rec.Kind == flow.RunFinished && rec.Event != 0 {
			r.send(rec, at)
		}
		r.closeAll(w, rec.Kind, at)
		r.reclaim(w.Parent, at)
	case flow.RunPaused, flow.RunResumed:
		if !IsRestart(rec) {
			r.pauses = append(r.pauses, at)
		}
	case flow.EventSent:
		r.send(rec, at)
	case flow.EventEmitted:
		r.emit(rec, at)
	case flow.StepQueued:
		e := r.execution(rec, at)
		r.move(e, Queued, rec, at, Going)
	case flow.StepStarted:
		e := r.execution(rec, at)
		r.move(e, Running, rec, at, Going)
	case flow.StepFinished:
		r.move(r.execution(rec, at), Ended, rec, at, Finished)
	case flow.StepFailed:
		r.failures = append(r.failures, at)
		e := r.execution(rec, at)
		if rec.Due.IsZero() {
			r.move(e, Ended, rec, at, Failed)
		} else {
			r.move(e, Backoff, rec, at, Failed)
		}
	case flow.StepCancelled:
		r.move(r.execution(rec, at), Ended, rec, at, Cancelled)
	case flow.AwaitOpened:
		e := r.execution(rec, at)
		a := &Await{ID: rec.Event, By: e, Position: at, Due: rec.Due}
		r.awaits = append(r.awaits, a)
		e.awaits = append(e.awaits, a)
		r.openAwait[rec.Event] = a
		r.move(e, Waiting, rec, at, Going)
	case flow.AwaitResolved:
		e := r.execution(rec, at)
		if a := r.openAwait[rec.Event]; a != nil {
			a.resolved = at
			delete(r.openAwait, rec.Event)
		}
		r.move(e, Queued, rec, at, Going) // the execution is queued until it has a worker again
	case flow.ScopeOpened:
		s := &Scope{ID: rec.Event, By: r.execution(rec, at), opened: at}
		r.scopes[rec.Event] = s
		s.By.scopes = append(s.By.scopes, s)
	case flow.ScopeClosed:
		if s := r.scopes[rec.Event]; s != nil {
			s.closed = at
		}
	case flow.StateChanged:
		r.change(w, rec, at)
	}
}

// workflow returns the workflow that a record belongs to, and creates it if it is new. A RunStarted
// for a sub-workflow that has ended begins a new one: its parent tries again.
func (r *Run) workflow(rec flow.Record, at int) *Workflow {
	if w := r.byRun[rec.Run]; w != nil && (rec.Kind != flow.RunStarted || w.last == 0 || w.Parent == nil) {
		return w
	}
	w := &Workflow{ID: rec.Run, first: at, byName: map[string]*Step{}}
	if len(r.workflows) > 0 {
		w.Depth = max(1, strings.Count(rec.Run, "/")-strings.Count(r.workflows[0].ID, "/"))
	}
	r.byRun[rec.Run] = w
	r.workflows = append(r.workflows, w)
	return w
}

// execution returns the execution that a record belongs to, and creates it if it is new.
func (r *Run) execution(rec flow.Record, at int) *Execution {
	e := r.execs[rec.Execution]
	if e != nil {
		return e
	}
	w := r.workflow(rec, at)
	s := w.byName[rec.Step]
	if s == nil {
		s = &Step{Name: rec.Step, Workflow: w, first: at, causes: map[*Step]int{}, effects: map[*Step]int{}, kinds: map[string][]int{}}
		w.byName[rec.Step] = s
		w.steps = append(w.steps, s)
	}
	e = &Execution{ID: rec.Execution, Step: s, Number: len(s.execs) + 1, first: at}
	s.execs = append(s.execs, e)
	r.execs[rec.Execution] = e
	if rec.Kind == flow.StepQueued || rec.Kind == flow.StepStarted {
		e.Cause = rec.Cause
		by := (*Execution)(nil)
		if ev := r.events[rec.Cause]; ev != nil {
			ev.takers = append(ev.takers, e)
			by = ev.Cause
		} else if sc := r.scopes[rec.Cause]; sc != nil {
			sc.joins = append(sc.joins, e)
			if by = r.lastOf(sc); by == nil {
				by = sc.By
			}
		}
		if by != nil {
			if _, known := s.causes[by.Step]; !known {
				s.causes[by.Step], by.Step.effects[s] = at, at
			}
		}
	}
	return e
}

func (r *Run) send(rec flow.Record, at int) {
	if r.events[rec.Event] != nil {
		return // a stop event that EventSent has already recorded
	}
	ev := &Event{ID: rec.Event, Type: rec.Type, Position: at}
	r.events[rec.Event] = ev
	r.sent = append(r.sent, at)
	if e := r.execs[rec.Cause]; e != nil && rec.Kind != flow.RunStarted {
		ev.Cause = e
		e.sent = append(e.sent, at)
		e.Step.sent = append(e.Step.sent, at)
		e.Step.kinds[rec.Type] = append(e.Step.kinds[rec.Type], at)
	}
}

func (r *Run) emit(rec flow.Record, at int) {
	e := r.execs[rec.Execution]
	switch {
	case rec.Type == show.TypeDelta && e != nil:
		r.delta(e, rec.Attempt, at)
		return
	case rec.Type == show.TypeModelCall && e != nil:
		e.calls = append(e.calls, len(r.calls))
		r.calls = append(r.calls, call{at: at})
	case rec.Type == show.TypeProgress && e != nil:
		e.progress = append(e.progress, at)
		e.Step.progress = append(e.Step.progress, at)
		r.pend(e, rec, at)
	case rec.Type == show.TypeArrival:
		r.arrivals = append(r.arrivals, at)
	}
	r.notes = append(r.notes, at)
	if e != nil {
		e.notes = append(e.notes, at)
	}
}
