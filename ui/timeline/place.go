package timeline

import "fmt"

// Place says in words where the selection is: which row of how many, and what the row is where it is neither a step nor one of
// its executions: a step that has not started, or a worker.
func (m *Model) Place() (row, rows int, what string) {
	m.layout()
	k := m.selected
	switch k.kind {
	case plannedRow:
		what = k.plan + ": not started"
	case workerRow:
		what = fmt.Sprintf("worker %d", k.work.Number)
	}
	return m.index(k) + 1, m.count(), what
}
