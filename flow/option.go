package flow

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"weft/flow/internal/fold"
)

// An Option changes how a step is run.
type Option interface {
	apply(*fold.Workflow, *fold.Step)
}

type option func(*fold.Workflow, *fold.Step)

func (o option) apply(w *fold.Workflow, s *fold.Step) { o(w, s) }

// Workers lets n executions of a step run at once in each run, at most 32,767; the default is 4.
// Further events wait in order.
func Workers(n int) Option {
	return option(func(w *fold.Workflow, s *fold.Step) {
		if n < 1 || n > fold.MaxWorkers {
			panic(fmt.Sprintf("flow: %s: step %q: Workers(%d): a step has at least 1 and at most %d", w.Name, s.Name, n, fold.MaxWorkers))
		}
		s.Workers = n
	})
}

// Timeout bounds each attempt of a step. The time during which it awaits does not count. Running
// out of it fails the attempt, which can be retried and recovered like any failure.
func Timeout(d time.Duration) Option {
	return option(func(_ *fold.Workflow, s *fold.Step) { s.Timeout = d })
}

// Retry sets what happens when an attempt of a step fails. Without it the first failure is final.
func Retry(p Policy) Option {
	return option(func(_ *fold.Workflow, s *fold.Step) { s.Retry = &p })
}

// Describe says in a line what a step does, for graphs.
func Describe(text string) Option {
	return option(func(_ *fold.Workflow, s *fold.Step) { s.Doc = text })
}

// Formerly gives the names that a step had before, so that journals which hold them can be resumed.
func Formerly(names ...string) Option {
	return option(func(_ *fold.Workflow, s *fold.Step) { s.Aliases = names })
}

// Sends declares that a step may [Context.Send] events of type E. Only what is declared can be
// sent: it is part of the graph.
func Sends[E any]() Option {
	return option(func(w *fold.Workflow, s *fold.Step) {
		s.Sends = append(s.Sends, w.TypeOf(reflect.TypeFor[E](), "what step "+s.Name+" sends"))
	})
}

// Awaits declares that a step may [Await] a reply of type R.
func Awaits[R any]() Option {
	return option(func(w *fold.Workflow, s *fold.Step) {
		s.Awaits = append(s.Awaits, w.TypeOf(reflect.TypeFor[R](), "what step "+s.Name+" awaits"))
	})
}

// Take lets a [Join] be called with the first n events that arrive; the other branches continue,
// but no longer count. If there are fewer than n, it is called with those when the fan-out is over.
func Take(n int) Option {
	return option(func(w *fold.Workflow, s *fold.Step) {
		if s.Kind != fold.JoinStep || n < 1 {
			panic(fmt.Sprintf("flow: %s: step %q: Take(%d) is for a Join and at least 1", w.Name, s.Name, n))
		}
		s.Take = n
	})
}

// Covers names the steps whose failures a recovery step takes.
func Covers(steps ...string) Option {
	return option(func(w *fold.Workflow, s *fold.Step) {
		mustRecover(w, s, "Covers")
		s.Covers = append(s.Covers, steps...)
	})
}

// Budget says how often a recovery step may take a failure of one lineage; the default is 1.
func Budget(n int) Option {
	return option(func(w *fold.Workflow, s *fold.Step) {
		mustRecover(w, s, "Budget")
		s.Budget = n
	})
}

func mustRecover(w *fold.Workflow, s *fold.Step, option string) {
	if s.Kind != fold.RecoveryStep {
		panic(fmt.Sprintf("flow: %s: step %q: %s is for a step added with Recover", w.Name, s.Name, option))
	}
}

// A RunOption sets something for one run.
type RunOption func(*run)

// ID gives a run its identifier; the default is a random one. It must be unique among the runs
// whose journals are kept together, and without a "/".
func ID(id string) RunOption {
	if strings.Contains(id, "/") {
		panic(fmt.Sprintf("flow: ID %q: a run's identifier has no slash; it tells sub-workflows apart", id))
	}
	return func(r *run) { r.id = id }
}

// Replace edits an event of the records that a run is forked from: the event with this number
// becomes ev, which must be of the same type.
func Replace(event uint64, ev any) RunOption {
	return func(r *run) {
		if r.edits == nil {
			r.edits = map[uint64]any{}
		}
		r.edits[event] = ev
	}
}

// Break sets a run's breakpoints before it starts, as [Run.Break] does while it is under way.
func Break(stop func(step, event string) bool) RunOption {
	return func(r *run) { r.tree.Break = stop }
}
