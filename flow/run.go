package flow

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
)

// A Run is one run of a workflow. Its methods may be called from any goroutine.
type Run[Out any] struct{ r *run }

// A Handle is a *Run whatever its stop event. No other type implements it, so that it can grow; a
// program that needs a part of a run, or has other runs, declares an interface of its own.
type Handle interface {
	ID() string       // the run's identifier, unique and without a "/"
	Workflow() string // the workflow's name

	// Records yields the run's records from the one after the given sequence number on (0: all),
	// and waits for further ones until the run has ended or ctx is done. Any number of readers may
	// do so at any time; none slows the run.
	Records(ctx context.Context, after uint64) iter.Seq[Record]

	// Result waits for the end and returns the stop event, or the error because of which there is
	// none. If ctx is done before, it returns its cause.
	Result(ctx context.Context) (any, error)
	Done() <-chan struct{} // closed when the run has ended

	// Cancel ends the run, with the cause in its error. A nil cause is context.Canceled. Only the
	// first call counts.
	Cancel(cause error)

	// Send hands an event to every step that takes its type and to every execution that awaits it.
	// SendTo hands it to one step. An event that nothing takes is an error, as is one that only a
	// join takes.
	Send(ev any) error
	SendTo(step string, ev any) error
	SendJSON(typeName string, payload json.RawMessage) error // by the stable name of the event's type

	// Reply answers the open await with this identifier, and no other: the Event of its AwaitOpened
	// record. The reply is an event of the awaited type, or a json.RawMessage of one.
	Reply(await uint64, reply any) error

	// Pause lets no further execution start, Continue ends the pause, and StepOnce lets exactly one
	// more start. The clock of the run's timeout is stopped meanwhile. The three methods change
	// nothing once the run has ended.
	Pause()
	Continue()
	StepOnce()

	// SetBreakpoints makes the run pause before it starts an execution for which stop returns true,
	// given the names of the step and of the event's type. It must be quick and must not touch the
	// run. Nil removes the breakpoints.
	SetBreakpoints(stop func(step, event string) bool)

	// Suspend puts a kept run aside: see Run.Suspend.
	Suspend() error

	Explain() Explanation         // what the run does and what it waits for
	Graph() Graph                 // the workflow's graph, with the counts of this run so far
	Snapshot() (*Snapshot, error) // all that is needed to continue later
	JournalErr() error            // why the journal given with Keep could not be written; nil if all is well

	run() *run
}

func (r *Run[Out]) run() *run { return r.r }

// ID returns the run's identifier.
func (r *Run[Out]) ID() string { return r.r.id }

// Workflow returns the workflow's name.
func (r *Run[Out]) Workflow() string { return r.r.c.Name }

// Done returns a channel that is closed when the run has ended.
func (r *Run[Out]) Done() <-chan struct{} { return r.r.done }

// Wait waits for the end of the run and returns its stop event, or the error because of which
// there is none. If ctx is done before, it returns the context's cause; the run continues.
func (r *Run[Out]) Wait(ctx context.Context) (Out, error) {
	if err := r.r.wait(ctx); err != nil {
		var none Out
		return none, err
	}
	return r.result()
}

func (r *Run[Out]) result() (Out, error) {
	if r.r.err != nil {
		var none Out
		return none, r.r.err
	}
	return r.r.out.(Out), nil
}

// Result is [Run.Wait] for callers that do not know the type of the stop event.
func (r *Run[Out]) Result(ctx context.Context) (any, error) {
	if err := r.r.wait(ctx); err != nil {
		return nil, err
	}
	return r.r.out, r.r.err
}

// Records yields the run's records from the one after the given sequence number on (0: all), and
// waits for further ones until the run has ended or ctx is done. Any number of readers may do so at
// any time, none slows the run, and a reader that leaves the loop early leaks nothing.
func (r *Run[Out]) Records(ctx context.Context, after uint64) iter.Seq[Record] {
	return r.r.records(ctx, after)
}

// Cancel ends the run for good; its error wraps the cause. A nil cause is context.Canceled. Only
// the first call counts.
func (r *Run[Out]) Cancel(cause error) { r.r.cancel(cause) }

// Suspend puts aside a run that is kept in a journal ([Keep]): attempts that are under way end
// without a result, the journal says that the run is suspended, and [Run.Wait] returns an error
// that wraps [ErrSuspended]. [Workflow.Resume] continues it; until then the clock of its timeout is
// stopped. Suspend returns when the journal is written, however long steps ignore their context. It
// may be called again. A run that has ended is [ErrEnded]. Clean-up steps ([Finally]) are not
// called, because a suspended run has not ended.
//
// Suspend does not close the journal. Another process can continue the run once the journal is
// closed, such as with Writer.Close of package flow/journal.
//
// A kept run is also suspended when the context that it was started with ends.
func (r *Run[Out]) Suspend() error { return r.r.suspend(nil) }

// Send hands an event from outside to every step that takes its type and to every execution that
// awaits it. If nothing takes or awaits it yet, it is kept for the first await that does. An event
// that nothing takes is an error, and so is one that only a join takes, because it belongs to no
// fan-out. After the end it returns [ErrEnded].
//
// A reply that comes after the time of its await is over, or a second reply, is kept too, so Send
// returns nil. With [Run.Reply] it is an error.
func (r *Run[Out]) Send(ev any) error { return r.r.send("", ev) }

// Reply answers the open await with this identifier, and no other: the Event of its AwaitOpened
// record, or the ID of one that [Run.Explain] lists. The reply is an event of the awaited type, or
// a json.RawMessage of one; its fields need not fit the await's [Where]. An await that is not open
// is an error that wraps [ErrNotAwaited].
func (r *Run[Out]) Reply(await uint64, reply any) error { return r.r.reply(await, reply) }

// SendTo is Send to one step.
func (r *Run[Out]) SendTo(step string, ev any) error { return r.r.send(step, ev) }

// SendJSON is Send for an event that is known by the stable name of its type and as JSON.
func (r *Run[Out]) SendJSON(typeName string, payload json.RawMessage) error {
	return r.r.sendJSON(typeName, payload)
}

// Pause lets no further execution start; those under way continue. The clock of the run's timeout
// is stopped meanwhile.
func (r *Run[Out]) Pause() { r.r.ask(request{kind: requestPause}) }

// Continue ends a pause.
func (r *Run[Out]) Continue() { r.r.ask(request{kind: requestResume}) }

// StepOnce lets exactly one more execution of a paused run start: now, or as soon as there is one.
func (r *Run[Out]) StepOnce() { r.r.ask(request{kind: requestResume, permits: 1}) }

// SetBreakpoints sets the run's breakpoints: the run pauses before it starts an execution for which
// stop reports true. The function is given the step's name and the stable name of the event's type,
// must be quick and must not touch the run. Nil removes the breakpoints.
func (r *Run[Out]) SetBreakpoints(stop func(step, event string) bool) {
	r.r.mu.Lock()
	defer r.r.mu.Unlock()
	r.r.tree.Break = stop
}

// Explain reports what the run is doing, and for each part that makes no progress, what it waits
// for.
func (r *Run[Out]) Explain() Explanation {
	r.r.mu.Lock()
	defer r.r.mu.Unlock()
	return *r.r.tree.Explain()
}

// Graph returns the workflow's graph with the counts of this run so far: executions that started,
// and events that went along each edge.
func (r *Run[Out]) Graph() Graph {
	r.r.c.resolve()
	return r.r.c.Graph().Count(r.r.id, r.r.soFar())
}

// Snapshot returns the state of the run at this instant. A run that waits for its turn has none
// yet.
func (r *Run[Out]) Snapshot() (*Snapshot, error) {
	r.r.mu.Lock()
	if r.r.waits {
		r.r.mu.Unlock()
		return nil, fmt.Errorf("flow: run %s: snapshot: it waits for its turn, and there is nothing new to go on from", r.r.id)
	}
	s := r.r.tree.Snapshot(r.r.now())
	r.r.mu.Unlock()
	if err := s.Writable(); err != nil {
		return nil, fmt.Errorf("flow: run %s: snapshot: %w", r.r.id, err)
	}
	return &Snapshot{*s}, nil
}

// JournalErr says why the journal could not be written; nil if all is well.
func (r *Run[Out]) JournalErr() error {
	if r.r.keeper == nil {
		return nil
	}
	return r.r.keeper.failure()
}
