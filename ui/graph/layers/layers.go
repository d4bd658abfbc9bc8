// Package layers places a directed graph in rows from top to bottom, for a screen of cells.
//
// It follows Sugiyama, Tagawa and Toda (1981): rows by the longest path from a source (rank.go),
// the order within a row by barycentres, columns so that the main line of the graph is straight
// (columns.go), and lines with as few rows between the nodes as possible (lines.go). Loops run along
// rails to the right of all nodes. A layout depends on nothing but its arguments.
package layers

// A Node is what has to be placed. Its port is the column in which lines reach it from above and
// leave it below.
type Node struct {
	Left, Right int  // cells before the port's column, and from it on
	Height      int  // rows, at least 1
	Last        bool // the node is below all others
}

// An Edge leads from one node to another; an edge from a node to itself is not drawn.
type Edge struct {
	From, To int
	Name     string // edges with the same name into a node share a label
	Width    int    // cells of the label of this edge; 0: it has none
	Minor    bool   // the edge is not part of the main line, which is straight
}

// A Point is a cell.
type Point struct{ X, Y int }

// A Piece is a line of the drawing that belongs to one or several edges. It leads from point to
// point in straight stretches. Its first and its last cell are those of a node, or the line
// continues there: the cells between them are drawn.
type Piece struct {
	Path  []Point
	Edges []int
}

// A Label is the place for the names of edges, Room cells from At.
type Label struct {
	At     Point
	Room   int
	Edges  []int
	Inline bool // it lies on a line that continues on both sides
}

// An Arrow is the end of edges at a node: above it, at At, or beside it, in the row of At at the
// first free cell after the node's text.
type Arrow struct {
	At     Point
	Node   int
	Beside bool
	Edges  []int
}

// A Layout holds the place of everything, within W by H cells.
type Layout struct {
	W, H   int
	Ports  []Point // of each node: its port, in its first row
	Order  []int   // the nodes as they are read: from top to bottom, then from left to right
	Pieces []Piece
	Labels []Label
	Arrows []Arrow
}

// A vertex is a node, or a bend where a long edge passes a row. Long edges to the same node share
// their bends.
type vertex struct {
	node        int // -1: a bend
	rank        int
	left, right int
	height      int
	x           int // the port
	y           int // the first row of a node, or of the row that a bend passes
	loops       int // how many loops begin or end here
}

// A link joins vertices of neighbouring ranks.
type link struct {
	from, to int
	edges    []int
	minor    bool
}

// A loop is an edge that leads to the same rank or to an earlier one.
type loop struct {
	edge     int
	from, to int // vertices
	rail     int // its column
	out, in  bool
	// out: it leaves its node beside it and not from below; in: it reaches its node beside it
}

type graph struct {
	nodes    []Node
	edges    []Edge
	vertices []vertex
	links    []link
	loops    []loop
	ranks    [][]int
	most     int // cells of a label
	width    int
	sources  map[int]bool // edges whose label is at their source
}

// Arrange places a graph. Labels get at most label cells.
func Arrange(nodes []Node, edges []Edge, label int) Layout {
	g := &graph{nodes: nodes, edges: edges, most: label, sources: map[int]bool{}}
	g.rank()
	g.order()
	g.place()
	return g.draw()
}
