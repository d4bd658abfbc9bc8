package layers_test

import (
	"testing"

	"pgregory.net/rapid"

	"weft/ui/graph/layers"
)

// line returns nodes and edges of a workflow of n steps, one after the other, with a start and an
// end.
func line(n int) (nodes []layers.Node, edges []layers.Edge) {
	nodes = append(nodes, layers.Node{Right: 1, Height: 1})
	for range n {
		nodes = append(nodes, layers.Node{Left: 1, Right: 12, Height: 1})
	}
	nodes = append(nodes, layers.Node{Right: 1, Height: 1, Last: true})
	for i := range n + 1 {
		edges = append(edges, layers.Edge{From: i, To: i + 1, Name: "Event", Width: 5})
	}
	return nodes, edges
}

func TestALineOfStepsIsStraight(t *testing.T) {
	nodes, edges := line(4)
	l := layers.Arrange(nodes, edges, 20)
	for i, p := range l.Ports {
		if p.X != l.Ports[0].X || p.Y != 2*i {
			t.Errorf("node %d is at %v", i, p)
		}
	}
	if l.H != 11 || len(l.Labels) != 5 || len(l.Arrows) != 5 {
		t.Errorf("%d rows, %d labels, %d arrows", l.H, len(l.Labels), len(l.Arrows))
	}
}

func TestTheMainLineStaysStraightBesideAMinorEdge(t *testing.T) {
	nodes, edges := line(3)
	// Node 2 may fail; node 5 recovers, and continues at node 3.
	nodes = append(nodes, layers.Node{Left: 1, Right: 10, Height: 1})
	edges = append(edges, layers.Edge{From: 2, To: 5, Name: "Failure", Width: 7, Minor: true}, layers.Edge{From: 5, To: 3, Name: "Event", Width: 5})
	l := layers.Arrange(nodes, edges, 20)
	for _, i := range []int{1, 2, 3, 4} {
		if l.Ports[i].X != l.Ports[0].X {
			t.Errorf("node %d is beside the main line: %v", i, l.Ports)
		}
	}
	if l.Ports[5].X <= l.Ports[0].X || l.Ports[5].Y <= l.Ports[2].Y || l.Ports[5].Y >= l.Ports[3].Y {
		t.Errorf("the recovery is at %v, the steps around it at %v", l.Ports[5], l.Ports)
	}
}

func TestALoopRunsRightOfAllNodes(t *testing.T) {
	nodes, edges := line(4)
	edges = append(edges, layers.Edge{From: 3, To: 2, Name: "Again", Width: 5})
	l := layers.Arrange(nodes, edges, 20)
	rail := 0
	for _, p := range l.Pieces {
		for _, at := range p.Path {
			rail = max(rail, at.X)
		}
	}
	for i, n := range nodes {
		if l.Ports[i].X+n.Right > rail-2 {
			t.Errorf("node %d reaches to column %d, the loop is in %d", i, l.Ports[i].X+n.Right, rail)
		}
	}
	beside := 0
	for _, a := range l.Arrows {
		if a.Beside && a.Node == 2 && a.At.Y == l.Ports[2].Y {
			beside++
		}
	}
	if beside != 1 || rail >= l.W {
		t.Errorf("%d arrows beside the node, rail %d of %d columns", beside, rail, l.W)
	}
}

// Edges with different events into one node are named where each begins.
func TestEventsOfSeveralTypesAreNamedAtTheirSources(t *testing.T) {
	nodes := []layers.Node{{Right: 8, Height: 1}, {Right: 8, Height: 1}, {Right: 8, Height: 1}}
	l := layers.Arrange(nodes, []layers.Edge{{From: 0, To: 2, Name: "A", Width: 1}, {From: 1, To: 2, Name: "B", Width: 1}}, 20)
	if len(l.Labels) != 2 {
		t.Fatalf("%+v", l.Labels)
	}
	for i, b := range l.Labels {
		if from := l.Ports[b.Edges[0]]; b.At.Y != from.Y+1 || b.At.X != from.X+2 {
			t.Errorf("label %d is at %v, its source at %v", i, b.At, from)
		}
	}
}

// Nodes, labels and lines lie within the layout; nodes and labels overlap nothing; each edge between
// two nodes is a connected way from one to the other.
func TestAnyGraphIsDrawnWithoutOverlaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 9).Draw(t, "nodes")
		var nodes []layers.Node
		height := rapid.SampledFrom([]int{1, 3}).Draw(t, "height")
		for range n {
			nodes = append(nodes, layers.Node{Left: rapid.IntRange(0, 2).Draw(t, "left"), Right: rapid.IntRange(1, 12).Draw(t, "right"), Height: height})
		}
		var edges []layers.Edge
		for range rapid.IntRange(0, 14).Draw(t, "edges") {
			name := rapid.SampledFrom([]string{"A", "B"}).Draw(t, "name")
			edges = append(edges, layers.Edge{From: rapid.IntRange(0, n-1).Draw(t, "from"), To: rapid.IntRange(0, n-1).Draw(t, "to"),
				Name: name, Width: rapid.IntRange(0, 5).Draw(t, "width"), Minor: rapid.Bool().Draw(t, "minor")})
		}
		l := layers.Arrange(nodes, edges, 8)
		taken := map[layers.Point]string{}
		take := func(at layers.Point, what string) {
			if at.X < 0 || at.Y < 0 || at.X >= l.W || at.Y >= l.H {
				t.Fatalf("%s at %v is outside of %d×%d", what, at, l.W, l.H)
			}
			if by := taken[at]; by != "" {
				t.Fatalf("%s and %s are both at %v", what, by, at)
			}
			taken[at] = what
		}
		for i, p := range l.Ports {
			for y := range nodes[i].Height {
				for x := p.X - nodes[i].Left; x < p.X+nodes[i].Right; x++ {
					take(layers.Point{X: x, Y: p.Y + y}, "a node")
				}
			}
		}
		for _, b := range l.Labels {
			for x := range b.Room {
				take(layers.Point{X: b.At.X + x, Y: b.At.Y}, "a label")
			}
		}
		var cells = map[int]map[layers.Point]bool{} // by edge
		for _, p := range l.Pieces {
			for i := 1; i < len(p.Path); i++ {
				if a, b := p.Path[i-1], p.Path[i]; a.X != b.X && a.Y != b.Y {
					t.Fatalf("a slanted line %v", p.Path)
				}
			}
			for _, e := range p.Edges {
				if cells[e] == nil {
					cells[e] = map[layers.Point]bool{}
				}
				cells[e][p.Path[0]], cells[e][p.Path[len(p.Path)-1]] = true, true
			}
		}
		touches := func(e, node int) bool {
			for at := range cells[e] {
				if p := l.Ports[node]; at.X == p.X && at.Y >= p.Y && at.Y < p.Y+nodes[node].Height {
					return true
				}
			}
			return false
		}
		for i, e := range edges {
			if e.From != e.To && (!touches(i, e.From) || !touches(i, e.To)) {
				t.Fatalf("edge %d does not reach its nodes: %v, ports %v", i, cells[i], l.Ports)
			}
		}
	})
}
