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

import "time"

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

// Len returns the number of records so far.
func (r *Run) Len() int { return r.records.len() }

// At returns the run as of its first n records; n is clamped to 0 … Len.
func (r *Run) At(n int) View { return View{r: r, n: min(max(n, 0), r.records.len())} }

// AtTime returns the run as of a time, which may lie between two records.
func (r *Run) AtTime(t time.Duration) View { return View{r, r.PositionAt(t), t} }

// Now returns the run as of all records so far.
func (r *Run) Now() View { return View{r: r, n: r.records.len()} }
