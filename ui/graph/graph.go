// Package graph draws a workflow from top to bottom, with the progress of a run in it.
//
// The graph is data (flow.Graph). Package layers places its steps and lines (arrange.go); Draw puts
// them on cells (draw.go, wires.go) with the counts and times of the run at the moment that is shown
// (progress.go): edges that events took and steps at work stand out. Steps are boxes where there is
// room, otherwise lines, and where not even these fit the graph becomes a list (list.go). A step is
// selected (select.go), and one that runs a sub-workflow can be opened.
package graph

import (
	"time"

	"weft/flow"
	"weft/ui/canvas"
	"weft/ui/run"
	"weft/ui/theme"
)

// A Model is the graph of one workflow. The zero value is not ready for use; see New.
type Model struct {
	theme    theme.Theme
	levels   []level // the workflow, and the sub-workflows that are open, the innermost last
	drawn    drawing
	view     run.View
	now      time.Time
	w, h     int
	top      int  // the first visible row
	scrolled bool // top was chosen by hand
	version  uint64
	last     stamp
}

// A level is a workflow that is shown, or was before a sub-workflow of it was opened.
type level struct {
	graph    flow.Graph
	selected string // name of a step; "": none
}

type stamp struct {
	version uint64
	at      int
	run     *run.Run
	tick    int64
}

// New returns a graph without a workflow.
func New(th theme.Theme) *Model {
	return &Model{theme: th, levels: make([]level, 1), version: 1}
}

// SetTheme changes the theme.
func (m *Model) SetTheme(th theme.Theme) { m.theme = th; m.version++ }

// SetGraph shows another workflow.
func (m *Model) SetGraph(g flow.Graph) {
	m.levels = []level{{graph: g}}
	m.changed()
}

// changed notes that another graph is shown.
func (m *Model) changed() {
	m.drawn, m.top, m.scrolled = drawing{}, 0, false
	m.version++
}

func (m *Model) level() *level { return &m.levels[len(m.levels)-1] }

// SetSize sets the size of the panel in cells.
func (m *Model) SetSize(w, h int) {
	if w != m.w || h != m.h {
		m.w, m.h = w, h
		m.drawn, m.scrolled = drawing{}, false
		m.version++
	}
}

// Show sets the run and the moment that are shown, and the current time.
func (m *Model) Show(v run.View, now time.Time) { m.view, m.now = v, now }

// tick is how often a moving picture changes.
const tick = 80 * time.Millisecond

// Version returns a number that changes whenever the picture may have changed.
func (m *Model) Version() uint64 {
	s := stamp{version: m.version, at: m.view.Position(), run: m.view.Run()}
	if m.moves() {
		s.tick = m.now.UnixNano() / int64(tick)
	}
	if s != m.last {
		m.version++
		s.version = m.version
		m.last = s
	}
	return m.version
}

// moves reports whether the picture changes with time: that of a past moment does not.
func (m *Model) moves() bool { return m.view.Position() > 0 && m.view.Live() && !m.view.Ended() }

// Draw draws the graph into r.
func (m *Model) Draw(c *canvas.Canvas, r canvas.Rect) {
	m.SetSize(r.Dx(), r.Dy())
	s := c.Sub(r)
	switch g := &m.level().graph; {
	case m.w <= 0 || m.h <= 0:
	case len(g.Steps) == 0:
		s.Text(0, 0, "this workflow has no graph", m.theme.Faint)
	case m.arrange():
		m.drawGraph(s)
	default:
		m.drawList(s)
	}
}
