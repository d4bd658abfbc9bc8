package graph

import (
	"weft/flow"
	"weft/ui/canvas"
	"weft/ui/graph/layers"
	"weft/ui/run"
	"weft/ui/theme"
)

// The signs of a graph.
const (
	arrowDown = "▾"
	arrowLeft = "◂"
	opens     = " ▸" // behind the name of a step whose sub-workflow can be opened
)

// drawGraph draws the arranged graph: centred, or the part of it around the selected step.
func (m *Model) drawGraph(s *canvas.Canvas) {
	d, ws := &m.drawn, m.workflows(m.view)
	g := &m.level().graph
	states := make([]state, len(g.Steps))
	for i := range g.Steps {
		states[i] = m.state(ws, g.Steps[i].Name)
	}
	walked := make([]int, len(d.edges))
	for i := range d.edges {
		if d.edges[i].from != d.edges[i].to {
			walked[i] = m.walked(ws, &d.edges[i])
		}
	}
	m.reveal(states)
	top := -m.top
	if d.H < m.h {
		top = (m.h - d.H) / 2
	}
	in := s.Sub(canvas.R(max((m.w-1-d.W)/2, 0), top, d.W, d.H))
	m.drawWires(in, walked)
	m.drawEnds(in)
	for i := range g.Steps {
		m.drawStep(in, d.Ports[i+1], &g.Steps[i], &states[i], m.selfName(ws, &g.Steps[i]))
	}
	m.drawArrows(in, walked, states)
	for _, l := range d.Labels {
		n := 0
		for _, e := range l.Edges {
			n += walked[e]
		}
		st := m.theme.Faint
		if n > 0 {
			st = m.theme.Muted
		}
		text := name(d.edges, walked, l.Edges)
		if l.Inline {
			in.TextN(l.At.X-1, l.At.Y, l.Room+2, " "+text+" ", st)
			continue
		}
		in.TextN(l.At.X, l.At.Y, l.Room, text, st)
	}
	s.Scrollbar(canvas.R(m.w-1, 0, 1, m.h), d.H, m.top, m.theme.Border, m.theme.Muted)
}

// reveal scrolls to the selected step or, if there is none, to one at work.
func (m *Model) reveal(states []state) {
	d := &m.drawn
	most := max(d.H-m.h, 0)
	m.top = max(0, min(m.top, most))
	if most == 0 || m.scrolled {
		return
	}
	at := -1
	for i := range m.level().graph.Steps {
		if m.level().graph.Steps[i].Name == m.level().selected {
			at = i
			break
		}
		if at < 0 && states[i].count.Active() {
			at = i
		}
	}
	if at < 0 {
		return
	}
	const around = 3 // rows above and below
	y := d.Ports[at+1].Y
	m.top = max(0, min(m.top, y-around, most), min(y+around+1-m.h, most))
}

func (m *Model) pen(edges []int, walked []int) pen {
	p := pen{st: m.theme.Border, failure: true}
	for _, e := range edges {
		failure := m.drawn.edges[e].failure
		p.failure = p.failure && failure
		switch {
		case walked[e] == 0:
		case failure && p.weight < 2:
			p.st, p.weight = m.theme.Failed, 2
		case p.weight < 1:
			p.st, p.weight = m.theme.Parent, 1
		}
	}
	return p
}

func (m *Model) drawWires(s *canvas.Canvas, walked []int) {
	w, h := s.Size()
	g := &wires{w: w, h: h, cells: make([]wire, w*h)}
	for _, p := range m.drawn.Pieces {
		g.path(p.Path, m.pen(p.Edges, walked))
	}
	for y := range g.h {
		for x := range g.w {
			if c := g.cells[y*g.w+x]; c.dirs != 0 {
				s.Set(x, y, c.symbol(), c.st)
			}
		}
	}
}

// drawArrows draws the ends of the edges; those beside a step follow its text.
func (m *Model) drawArrows(s *canvas.Canvas, walked []int, states []state) {
	d := &m.drawn
	for _, a := range d.Arrows {
		p := m.pen(a.Edges, walked)
		if !a.Beside {
			s.Set(a.At.X, a.At.Y, arrowDown, p.st)
			continue
		}
		i := a.Node - 1
		x := a.At.X + 2
		if 0 <= i && i < len(states) {
			x = m.end(a.At.X, &m.level().graph.Steps[i], &states[i])
		}
		s.Set(x, a.At.Y, arrowLeft, p.st)
	}
}

// drawEnds draws the start and the end of the workflow.
func (m *Model) drawEnds(s *canvas.Canvas) {
	d, th := &m.drawn, &m.theme
	sign, st := "○", th.Idle
	if m.view.Position() > 0 {
		sign, st = "●", th.Parent
	}
	s.Set(d.Ports[0].X, d.Ports[0].Y, sign, st)
	sign, st = "◎", th.Idle
	if m.view.Status() == run.Succeeded {
		sign, st = "◉", th.Done
	}
	last := d.Ports[len(d.Ports)-1]
	s.Set(last.X, last.Y, sign, st)
}

// drawStep draws a step at its port: its status, name, count and time.
func (m *Model) drawStep(s *canvas.Canvas, at layers.Point, step *flow.GraphStep, st *state, aside string) {
	d, th := &m.drawn, &m.theme
	border, name := th.Border, th.Idle
	switch {
	case st.count.Active():
		border, name = st.style, th.Strong
	case st.count.Started > 0:
		border, name = th.Muted, th.Text
	}
	selected := step.Name == m.level().selected
	y, marks := at.Y, at.X-lineLeft
	if d.boxes {
		y++
		marks = at.X - boxLeft
		w := m.boxWidth(step)
		if selected {
			border = th.BorderFocused
		}
		s.Clear(canvas.R(marks, at.Y, w, 3)) // of the lines of loops
		s.Box(canvas.R(marks, at.Y, w, 3), canvas.Rounded, border, "", border)
		if text := st.details(); text != "" {
			m.drawDetails(s, marks+w-2-canvas.Width(text)-1, at.Y+2, " ", st, " ")
		}
		if aside != "" {
			s.TextN(marks+w, y, canvas.Width(aside), aside, th.Muted)
		}
	}
	s.Set(at.X, y, st.symbol, st.style)
	s.Set(at.X+1, y, " ", theme.Style{})
	x := at.X + 2
	x += s.TextN(x, y, d.names, step.Name, name)
	if step.Graph != nil {
		x += s.TextN(x, y, canvas.Width(opens), opens, th.Accent)
	}
	if !d.boxes {
		if d.room > 0 && st.details() != "" {
			x = m.drawDetails(s, x, y, " ", st, "")
		}
		x += s.TextN(x, y, canvas.Width(aside), aside, th.Muted)
		s.Set(x, y, " ", theme.Style{})
	}
	if selected {
		s.Overlay(canvas.R(at.X, y, 2+canvas.Width(canvas.Truncate(canvas.Line(step.Name), d.names)), 1), th.Selection)
		s.Set(marks, y, "▌", th.Accent)
	}
}

// drawDetails writes the count and the time of a step between two texts, and returns the column
// after them.
func (m *Model) drawDetails(s *canvas.Canvas, x, y int, before string, st *state, after string) int {
	th := &m.theme
	x += s.TextN(x, y, len(before), before, th.Muted)
	style := th.Muted
	if st.retry {
		style = th.Failed
	}
	x += s.TextN(x, y, detail, st.times, style)
	if st.times != "" && st.took != "" {
		x += s.TextN(x, y, 1, " ", th.Muted)
	}
	style = th.Muted
	if st.count.In[run.Running] > 0 {
		style = th.Running
	}
	x += s.TextN(x, y, detail, st.took, style)
	return x + s.TextN(x, y, len(after), after, th.Muted)
}

// boxWidth returns the width of a step's box.
func (m *Model) boxWidth(step *flow.GraphStep) int {
	w := canvas.Width(canvas.Truncate(canvas.Line(step.Name), m.drawn.names))
	if step.Graph != nil {
		w += canvas.Width(opens)
	}
	return max(w, m.drawn.room) + 6
}

// end returns the first free column after the text of a step with its port at x.
func (m *Model) end(x int, step *flow.GraphStep, st *state) int {
	if m.drawn.boxes {
		return x - boxLeft + m.boxWidth(step)
	}
	x += 2 + canvas.Width(canvas.Truncate(canvas.Line(step.Name), m.drawn.names))
	if step.Graph != nil {
		x += canvas.Width(opens)
	}
	if text := st.details(); text != "" && m.drawn.room > 0 {
		x += 1 + canvas.Width(text)
	}
	if text := m.selfName(m.workflows(m.view), step); text != "" {
		x += canvas.Width(text)
	}
	return x + 1
}
