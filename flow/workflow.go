package flow

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"

	"weft/flow/internal/fold"
)

// A Workflow is a set of steps that begins with an In, the start event, and ends when one of them
// gives an Out, the stop event. Make it with [New], add steps with [Step], [Each], [Join],
// [Collect2], [Recover] and [Sub], then [Workflow.Run] it any number of times, also concurrently:
// runs share nothing.
type Workflow[In, Out any] struct{ c *core }

// New returns an empty workflow.
func New[In, Out any](name string, opts ...WorkflowOption) *Workflow[In, Out] {
	return &Workflow[In, Out]{newCore(name, reflect.TypeFor[In](), reflect.TypeFor[Out](), opts...)}
}

// Name declares the stable name of an event type and its former names. Journals hold these names,
// so that a journal outlives a type that was renamed. Without it an event is named after its Go
// type.
func Name[E any](wf Definition, name string, former ...string) {
	wf.core().Rename(reflect.TypeFor[E](), name, former)
}

// A Definition is a *Workflow whatever its type parameters: all that is needed of it by a screen or
// a server, which know no event types.
type Definition interface {
	Name() string
	Description() string
	Graph() Graph // steps, events and edges, as the types tell them
	Check() error // what is wrong with the graph: nil, or an *InvalidError with all findings

	// StartJSON starts a run whose start event is given as JSON. An error that wraps ErrMalformed
	// says that the JSON does not fit the type.
	StartJSON(ctx context.Context, start json.RawMessage, opts ...RunOption) (Handle, error)

	core() *core
	handle(*run) Handle
}

// Name returns the workflow's name.
func (w *Workflow[In, Out]) Name() string { return w.c.Name }

// Description returns the workflow's one-line description.
func (w *Workflow[In, Out]) Description() string { return w.c.Workflow.Description }

// Graph returns the workflow's graph.
func (w *Workflow[In, Out]) Graph() Graph {
	w.c.resolve()
	return w.c.Graph()
}

// Check returns what is wrong with the workflow's graph: nil, or an *[InvalidError] with all
// findings. The first run does the same. After it the workflow can no longer be changed.
func (w *Workflow[In, Out]) Check() error { return w.c.check() }

func (w *Workflow[In, Out]) core() *core { return w.c }

func (w *Workflow[In, Out]) handle(r *run) Handle { return &Run[Out]{r} }

// Run starts the workflow and waits for its end. It returns the stop event, or the error that ended
// the run. If only its own steps can end the run, and they run strictly one after the other, they
// are called on the caller's goroutine.
func (w *Workflow[In, Out]) Run(ctx context.Context, in In, opts ...RunOption) (Out, error) {
	r, err := start(ctx, w.c, in, opts, true)
	if err != nil {
		var none Out
		return none, err
	}
	<-r.done    // the end of ctx ends the run
	r.mu.Lock() // a goroutine of the run may still publish the last record
	r.tree.Log.Recycle()
	r.mu.Unlock()
	return (&Run[Out]{r}).result()
}

// Start starts the workflow and returns at once. When ctx is done the run is cancelled, or
// suspended if it is kept in a journal ([Keep]). The error is that of [Workflow.Check].
func (w *Workflow[In, Out]) Start(ctx context.Context, in In, opts ...RunOption) (*Run[Out], error) {
	r, err := start(ctx, w.c, in, opts, false)
	if err != nil {
		return nil, err
	}
	return &Run[Out]{r}, nil
}

// StartJSON starts a run whose start event is given as JSON.
func (w *Workflow[In, Out]) StartJSON(ctx context.Context, in json.RawMessage, opts ...RunOption) (Handle, error) {
	var ev In
	if err := json.Unmarshal(in, &ev); err != nil {
		return nil, fmt.Errorf("flow: %s: start event %s: %w: %w", w.c.Name, w.c.Types[w.c.In].Name, ErrMalformed, err)
	}
	return w.Start(ctx, ev, opts...)
}

func newCore(name string, in, out reflect.Type, opts ...WorkflowOption) *core {
	c := &core{Workflow: fold.NewWorkflow(name, in, out)}
	c.Deadline = context.DeadlineExceeded
	c.RegisterError("context.canceled", context.Canceled)
	c.RegisterError("context.deadline_exceeded", context.DeadlineExceeded)
	c.RegisterError("flow.ended", ErrEnded)
	c.RegisterError("flow.not_awaited", ErrNotAwaited)
	for _, o := range opts {
		o.applyWorkflow(c)
	}
	return c
}
