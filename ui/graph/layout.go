package graph

import (
	"slices"
	"strings"

	"weft/flow"
	"weft/ui/canvas"
)

type nodeKind uint8

const (
	stepNode nodeKind = iota
	startNode
	stopNode
	bendNode // where a long edge passes through a column
)

type node struct {
	kind nodeKind
	name string
	rank int // column
	x, y int // top left
	w, h int
}

// An edge of the picture joins neighbouring columns, unless it is part of a loop (back).
type edge struct {
	from, to int
	arrow    bool     // the piece ends at a step and not at a bend
	label    string   // set on the first piece only
	events   []string // the types of events that follow the edge
	ends     [2]int   // the steps at the ends of the whole edge
	back     bool
	failure  bool
	under    bool // a loop that leaves its step and reaches the other from below
	track    int  // vertical line in the channel after from's column; of a loop: below all nodes
	enter    int  // of a loop: the vertical line in the channel before to's column
}

// A layout holds the position of everything, with 0, 0 at the top left.
type layout struct {
	nodes []node
	edges []edge
	ranks [][]int // nodes of each column from top to bottom
	w, h  int
	bare  int // width of the layout without labels
	chans []channel
}

// A channel is the space between two columns.
type channel struct{ x, tracks, label int }

const longestName = 22

// arrange lays out a graph by the method of Sugiyama, Tagawa and Toda (1981): columns by longest
// path, order by barycentres.
func arrange(g flow.Graph) layout {
	l := layout{nodes: []node{{kind: startNode, w: 1, h: 1}}}
	index := map[string]int{}
	for _, s := range g.Steps {
		index[s.Name] = len(l.nodes)
		l.nodes = append(l.nodes, node{name: s.Name, w: canvas.Width(canvas.Truncate(s.Name, longestName)) + 6, h: 3})
	}
	stop := len(l.nodes)
	l.nodes = append(l.nodes, node{kind: stopNode, w: 1, h: 1})
	var es []edge
	for _, e := range g.Edges {
		from, to := 0, stop
		if e.From != "" {
			from = index[e.From]
		}
		if e.To != "" {
			to = index[e.To]
		}
		if e.Kind == "reply" || e.From != "" && from == 0 || e.To != "" && to == 0 {
			// Replies come from outside the run, and the waiting step already shows its wait
			continue
		}
		name := e.Event
		if e.Kind == "join" {
			name = "[]" + name
		}
		if i := slices.IndexFunc(es, func(o edge) bool { return o.from == from && o.to == to }); i >= 0 {
			es[i].events = append(es[i].events, e.Event)
			es[i].label += ", " + name
			continue
		}
		es = append(es, edge{from: from, to: to, arrow: true, label: name, events: []string{e.Event}, ends: [2]int{from, to}, failure: e.Kind == "failure"})
	}
	l.rank(es, stop)
	l.bend(es)
	l.order()
	l.place()
	return l
}

// rank finds the loops and gives each node the length of the longest path to it.
func (l *layout) rank(es []edge, stop int) {
	out := make([][]int, len(l.nodes))
	for i, e := range es {
		out[e.from] = append(out[e.from], i)
	}
	state := make([]uint8, len(l.nodes)) // 0 new, 1 on the current path, 2 done
	var visit func(n int)
	visit = func(n int) {
		state[n] = 1
		for _, i := range out[n] {
			switch state[es[i].to] {
			case 1:
				es[i].back = true
			case 0:
				visit(es[i].to)
			}
		}
		state[n] = 2
	}
	for n := range l.nodes {
		if state[n] == 0 {
			visit(n)
		}
	}
	for range l.nodes {
		changed := false
		for _, e := range es {
			if !e.back && l.nodes[e.to].rank < l.nodes[e.from].rank+1 {
				l.nodes[e.to].rank = l.nodes[e.from].rank + 1
				changed = true
			}
		}
		if !changed {
			break
		}
	}
	for i := range l.nodes {
		if i != stop {
			l.nodes[stop].rank = max(l.nodes[stop].rank, l.nodes[i].rank+1)
		}
	}
}

// bend cuts edges that span several columns into pieces.
func (l *layout) bend(es []edge) {
	for _, e := range es {
		if e.back {
			l.edges = append(l.edges, e)
			continue
		}
		from := e.from
		for r := l.nodes[e.from].rank + 1; r < l.nodes[e.to].rank; r++ {
			l.nodes = append(l.nodes, node{kind: bendNode, rank: r, w: 1, h: 1})
			piece := e
			piece.from, piece.to, piece.arrow = from, len(l.nodes)-1, false
			if from != e.from {
				piece.label = ""
			}
			l.edges = append(l.edges, piece)
			from = len(l.nodes) - 1
		}
		if from != e.from {
			e.label = ""
		}
		e.from = from
		l.edges = append(l.edges, e)
	}
}

// order sorts each column by the positions of the neighbours.
func (l *layout) order() {
	for i, n := range l.nodes {
		for len(l.ranks) <= n.rank {
			l.ranks = append(l.ranks, nil)
		}
		l.ranks[n.rank] = append(l.ranks[n.rank], i)
	}
	pos := make([]float64, len(l.nodes))
	number := func(r int) {
		for i, n := range l.ranks[r] {
			pos[n] = float64(i) - float64(len(l.ranks[r])-1)/2
		}
	}
	for r := range l.ranks {
		number(r)
	}
	sweep := func(r int, forward bool) {
		centre := map[int]float64{}
		for _, n := range l.ranks[r] {
			sum, k := 0.0, 0.0
			for _, e := range l.edges {
				switch {
				case e.back:
				case forward && e.to == n:
					sum, k = sum+pos[e.from], k+1
				case !forward && e.from == n:
					sum, k = sum+pos[e.to], k+1
				}
			}
			if centre[n] = pos[n]; k > 0 {
				centre[n] = sum / k
			}
		}
		slices.SortStableFunc(l.ranks[r], func(a, b int) int {
			switch d := centre[a] - centre[b]; {
			case d < 0:
				return -1
			case d > 0:
				return 1
			}
			return 0
		})
		number(r)
	}
	for range 4 {
		for r := 1; r < len(l.ranks); r++ {
			sweep(r, true)
		}
		for r := len(l.ranks) - 2; r >= 0; r-- {
			sweep(r, false)
		}
	}
}

// place assigns cells to nodes and edges.
func (l *layout) place() {
	height := func(r int) (h int) {
		for i, n := range l.ranks[r] {
			if i > 0 {
				h++
			}
			h += l.nodes[n].h
		}
		return h
	}
	for r := range l.ranks {
		l.h = max(l.h, height(r))
	}
	l.chans = make([]channel, len(l.ranks)+1)
	for r := range l.ranks {
		y := (l.h - height(r)) / 2
		for _, n := range l.ranks[r] {
			l.nodes[n].y = y
			y += l.nodes[n].h + 1
		}
	}
	loops := 0
	leaving := make([]int, len(l.nodes))
	for _, e := range l.edges {
		leaving[e.from]++
	}
	for i := range l.edges {
		e := &l.edges[i]
		out := &l.chans[l.nodes[e.from].rank]
		if e.back && l.lowest(e.from) && l.lowest(e.to) {
			e.under = true
			loops++
			continue
		}
		if e.back {
			e.track, e.enter = out.tracks, -1
			out.tracks++
			in := &l.chans[max(0, l.nodes[e.to].rank-1)]
			e.enter = in.tracks
			in.tracks++
			loops++
			continue
		}
		if l.mid(e.from) == l.mid(e.to) {
			e.track = -1 // a straight edge needs no vertical line
		} else if k := slices.IndexFunc(l.edges[:i], func(o edge) bool {
			same := o.from == e.from
			if leaving[e.from] == 1 {
				same = o.to == e.to && leaving[o.from] == 1
			}
			return same && !o.back && o.track >= 0
		}); k >= 0 {
			e.track = l.edges[k].track // edges that leave or reach one step share a line
		} else {
			e.track = out.tracks
			out.tracks++
		}
		out.label = max(out.label, canvas.Width(canvas.Line(e.label)))
	}
	l.spread(true)
	l.bare = 0
	for r := range l.ranks {
		l.bare += l.wide(r) + l.chans[r].tracks + 3
	}
	if loops > 0 {
		l.h += 1 + loops
	}
}

// lowest reports whether no step is below a node in its column, so that lines may leave it there.
func (l *layout) lowest(n int) bool {
	for _, o := range l.ranks[l.nodes[n].rank] {
		if l.nodes[o].kind == stepNode && l.nodes[o].y > l.nodes[n].y {
			return false
		}
	}
	return l.nodes[n].kind == stepNode
}

func (l *layout) wide(r int) (w int) {
	for _, n := range l.ranks[r] {
		w = max(w, l.nodes[n].w)
	}
	return w
}

// spread sets the positions of the columns, with or without room for labels.
func (l *layout) spread(labels bool) {
	x := 0
	for r := range l.ranks {
		w := l.wide(r)
		for _, n := range l.ranks[r] {
			l.nodes[n].x = x + (w-l.nodes[n].w)/2
		}
		x += w
		l.chans[r].x = x
		room := l.chans[r].tracks + 3
		if labels && l.chans[r].label > 0 {
			room += min(l.chans[r].label, longestLabel) + 3
		}
		x += room
	}
	l.w = x - l.chans[len(l.ranks)-1].tracks - 3
}

const longestLabel = 24

// mid returns the row in which edges meet a node.
func (l *layout) mid(n int) int { return l.nodes[n].y + l.nodes[n].h/2 }

// title returns the text in the box of a step.
func (n *node) title(room int) string {
	return strings.TrimSpace(canvas.Truncate(n.name, room))
}
