// Package timeline draws a run over time: one row for each step, its work as bars of cells, the
// events between the steps, and a cursor that can be moved to any moment of the run.
//
// The Model reads the run from an index of its journal (package run) and the time from SetNow.
// Drawing depends on nothing else. The parts of the model are the cursor, which is the moment that
// is shown; the window, the stretch of time that is drawn; the plan, the graph of the workflow with
// its breakpoints; the tree of rows; and the selection. An axis maps times to columns, a brush turns
// the work of a row into cells, a look is the text next to them, and a picture puts both on the
// canvas. The cost of a frame depends on the number of cells and not on the length of the run.
package timeline

import (
	"time"

	"weft/flow"
	"weft/ui/run"
	"weft/ui/theme"
)

// A Model is the timeline of one run, with its selection, the moment that is shown and the window
// of time. The zero value is not ready for use; see New.
type Model struct {
	theme      theme.Theme
	w, h       int
	incomplete bool // the run is done, but its result is not what was asked for

	cursor    cursor
	play      playback
	window    window
	plan      plan
	tree      tree
	selection selection
	path      bool // mark the critical path
	critical  criticalPath
	top       int  // first visible row
	held      bool // the user scrolled: the rows do not follow the work

	version uint64
	drawn   stamp
	hints   hints
	cells   []cell // reused for every row
}

// A stamp is all that a picture depends on except the user's input, which version counts.
type stamp struct {
	version uint64
	records int
	tick    int64
}

// New returns a timeline without a run.
func New(th theme.Theme) *Model {
	return &Model{
		theme: th, window: window{follow: true, auto: true}, tree: tree{folds: map[*run.Step]bool{}}, hints: hints{},
	}
}

// SetTheme changes the theme.
func (m *Model) SetTheme(th theme.Theme) { m.theme = th; m.version++ }

// SetRun shows another run, from its present. The graph of its workflow, if known, names the steps
// that have not started and the limits of workers.
func (m *Model) SetRun(r *run.Run, g flow.Graph) {
	old := *m
	*m = *New(old.theme)
	m.w, m.h, m.path = old.w, old.h, old.path
	m.cursor.run, m.cursor.now = r, old.cursor.now
	m.plan.graph, m.plan.stops = g, old.plan.stops
	m.tree.workers, m.tree.filter = old.tree.workers, old.tree.filter
	m.version = old.version + 1
}

// SetSize sets the size of the panel in cells.
func (m *Model) SetSize(w, h int) {
	if w != m.w || h != m.h {
		m.w, m.h = w, h
		m.version++
		m.reveal()
	}
}

// SetNow sets the current time.
func (m *Model) SetNow(t time.Time) { m.cursor.now = t }

// SetIncomplete sets whether the run is done but its result is not what was asked for.
func (m *Model) SetIncomplete(is bool) {
	if m.incomplete != is {
		m.incomplete = is
		m.version++
	}
}

// Version returns a number that changes whenever the picture may have changed: by a key, by a
// record or, while the run is at work, by the time.
func (m *Model) Version() uint64 {
	s := stamp{version: m.version}
	if m.cursor.run != nil {
		s.records = m.cursor.run.Len()
		if v := m.cursor.run.Now(); !v.Over() && v.Position() > 0 {
			s.tick = m.cursor.now.UnixNano() / int64(tick)
		}
	}
	if s != m.drawn {
		m.version++
		s.version = m.version
		m.drawn = s
	}
	return m.version
}

// View returns the run at the moment that is shown. The other panels show the same moment.
func (m *Model) View() run.View { return m.cursor.view() }

// Live reports whether the present is shown.
func (m *Model) Live() bool { return m.cursor.at == 0 }

// Following reports whether the window moves with the present.
func (m *Model) Following() bool { return m.window.follow }

// Rows returns how many rows the timeline needs to show all, including its ruler but not its
// Extras.
func (m *Model) Rows() int {
	if m.cursor.empty() {
		return 0
	}
	m.layout()
	return m.tree.count() + 1
}

// layout brings the rows up to date.
func (m *Model) layout() { m.tree.layout(&m.cursor, &m.plan, m.version) }

// axis returns the axis of the window.
func (m *Model) axis() axis {
	return m.window.axis(&m.cursor, columnsOf(m.w).time.w, labels(m.w))
}
