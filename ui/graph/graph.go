// Package graph draws a workflow as boxes and arrows, with the progress of a run in it.
//
// The graph is data (flow.Graph) and is laid out once (layout.go): steps in columns by their
// distance from the start, loops as lines that return below. Draw puts it on cells (wires.go) with
// the counts of the run at the moment that is shown: edges that events took and steps at work
// stand out. Where the graph does not fit it becomes a list.
package graph

import (
	"fmt"
	"strings"
	"time"

	"weft/flow"
	"weft/ui/canvas"
	"weft/ui/run"
	"weft/ui/status"
	"weft/ui/theme"
)

// A Model is the graph of one workflow. The zero value is not ready for use; see New.
type Model struct {
	theme   theme.Theme
	graph   flow.Graph
	layout  layout
	view    run.View
	now     time.Time
	w, h    int
	top     int // first visible line of the list
	version uint64
	drawn   stamp
}

type stamp struct {
	version uint64
	at      int
	run     *run.Run
	tick    int64
}

// New returns a graph without a workflow.
func New(th theme.Theme) *Model { return &Model{theme: th, version: 1} }

// SetTheme changes the theme.
func (m *Model) SetTheme(th theme.Theme) { m.theme = th; m.version++ }

// SetGraph shows another workflow.
func (m *Model) SetGraph(g flow.Graph) {
	m.graph, m.layout, m.top = g, arrange(g), 0
	m.version++
}

// SetSize sets the size of the panel in cells.
func (m *Model) SetSize(w, h int) {
	if w != m.w || h != m.h {
		m.w, m.h = w, h
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
	if s != m.drawn {
		m.version++
		s.version = m.version
		m.drawn = s
	}
	return m.version
}

// moves reports whether the picture changes with time: that of a past moment does not.
func (m *Model) moves() bool { return m.view.Position() > 0 && m.view.Live() && !m.view.Ended() }

// Scroll moves the list by n lines, if the graph is drawn as one.
func (m *Model) Scroll(n int) {
	m.top = max(0, min(m.top+n, len(m.graph.Steps)+2-m.h))
	m.version++
}

// Draw draws the graph into r.
func (m *Model) Draw(c *canvas.Canvas, r canvas.Rect) {
	m.SetSize(r.Dx(), r.Dy())
	s := c.Sub(r)
	switch {
	case m.w <= 0 || m.h <= 0:
	case len(m.graph.Steps) == 0:
		s.Text(0, 0, "this workflow has no graph", m.theme.Faint)
	case !m.drawBoxes(s):
		m.drawList(s)
	}
}

// A state is how far a step is at the moment that is shown.
type state struct {
	count  run.Count
	symbol string
	style  theme.Style
}

func (m *Model) state(name string) state {
	th := &m.theme
	st := state{symbol: status.NotStarted.Cell(), style: status.NotStarted.Style(th)}
	s := m.view.Step(m.view.Root(), name)
	if s == nil {
		return st
	}
	st.count = s.Lane.Count(m.view)
	is := status.OfCount(st.count)
	st.symbol, st.style = is.Cell(), is.Style(th)
	if is == status.Running && m.moves() && m.now.UnixNano()/int64(5*tick)%2 == 0 {
		st.symbol = "○"
	}
	return st
}

// walked returns how many events took an edge.
func (m *Model) walked(from, to int, events []string) (n int) {
	v := m.view
	root := v.Root()
	if root == nil {
		return 0
	}
	l := &m.layout
	if l.nodes[from].kind == startNode {
		if s := v.Step(root, l.nodes[to].name); s != nil {
			n = 1
		}
		return n
	}
	s := v.Step(root, l.nodes[from].name)
	if s == nil {
		return 0
	}
	for _, e := range events {
		n += v.SentOf(s, e)
	}
	if l.nodes[to].kind == stepNode {
		if t := v.Step(root, l.nodes[to].name); t == nil || !v.Connected(s, t) && m.kindOf(to) != "join" {
			return 0 // the events were sent, but no execution has taken them yet
		}
	}
	return n
}

func (m *Model) kindOf(node int) string {
	for _, s := range m.graph.Steps {
		if s.Name == m.layout.nodes[node].name {
			return s.Kind
		}
	}
	return ""
}

// drawList writes a line for each step: its status, how often it ran, and where its events lead.
func (m *Model) drawList(s *canvas.Canvas) {
	th := &m.theme
	wide := 0
	for _, st := range m.graph.Steps {
		wide = max(wide, canvas.Width(canvas.Line(st.Name)))
	}
	wide = min(wide, max(6, m.w/2-6))
	lines := len(m.graph.Steps) + 1
	m.top = max(0, min(m.top, lines-m.h))
	for y := range min(m.h, lines-m.top) {
		i := m.top + y - 1
		if i < 0 {
			s.Text(3, y, m.graph.Start+" → "+m.next(""), th.Muted)
			continue
		}
		step := m.graph.Steps[i]
		st := m.state(step.Name)
		s.Set(1, y, st.symbol, st.style)
		name := th.Text
		if st.count.Started == 0 {
			name = th.Idle
		} else if st.count.Active() {
			name = th.Strong
		}
		s.TextN(3, y, wide, step.Name, name)
		x := 3 + wide + 1
		if st.count.Started > 1 {
			s.TextN(x, y, 5, fmt.Sprintf("×%d", st.count.Started), th.Muted)
		}
		x += 6
		s.TextN(x, y, m.w-x, "→ "+m.next(step.Name), th.Faint)
	}
	s.Scrollbar(canvas.R(m.w-1, 0, 1, m.h), lines, m.top, th.Border, th.Muted)
}

// next names the steps that may follow a step.
func (m *Model) next(name string) string {
	var to []string
	seen := map[string]bool{}
	for _, e := range m.graph.Edges {
		if e.From != name || e.Kind == "reply" {
			continue
		}
		t := e.To
		if t == "" {
			t = "end"
		}
		if !seen[t] {
			seen[t] = true
			to = append(to, t)
		}
	}
	if len(to) == 0 {
		return "nothing"
	}
	return strings.Join(to, ", ")
}
