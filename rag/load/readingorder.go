package load

import (
	"cmp"
	"math"
	"slices"
)

// maxOrdered is how many shapes are ordered by the gaps between them. More shapes are sorted by
// their corners.
const maxOrdered = 400

// readingOrder sorts shapes into reading order: from top to bottom, columns from left to right.
// Shapes without a known rectangle keep their order and come last.
func readingOrder(shapes []*slideShape) []*slideShape {
	var placed, others []*slideShape
	for _, s := range shapes {
		if s.placed {
			placed = append(placed, s)
		} else {
			others = append(others, s)
		}
	}
	if len(placed) > maxOrdered {
		slices.SortStableFunc(placed, byCorner)
		return append(placed, others...)
	}
	rank := make(map[*slideShape]int, len(placed))
	for i, s := range placed {
		rank[s] = i
	}
	return append(cutByGaps(placed, rank), others...)
}

func byCorner(a, b *slideShape) int {
	return cmp.Or(cmp.Compare(a.box.y, b.box.y), cmp.Compare(a.box.x, b.box.x))
}

// cutByGaps orders shapes by recursive cuts along gaps that cross the whole group, horizontally or
// vertically. If both cuts are possible, it takes the one closer to the order in the file, which is
// often the author's. rank is the index of each shape in the file.
func cutByGaps(list []*slideShape, rank map[*slideShape]int) []*slideShape {
	if len(list) < 2 {
		return list
	}
	rows := cutAt(list, func(b box) (float64, float64) { return b.y, b.y + b.h })
	columns := cutAt(list, func(b box) (float64, float64) { return b.x, b.x + b.w })
	switch {
	case len(rows) > 1 && len(columns) > 1:
		across, down := ordered(rows, rank), ordered(columns, rank)
		if inversions(down, rank) < inversions(across, rank) {
			return down
		}
		return across
	case len(rows) > 1:
		return ordered(rows, rank)
	case len(columns) > 1:
		return ordered(columns, rank)
	}
	// A background shape that contains another one comes first.
	largest := slices.MaxFunc(list, func(a, b *slideShape) int { return cmp.Compare(a.box.w*a.box.h, b.box.w*b.box.h) })
	rest := slices.DeleteFunc(slices.Clone(list), func(s *slideShape) bool { return s == largest })
	if slices.ContainsFunc(rest, func(s *slideShape) bool { return inside(s.box, largest.box) }) {
		return append([]*slideShape{largest}, cutByGaps(rest, rank)...)
	}
	sorted := slices.Clone(list)
	slices.SortStableFunc(sorted, byCorner)
	return sorted
}

func inside(a, b box) bool {
	return a.x >= b.x && a.y >= b.y && a.x+a.w <= b.x+b.w && a.y+a.h <= b.y+b.h
}

func ordered(groups [][]*slideShape, rank map[*slideShape]int) []*slideShape {
	var list []*slideShape
	for _, group := range groups {
		list = append(list, cutByGaps(group, rank)...)
	}
	return list
}

// cutAt divides shapes at the gaps along one axis. Shapes may overlap by a tenth of their extent.
func cutAt(list []*slideShape, extent func(box) (from, to float64)) [][]*slideShape {
	sorted := slices.Clone(list)
	slices.SortStableFunc(sorted, func(a, b *slideShape) int {
		from, _ := extent(a.box)
		other, _ := extent(b.box)
		return cmp.Compare(from, other)
	})
	var groups [][]*slideShape
	end := math.Inf(-1)
	for _, s := range sorted {
		from, to := extent(s.box)
		overlap := (to - from) / 10
		if from+overlap >= end || len(groups) == 0 {
			groups = append(groups, nil)
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], s)
		end = max(end, to-overlap)
	}
	for _, group := range groups { // restore the given order within each group
		slices.SortStableFunc(group, func(a, b *slideShape) int { return cmp.Compare(slices.Index(list, a), slices.Index(list, b)) })
	}
	return groups
}

// inversions counts the pairs of shapes whose order differs from that in the file.
func inversions(list []*slideShape, rank map[*slideShape]int) (n int) {
	for i := range list {
		for j := i + 1; j < len(list); j++ {
			if rank[list[i]] > rank[list[j]] {
				n++
			}
		}
	}
	return n
}
