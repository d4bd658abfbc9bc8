package graph

import (
	"slices"

	"weft/flow"
	"weft/ui/canvas"
	"weft/ui/graph/layers"
)

// An edge is all events that lead from one node to another.
type edge struct {
	from, to int
	events   []string
	label    string
	failure  bool
}

// A drawing is a graph with the place of everything in it. Node 0 is the start, the steps follow in
// the order of the graph, and the last node is the end.
type drawing struct {
	layers.Layout
	boxes bool // steps are boxes of three rows, otherwise lines
	names int  // cells that a step's name may take
	room  int  // cells beside or below a name for its count and its time
	edges []edge
	asked bool // whether there is a place was found out
	fits  bool
}

// The columns of a step, counted from its left edge.
const (
	lineLeft = 1 // the port of a line is its status; the mark of the selection is before it
	boxLeft  = 2 // and that of a box, behind its border
)

// detail is how many cells a count and a time take: " ×999 59.9s".
const detail = 11

// look is how much a drawing shows.
type look struct {
	boxes        bool
	names, label int
	room         int
}

// looks are the ways to draw a graph, the most telling first.
var looks = []look{
	{true, 32, 28, detail},
	{false, 32, 28, detail},
	{false, 22, 14, detail},
	{false, 18, 8, 0},
}

// leastHeight is how many rows of a graph that is higher than the panel must be visible; otherwise a
// list says more.
const leastHeight = 12

// arrange finds the most telling drawing that fits, and reports whether there is one. One of lines
// may be higher than the panel.
func (m *Model) arrange() bool {
	if d := &m.drawn; !d.asked {
		g := &m.level().graph
		for _, k := range looks {
			*d = arrange(g, k)
			if d.W <= m.w-1 && (d.H <= m.h || !k.boxes && m.h >= leastHeight) {
				d.fits = true
				break
			}
		}
		d.asked = true
	}
	return m.drawn.fits
}

func arrange(g *flow.Graph, k look) drawing {
	d := drawing{boxes: k.boxes, names: k.names, room: k.room, edges: edgesOf(g)}
	nodes := []layers.Node{{Right: 1, Height: 1}}
	for i := range g.Steps {
		s := &g.Steps[i]
		name := canvas.Width(canvas.Truncate(canvas.Line(s.Name), k.names))
		if s.Graph != nil {
			name += canvas.Width(opens)
		}
		beside := 0
		if text := asides(g, s); text != "" {
			beside = min(canvas.Width(text), k.label+3) + 2 + 4 // and a count
		}
		n := layers.Node{Left: lineLeft, Right: 2 + name + k.room + beside, Height: 1}
		if k.boxes {
			n = layers.Node{Left: boxLeft, Right: max(name, k.room) + 4 + beside, Height: 3}
		}
		nodes = append(nodes, n)
	}
	nodes = append(nodes, layers.Node{Right: 1, Height: 1, Last: true})
	var edges []layers.Edge
	for _, e := range d.edges {
		edges = append(edges, layers.Edge{From: e.from, To: e.to, Name: e.label, Width: canvas.Width(e.label) + 4, Minor: e.failure})
	}
	d.Layout = layers.Arrange(nodes, edges, k.label)
	return d
}

// edgesOf returns the edges of a graph, without those that come from outside the run: these are
// named at their step. An edge that carries several types of events is one.
func edgesOf(g *flow.Graph) (es []edge) {
	index := map[string]int{}
	for i, s := range g.Steps {
		index[s.Name] = i + 1
	}
	for _, e := range g.Edges {
		from, to := 0, len(g.Steps)+1
		if e.From != "" {
			from = index[e.From]
		}
		if e.To != "" {
			to = index[e.To]
		}
		if e.Kind == "reply" || e.Kind == "external" || e.From != "" && from == 0 || e.To != "" && to == 0 {
			continue
		}
		name := canvas.Line(e.Event)
		if e.Kind == "join" {
			name = "[]" + name
		}
		failure := e.Kind == "failure"
		if i := slices.IndexFunc(es, func(o edge) bool { return o.from == from && o.to == to && o.failure == failure }); i >= 0 {
			es[i].events = append(es[i].events, e.Event)
			es[i].label += ", " + name
			continue
		}
		es = append(es, edge{from: from, to: to, label: name, events: []string{e.Event}, failure: failure})
	}
	return es
}

// asides names what leads from a step to itself, and what reaches it from outside the run.
func asides(g *flow.Graph, s *flow.GraphStep) (text string) {
	for _, e := range g.Edges {
		if e.From == s.Name && e.To == s.Name {
			text += " ↺ " + canvas.Line(e.Event)
		}
	}
	for _, name := range s.External {
		text += " ← " + canvas.Line(name)
	}
	return text
}
