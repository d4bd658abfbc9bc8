// Package runtest writes journals for the tests of the screen: sequences of records as the engine
// makes them, with chosen times instead of measured ones.
package runtest

import (
	"time"

	"weft/flow"
)

// Epoch is the time at which every journal begins.
var Epoch = time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)

// A Journal is a list of records. Its methods add records at the current time, which Wait advances.
type Journal struct {
	Records []flow.Record
	now     time.Time
	id      uint64
	run     string
}

// P is a payload.
type P map[string]any

// An Exec is an execution of a step in a journal.
type Exec struct {
	j       *Journal
	run     string
	id      uint64
	step    string
	cause   uint64
	worker  int
	attempt int
}

// New begins a journal with the start of a run.
func New(workflow, typ string, payload P) (*Journal, uint64) {
	j := &Journal{now: Epoch, run: "run"}
	return j, j.start("run", workflow, 0, typ, payload)
}

func (j *Journal) start(run, workflow string, cause uint64, typ string, payload P) uint64 {
	id := j.next()
	j.add(flow.Record{Run: run, Kind: flow.RunStarted, Step: workflow, Cause: cause, Event: id, Type: typ, Payload: payload})
	return id
}

func (j *Journal) next() uint64 { j.id++; return j.id }

func (j *Journal) add(r flow.Record) {
	r.Seq, r.Time = uint64(len(j.Records)+1), j.now
	if r.Run == "" {
		r.Run = j.run
	}
	j.Records = append(j.Records, r)
}

// Wait advances the time by milliseconds.
func (j *Journal) Wait(ms float64) { j.now = j.now.Add(time.Duration(ms * float64(time.Millisecond))) }

// Now returns the current time of the journal.
func (j *Journal) Now() time.Time { return j.now }

// Queue makes an execution wait for a worker.
func (j *Journal) Queue(step string, cause uint64) *Exec { return j.queueIn(j.run, step, cause) }

func (j *Journal) queueIn(run, step string, cause uint64) *Exec {
	e := &Exec{j: j, run: run, id: j.next(), step: step, cause: cause}
	j.add(e.record(flow.StepQueued, flow.Record{Cause: cause}))
	return e
}

// Run starts an execution at once.
func (j *Journal) Run(step string, worker int, cause uint64) *Exec {
	return j.runIn(j.run, step, worker, cause)
}

func (j *Journal) runIn(run, step string, worker int, cause uint64) *Exec {
	e := &Exec{j: j, run: run, id: j.next(), step: step, cause: cause}
	e.Start(worker)
	return e
}

func (e *Exec) record(k flow.Kind, r flow.Record) flow.Record {
	r.Run, r.Kind, r.Execution, r.Step = e.run, k, e.id, e.step
	if k != flow.StepQueued {
		r.Worker, r.Attempt = e.worker, e.attempt
	}
	return r
}

// Start begins the next attempt.
func (e *Exec) Start(worker int) {
	e.worker = worker
	e.attempt++
	e.j.add(e.record(flow.StepStarted, flow.Record{Cause: e.cause}))
}

// Emit emits a value for readers.
func (e *Exec) Emit(typ string, p P) {
	e.j.add(e.record(flow.EventEmitted, flow.Record{Event: e.j.next(), Type: typ, Payload: p}))
}

// Say streams a text in pieces of four bytes, one every ms milliseconds.
func (e *Exec) Say(text string, ms float64) {
	for len(text) > 0 {
		n := min(4, len(text))
		e.j.Wait(ms)
		e.Emit("Delta", P{"text": text[:n]})
		text = text[n:]
	}
}

// Set replaces a key of the run's state.
func (e *Exec) Set(key string, value any) {
	e.Patch(key, P{"op": "replace", "path": "", "value": value})
}

// Patch changes a key of the run's state by operations of a JSON Patch.
func (e *Exec) Patch(key string, ops ...P) {
	e.j.add(e.record(flow.StateChanged, flow.Record{Type: key, Payload: ops}))
}

// Done ends the execution with an event, and returns the event.
func (e *Exec) Done(typ string, p P) uint64 {
	id := e.Send(typ, p)
	e.End()
	return id
}

// End ends the execution without an event.
func (e *Exec) End() { e.j.add(e.record(flow.StepFinished, flow.Record{})) }

// Send sends an event while the execution continues.
func (e *Exec) Send(typ string, p P) uint64 {
	id := e.j.next()
	e.j.add(flow.Record{Run: e.run, Kind: flow.EventSent, Event: id, Cause: e.id, Type: typ, Payload: p})
	return id
}

// Fail ends the attempt; another begins after retry milliseconds, or none if that is 0.
func (e *Exec) Fail(err string, retry float64) {
	r := flow.Record{Error: err}
	if retry > 0 {
		r.Due = e.j.now.Add(time.Duration(retry * float64(time.Millisecond)))
	}
	e.j.add(e.record(flow.StepFailed, r))
}

// Cancel cancels the execution.
func (e *Exec) Cancel() { e.j.add(e.record(flow.StepCancelled, flow.Record{})) }

// Await begins a wait for a person and returns its identifier.
func (e *Exec) Await(typ string, prompt any) uint64 {
	id := e.j.next()
	e.j.add(e.record(flow.AwaitOpened, flow.Record{Event: id, Type: typ, Payload: prompt}))
	return id
}

// Reply ends the wait with an event from outside.
func (e *Exec) Reply(await uint64, typ string, p P) {
	id := e.j.next()
	e.j.add(flow.Record{Run: e.run, Kind: flow.EventSent, Event: id, Type: typ, Payload: p})
	e.j.add(e.record(flow.AwaitResolved, flow.Record{Event: await, Cause: id, Type: typ, Payload: p}))
	e.j.add(e.record(flow.StepStarted, flow.Record{Cause: e.cause}))
}

// Scope opens a fan-out; CloseScope ends it.
func (e *Exec) Scope() uint64 {
	id := e.j.next()
	e.j.add(e.record(flow.ScopeOpened, flow.Record{Event: id}))
	return id
}

// CloseScope records that a fan-out has nothing in flight any more.
func (j *Journal) CloseScope(id uint64) { j.add(flow.Record{Kind: flow.ScopeClosed, Event: id}) }

// Join starts the join of a fan-out that was closed.
func (j *Journal) Join(step string, scope uint64) *Exec { return j.Run(step, 1, scope) }

// Finish ends the run with the answer of an execution.
func (e *Exec) Finish(typ string, p P) {
	id := e.Done(typ, p)
	e.j.add(flow.Record{Run: e.run, Kind: flow.RunFinished, Event: id, Cause: e.id, Type: typ, Payload: p})
}

// Break ends the run with the failure of an execution.
func (e *Exec) Break(err string) {
	e.j.add(flow.Record{Run: e.run, Kind: flow.RunFailed, Cause: e.id, Step: e.step, Error: err})
}

// Sub starts a sub-workflow under an execution; write its records with the methods of In.
func (e *Exec) Sub(workflow, typ string, p P) (*In, uint64) {
	in := &In{e.j, e.run + "/" + itoa(e.id)}
	return in, e.j.start(in.run, workflow, e.id, typ, p)
}

// In writes records of a sub-workflow.
type In struct {
	j   *Journal
	run string
}

// Run starts an execution of the sub-workflow at once.
func (in *In) Run(step string, worker int, cause uint64) *Exec {
	return in.j.runIn(in.run, step, worker, cause)
}

func itoa(n uint64) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}
