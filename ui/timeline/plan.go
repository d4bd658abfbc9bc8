package timeline

import (
	"slices"

	"weft/flow"
	"weft/ui/run"
)

// A plan is what is known of a run's workflow before anything ran: its graph, and the breakpoints
// of a debugger.
type plan struct {
	graph flow.Graph // names steps that have not started, and limits of workers
	stops func(step, event string) bool
}

// missing lists the steps of the workflow that are not among those that started.
func (p *plan) missing(started []*run.Step) (names []string) {
	known := make(map[string]bool, len(started))
	for _, s := range started {
		known[s.Name] = true
	}
	for _, s := range p.graph.Steps {
		if !known[s.Name] {
			names = append(names, s.Name)
		}
	}
	return names
}

// limit returns how many executions of a step may run at once; 0 if it is not known.
func (p *plan) limit(s *run.Step) int {
	if step := find(p.graphOf(s.Workflow), s.Name); step != nil {
		return step.Workers
	}
	return 0
}

// graphOf returns the graph of the run's workflow or of a sub-workflow; nil if it is not known.
func (p *plan) graphOf(w *run.Workflow) *flow.Graph {
	if w.Parent == nil {
		return &p.graph
	}
	if step := find(p.graphOf(w.Parent.Step.Workflow), w.Parent.Step.Name); step != nil {
		return step.Graph
	}
	return nil
}

// find returns the step of a graph with a name; nil if there is none.
func find(g *flow.Graph, name string) *flow.GraphStep {
	if g == nil {
		return nil
	}
	if i := slices.IndexFunc(g.Steps, func(s flow.GraphStep) bool { return s.Name == name }); i >= 0 {
		return &g.Steps[i]
	}
	return nil
}

// stopped reports whether a breakpoint pauses runs before the step of a row.
func (p *plan) stopped(r row) bool {
	switch {
	case p.stops == nil:
		return false
	case r.kind == plannedRow:
		return p.stopsAt(&p.graph, r.plan)
	case r.kind == stepRow || r.kind == workerRow:
		return p.stopsAt(p.graphOf(r.step.Workflow), r.step.Name)
	}
	return false
}

// stopsAt reports whether a breakpoint is on a step or on a type of event that it takes.
func (p *plan) stopsAt(g *flow.Graph, name string) bool {
	if p.stops(name, "") {
		return true
	}
	step := find(g, name)
	return step != nil && slices.ContainsFunc(step.Takes, func(event string) bool { return p.stops(name, event) })
}
