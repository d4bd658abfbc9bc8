package timeline

import (
	"slices"

	"weft/ui/run"
)

// A rowFilter decides which rows the filter leaves.
type rowFilter struct {
	all    run.View
	accept func(run.View, *run.Step, *run.Execution) bool // nil: all
	// Steps and executions that the run's timeout interrupted
	hit  map[relative]bool
	kept map[*run.Step]bool // results of step
}

func newRowFilter(all run.View, accept func(run.View, *run.Step, *run.Execution) bool) *rowFilter {
	f := &rowFilter{all: all, accept: accept}
	if accept != nil {
		f.hit, f.kept = map[relative]bool{}, map[*run.Step]bool{}
		for _, e := range all.Interrupted() {
			f.hit[relative{e.Step, nil}], f.hit[relative{e.Step, e}] = true, true
		}
	}
	return f
}

// own reports whether a step passes the filter by itself, and not because of a row below it.
func (f *rowFilter) own(s *run.Step) bool {
	return f.accept == nil || f.hit[relative{s, nil}] || s.Lane.Count(f.all).Failures > 0 || f.accept(f.all, s, nil)
}

// step reports whether the row of a step is kept: the step passes the filter, or a row below it
// does.
func (f *rowFilter) step(s *run.Step) bool {
	if f.accept == nil {
		return true
	}
	keep, known := f.kept[s]
	if !known {
		keep = f.own(s) || slices.ContainsFunc(f.all.Children(s), f.workflow)
		f.kept[s] = keep
	}
	return keep
}

// workflow reports whether any step of a sub-workflow is kept.
func (f *rowFilter) workflow(w *run.Workflow) bool {
	return slices.ContainsFunc(f.all.Steps(w), f.step)
}

// opens reports whether a step is unfolded because a row below it passes the filter.
func (f *rowFilter) opens(s *run.Step) bool {
	return f.accept != nil && slices.ContainsFunc(f.all.Children(s), f.workflow)
}

// steps returns the steps of a workflow that are kept.
func (f *rowFilter) steps(w *run.Workflow) []*run.Step { return keep(f, f.all.Steps(w), f.step) }

// executions returns the executions of a step that are kept: those that pass the filter, and those
// with a step below them that does.
func (f *rowFilter) executions(s *run.Step) []*run.Execution {
	return keep(f, f.all.Executions(s), func(e *run.Execution) bool {
		return f.hit[relative{s, e}] || e.HasFailed(f.all) || f.accept(f.all, s, e) || slices.ContainsFunc(f.all.SubWorkflows(e), f.workflow)
	})
}

func keep[T any](f *rowFilter, all []T, keep func(T) bool) (some []T) {
	if f.accept == nil {
		return all
	}
	for _, x := range all {
		if keep(x) {
			some = append(some, x)
		}
	}
	return some
}
