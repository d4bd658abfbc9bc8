package flow

import (
	"fmt"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"weft/flow/internal/fold"
)

// A WorkflowOption changes how the runs of a workflow are run. See [New].
type WorkflowOption interface{ applyWorkflow(*core) }

// A StepOption changes how a step is run. See [Step].
type StepOption interface {
	applyStep(*fold.Workflow, *fold.Step)
}

// An Option is a WorkflowOption and a StepOption.
type Option interface {
	WorkflowOption
	StepOption
}

// A RunOption changes one run. See [Workflow.Start].
type RunOption interface{ applyRun(*run) }

type workflowOption func(*core)

func (o workflowOption) applyWorkflow(c *core) { o(c) }

type stepOption func(*fold.Workflow, *fold.Step)

func (o stepOption) applyStep(w *fold.Workflow, s *fold.Step) { o(w, s) }

type runOption func(*run)

func (o runOption) applyRun(r *run) { o(r) }

// A commonOption is an option that workflows and steps both take.
type commonOption struct {
	workflowOption
	stepOption
}

// Describe says in a line what a workflow or a step does, for pickers and graphs.
func Describe(text string) Option {
	return commonOption{
		func(c *core) { c.Description = text },
		func(_ *fold.Workflow, s *fold.Step) { s.Doc = text },
	}
}

// Timeout bounds each run of a workflow, or each attempt of a step; the default, 0, is no
// limit.
//
// The clock of a run is stopped while the run waits for its turn, while a debugger holds it, and
// while every open execution awaits. The clock of an attempt is stopped while it awaits. A run out
// of time fails with a [TimeoutError]. An attempt out of time fails with one too, and can be
// retried and recovered like any failure.
func Timeout(d time.Duration) Option {
	return commonOption{
		func(c *core) { c.Timeout = d },
		func(_ *fold.Workflow, s *fold.Step) { s.Timeout = d },
	}
}

// MaxRuns lets at most n runs of a workflow be under way at once; the default is any number.
// Further runs wait for their turn, in any order. [Workflow.Start] returns at once for them too.
//
// The runs of a sub-workflow ([Sub]) are not among them, because they are part of other runs: n
// limits them for each such step and run.
func MaxRuns(n int) WorkflowOption {
	return workflowOption(func(c *core) {
		if n < 1 {
			panic(fmt.Sprintf("flow: New %q: MaxRuns(%d): at least 1", c.Name, n))
		}
		c.slots = make(chan struct{}, n)
	})
}

// LogTo sets where a workflow logs; the default is slog.Default.
func LogTo(l *slog.Logger) WorkflowOption {
	return workflowOption(func(c *core) { c.log = l })
}

// Verbose logs a line for every record of a workflow's runs.
func Verbose() WorkflowOption {
	return workflowOption(func(c *core) { c.verbose = true })
}

// Workers lets n executions of a step run at once in each run, at most 32,767; the default is 4.
// Further events wait in order.
func Workers(n int) StepOption {
	return stepOption(func(w *fold.Workflow, s *fold.Step) {
		if n < 1 || n > fold.MaxWorkers {
			panic(fmt.Sprintf("flow: %s: step %q: Workers(%d): a step has at least 1 and at most %d", w.Name, s.Name, n, fold.MaxWorkers))
		}
		s.Workers = n
	})
}

// Retry sets the policy by which failed attempts of a step are retried. Without it the first
// failure is final.
func Retry(p Policy) StepOption {
	return stepOption(func(_ *fold.Workflow, s *fold.Step) { s.Retry = &p })
}

// Formerly gives the names that a step had before, so that journals which hold them can be resumed.
func Formerly(names ...string) StepOption {
	return stepOption(func(_ *fold.Workflow, s *fold.Step) { s.Aliases = names })
}

// Sends declares that a step may [Context.Send] events of type E. Only what is declared can be
// sent: it is part of the graph.
func Sends[E any]() StepOption {
	return stepOption(func(w *fold.Workflow, s *fold.Step) {
		s.Sends = append(s.Sends, w.TypeOf(reflect.TypeFor[E](), "what step "+s.Name+" sends"))
	})
}

// Awaits declares that a step may [Await] a reply of type R.
func Awaits[R any]() StepOption {
	return stepOption(func(w *fold.Workflow, s *fold.Step) {
		s.Awaits = append(s.Awaits, w.TypeOf(reflect.TypeFor[R](), "what step "+s.Name+" awaits"))
	})
}

// External declares that the events of type E which a step takes come from outside, with
// [Run.Send]: no step of the workflow needs to give them. A run with nothing else under way waits
// for them without a limit, instead of failing with a [StuckError].
func External[E any]() StepOption {
	return stepOption(func(w *fold.Workflow, s *fold.Step) {
		typ := w.TypeOf(reflect.TypeFor[E](), "what step "+s.Name+" takes from outside")
		if s.Kind == fold.JoinStep || !slices.Contains(s.Takes, typ) {
			panic(fmt.Sprintf("flow: %s: step %q: External[%v] is for a step that takes this type, and not for a Join", w.Name, s.Name, reflect.TypeFor[E]()))
		}
		s.External = append(s.External, typ)
	})
}

// Take lets a [Join] be called with the first n events that arrive; the other branches continue,
// but no longer count. If there are fewer than n, it is called with those when the fan-out is over.
func Take(n int) StepOption {
	return stepOption(func(w *fold.Workflow, s *fold.Step) {
		if s.Kind != fold.JoinStep || n < 1 {
			panic(fmt.Sprintf("flow: %s: step %q: Take(%d) is for a Join and at least 1", w.Name, s.Name, n))
		}
		s.Take = n
	})
}

// Covers names the steps whose failures a recovery step takes.
func Covers(steps ...string) StepOption {
	return stepOption(func(w *fold.Workflow, s *fold.Step) {
		mustRecover(w, s, "Covers")
		s.Covers = append(s.Covers, steps...)
	})
}

// Budget says how many failures of one lineage a recovery step may take; the default is 1.
func Budget(n int) StepOption {
	return stepOption(func(w *fold.Workflow, s *fold.Step) {
		mustRecover(w, s, "Budget")
		s.Budget = n
	})
}

func mustRecover(w *fold.Workflow, s *fold.Step, option string) {
	if s.Kind != fold.RecoveryStep {
		panic(fmt.Sprintf("flow: %s: step %q: %s is for a step added with Recover", w.Name, s.Name, option))
	}
}

// ID gives a run its identifier; the default is a random one. It must be unique among the runs
// whose journals are kept together, and without a "/".
func ID(id string) RunOption {
	if strings.Contains(id, "/") {
		panic(fmt.Sprintf("flow: ID %q: a run's identifier has no slash; it tells sub-workflows apart", id))
	}
	return runOption(func(r *run) { r.id = id })
}

// Labels notes facts about a run in the header of its journal, such as the directory that it is
// about. The engine does not read them. Given several times, the labels add up, and the later of two
// with one name wins. A run that is resumed keeps the labels of its journal.
func Labels(labels map[string]string) RunOption {
	return runOption(func(r *run) {
		all := map[string]string{}
		maps.Copy(all, r.labels)
		maps.Copy(all, labels)
		r.labels = all
	})
}

// Replace edits an event of the records that a run is forked from: the event with this number
// becomes ev, which must be of the same type.
func Replace(event uint64, ev any) RunOption {
	return runOption(func(r *run) {
		if r.edits == nil {
			r.edits = map[uint64]any{}
		}
		r.edits[event] = ev
	})
}

// Breakpoints sets a run's breakpoints before it starts, as [Run.SetBreakpoints] does while it is
// under way.
func Breakpoints(stop func(step, event string) bool) RunOption {
	return runOption(func(r *run) { r.tree.Break = stop })
}
