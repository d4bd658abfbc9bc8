package layers

import (
	"cmp"
	"slices"
)

// rank finds the loops, gives each node the length of the longest path to it, and cuts the edges
// into links between neighbouring ranks.
func (g *graph) rank() {
	ranks, back := longestPaths(len(g.nodes), g.edges)
	deepest := 0
	for _, r := range ranks {
		deepest = max(deepest, r)
	}
	for i, n := range g.nodes {
		if n.Last {
			for j := range ranks {
				if j != i && ranks[j] >= ranks[i] {
					ranks[i] = deepest + 1
				}
			}
		}
	}
	for i, n := range g.nodes {
		g.vertices = append(g.vertices, vertex{node: i, rank: ranks[i], left: n.Left, right: n.Right, height: max(n.Height, 1)})
	}
	type place struct{ to, rank int }
	bends := map[place]int{}
	joined := map[[2]int]int{}
	join := func(from, to, edge int) {
		key := [2]int{from, to}
		i, known := joined[key]
		if !known {
			i = len(g.links)
			joined[key] = i
			g.links = append(g.links, link{from: from, to: to, minor: true})
		}
		g.links[i].edges = append(g.links[i].edges, edge)
		g.links[i].minor = g.links[i].minor && g.edges[edge].Minor
	}
	for i, e := range g.edges {
		switch {
		case e.From == e.To:
			continue
		case back[i] || ranks[e.To] <= ranks[e.From]:
			g.loops = append(g.loops, loop{edge: i, from: e.From, to: e.To})
			g.vertices[e.From].loops++
			g.vertices[e.To].loops++
			continue
		}
		from := e.From
		for r := ranks[e.From] + 1; r < ranks[e.To]; r++ {
			bend, known := bends[place{e.To, r}]
			if !known {
				bend = len(g.vertices)
				bends[place{e.To, r}] = bend
				g.vertices = append(g.vertices, vertex{node: -1, rank: r, right: 1, height: 1})
			}
			join(from, bend, i)
			from = bend
		}
		join(from, e.To, i)
	}
	for i, v := range g.vertices {
		for len(g.ranks) <= v.rank {
			g.ranks = append(g.ranks, nil)
		}
		g.ranks[v.rank] = append(g.ranks[v.rank], i)
	}
}

// longestPaths returns the length of the longest path to each node, and which edges close a loop:
// these do not count.
func longestPaths(nodes int, edges []Edge) (ranks []int, back []bool) {
	ranks, back = make([]int, nodes), make([]bool, len(edges))
	out := make([][]int, nodes)
	for i, e := range edges {
		out[e.From] = append(out[e.From], i)
	}
	const onPath, done = 1, 2
	state := make([]uint8, nodes)
	var visit func(n int)
	visit = func(n int) {
		state[n] = onPath
		for _, i := range out[n] {
			switch state[edges[i].To] {
			case onPath:
				back[i] = true
			case 0:
				visit(edges[i].To)
			}
		}
		state[n] = done
	}
	for n := range nodes {
		if state[n] == 0 {
			visit(n)
		}
	}
	for range nodes {
		changed := false
		for i, e := range edges {
			if !back[i] && ranks[e.To] < ranks[e.From]+1 {
				ranks[e.To], changed = ranks[e.From]+1, true
			}
		}
		if !changed {
			break
		}
	}
	return ranks, back
}

// order sorts each rank by the positions of the neighbours. Of vertices with the same neighbours,
// those beside the main line come later, and those with loops last, because the rails are on the
// right.
func (g *graph) order() {
	late := make([]int, len(g.vertices))
	for i := range late {
		late[i] = 2 * g.vertices[i].loops
		if slices.ContainsFunc(g.links, func(l link) bool { return l.to == i && l.minor }) {
			late[i]++
		}
	}
	position := make([]float64, len(g.vertices))
	number := func(r int) {
		for i, v := range g.ranks[r] {
			position[v] = float64(i) - float64(len(g.ranks[r])-1)/2
		}
	}
	for r := range g.ranks {
		number(r)
	}
	sweep := func(r int, down bool) {
		centre := map[int]float64{}
		for _, v := range g.ranks[r] {
			sum, n := 0.0, 0.0
			for _, l := range g.links {
				switch {
				case down && l.to == v:
					sum, n = sum+position[l.from], n+1
				case !down && l.from == v:
					sum, n = sum+position[l.to], n+1
				}
			}
			if centre[v] = position[v]; n > 0 {
				centre[v] = sum / n
			}
		}
		slices.SortStableFunc(g.ranks[r], func(a, b int) int {
			return cmp.Or(cmp.Compare(centre[a], centre[b]), cmp.Compare(late[a], late[b]))
		})
		number(r)
	}
	const sweeps = 4
	for range sweeps {
		for r := 1; r < len(g.ranks); r++ {
			sweep(r, true)
		}
		for r := len(g.ranks) - 2; r >= 0; r-- {
			sweep(r, false)
		}
	}
}
