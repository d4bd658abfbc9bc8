package run

import (
	"slices"
	"strings"
	"time"

	"weft/flow"
)

// Status is what a run or a workflow is doing as a whole.
type Status uint8

// The states of a run.
const (
	NotStarted Status = iota
	Working
	Blocked     // the run waits for a person or for an event from outside, and no execution works
	Paused      // a debugger holds the run
	Interrupted // its process has ended: see Run.Interrupt
	Succeeded
	Broken // the run failed
	Stopped
)

// Ended reports whether the run has ended.
func (v View) Ended() bool { return v.n > 0 && v.Root().Status(v) >= Succeeded }

// Over reports whether no further records follow: the run has ended or was interrupted.
func (v View) Over() bool { return v.Ended() || v.n > 0 && v.Status() == Interrupted }

// Status returns what the run is doing.
func (v View) Status() Status {
	if v.n == 0 {
		return NotStarted
	}
	return v.Root().Status(v)
}

// Status returns what a workflow is doing; NotStarted for nil. A workflow that has begun and not
// ended has the status of the whole run: working, blocked, paused or interrupted.
func (w *Workflow) Status(v View) Status {
	switch {
	case w == nil || w.first > v.n:
		return NotStarted
	case w.last != 0 && w.last <= v.n:
		switch v.r.records.at(w.last - 1).Kind {
		case flow.RunFailed:
			return Broken
		case flow.RunCancelled:
			return Stopped
		}
		return Succeeded
	}
	if v.r.interrupted && v.Live() {
		return Interrupted
	}
	if k := upTo(v.r.pauses, v.n, position); k > 0 {
		rec := v.r.records.at(v.r.pauses[k-1] - 1)
		// Paused, or released for one execution only
		if rec.Kind == flow.RunPaused || rec.Attempt > 0 {
			return Paused
		}
	}
	c := v.r.total.Count(v)
	if c.In[Waiting] > 0 && !c.Moves() {
		return Blocked
	}
	return Working
}

// Span returns when a workflow began and ended. While it runs, ended is false and to is the time of
// the view.
func (w *Workflow) Span(v View) (from, to time.Duration, ended bool) {
	if w.last != 0 && w.last <= v.n {
		return v.Time(w.first), v.Time(w.last), true
	}
	return v.Time(w.first), v.Time(v.n), false
}

// WaitingSince reports whether a sub-workflow has no execution at work because it waits for a
// person, and since when.
func (w *Workflow) WaitingSince(v View) (since time.Duration, ok bool) {
	c := w.under(v, &since)
	return since, c.In[Waiting] > 0 && !c.Moves()
}

// under counts the executions of a workflow and of its sub-workflows by phase, without those that
// only wait for a sub-workflow. It raises last to the time at which a waiting step last changed.
func (w *Workflow) under(v View, last *time.Duration) (c Count) {
	for _, s := range v.Steps(w) {
		k := s.Lane.Count(v)
		if n := s.Lane.upTo(v.n); n > 0 && k.In[Waiting] > 0 {
			*last = max(*last, s.Lane.changes.at(n-1).t)
		}
		for _, inner := range v.Children(s) {
			if inner.last == 0 || inner.last > v.n {
				k.In[Running]--
			}
			below := inner.under(v, last)
			for p := range c.In {
				c.In[p] += below.In[p]
			}
		}
		for p := range c.In {
			c.In[p] += k.In[p]
		}
	}
	return c
}

// Error returns why the run failed or was cancelled, and the execution that failed.
func (v View) Error() (string, *Execution) {
	w := v.Root()
	if w == nil || w.last == 0 || w.last > v.n {
		return "", nil
	}
	rec := v.r.records.at(w.last - 1)
	return rec.Error, v.r.execs[rec.Cause]
}

// Reason returns why the run failed or was cancelled, the reason first: without the words that the
// engine puts before the error of a step. step is the name of the step that failed, or "".
func (v View) Reason() (reason, step string) {
	reason, e := v.Error()
	if e == nil {
		return reason, ""
	}
	for _, at := range slices.Backward(v.Failures()) {
		rec := v.Record(at)
		if rec.Execution == e.ID && rec.Error != "" {
			if strings.HasSuffix(reason, rec.Error) {
				return rec.Error, e.Step.Name
			}
			break
		}
	}
	return reason, ""
}

// Interrupted returns the executions that were at work when a run failed without the failure of an
// execution, for example by its timeout; the innermost first.
func (v View) Interrupted() (es []*Execution) {
	w := v.Root()
	if v.Status() != Broken || v.r.records.at(w.last-1).Cause != 0 {
		return nil
	}
	before := v.r.At(w.last - 1)
	// Their cancellations are recorded directly before the end of the run
	for at := w.last - 1; at > 0; at-- {
		rec := before.Record(at)
		if rec.Kind != flow.StepCancelled {
			if rec.Kind == flow.RunCancelled || rec.Kind == flow.RunFailed {
				continue // the end of a sub-workflow
			}
			break
		}
		if e := before.Execution(rec.Execution); e != nil && (v.r.phaseBefore(e, at) == Running || v.r.phaseBefore(e, at) == Pending) {
			es = append(es, e)
		}
	}
	slices.SortStableFunc(es, func(a, b *Execution) int { return b.Step.Workflow.Depth - a.Step.Workflow.Depth })
	return es
}

// phaseBefore returns the phase of an execution that ended with the record at a position; Idle if
// none did.
func (r *Run) phaseBefore(e *Execution, at int) Phase {
	for _, i := range e.spans {
		if s := r.spans.at(int(i)); s.To == at {
			return s.Phase
		}
	}
	return Idle
}
