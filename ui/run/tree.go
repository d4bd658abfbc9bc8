package run

import (
	"cmp"
	"slices"
)

// Root returns the workflow of the run itself; nil before the first record.
func (v View) Root() *Workflow {
	if v.n == 0 {
		return nil
	}
	return v.r.workflows[0]
}

// Steps returns the steps of a workflow in the order of their first start.
func (v View) Steps(w *Workflow) []*Step {
	if w == nil {
		return nil
	}
	return w.steps[:upTo(w.steps, v.n, func(s *Step) int { return s.first })]
}

// Step returns the step of a workflow with a name; nil if it has not started.
func (v View) Step(w *Workflow, name string) *Step {
	if w == nil {
		return nil
	}
	if s := w.byName[name]; s != nil && s.first <= v.n {
		return s
	}
	return nil
}

// Children returns the sub-workflows that the executions of a step run.
func (v View) Children(s *Step) []*Workflow {
	return s.children[:upTo(s.children, v.n, func(w *Workflow) int { return w.first })]
}

// SubWorkflows returns the sub-workflows that an execution runs.
func (v View) SubWorkflows(e *Execution) []*Workflow {
	return e.children[:upTo(e.children, v.n, func(w *Workflow) int { return w.first })]
}

// Workers returns the workers that have run executions of a step.
func (v View) Workers(s *Step) []*Worker {
	return s.workers[:upTo(s.workers, v.n, func(w *Worker) int { return w.first })]
}

// Executions returns the executions of a step in the order in which they began.
func (v View) Executions(s *Step) []*Execution {
	return s.execs[:upTo(s.execs, v.n, func(e *Execution) int { return e.first })]
}

// AllExecutions returns the executions of all steps, those of sub-workflows included, in the order in
// which they began.
func (v View) AllExecutions() (all []*Execution) {
	var walk func(w *Workflow)
	walk = func(w *Workflow) {
		for _, s := range v.Steps(w) {
			all = append(all, v.Executions(s)...)
			for _, inner := range v.Children(s) {
				walk(inner)
			}
		}
	}
	walk(v.Root())
	slices.SortFunc(all, func(a, b *Execution) int { return cmp.Compare(a.first, b.first) })
	return all
}

// Execution returns an execution by its identifier; nil if it has not begun.
func (v View) Execution(id uint64) *Execution {
	if v.r == nil {
		return nil
	}
	if e := v.r.execs[id]; e != nil && e.first <= v.n {
		return e
	}
	return nil
}

// Began returns the position of the record with which an execution began.
func (e *Execution) Began() int { return e.first }
