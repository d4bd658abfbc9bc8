package flow

import (
	"iter"
	"reflect"
	"slices"
)

// Step adds a step: a function that takes an event of type E and returns one of type R. Their types are the wiring: the
// step gets every E, and what it returns goes to every step that takes it, or ends the run if it is the stop event.
//
// R may be a pointer or an interface. A nil one means that nothing comes of this call. With an interface the step
// branches: it may return any of the workflow's event types that implement it. What travels is the value: of a *T, the T.
//
// The function is an ordinary one. Several calls of it run at once, as many as [Workers] says. It must return when its
// context is done; its result no longer counts then.
func Step[E, R any](wf Definition, name string, fn func(*Context, E) (R, error), opts ...Option) {
	c, out := wf.core(), reflect.TypeFor[R]()
	c.given(out, name)
	c.add(&step{
		name: name, kind: single, gives: out, takes: []int{c.typeOf(reflect.TypeFor[E](), "what step "+name+" takes")},
		call: func(ctx *Context, in any) (any, error) {
			return boxed(fn(ctx, in.(E)))
		},
	}, opts)
}

// Each adds a step that fans out: it returns a sequence, and each event that the sequence yields is a branch, handled
// while the sequence goes on. The branches are a scope; when the sequence has ended and nothing of the scope is under way
// any more, the nearest [Join] gets what became of them.
//
// An error that is yielded fails the attempt: the scope is given up with all its branches. A nil sequence means that
// nothing comes of this call, not even an empty scope. When far more branches wait than there are workers, the yield
// blocks; it returns false when the run has ended.
//
// After a restart the sequence runs again from the top and must yield the same events in the same order.
func Each[E, R any](wf Definition, name string, fn func(*Context, E) iter.Seq2[R, error], opts ...Option) {
	c, out := wf.core(), reflect.TypeFor[R]()
	c.given(out, name)
	c.add(&step{
		name: name, kind: fanOut, gives: out, takes: []int{c.typeOf(reflect.TypeFor[E](), "what step "+name+" takes")},
		each: func(ctx *Context, in any, open func(), yield func(any) bool) error {
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
		},
	}, opts)
}

// Join adds a step that takes all events of type E that came of one fan-out, in the order in which [Each] yielded the
// branches they came of. It is called once for each fan-out, when nothing of it is under way any more, also if nothing is
// left (with an empty slice). Branches that gave nothing are absent. Nobody counts.
func Join[E, R any](wf Definition, name string, fn func(*Context, []E) (R, error), opts ...Option) {
	c, out := wf.core(), reflect.TypeFor[R]()
	c.given(out, name)
	c.add(&step{
		name: name, kind: join, gives: out, takes: []int{c.typeOf(reflect.TypeFor[E](), "what step "+name+" takes")},
		call: func(ctx *Context, in any) (any, error) {
			return boxed(fn(ctx, slice[E](in)))
		},
	}, opts)
}

// boxed is what a step returned, whatever its type.
func boxed[R any](r R, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return r, nil
}

// slice makes the argument of a join of what arrived.
func slice[E any](in any) []E {
	all := in.([]any)
	es := make([]E, len(all))
	for i, e := range all {
		es[i] = e.(E)
	}
	return es
}

// Collect2 adds a step that takes an A and a B that were sent separately, outside of a fan-out. It is called when both
// are there, whatever came first; a second A waits for a second B.
func Collect2[A, B, R any](wf Definition, name string, fn func(*Context, A, B) (R, error), opts ...Option) {
	addCollect[R](wf, name, []reflect.Type{reflect.TypeFor[A](), reflect.TypeFor[B]()}, func(ctx *Context, in []any) (R, error) {
		return fn(ctx, in[0].(A), in[1].(B))
	}, opts)
}

// Collect3 is [Collect2] for three events.
func Collect3[A, B, C, R any](wf Definition, name string, fn func(*Context, A, B, C) (R, error), opts ...Option) {
	types := []reflect.Type{reflect.TypeFor[A](), reflect.TypeFor[B](), reflect.TypeFor[C]()}
	addCollect[R](wf, name, types, func(ctx *Context, in []any) (R, error) {
		return fn(ctx, in[0].(A), in[1].(B), in[2].(C))
	}, opts)
}

// CollectN adds a step that takes every n events of type E together, in the order of their arrival. The n must really be
// sent: a step that is triggered by one event and waits for three of what it gives itself waits for ever.
func CollectN[E, R any](wf Definition, name string, n int, fn func(*Context, []E) (R, error), opts ...Option) {
	if n < 1 {
		panic("flow: CollectN " + name + ": n is less than 1")
	}
	types := make([]reflect.Type, n)
	for i := range types {
		types[i] = reflect.TypeFor[E]()
	}
	addCollect[R](wf, name, types, func(ctx *Context, in []any) (R, error) { return fn(ctx, slice[E](in)) }, opts)
}

func addCollect[R any](wf Definition, name string, types []reflect.Type, fn func(*Context, []any) (R, error), opts []Option) {
	c, out := wf.core(), reflect.TypeFor[R]()
	s := &step{
		name: name, kind: collect, gives: out,
		call: func(ctx *Context, in any) (any, error) {
			return boxed(fn(ctx, in.([]any)))
		},
	}
	for i, t := range types {
		s.takes = append(s.takes, c.typeOf(t, "what step "+name+" takes"))
		if pos := slices.Index(s.takes, s.takes[i]); pos == i {
			s.wants = append(s.wants, want{i, 1})
		} else {
			s.wants[slices.IndexFunc(s.wants, func(w want) bool { return w.pos == pos })].n++
		}
	}
	c.given(out, name)
	c.add(s, opts)
}

// Recover adds a step that is called instead of failing the run when another step has failed for good: those named by
// [Covers], or all that no other recovery step covers. What it returns goes on where the failed step's event would have
// gone, also within a fan-out. A lineage, that is an execution and all that it caused, may be recovered once by the same
// step, or as often as [Budget] says; then the failure fails the run. A cancel and the run's timeout are no failures of a
// step, and a recovery step is not recovered.
func Recover[R any](wf Definition, name string, fn func(*Context, Failure) (R, error), opts ...Option) {
	c, out := wf.core(), reflect.TypeFor[R]()
	c.given(out, name)
	c.add(&step{
		name: name, kind: recovery, gives: out, budget: 1, takes: []int{c.typeOf(reflect.TypeFor[Failure](), "what step "+name+" takes")},
		call: func(ctx *Context, in any) (any, error) {
			return boxed(fn(ctx, in.(Failure)))
		},
	}, opts)
}

// Sub adds a step that is a workflow: each E starts a run of it, and its stop event is what the step gives. The records of
// that run stand in the journal of this one. A cancel, a timeout and an await reach through.
func Sub[E, R any](wf Definition, name string, child *Workflow[E, R], opts ...Option) {
	c := wf.core()
	c.given(reflect.TypeFor[R](), name)
	c.add(&step{
		name: name, kind: nested, sub: child.c, doc: child.c.cfg.Description,
		gives: reflect.TypeFor[R](), takes: []int{c.typeOf(reflect.TypeFor[E](), "what step "+name+" takes")},
	}, opts)
}
