package timeline

// Extras is how many rows the minimap, the mark of the visible part above it and the legend take.
const Extras = 3

// height returns how many rows of the tree are visible, and whether minimap and legend are shown
// below.
func (m *Model) height() (rows int, minimap, legend bool) {
	rows = m.h - 1
	switch spare := rows - m.tree.count(); {
	case spare >= Extras && m.w >= 76:
		return rows - Extras, true, true
	// If some rows are hidden in any case, an overview of the run is worth more than two more of
	// them.
	case m.h >= 12 && (spare >= 2 || spare < 0):
		return rows - 2, true, false
	}
	return rows, false, false
}

// reveal scrolls so that the selected row and the detail row below it are visible.
func (m *Model) reveal() {
	m.layout()
	rows, _, _ := m.height()
	i := m.tree.index(m.selection.key)
	if i < 0 || rows <= 0 {
		return
	}
	last := i
	if r, ok := m.tree.row(i + 1); ok && r.kind.detail() && rows > 1 {
		last++ // include the detail row
	}
	m.top = max(min(m.top, i), last-rows+1, 0)
}

// Scroll moves the rows by n without changing the selection.
func (m *Model) Scroll(n int) {
	m.layout()
	rows, _, _ := m.height()
	if top := max(0, min(m.top+n, m.tree.count()-rows)); top != m.top {
		m.top, m.held = top, true
		m.version++
	}
}

// keepWork scrolls so that the last step at work is visible, while the present is shown and the
// user has neither selected a step nor scrolled. It never scrolls beyond the last of the rows.
func (m *Model) keepWork(rows int) {
	total := m.tree.count()
	if m.Live() && !m.held && m.selection.key.step == nil && !m.cursor.over() && total > rows {
		if last := m.tree.lastActive(m.View()); last >= 0 {
			m.top = max(min(m.top, last), last-rows+1)
		}
	}
	m.top = max(0, min(m.top, total-rows))
}

// mapRows is the number of rows from which a run that is shown as a whole has a minimap: that of a
// smaller one repeats its row.
const mapRows = 9

// mapped reports whether a minimap says more than the chart, in which only some of all rows may be
// visible.
func mapped(a *axis, all, visible int) bool {
	_, _, part := a.part(a.whole())
	return part || all >= mapRows || all > visible
}
