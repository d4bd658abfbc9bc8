package graph

import (
	"fmt"

	"weft/ui/canvas"
	"weft/ui/run"
	"weft/ui/theme"
)

// The directions in which a wire leaves a cell.
const (
	up = 1 << iota
	down
	left
	right
)

var joints = [16]string{
	"", "│", "│", "│", "─", "╯", "╮", "┤", "─", "╰", "╭", "├", "─", "┴", "┬", "┼",
}

// A wire is one cell of lines: their directions, and the style of the most important of them.
type wire struct {
	dirs  uint8
	walks bool
	st    theme.Style
}

type wires struct {
	w, h  int
	cells []wire
}

const arrow, riser = "▸", "▴"

// leave and come are the columns in which loops leave and enter a box, counted from its left edge.
const leave, come = 4, 2

func (g *wires) at(x, y int) wire {
	if x < 0 || y < 0 || x >= g.w || y >= g.h {
		return wire{}
	}
	return g.cells[y*g.w+x]
}

func (g *wires) mark(x, y int, dirs uint8, st theme.Style, walks bool) {
	if x < 0 || y < 0 || x >= g.w || y >= g.h {
		return
	}
	c := &g.cells[y*g.w+x]
	c.dirs |= dirs
	if walks || !c.walks {
		c.st, c.walks = st, walks
	}
}

// line draws along a row or a column; corners appear where lines meet.
func (g *wires) line(x0, y0, x1, y1 int, st theme.Style, walks bool) {
	x0, x1, y0, y1 = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
	for y := y0; y <= y1; y++ {
		for x := x0; x <= x1; x++ {
			var dirs uint8
			if x > x0 {
				dirs |= left
			}
			if x < x1 {
				dirs |= right
			}
			if y > y0 {
				dirs |= up
			}
			if y < y1 {
				dirs |= down
			}
			g.mark(x, y, dirs, st, walks)
		}
	}
}

// drawBoxes draws the graph as boxes and reports whether it fits.
func (m *Model) drawBoxes(s *canvas.Canvas) bool {
	l := &m.layout
	labels := true
	l.spread(true)
	if l.w+2 > m.w {
		labels = false
		l.spread(false)
	}
	if l.w+2 > m.w || l.h > m.h {
		return false
	}
	th := &m.theme
	s = s.Sub(canvas.R((m.w-l.w)/2, max(0, (m.h-l.h)/2), l.w+1, l.h))
	g := &wires{w: l.w + 1, h: l.h, cells: make([]wire, (l.w+1)*l.h)}
	type sign struct {
		x, y, w int
		text    string
		st      theme.Style
	}
	// doors are the symbols at which loops leave a box, drawn on top of its border
	var signs, doors []sign
	bottom := l.h
	for i := range l.edges {
		e := &l.edges[i]
		n := m.walked(e.ends[0], e.ends[1], e.events)
		st := th.Border
		if n > 0 {
			st = th.Parent
		}
		if e.failure && n > 0 {
			st = th.Failed
		}
		from, to := &l.nodes[e.from], &l.nodes[e.to]
		y0, y1 := l.mid(e.from), l.mid(e.to)
		x0, x1 := from.x+from.w, to.x-1
		if from.kind == bendNode {
			x0 = from.x
		}
		c := l.chans[from.rank]
		track := func(k, rank int) int { return l.chans[rank].x + 1 + k }
		if e.under {
			bottom--
			xo, xi := from.x+leave, to.x+come
			g.line(xo, from.y+from.h-1, xo, bottom, st, n > 0)
			g.line(xi, bottom, xo, bottom, st, n > 0)
			g.line(xi, to.y+to.h, xi, bottom, st, n > 0)
			if text := label(e.label, n); xo-xi > 8 {
				signs = append(signs, sign{xi + 3, bottom, xo - xi - 5, " " + text + " ", m.labelStyle(n)})
			}
			signs = append(signs, sign{xi, to.y + to.h, 1, riser, st})
			doors = append(doors, sign{xo, from.y + from.h - 1, 1, "┬", st})
			continue
		}
		if e.back {
			bottom--
			xo, xi := track(e.track, from.rank), track(e.enter, max(0, to.rank-1))
			g.line(x0, y0, xo, y0, st, n > 0)
			g.line(xo, y0, xo, bottom, st, n > 0)
			g.line(xi, bottom, xo, bottom, st, n > 0)
			g.line(xi, y1, xi, bottom, st, n > 0)
			g.line(xi, y1, x1, y1, st, n > 0)
			if text := label(e.label, n); xo-xi > 8 {
				signs = append(signs, sign{xi + 3, bottom, xo - xi - 5, " " + text + " ", m.labelStyle(n)})
			}
		} else {
			if e.track < 0 {
				g.line(x0, y0, x1, y0, st, n > 0)
			} else {
				x := track(e.track, from.rank)
				g.line(x0, y0, x, y0, st, n > 0)
				g.line(x, y0, x, y1, st, n > 0)
				g.line(x, y1, x1, y1, st, n > 0)
			}
			if labels && e.label != "" {
				// The label is at the end of the edge, because the edges of one step begin in the
				// same row.
				if !m.crowded(e) {
					room := min(c.label, longestLabel)
					text := label(e.label, n)
					if canvas.Width(text) > room {
						text = canvas.Truncate(e.label, room)
					}
					signs = append(signs, sign{c.x + c.tracks + 2, y1, room + 2, " " + text + " ", m.labelStyle(n)})
				}
			}
		}
		if e.arrow {
			signs = append(signs, sign{x1, y1, 1, arrow, st})
		}
	}
	for y := range g.h {
		for x := range g.w {
			if c := g.cells[y*g.w+x]; c.dirs != 0 {
				s.Set(x, y, joints[c.dirs&15], c.st)
			}
		}
	}
	for _, k := range signs {
		if c := g.at(k.x, k.y); k.text == arrow && c.dirs != 0 {
			k.st = c.st // the style of the most important of the edges that end here
		}
		s.TextN(k.x, k.y, k.w, k.text, k.st)
	}
	for i := range l.nodes {
		m.drawNode(s, &l.nodes[i])
	}
	for _, k := range doors {
		s.Set(k.x, k.y, k.text, k.st)
	}
	return true
}

// crowded reports whether an earlier edge to the same step takes the place of the label.
func (m *Model) crowded(e *edge) bool {
	for i := range m.layout.edges {
		o := &m.layout.edges[i]
		if o == e {
			return false
		}
		if o.to == e.to && !o.back && o.label != "" {
			return true
		}
	}
	return false
}

func label(text string, n int) string {
	if n > 1 {
		return fmt.Sprintf("%s ×%d", text, n)
	}
	return text
}

func (m *Model) labelStyle(n int) theme.Style {
	if n > 0 {
		return m.theme.Muted
	}
	return m.theme.Faint
}

func (m *Model) drawNode(s *canvas.Canvas, n *node) {
	th := &m.theme
	switch n.kind {
	case startNode, stopNode:
		g, st := "○", th.Idle
		if n.kind == startNode && m.view.Position() > 0 {
			g, st = "●", th.Parent
		}
		if n.kind == stopNode {
			g = "◎"
			if m.view.Status() == run.Succeeded {
				g, st = "◉", th.Done
			}
		}
		s.Set(n.x, n.y, g, st)
	case stepNode:
		st := m.state(n.name)
		border, name := th.Border, th.Idle
		switch {
		case st.count.Active():
			border, name = st.style, th.Strong
		case st.count.Started > 0:
			border, name = th.Muted, th.Text
		}
		s.Box(canvas.R(n.x, n.y, n.w, n.h), canvas.Rounded, border, "", border)
		s.Set(n.x+2, n.y+1, st.symbol, st.style)
		s.TextN(n.x+4, n.y+1, n.w-6, n.title(n.w-6), name)
		if c := st.count.Started; c > 1 {
			text := fmt.Sprintf("×%d", c)
			s.TextRight(n.x+1, n.y+2, n.w-3, text, th.Muted)
		}
	}
}
