package flow

import (
	"fmt"
	"reflect"
	"time"
)

// An Option changes how a step is run.
type Option interface{ apply(*core, *step) }

type option func(*core, *step)

func (o option) apply(c *core, s *step) { o(c, s) }

// maxWorkers is as many as records can number.
const maxWorkers = 1<<15 - 1

// Workers lets n executions of a step run at once in each run, at most 32,767; the default is 4. Further events wait in order.
func Workers(n int) Option {
	return option(func(c *core, s *step) {
		if n < 1 || n > maxWorkers {
			panic(fmt.Sprintf("flow: %s: step %q: Workers(%d): a step has at least 1 and at most %d", c.name, s.name, n, maxWorkers))
		}
		s.workers = n
	})
}

// Timeout bounds each attempt of a step. The time during which it awaits does not count. Running out of it fails the
// attempt, which can be retried and recovered like any failure.
func Timeout(d time.Duration) Option { return option(func(_ *core, s *step) { s.timeout = int64(d) }) }

// Describe says in a line what a step does, for graphs.
func Describe(text string) Option { return option(func(_ *core, s *step) { s.doc = text }) }

// Formerly gives the names that a step had before, so that journals which hold them can be resumed.
func Formerly(names ...string) Option { return option(func(_ *core, s *step) { s.aliases = names }) }

// Sends declares that a step may [Context.Send] events of type E. Only what is declared can be sent: it is part of the graph.
func Sends[E any]() Option {
	return option(func(c *core, s *step) {
		s.sends = append(s.sends, c.typeOf(reflect.TypeFor[E](), "what step "+s.name+" sends"))
	})
}

// Awaits declares that a step may [Await] a reply of type R.
func Awaits[R any]() Option {
	return option(func(c *core, s *step) {
		s.awaits = append(s.awaits, c.typeOf(reflect.TypeFor[R](), "what step "+s.name+" awaits"))
	})
}

// Take lets a [Join] go ahead with the first n events that arrive; the other branches go on, but no longer count. If
// there are fewer than n, it goes ahead with those when the fan-out is over.
func Take(n int) Option {
	return option(func(c *core, s *step) {
		if s.kind != join || n < 1 {
			panic(fmt.Sprintf("flow: %s: step %q: Take(%d) is for a Join and at least 1", c.name, s.name, n))
		}
		s.take = n
	})
}

// Covers names the steps whose failures a recovery step takes.
func Covers(steps ...string) Option {
	return option(func(c *core, s *step) {
		mustRecover(c, s, "Covers")
		s.covers = append(s.covers, steps...)
	})
}

// Budget says how often a recovery step may take a failure of one lineage; the default is 1.
func Budget(n int) Option {
	return option(func(c *core, s *step) {
		mustRecover(c, s, "Budget")
		s.budget = n
	})
}

func mustRecover(c *core, s *step, what string) {
	if s.kind != recovery {
		panic(fmt.Sprintf("flow: %s: step %q: %s is for a step added with Recover", c.name, s.name, what))
	}
}
