// Package run is the screen's model of a run: an index of its journal that can be queried at any
// moment.
//
// Run.Apply adds records one by one; they are never removed or changed. Every fact keeps the
// position of the record that it comes from, so the run as of its first n records (Run.At) is the
// same index read with an upper bound on positions. Nothing is copied or replayed, and live view,
// replay and time travel share one code path. Payloads are decoded only on demand, as JSON and by
// the conventional names of their fields (payload.go), because the screen does not know the Go
// types of a workflow.
//
//	records ──Apply──▶ Run ──At(n)──▶ View ──▶ timeline, inspector, answer, graph
//
// A View leads from Root to the steps of a workflow (Steps), to the executions of a step (Executions)
// and to the sub-workflows that they run (Children); AllExecutions has them all. The facts about one
// of them are its own methods, which take the View that says as of when: Workflow.Status,
// Step.Progress, Lane.Count, Execution.Attempts.
//
// Positions count records from 1. Times are durations since the first record and never go
// backwards, even if clocks did.
package run

import (
	"strings"
	"time"

	"weft/flow"
	"weft/flow/show"
)

// A Run is the index of one journal. The zero value is an empty run. It is not safe for concurrent
// use.
type Run struct {
	records   records
	times     []time.Duration // the time of each record
	start     time.Time       // wall clock, plus the times in which no process ran it
	workflows []*Workflow
	byRun     map[string]*Workflow
	execs     map[uint64]*Execution
	events    map[uint64]*Event
	scopes    map[uint64]*Scope
	awaits    []*Await
	openAwait map[uint64]*Await
	spans     pages[Span]
	total     Lane  // the work of all executions, for the minimap and for gaps
	gaps      []Gap // the longest times in which no execution worked, see stats.go
	quietAt   int   // position since which no execution works; 0 while one does
	sent      []int // positions of EventSent
	notes     []int // positions of EventEmitted, except deltas
	arrivals  []int // positions of the events that say that times are those of arrival
	failures  []int // positions of StepFailed and RunFailed
	pauses    []int // positions of RunPaused and RunResumed, without restarts, which end no pause
	streams   []*stream
	calls     []call
	decoded   int // calls decoded so far
	states    map[stateKey]*history
	stateKeys []stateKey
	// interrupted is set by Interrupt.
	interrupted bool
}

// Interrupt notes that no further records follow although the run has not ended: the process that
// ran it is gone. From then on the run is shown as interrupted instead of at work.
func (r *Run) Interrupt() { r.interrupted = !r.Now().Ended() }

// A Workflow is one running workflow: the run itself (the first) or a sub-workflow.
type Workflow struct {
	ID      string     // the run's identifier; sub-workflows add "/" and a part
	Name    string     // the workflow's name
	Parent  *Execution // the execution that runs it; nil for the run itself
	Attempt int        // the attempt of Parent that runs it; each attempt runs its own sub-workflow
	Depth   int        // 0 for the run itself
	first   int
	last    int // position of its end; 0 while it runs
	steps   []*Step
	byName  map[string]*Step
}

// A Step is a step of one running workflow, with all its executions.
type Step struct {
	Name     string
	Workflow *Workflow
	Lane     Lane // the step's work
	first    int
	execs    []*Execution
	workers  []*Worker
	children []*Workflow      // sub-workflows that its executions run
	causes   map[*Step]int    // the steps whose events started it, with the position of the first
	effects  map[*Step]int    // the steps that its events started
	sent     []int            // positions of the events that it sent
	kinds    map[string][]int // positions of the events that it sent, by event type
	progress []int            // positions of the progress that its executions reported
}

// A Worker is one of the places in which a step's executions run.
type Worker struct {
	Step   *Step
	Number int // counts from 1
	Lane   Lane
	first  int
}

// An Execution is one call of a step with all its attempts.
type Execution struct {
	ID        uint64
	Step      *Step
	Number    int    // which execution of its step it is, from 1
	Cause     uint64 // the event or scope that started it
	first     int
	spans     []int32
	sent      []int // positions of the events that it sent
	notes     []int // positions of the events that it emitted, except deltas
	progress  []int
	awaits    []*Await
	streams   []*stream
	calls     []int       // indices in Run.calls
	children  []*Workflow // the sub-workflows that its attempts run
	delegated bool        // a sub-workflow runs in its place, see adopt
	scopes    []*Scope    // the fan-outs that it opened
	states    []changed
}

// An Event is an event that was sent to steps.
type Event struct {
	ID       uint64
	Type     string
	Position int        // position of the record that sent it
	Cause    *Execution // the execution that sent it; nil if it came from outside
	takers   []*Execution
}

// A Scope is one fan-out.
type Scope struct {
	ID     uint64
	By     *Execution
	opened int
	closed int
	joins  []*Execution // the executions of joins that gather its results
}

// An Await is a wait for a person or for an event from outside.
type Await struct {
	ID       uint64
	By       *Execution
	Position int       // position of the record that opened it
	Due      time.Time // when it gives up; zero: never
	resolved int
}

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

// Len returns the number of records so far.
func (r *Run) Len() int { return r.records.len() }

// At returns the run as of its first n records; n is clamped to 0 … Len.
func (r *Run) At(n int) View { return View{r: r, n: min(max(n, 0), r.records.len())} }

// AtTime returns the run as of a time, which may lie between two records.
func (r *Run) AtTime(t time.Duration) View { return View{r, r.PositionAt(t), t} }

// Now returns the run as of all records so far.
func (r *Run) Now() View { return View{r: r, n: r.records.len()} }
