package layers

import (
	"cmp"
	"maps"
	"slices"
)

// A net is the lines of a channel that share a track: those that leave one vertex, or that reach
// one.
type net struct {
	low, high    int   // the columns that its track spans
	tops, bottom []int // the columns in which lines come from above, and leave below
	track        int
}

// A channel is the rows between two ranks: those of the labels of what leaves the upper one, one
// for each track, and one for the arrows into the lower one.
type channel struct {
	nets   []*net
	top    int // its first row
	labels int
	tracks int
	arrows int
}

func (c *channel) rows() int { return c.labels + c.tracks + c.arrows }

// row returns the row of a track.
func (c *channel) row(n *net) int { return c.top + c.labels + n.track }

type router struct {
	*graph
	channels []channel // channel i is above rank i
	tops     []int     // the first row of each rank
	heights  []int
	nets     map[any]*net // by link, and by loop and end
}

// A loopEnd is where a loop leaves a node downwards, or reaches one from above.
type loopEnd struct {
	loop int
	in   bool
}

// draw sets the rows, and returns the layout.
func (g *graph) draw() Layout {
	r := &router{graph: g, channels: make([]channel, len(g.ranks)+1), nets: map[any]*net{}}
	r.connect()
	for i := range r.channels {
		r.channels[i].assign()
	}
	r.stack()
	l := Layout{W: g.width, H: 0}
	for i := range g.nodes {
		l.Ports = append(l.Ports, Point{g.vertices[i].x, g.vertices[i].y})
		l.Order = append(l.Order, i)
	}
	slices.SortStableFunc(l.Order, func(a, b int) int {
		return cmp.Or(cmp.Compare(g.vertices[a].rank, g.vertices[b].rank), cmp.Compare(g.vertices[a].x, g.vertices[b].x))
	})
	if n := len(g.ranks); n > 0 {
		last := &r.channels[n]
		l.H = last.top + last.rows()
	}
	r.drawLinks(&l)
	r.drawLoops(&l)
	return l
}

// connect collects the nets of each channel.
func (r *router) connect() {
	leaving, reaching := make([]int, len(r.vertices)), make([]int, len(r.vertices))
	for _, l := range r.links {
		leaving[l.from]++
		reaching[l.to]++
	}
	type owner struct {
		vertex int
		below  bool
	}
	shared := map[owner]*net{}
	find := func(channel int, o owner) *net {
		n := shared[o]
		if n == nil {
			x := r.vertices[o.vertex].x
			n = &net{low: x, high: x}
			shared[o] = n
			r.channels[channel].nets = append(r.channels[channel].nets, n)
		}
		return n
	}
	for i, l := range r.links {
		from, to := &r.vertices[l.from], &r.vertices[l.to]
		c := &r.channels[to.rank]
		if to.node >= 0 {
			c.arrows = 1
		}
		for _, e := range l.edges {
			if r.sources[e] && from.node >= 0 {
				c.labels = 1
			}
		}
		if from.x == to.x {
			continue
		}
		o := owner{l.from, false}
		if reaching[l.to] > 1 && leaving[l.from] == 1 {
			o = owner{l.to, true}
		}
		n := find(to.rank, o)
		n.add(from.x, to.x)
		r.nets[i] = n
	}
	for i, l := range r.loops {
		if !l.out {
			v := &r.vertices[l.from]
			n := find(v.rank+1, owner{l.from, false})
			n.tops = append(n.tops, v.x)
			n.high = max(n.high, l.rail)
			r.nets[loopEnd{i, false}] = n
		}
		if !l.in {
			v := &r.vertices[l.to]
			r.channels[v.rank].arrows = 1
			n := find(v.rank, owner{l.to, true})
			n.bottom = append(n.bottom, v.x)
			n.high = max(n.high, l.rail)
			r.nets[loopEnd{i, true}] = n
		}
	}
}

// add makes a net connect a column above with one below.
func (n *net) add(top, bottom int) {
	n.tops, n.bottom = append(n.tops, top), append(n.bottom, bottom)
	n.low, n.high = min(n.low, top, bottom), max(n.high, top, bottom)
}

// over reports whether a net must be above another, because both have a line in one column.
func (n *net) over(o *net) bool {
	for _, x := range n.tops {
		if slices.Contains(o.bottom, x) {
			return true
		}
	}
	return false
}

// assign gives each net of a channel a track: none overlap, and lines of different nets do not
// share cells of a column, unless the nets exclude each other.
func (c *channel) assign() {
	left := slices.Clone(c.nets)
	slices.SortStableFunc(left, func(a, b *net) int { return cmp.Compare(a.low, b.low) })
	var placed []*net
	for len(left) > 0 {
		next := max(0, slices.IndexFunc(left, func(n *net) bool {
			return !slices.ContainsFunc(left, func(o *net) bool { return o != n && o.over(n) })
		}))
		n := left[next]
		left = slices.Delete(left, next, next+1)
		for _, o := range placed {
			if o.over(n) {
				n.track = max(n.track, o.track+1)
			}
		}
		for slices.ContainsFunc(placed, func(o *net) bool { return o.track == n.track && o.low <= n.high+1 && n.low <= o.high+1 }) {
			n.track++
		}
		c.tracks = max(c.tracks, n.track+1)
		placed = append(placed, n)
	}
}

// stack sets the first row of each channel, rank and vertex.
func (r *router) stack() {
	y := 0
	for i := range r.channels {
		r.channels[i].top = y
		y += r.channels[i].rows()
		if i == len(r.ranks) {
			break
		}
		height := 1
		for _, v := range r.ranks[i] {
			height = max(height, r.vertices[v].height)
		}
		r.tops, r.heights = append(r.tops, y), append(r.heights, height)
		for _, v := range r.ranks[i] {
			u := &r.vertices[v]
			if u.y = y; u.node >= 0 {
				u.y += (height - u.height) / 2
			}
		}
		y += height
	}
}

// below returns the row in which lines leave a vertex; those of a bend begin with its rank, so that
// they pass it.
func (r *router) below(v *vertex) int {
	if v.node < 0 {
		return r.tops[v.rank]
	}
	return v.y + v.height
}

// over returns the row in which lines reach a vertex.
func (r *router) over(v *vertex) int {
	if v.node < 0 {
		return r.tops[v.rank] - 1
	}
	return v.y - 1
}

func (r *router) drawLinks(l *Layout) {
	arrows := map[int]int{} // by node
	for i, k := range r.links {
		from, to := &r.vertices[k.from], &r.vertices[k.to]
		out, in := r.below(from), r.over(to)
		p := Piece{Edges: k.edges}
		if n := r.nets[i]; n != nil {
			y := r.channels[to.rank].row(n)
			p.Path = []Point{{from.x, out - 1}, {from.x, y}, {to.x, y}, {to.x, in + 1}}
		} else {
			p.Path = []Point{{from.x, out - 1}, {to.x, in + 1}}
		}
		l.Pieces = append(l.Pieces, p)
		for _, e := range k.edges {
			if r.sources[e] && from.node >= 0 && r.edges[e].Width > 0 {
				l.Labels = append(l.Labels, Label{At: Point{from.x + 2, r.channels[to.rank].top}, Room: r.room(from), Edges: []int{e}})
			}
		}
		if to.node < 0 {
			continue
		}
		at, known := arrows[to.node]
		if !known {
			at = len(l.Arrows)
			arrows[to.node] = at
			l.Arrows = append(l.Arrows, Arrow{At: Point{to.x, in}, Node: to.node})
		}
		l.Arrows[at].Edges = append(l.Arrows[at].Edges, k.edges...)
	}
	for i, k := range r.loops {
		if k.in {
			continue
		}
		to := &r.vertices[k.to]
		at, known := arrows[to.node]
		if !known {
			at = len(l.Arrows)
			arrows[to.node] = at
			l.Arrows = append(l.Arrows, Arrow{At: Point{to.x, r.over(to)}, Node: to.node})
		}
		l.Arrows[at].Edges = append(l.Arrows[at].Edges, r.loops[i].edge)
	}
	for _, a := range l.Arrows {
		var named []int
		for _, e := range a.Edges {
			if !r.sources[e] && r.edges[e].Width > 0 {
				named = append(named, e)
			}
		}
		if len(named) > 0 {
			v := &r.vertices[a.Node]
			l.Labels = append(l.Labels, Label{At: Point{a.At.X + 2, a.At.Y}, Room: r.room(v), Edges: named})
		}
	}
}

// room returns how many cells a label beside the port of a vertex has.
func (r *router) room(v *vertex) int { return v.right - 2 }

func (r *router) drawLoops(l *Layout) {
	beside := map[int][]int{} // the loops that reach a node beside it
	for i, k := range r.loops {
		from, to := &r.vertices[k.from], &r.vertices[k.to]
		var p Piece
		p.Edges = []int{k.edge}
		bottom, top := from.y+from.height/2, to.y+to.height/2
		if k.out {
			p.Path = append(p.Path, Point{from.x, bottom})
		} else {
			bottom = r.channels[from.rank+1].row(r.nets[loopEnd{i, false}])
			p.Path = append(p.Path, Point{from.x, r.below(from) - 1}, Point{from.x, bottom})
		}
		if !k.in {
			top = r.channels[to.rank].row(r.nets[loopEnd{i, true}])
		}
		p.Path = append(p.Path, Point{k.rail, bottom}, Point{k.rail, top}, Point{to.x, top})
		if k.in {
			beside[k.to] = append(beside[k.to], i)
		} else {
			p.Path = append(p.Path, Point{to.x, r.over(to) + 1})
		}
		l.Pieces = append(l.Pieces, p)
	}
	for _, to := range slices.Sorted(maps.Keys(beside)) {
		v := &r.vertices[to]
		at := Point{v.x, v.y + v.height/2}
		a := Arrow{At: at, Node: v.node, Beside: true}
		label := Label{Inline: true, Room: r.besideRoom(to)}
		for _, i := range beside[to] {
			e := r.loops[i].edge
			a.Edges = append(a.Edges, e)
			if r.edges[e].Width > 0 {
				label.Edges = append(label.Edges, e)
			}
			label.At = Point{r.loops[i].rail - label.Room - 2, at.Y} // all have the same rail
		}
		l.Arrows = append(l.Arrows, a)
		if label.Room > 0 {
			l.Labels = append(l.Labels, label)
		}
	}
}
