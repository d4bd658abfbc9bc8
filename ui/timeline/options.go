package timeline

import (
	"weft/ui/run"
)

// Toggle folds or unfolds the selected step, and reports whether there is anything to fold.
func (m *Model) Toggle() bool {
	s := m.selection.key.step
	if s == nil || m.tree.workers {
		return false
	}
	v := m.cursor.run.Now()
	if !foldable(v, s) {
		return false
	}
	m.tree.folds[s] = m.tree.unfolded(v, s)
	if m.selection.key.kind != stepRow {
		m.selection.set(key{kind: stepRow, step: s}, nil)
	}
	m.version++
	m.reveal()
	return true
}

// Filter restricts the rows to those that f accepts, those that failed, and their ancestors: no
// filter hides a failure. f is called for each step as a whole, with a nil execution, and for each
// of its executions that has a row. A nil f shows all rows.
func (m *Model) Filter(f func(run.View, *run.Step, *run.Execution) bool) {
	m.tree.filter = f
	m.version++
	m.layout()
	if m.tree.index(m.selection.key) < 0 {
		m.selection.set(key{}, nil)
	}
	m.reveal()
}

// Workers turns the view with one row per worker on or off. The selection moves with it: between
// the step's row and that of the worker that ran the selected execution.
func (m *Model) Workers() {
	_, e := m.Selected()
	picked := m.selection.picked
	m.tree.workers, m.top = !m.tree.workers, 0
	m.version++
	m.layout()
	switch {
	case e == nil:
		m.selection.set(key{}, nil)
	case m.tree.workers:
		m.choose(workerKey(m.View(), e))
		m.selection.picked = picked
	default:
		k := key{kind: executionRow, step: e.Step, exec: picked}
		if m.tree.index(k) < 0 {
			k = key{kind: stepRow, step: e.Step}
		}
		m.choose(k)
		m.selection.picked = picked
	}
	m.reveal()
}

// Critical turns the display of the critical path on or off, and reports whether it is on.
func (m *Model) Critical() bool { m.path = !m.path; m.version++; return m.path }

// SetStops sets where runs are held: stops is called with the name of a step and "", and with the
// step and each type of event that it takes. The rows of these steps are marked.
func (m *Model) SetStops(stops func(step, event string) bool) { m.plan.stops = stops; m.version++ }
