package flow

import (
	"fmt"
	"iter"
	"reflect"

	"weft/flow/internal/fold"
)

// Step adds a step: a function that takes an event of type E and returns one of type R. Their types
// are the wiring: the step gets every E, and what it returns goes to every step that takes it, or
// ends the run if it is the stop event.
//
// R may be a pointer or an interface. A nil one means that nothing comes of this call. With an
// interface the step branches: it may return any of the workflow's event types that implement it.
// The event is always the value: of a *T, the T.
//
// Several calls of the function run at once, as many as [Workers] says. It must return when its
// context is done; its result no longer counts then.
func Step[E, R any](wf Definition, name string, fn func(*Context, E) (R, error), opts ...StepOption) {
	require(name, fn != nil)
	body := func(ctx *Context, in any) (any, error) { return boxed(fn(ctx, in.(E))) }
	add[R](wf, &fold.Step{Name: name, Kind: fold.SingleStep, Body: stepBody(body)}, typesOf[E](1), opts)
}

// Each adds a step that fans out: it returns a sequence, and each event that the sequence yields is
// a branch, which is handled while the sequence continues. The branches are a scope: when the
// sequence has ended and nothing of the scope is open any more, the nearest [Join] gets their
// results.
//
// An error that is yielded fails the attempt: the scope is given up with all its branches. A nil
// sequence means that nothing comes of this call, not even an empty scope. When far more branches
// wait than there are workers, the yield blocks; it returns false when the run has ended.
//
// After a restart the sequence runs again from the top and must yield the same events in the same
// order.
func Each[E, R any](wf Definition, name string, fn func(*Context, E) iter.Seq2[R, error], opts ...StepOption) {
	require(name, fn != nil)
	body := func(ctx *Context, in any, open func(), yield func(any) bool) error {
		seq := fn(ctx, in.(E))
		if seq == nil {
			return nil
		}
		open()
		for r, err := range seq {
			if err != nil {
				return err
			}
			if !yield(r) {
				break
			}
		}
		return nil
	}
	add[R](wf, &fold.Step{Name: name, Kind: fold.FanOutStep, Body: fanOutBody(body)}, typesOf[E](1), opts)
}

// Join adds a step that takes all events of type E that came of one fan-out, in the order in which
// [Each] yielded their branches. It is called once for each fan-out, when nothing of it is open any
// more, even if nothing is left (with an empty slice). Branches that gave nothing are absent.
func Join[E, R any](wf Definition, name string, fn func(*Context, []E) (R, error), opts ...StepOption) {
	require(name, fn != nil)
	body := func(ctx *Context, in any) (any, error) { return boxed(fn(ctx, slice[E](in.([]any)))) }
	add[R](wf, &fold.Step{Name: name, Kind: fold.JoinStep, Body: stepBody(body)}, typesOf[E](1), opts)
}

// Collect2 adds a step that takes an A and a B that were sent separately, outside of a fan-out. It
// is called when both are there, whichever came first; a second A waits for a second B.
func Collect2[A, B, R any](wf Definition, name string, fn func(*Context, A, B) (R, error), opts ...StepOption) {
	require(name, fn != nil)
	collect[R](wf, name, append(typesOf[A](1), typesOf[B](1)...), func(ctx *Context, in []any) (R, error) {
		return fn(ctx, in[0].(A), in[1].(B))
	}, opts)
}

// Collect3 is [Collect2] for three events.
func Collect3[A, B, C, R any](wf Definition, name string, fn func(*Context, A, B, C) (R, error), opts ...StepOption) {
	require(name, fn != nil)
	types := append(append(typesOf[A](1), typesOf[B](1)...), typesOf[C](1)...)
	collect[R](wf, name, types, func(ctx *Context, in []any) (R, error) {
		return fn(ctx, in[0].(A), in[1].(B), in[2].(C))
	}, opts)
}

// CollectN adds a step that takes every n events of type E together, in the order of their arrival.
// The n must really be sent: a step that is triggered by one event and waits for three of its own
// results waits for ever.
func CollectN[E, R any](wf Definition, name string, n int, fn func(*Context, []E) (R, error), opts ...StepOption) {
	require(name, fn != nil)
	if n < 1 {
		panic("flow: CollectN " + name + ": n is less than 1")
	}
	collect[R](wf, name, typesOf[E](n), func(ctx *Context, in []any) (R, error) { return fn(ctx, slice[E](in)) }, opts)
}

func collect[R any](wf Definition, name string, takes []reflect.Type, fn func(*Context, []any) (R, error), opts []StepOption) {
	body := func(ctx *Context, in any) (any, error) { return boxed(fn(ctx, in.([]any))) }
	for _, t := range takes { // before the type that it gives, in the order of the signature
		wf.core().TypeOf(t, "what step "+name+" takes")
	}
	add[R](wf, &fold.Step{Name: name, Kind: fold.CollectStep, Body: stepBody(body)}, takes, opts)
}

// Recover adds a step that is called instead of failing the run when another step has failed for
// good: the steps that [Covers] names, or all that no other recovery step covers. What it returns
// goes where the failed step's event would have gone, also within a fan-out. A lineage, which is an
// execution and all that it caused, may be recovered once by the same step, or as often as [Budget]
// says; then the failure fails the run. A cancel and the run's timeout do not count as failures of
// a step, and a recovery step is not recovered.
func Recover[R any](wf Definition, name string, fn func(*Context, Failure) (R, error), opts ...StepOption) {
	require(name, fn != nil)
	body := func(ctx *Context, in any) (any, error) { return boxed(fn(ctx, in.(Failure))) }
	s := &fold.Step{Name: name, Kind: fold.RecoveryStep, Budget: 1, Body: stepBody(body)}
	add[R](wf, s, typesOf[Failure](1), opts)
}

// Finally adds a clean-up step. When the end of a run is decided, by the stop event, a failure, a
// timeout or a cancel, everything that is open is cancelled; then all clean-up steps are called at
// the same time, and then the run ends as was decided. They find what to clean up or undo in the
// run's state, and have contexts that are not cancelled.
//
// The clean-up does not wait for the functions of cancelled steps. A call that such a function is
// making can still take effect, and the function can no longer change the state to record it. A
// step therefore stores in the state that it is about to make a call, and the clean-up step must
// also work if the call had no effect:
//
//	flow.Do(ctx, "pay", func(call context.Context, key string) (Receipt, error) {
//		err := flow.Update(ctx, func(l *Ledger) error { l.Pending = key; return nil })
//		if err != nil {
//			return Receipt{}, err
//		}
//		return pay(call, key)
//	})
//
// A run that is suspended has not ended, and its clean-up steps are not called. That includes a run
// in a journal whose context ends: only [Run.Cancel] cancels it.
//
// The clean-up takes at most as long as the [Timeout] of its steps, 10 seconds by default, with all
// their attempts. The failure of a clean-up step is logged and does not change how the run ends. It
// gives no events, and does not await or sleep. It may use [Do], [Update] and [Retry].
func Finally(wf Definition, name string, fn func(*Context, Ending) error, opts ...StepOption) {
	require(name, fn != nil)
	body := func(ctx *Context, in any) (any, error) {
		err := fn(ctx, in.(Ending))
		if err != nil {
			ctx.run.logger().Warn("a clean-up step failed", "run", ctx.run.id, "step", name, "error", err)
		}
		return nil, err
	}
	c := wf.core()
	s := &fold.Step{Name: name, Kind: fold.CleanupStep, Body: stepBody(body)}
	s.Takes = []int{c.TypeOf(reflect.TypeFor[Ending](), "what step "+name+" takes")}
	addStep(c, s, append([]StepOption{Timeout(fold.CleanupLimit)}, opts...))
	if len(s.Sends)+len(s.Awaits) > 0 || s.Timeout <= 0 {
		panic(fmt.Sprintf("flow: %s: step %q: a clean-up step has a timeout, and neither sends nor awaits", c.Name, name))
	}
}

// Sub adds a step that is a workflow: each E starts a run of it, and its stop event is what the
// step gives. The records of that run are part of this run's journal. A cancel or a timeout of this
// run ends that one too, and a reply sent to this run answers an await of that one.
//
// [Workers] says how many such runs are under way at once. If the child has [MaxRuns], that also
// limits them.
func Sub[E, R any](wf Definition, name string, child *Workflow[E, R], opts ...StepOption) {
	s := &fold.Step{Name: name, Kind: fold.NestedStep, Sub: child.c.Workflow, Doc: child.c.Description}
	add[R](wf, s, typesOf[E](1), opts)
	if child.c.slots != nil {
		s.Workers = min(s.Workers, cap(child.c.slots))
	}
}

// require panics if a step has no function.
func require(step string, has bool) {
	if !has {
		panic(fmt.Sprintf("flow: step %q: its function is nil", step))
	}
}

// add adds a step that gives R.
func add[R any](wf Definition, s *fold.Step, takes []reflect.Type, opts []StepOption) {
	c := wf.core()
	s.Gives = reflect.TypeFor[R]()
	c.Returns(s.Gives, s.Name)
	for _, t := range takes {
		s.Takes = append(s.Takes, c.TypeOf(t, "what step "+s.Name+" takes"))
	}
	addStep(c, s, opts)
}

func addStep(c *core, s *fold.Step, opts []StepOption) {
	c.Add(s, func(s *fold.Step) {
		for _, o := range opts {
			o.applyStep(c.Workflow, s)
		}
	})
}

// typesOf returns n times the type E.
func typesOf[E any](n int) []reflect.Type {
	types := make([]reflect.Type, n)
	for i := range types {
		types[i] = reflect.TypeFor[E]()
	}
	return types
}

// boxed returns the result of a step as an any.
func boxed[R any](r R, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return r, nil
}

// slice returns the events that arrived as the argument of a join.
func slice[E any](in []any) []E {
	events := make([]E, len(in))
	for i, e := range in {
		events[i] = e.(E)
	}
	return events
}
