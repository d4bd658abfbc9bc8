package graph

import (
	"strings"

	"weft/ui/canvas"
	"weft/ui/theme"
)

// drawList writes a line for each step: its status, how often it ran and how long, and where its
// events lead.
func (m *Model) drawList(s *canvas.Canvas) {
	th, g := &m.theme, &m.level().graph
	ws := m.workflows(m.view)
	wide := 0
	for _, st := range g.Steps {
		wide = max(wide, canvas.Width(canvas.Line(st.Name)))
	}
	wide = min(wide, max(6, m.w/2-6))
	lines := len(g.Steps) + 1
	for i := range g.Steps {
		if g.Steps[i].Name == m.level().selected && !m.scrolled {
			m.top = max(min(m.top, i), i+2-m.h)
		}
	}
	m.top = max(0, min(m.top, lines-m.h))
	for y := range min(m.h, lines-m.top) {
		i := m.top + y - 1
		if i < 0 {
			s.Text(3, y, canvas.Line(g.Start)+" → "+m.next(""), th.Muted)
			continue
		}
		step := &g.Steps[i]
		st := m.state(ws, step.Name)
		s.Set(1, y, st.symbol, st.style)
		name := th.Text
		if st.count.Started == 0 {
			name = th.Idle
		} else if st.count.Active() {
			name = th.Strong
		}
		s.TextN(3, y, wide, step.Name, name)
		x := 3 + wide + 1
		if m.w >= 3*detail {
			s.TextN(x, y, detail, st.details(), th.Muted)
			x += detail + 1
		}
		s.TextN(x, y, m.w-1-x, "→ "+m.next(step.Name), th.Faint)
		if step.Name == m.level().selected {
			s.Overlay(canvas.R(1, y, 2+wide, 1), th.Selection)
			s.Set(0, y, "▌", th.Accent)
		}
	}
	s.Scrollbar(canvas.R(m.w-1, 0, 1, m.h), lines, m.top, th.Border, theme.Style(th.Muted))
}

// next names the steps that may follow a step.
func (m *Model) next(name string) string {
	var to []string
	seen := map[string]bool{}
	for _, e := range m.level().graph.Edges {
		if e.From != name || e.Kind == "reply" || e.Kind == "external" {
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
