package timeline

import (
	"fmt"
	"slices"

	"weft/flow"
)

// SetStops sets where runs are held: stops is called with the name of a step and "", and with the
// step and each type of event that it takes. The rows of these steps are marked.
func (m *Model) SetStops(stops func(step, event string) bool) { m.stops = stops; m.version++ }

// stopped reports whether a breakpoint pauses runs before the step of a row.
func (m *Model) stopped(r row) bool {
	switch {
	case m.stops == nil:
		return false
	case r.kind == plannedRow:
		return m.stopsAt(&m.graph, r.plan)
	case r.kind == stepRow || r.kind == workerRow:
		return m.stopsAt(m.graphOf(r.step.Workflow), r.step.Name)
	}
	return false
}

func (m *Model) stopsAt(g *flow.Graph, step string) bool {
	if m.stops(step, "") {
		return true
	}
	if g == nil {
		return false
	}
	i := slices.IndexFunc(g.Steps, func(s flow.GraphStep) bool { return s.Name == step })
	return i >= 0 && slices.ContainsFunc(g.Steps[i].Takes, func(t string) bool { return m.stops(step, t) })
}

// Planned returns the name of the selected step if it has not started; otherwise "".
func (m *Model) Planned() string {
	if m.selected.kind == plannedRow {
		return m.selected.plan
	}
	return ""
}

// Place describes the selection: its row, the number of rows, and a text for rows that are neither
// a step nor an execution (a step that has not started, an attempt, or a worker).
func (m *Model) Place() (row, rows int, what string) {
	m.layout()
	k := m.selected
	switch k.kind {
	case plannedRow:
		what = k.plan + ": not started"
	case attemptRow:
		what = fmt.Sprintf("attempt %d of %s", k.sub.Attempt, k.step.Name)
	case workerRow:
		what = fmt.Sprintf("worker %d", k.work.Number)
		if p := k.step.Workflow.Parent; p != nil && len(m.View().Executions(p.Step)) > 1 {
			what += fmt.Sprintf(" in %s %d", p.Step.Name, p.Number)
		}
	}
	return m.index(k) + 1, m.count(), what
}
