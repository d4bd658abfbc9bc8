package timeline

import (
	"time"

	"weft/ui/run"
)

// A Hit describes what lies under a cell of the panel.
type Hit struct {
	Step      *run.Step      // nil: no row, or the row of the run
	Execution *run.Execution // the execution at that time, if it is known
	Row       bool           // the cell belongs to a row
	Time      time.Duration  // the time of the column
	OnTime    bool           // the column belongs to the time axis
	Position  int            // position of the last record at that time
	row       row
}

// HitTest returns what lies at column x and row y of the panel.
func (m *Model) HitTest(x, y int) (h Hit) {
	if m.cursor.empty() || x < 0 || y < 0 || x >= m.w || y >= m.h || m.w < 40 || m.h < 3 {
		return h
	}
	m.layout()
	if m.w < 60 { // a narrow panel shows a list without a time axis
		if r, ok := m.tree.row(m.top + y - 1); ok && y >= 1 {
			h.Row, h.row, h.Step, h.Execution = true, r, r.step, r.exec
		}
		return h
	}
	cols := columnsOf(m.w)
	rows, minimap, legend := m.height()
	last := m.h - 1
	if legend {
		last--
	}
	if x -= cols.time.x; x >= 0 && x < cols.time.w {
		a := m.axis()
		if minimap && y == last && mapped(&a, m.tree.count(), rows) {
			a = a.whole()
		}
		if t := a.t(a.from + (float64(x)+0.5)*a.per); t >= 0 && t <= m.cursor.total() {
			h.OnTime, h.Time, h.Position = true, t, m.cursor.run.PositionAt(t)
		}
	}
	if y >= 1 && y <= rows {
		if r, ok := m.tree.row(m.top + y - 1); ok {
			h.Row, h.row, h.Step, h.Execution = true, r, r.step, r.exec
			if h.Execution == nil && h.Step != nil && h.OnTime {
				h.Execution = m.cursor.executionAt(h.Step, h.Time)
			}
		}
	}
	return h
}

// Click selects what lies at column x and row y and, on the time axis, shows that moment. It
// reports whether anything was hit.
func (m *Model) Click(x, y int) bool {
	h := m.HitTest(x, y)
	if h.Row && !h.row.kind.detail() {
		m.choose(h.row.key)
		if h.row.kind == stepRow {
			m.selection.picked = h.Execution
		}
	}
	if h.OnTime && (!h.Row || y == 0) {
		m.leave(h.Position, h.Time)
	}
	return h.Row || h.OnTime
}
