package run

import (
	"cmp"
	"iter"
	"slices"
	"sort"
	"strings"
	"time"

	"weft/flow"
	"weft/flow/show"
)

// A View is a run at a moment: after its first n records, and possibly some time after the last
// of them. Making one is cheap. The values that its methods return are shared and must not be
// changed.
type View struct {
	r *Run
	n int
	t time.Duration // the moment, if it lies between two records
}

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

// Run returns the run itself; nil for the zero View.
func (v View) Run() *Run { return v.r }

// Position returns n, the number of records that the view covers.
func (v View) Position() int { return v.n }

// Live reports whether the view covers all records that the run has.
func (v View) Live() bool { return v.r == nil || v.n == v.r.records.len() }

// Record returns the record at a position from 1 to Position.
func (v View) Record(at int) flow.Record { return v.r.records.at(at - 1) }

// Time returns when the record at a position was made, as a duration since the start of the run.
func (v View) Time(at int) time.Duration {
	if v.r == nil || at < 1 || len(v.r.times) == 0 {
		return 0
	}
	return v.r.times[min(at, len(v.r.times))-1]
}

// Start returns the wall-clock time at which the run began.
func (v View) Start() time.Time {
	if v.r == nil {
		return time.Time{}
	}
	return v.r.start
}

// Elapsed returns how long the run has been running: until now if the view is live and the run has
// not ended, otherwise until the moment of the view.
func (v View) Elapsed(now time.Time) time.Duration {
	t := v.Time(v.n)
	if v.t > 0 {
		return max(t, v.t)
	}
	if v.n > 0 && v.Live() && !v.Ended() && !v.r.interrupted && !now.IsZero() {
		t = max(t, now.Sub(v.r.start))
	}
	return t
}

// ActiveTime is like Elapsed, but does not count the time during which no execution works because a
// person has to reply or a debugger holds the run.
func (v View) ActiveTime(now time.Time) time.Duration {
	if v.Idle() {
		return v.Time(v.n)
	}
	return v.Elapsed(now)
}

// Idle reports whether an unfinished run has no execution at work, because it waits for a person
// or a debugger holds it.
func (v View) Idle() bool {
	switch v.Status() {
	case Blocked:
		return true
	case Paused:
		c := v.r.total.Count(v)
		return c.In[Running]+c.In[Backoff]+c.In[Pending] == 0
	}
	return false
}

// WaitingSince reports whether a sub-workflow has no execution at work because it waits for a
// person, and since when.
func (v View) WaitingSince(w *Workflow) (since time.Duration, ok bool) {
	c := v.under(w, &since)
	return since, c.In[Waiting] > 0 && !c.Moves()
}

// under counts the executions of a workflow and of its sub-workflows by phase, without those that
// only wait for a sub-workflow. It raises last to the time at which a waiting step last changed.
func (v View) under(w *Workflow, last *time.Duration) (c Count) {
	for _, s := range v.Steps(w) {
		k := s.Lane.Count(v)
		if n := s.Lane.upTo(v.n); n > 0 && k.In[Waiting] > 0 {
			*last = max(*last, s.Lane.changes.at(n-1).t)
		}
		for _, inner := range v.Children(s) {
			if inner.last == 0 || inner.last > v.n {
				k.In[Running]--
			}
			below := v.under(inner, last)
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

// Root returns the workflow of the run itself; nil before the first record.
func (v View) Root() *Workflow {
	if v.n == 0 {
		return nil
	}
	return v.r.workflows[0]
}

// Ended reports whether the run has ended.
func (v View) Ended() bool { return v.n > 0 && v.WorkflowStatus(v.Root()) >= Succeeded }

// Over reports whether no further records follow: the run has ended or was interrupted.
func (v View) Over() bool { return v.Ended() || v.n > 0 && v.Status() == Interrupted }

// Status returns what the run is doing.
func (v View) Status() Status {
	if v.n == 0 {
		return NotStarted
	}
	return v.WorkflowStatus(v.Root())
}

// WorkflowStatus returns what a workflow is doing.
func (v View) WorkflowStatus(w *Workflow) Status {
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

// WorkflowSpan returns when a workflow began and ended. While it runs, ended is false and to is the
// time of the view.
func (v View) WorkflowSpan(w *Workflow) (from, to time.Duration, ended bool) {
	if w.last != 0 && w.last <= v.n {
		return v.Time(w.first), v.Time(w.last), true
	}
	return v.Time(w.first), v.Time(v.n), false
}

// Steps returns the steps of a workflow in the order of their first start.
func (v View) Steps(w *Workflow) []*Step {
	if w == nil {
		return nil
	}
	return w.steps[:upTo(w.steps, v.n, func(s *Step) int { return s.first })]
}

// Step returns the step of a workflow with a name; nil if it has not started.
func (v View) Step(w *Workflow, name string) *Step {
	if w == nil {
		return nil
	}
	if s := w.byName[name]; s != nil && s.first <= v.n {
		return s
	}
	return nil
}

// Children returns the sub-workflows that the executions of a step run.
func (v View) Children(s *Step) []*Workflow {
	return s.children[:upTo(s.children, v.n, func(w *Workflow) int { return w.first })]
}

// SubWorkflows returns the sub-workflows that an execution runs.
func (v View) SubWorkflows(e *Execution) []*Workflow {
	return e.children[:upTo(e.children, v.n, func(w *Workflow) int { return w.first })]
}

// Workers returns the workers that have run executions of a step.
func (v View) Workers(s *Step) []*Worker {
	return s.workers[:upTo(s.workers, v.n, func(w *Worker) int { return w.first })]
}

// Executions returns the executions of a step in the order in which they began.
func (v View) Executions(s *Step) []*Execution {
	return s.execs[:upTo(s.execs, v.n, func(e *Execution) int { return e.first })]
}

// AllExecutions returns the executions of all steps, those of sub-workflows included, in the order in
// which they began.
func (v View) AllExecutions() (all []*Execution) {
	var walk func(w *Workflow)
	walk = func(w *Workflow) {
		for _, s := range v.Steps(w) {
			all = append(all, v.Executions(s)...)
			for _, inner := range v.Children(s) {
				walk(inner)
			}
		}
	}
	walk(v.Root())
	slices.SortFunc(all, func(a, b *Execution) int { return cmp.Compare(a.first, b.first) })
	return all
}

// Execution returns an execution by its identifier; nil if it has not begun.
func (v View) Execution(id uint64) *Execution {
	if v.r == nil {
		return nil
	}
	if e := v.r.execs[id]; e != nil && e.first <= v.n {
		return e
	}
	return nil
}

// Awaiting returns the open awaits, oldest first.
func (v View) Awaiting() []*Await {
	if v.r == nil {
		return nil
	}
	if v.Live() && len(v.r.openAwait) == 0 {
		return nil
	}
	var as []*Await
	for _, a := range v.r.awaits[:upTo(v.r.awaits, v.n, func(a *Await) int { return a.Position })] {
		if (a.resolved == 0 || a.resolved > v.n) && !v.ended(a.By) {
			as = append(as, a)
		}
	}
	return as
}

func (v View) ended(e *Execution) bool {
	p, _, _ := v.Phase(e)
	return p == Ended
}

// Awaits returns the awaits of an execution and whether each is over.
func (v View) Awaits(e *Execution) iter.Seq2[*Await, bool] {
	return func(yield func(*Await, bool) bool) {
		for _, a := range e.awaits {
			if a.Position > v.n || !yield(a, a.resolved != 0 && a.resolved <= v.n || v.ended(a.By)) {
				return
			}
		}
	}
}

// Resolved returns the position of the record that ended an await; 0 if none has.
func (v View) Resolved(a *Await) int {
	if a.resolved > v.n {
		return 0
	}
	return a.resolved
}

// Failures returns the positions of all failures.
func (v View) Failures() []int { return v.r.failures[:upTo(v.r.failures, v.n, position)] }

// Events returns how many events were sent and emitted so far.
func (v View) Events() int {
	if v.r == nil {
		return 0
	}
	return upTo(v.r.sent, v.n, position) + upTo(v.r.notes, v.n, position)
}

// PositionAt returns the position of the last record at or before a time, at least 1 if there are
// records.
func (r *Run) PositionAt(t time.Duration) int {
	n := sort.Search(len(r.times), func(i int) bool { return r.times[i] > t })
	return max(n, min(1, len(r.times)))
}

// Step returns the position of the next record (dir 1) or the previous one (dir -1) that changes
// the screen noticeably: of the deltas of a stream, which come by the hundred, the last one of each
// tenth of a second.
func (r *Run) Step(from, dir int) int {
	return r.next(from, dir, func(at int) bool { return !r.isDelta(at) || r.closesGroup(at) })
}

// StepBoundary returns the position of the next record (dir 1) or the previous one (dir -1) with
// which an execution of a step starts or ends, or the run ends.
func (r *Run) StepBoundary(from, dir int) int {
	return r.next(from, dir, func(at int) bool {
		switch r.records.kind(at - 1) {
		case flow.StepStarted, flow.StepFinished, flow.StepFailed, flow.RunFinished, flow.RunFailed, flow.RunCancelled:
			return true
		}
		return false
	})
}

// next returns the first position after from, in a direction, at which a condition holds, or the
// last one in that direction.
func (r *Run) next(from, dir int, holds func(at int) bool) int {
	for at := from + dir; at >= 1 && at <= r.records.len(); at += dir {
		if holds(at) {
			return at
		}
	}
	if dir < 0 {
		return min(1, r.records.len())
	}
	return r.records.len()
}

// groupSpan is the time within which the deltas of a stream form one group.
const groupSpan = 100 * time.Millisecond

func (r *Run) isDelta(at int) bool {
	return r.records.kind(at-1) == flow.EventEmitted && r.records.at(at-1).Type == show.TypeDelta
}

// closesGroup reports whether the delta at a position is the last one of its group.
func (r *Run) closesGroup(at int) bool {
	return at == r.records.len() || !r.isDelta(at+1) || r.times[at]/groupSpan != r.times[at-1]/groupSpan
}

// Began returns the position of the record with which an execution began.
func (e *Execution) Began() int { return e.first }
