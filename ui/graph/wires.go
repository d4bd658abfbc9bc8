package graph

import (
	"cmp"

	"weft/ui/graph/layers"
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
	dirs   uint8
	weight uint8 // of the most important line
	plain  bool  // not only failures go this way
	st     theme.Style
}

type wires struct {
	w, h  int
	cells []wire
}

// symbol returns what is drawn in a cell. Straight lines that only failures take are dotted.
func (c wire) symbol() string {
	switch {
	case c.plain:
	case c.dirs&(left|right) == 0:
		return "┊"
	case c.dirs&(up|down) == 0:
		return "┈"
	}
	return joints[c.dirs&15]
}

// A pen is how a line is drawn.
type pen struct {
	st      theme.Style
	weight  uint8 // a line of more weight lends its style to the cells that it shares
	failure bool
}

func (g *wires) mark(at layers.Point, dirs uint8, p pen) {
	if at.X < 0 || at.Y < 0 || at.X >= g.w || at.Y >= g.h {
		return
	}
	c := &g.cells[at.Y*g.w+at.X]
	if c.dirs == 0 || p.weight > c.weight {
		c.st, c.weight = p.st, p.weight
	}
	c.dirs |= dirs
	c.plain = c.plain || !p.failure
}

// path draws the cells of a path between its first and its last; corners appear where lines meet.
func (g *wires) path(points []layers.Point, p pen) {
	var cells []layers.Point
	for i, to := range points {
		if i == 0 {
			cells = append(cells, to)
			continue
		}
		for at := cells[len(cells)-1]; at != to; {
			at.X += cmp.Compare(to.X, at.X)
			at.Y += cmp.Compare(to.Y, at.Y)
			cells = append(cells, at)
		}
	}
	for i := 1; i < len(cells)-1; i++ {
		g.mark(cells[i], toward(cells[i], cells[i-1])|toward(cells[i], cells[i+1]), p)
	}
}

// toward returns the direction from a cell to one next to it.
func toward(a, b layers.Point) uint8 {
	switch {
	case b.X < a.X:
		return left
	case b.X > a.X:
		return right
	case b.Y < a.Y:
		return up
	}
	return down
}
