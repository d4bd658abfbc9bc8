package graph

import (
	"slices"
	"strings"

	"weft/flow"
	"weft/ui/canvas"
	"weft/ui/run"
)

// Selected returns the selected step; nil if there is none.
func (m *Model) Selected() *flow.GraphStep {
	l := m.level()
	for i := range l.graph.Steps {
		if l.graph.Steps[i].Name == l.selected {
			return &l.graph.Steps[i]
		}
	}
	return nil
}

// Name returns the name of the workflow that is shown, after those of the workflows around it.
func (m *Model) Name() string {
	var names []string
	for _, l := range m.levels {
		names = append(names, canvas.Line(l.graph.Name))
	}
	return strings.Join(names, " › ")
}

// Steps returns the running steps with a name in the workflow that is shown, at the moment that is
// shown: several if a sub-workflow runs several times.
func (m *Model) Steps(name string) []*run.Step { return steps(m.view, m.workflows(m.view), name) }

// Graph returns the workflow that is shown: the innermost that is open.
func (m *Model) Graph() flow.Graph { return m.level().graph }

// choose selects a step.
func (m *Model) choose(name string) {
	m.scrolled = false
	if m.level().selected != name {
		m.level().selected = name
		m.version++
	}
}

// Reflect selects the step of the shown workflow that is s, or that runs the sub-workflow with s in
// it; none if there is no such step.
func (m *Model) Reflect(s *run.Step) {
	if m.view.Run() == nil {
		return
	}
	ws := m.workflows(m.view.Run().Now())
	for s != nil {
		if slices.Contains(ws, s.Workflow) {
			m.choose(s.Name)
			return
		}
		if s.Workflow.Parent == nil {
			break
		}
		s = s.Workflow.Parent.Step
	}
	m.choose("")
}

// Move selects the step n steps further down, or up if n is negative, in the order in which the
// graph is read.
func (m *Model) Move(n int) {
	order := m.order()
	if len(order) == 0 {
		return
	}
	at := slices.Index(order, m.level().selected)
	switch {
	case at >= 0:
		at += n
	case n < 0:
		at = len(order) - 1
	default:
		at = n - 1
	}
	m.choose(order[max(0, min(at, len(order)-1))])
}

// order returns the names of the steps as they are read on the screen.
func (m *Model) order() (names []string) {
	g := &m.level().graph
	if !m.arrange() {
		for i := range g.Steps {
			names = append(names, g.Steps[i].Name)
		}
		return names
	}
	for _, n := range m.drawn.Order {
		if n > 0 && n <= len(g.Steps) {
			names = append(names, g.Steps[n-1].Name)
		}
	}
	return names
}

// Scroll moves the visible rows by n without changing the selection.
func (m *Model) Scroll(n int) {
	m.top = max(m.top+n, 0)
	m.scrolled = true
	m.version++
}

// Click selects the step at column x and row y of the panel. It reports whether there is one, and
// whether it was selected before.
func (m *Model) Click(x, y int) (hit, again bool) {
	name := m.at(x, y)
	if name == "" {
		return false, false
	}
	again = name == m.level().selected
	m.choose(name)
	m.scrolled = true // what was clicked stays under the mouse
	return true, again
}

// at returns the name of the step at a cell; "" if there is none.
func (m *Model) at(x, y int) string {
	g := &m.level().graph
	if !m.arrange() {
		if i := m.top + y - 1; i >= 0 && i < len(g.Steps) {
			return g.Steps[i].Name
		}
		return ""
	}
	d := &m.drawn
	x -= max((m.w-1-d.W)/2, 0)
	if y += m.top; d.H < m.h {
		y -= m.top + (m.h-d.H)/2
	}
	for i := range g.Steps {
		at, step := d.Ports[i+1], &g.Steps[i]
		in := canvas.R(at.X-lineLeft, at.Y, lineLeft+2+canvas.Width(canvas.Truncate(canvas.Line(step.Name), d.names))+1+d.room, 1)
		if d.boxes {
			in = canvas.R(at.X-boxLeft, at.Y, m.boxWidth(step), 3)
		}
		if (canvas.Rect{Min: in.Min, Max: in.Max}).Overlaps(canvas.R(x, y, 1, 1)) {
			return step.Name
		}
	}
	return ""
}

// Open shows the sub-workflow that the selected step runs, and reports whether it runs one.
func (m *Model) Open() bool {
	s := m.Selected()
	if s == nil || s.Graph == nil {
		return false
	}
	m.levels = append(m.levels, level{graph: *s.Graph})
	m.changed()
	return true
}

// Leave shows the workflow around the one that is shown, and reports whether there is one.
func (m *Model) Leave() bool {
	if len(m.levels) == 1 {
		return false
	}
	m.levels = m.levels[:len(m.levels)-1]
	m.changed()
	return true
}

// Execution returns an execution of the selected step: one that failed, otherwise one at work,
// otherwise the last; nil if the step has not started.
func (m *Model) Execution() (found *run.Execution) {
	if m.view.Run() == nil {
		return nil
	}
	v := m.view.Run().Now()
	rank := 0
	for _, s := range steps(v, m.workflows(v), m.level().selected) {
		for _, e := range v.Executions(s) {
			phase, _, end := e.Phase(v)
			r := 1
			switch {
			case end == run.Failed:
				r = 3
			case phase != run.Ended && phase != run.Idle:
				r = 2
			}
			if r >= rank {
				found, rank = e, r
			}
		}
	}
	return found
}
