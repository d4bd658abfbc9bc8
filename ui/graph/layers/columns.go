package layers

import "math"

// gap is how many cells lie between what is drawn at neighbouring vertices.
const gap = 2

// place sets the columns of all vertices and the rails of the loops.
func (g *graph) place() {
	g.reserve()
	main := g.mainLine()
	for r, row := range g.ranks {
		if len(row) == 0 {
			continue
		}
		want, weight, apart := make([]float64, len(row)), make([]float64, len(row)), make([]int, len(row))
		for i, v := range row {
			want[i], weight[i] = 0, 1
			if i > 0 {
				apart[i] = g.vertices[row[i-1]].right + gap + g.vertices[v].left
			}
			if above, straight := g.above(v, main); r > 0 && above >= 0 {
				want[i] = float64(g.vertices[above].x)
				if straight {
					weight[i] = 1000
				}
			}
		}
		for i, x := range spread(want, weight, apart) {
			g.vertices[row[i]].x = x
		}
	}
	least := math.MaxInt
	for _, v := range g.vertices {
		least = min(least, v.x-v.left)
	}
	for i := range g.vertices {
		v := &g.vertices[i]
		v.x -= least
		g.width = max(g.width, v.x+v.right)
	}
	g.rails()
}

// reserve makes room for the labels: beside the arrow into a node, or below the nodes that an edge
// leaves. If edges with several names lead to a node, each is named where it begins, unless it
// shares that place with other edges.
func (g *graph) reserve() {
	loops := map[int]bool{} // edges
	for _, l := range g.loops {
		loops[l.edge] = true
	}
	leaving := make([]int, len(g.nodes))
	for _, e := range g.edges {
		if e.From != e.To {
			leaving[e.From]++
		}
	}
	for to := range g.nodes {
		names := map[string]int{}
		alone := true
		for _, e := range g.edges {
			if e.To == to && e.From != to {
				names[e.Name] = max(names[e.Name], e.Width)
				alone = alone && leaving[e.From] == 1
			}
		}
		if len(names) > 1 && alone {
			for i, e := range g.edges {
				if e.To == to && e.From != to && !loops[i] {
					g.sources[i] = true
					v := &g.vertices[e.From]
					v.right = max(v.right, 2+min(e.Width, g.most))
				}
			}
			continue
		}
		width := 0
		for _, w := range names {
			width += w + 2
		}
		if width > 0 {
			g.vertices[to].right = max(g.vertices[to].right, 2+min(width-2, g.most))
		}
	}
}

// mainLine returns for each vertex the one below it with which it forms a straight line: the
// beginning of the longest way down, preferably of edges that are not minor and of vertices without
// loops; -1 if there is none.
func (g *graph) mainLine() []int {
	depth := make([]int, len(g.vertices))
	next := make([]int, len(g.vertices))
	for i := range next {
		next[i] = -1
	}
	for r := len(g.ranks) - 1; r >= 0; r-- {
		for _, v := range g.ranks[r] {
			best := -1 << 30
			for _, l := range g.links {
				if l.from != v {
					continue
				}
				score := 4 * (depth[l.to] + 1)
				if l.minor {
					score -= 1 << 20
				}
				if g.vertices[l.to].loops > 0 {
					score--
				}
				if depth[v] = max(depth[v], depth[l.to]+1); score > best {
					best, next[v] = score, l.to
				}
			}
		}
	}
	return next
}

// above returns the vertex under which v should be; straight says that both are part of the main
// line. It is -1 if no line comes from above.
func (g *graph) above(v int, main []int) (u int, straight bool) {
	u = -1
	for _, l := range g.links {
		if l.to != v {
			continue
		}
		if main[l.from] == v && !straight {
			u, straight = l.from, true
		}
		if !straight && (u < 0 || g.vertices[l.from].x < g.vertices[u].x) {
			u = l.from
		}
	}
	return u, straight
}

// spread returns columns near those wanted, with at least apart[i] between i-1 and i. It minimises
// the weighted squares of the distances, by merging what would overlap.
func spread(want, weight []float64, apart []int) []int {
	type block struct {
		at, weight float64
		n          int
	}
	var blocks []block
	offset, total := make([]int, len(want)), 0
	for i := range want {
		if i > 0 {
			total += apart[i]
		}
		offset[i] = total
		blocks = append(blocks, block{want[i] - float64(total), weight[i], 1})
		for len(blocks) > 1 && blocks[len(blocks)-2].at >= blocks[len(blocks)-1].at {
			a, b := blocks[len(blocks)-2], blocks[len(blocks)-1]
			w := a.weight + b.weight
			blocks = append(blocks[:len(blocks)-2], block{(a.at*a.weight + b.at*b.weight) / w, w, a.n + b.n})
		}
	}
	var xs []int
	for _, b := range blocks {
		for range b.n {
			i := len(xs)
			x := int(math.Round(b.at)) + offset[i]
			if i > 0 {
				x = max(x, xs[i-1]+apart[i])
			}
			xs = append(xs, x)
		}
	}
	return xs
}

// besideRoom returns the cells for the names of the loops that reach a node beside it.
func (g *graph) besideRoom(to int) (w int) {
	names := map[string]int{}
	for _, l := range g.loops {
		if e := g.edges[l.edge]; l.to == to && l.in && e.Width > 0 {
			names[e.Name] = max(names[e.Name], e.Width)
		}
	}
	for _, n := range names {
		w += n + 2
	}
	return min(max(w-2, 0), g.most)
}

// rails gives each loop a column right of everything else. Loops to the same node share one.
func (g *graph) rails() {
	if len(g.loops) == 0 {
		return
	}
	free := func(v int) bool { // no node lies between the vertex and the rails
		row := g.ranks[g.vertices[v].rank]
		for i := len(row) - 1; row[i] != v; i-- {
			if g.vertices[row[i]].node >= 0 {
				return false
			}
		}
		return true
	}
	label := 0
	for i := range g.loops {
		l := &g.loops[i]
		l.out, l.in = free(l.from), free(l.to)
	}
	for _, l := range g.loops {
		if w := g.besideRoom(l.to); w > 0 {
			label = max(label, w+2)
		}
	}
	first := g.width + label + gap
	type span struct{ to, top, bottom int }
	var rails []span
	for i := range g.loops {
		l := &g.loops[i]
		top, bottom := g.vertices[l.to].rank, g.vertices[l.from].rank
		at := -1
		for j := range rails {
			if r := &rails[j]; r.to == l.to || top > r.bottom || bottom < r.top {
				at, r.top, r.bottom = j, min(top, r.top), max(bottom, r.bottom)
				break
			}
		}
		if at < 0 {
			at = len(rails)
			rails = append(rails, span{l.to, top, bottom})
		}
		l.rail = first + 2*at
		g.width = max(g.width, l.rail+1)
	}
}
