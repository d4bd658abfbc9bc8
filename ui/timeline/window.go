package timeline

import "time"

// A window is the part of the run's time that is drawn. It is chosen automatically until the user
// moves it or changes its length.
type window struct {
	follow bool    // it moves with the present
	auto   bool    // it is fitted automatically
	zoomed bool    // the user chose it
	from   float64 // axis time of its left edge (see axis)
	span   float64 // its length in axis time
}

// Limits of the window.
const (
	shortest = float64(10 * time.Microsecond) // the deepest zoom
	opening  = float64(2 * time.Second)       // the least that a live run shows
	longest  = float64(60 * time.Second)      // the most of a live run before it scrolls
	present  = 0.85                           // column of the followed present, as a fraction
)

// axis returns the axis for w columns of the run of a cursor. If named is set, it leaves room for
// the name of the last event.
func (n *window) axis(c *cursor, w int, named bool) axis {
	a := axis{w: max(w, 1)}
	total, still := c.total(), c.still()
	if c.run != nil {
		a.folds, a.end = foldGaps(c.run.Gaps(total), total, still)
	}
	reserve := 2.0 // columns after the end, for the mark of the last event
	if named {
		reserve = 10
	}
	live := !c.over()
	span := n.span
	switch {
	case n.auto && still:
		span = min(a.end/present, longest) // nothing moves: the run so far gets the full width
	case n.auto && live:
		span = min(max(a.end/present, opening), longest)
	case n.auto:
		span = max(a.end, shortest) / (1 - reserve/float64(max(a.w, 24)))
	}
	span = max(span, shortest)
	switch {
	case n.auto && !live:
		a.from = 0
	case n.follow:
		a.from = max(0, a.end-present*span)
	default:
		a.from = n.from
	}
	a.per = span / float64(a.w)
	return a
}

// hold stops the automatic choice of the window and keeps the one that an axis shows, so that it
// can be moved.
func (n *window) hold(a axis) { n.auto, n.from, n.span = false, a.from, a.per*float64(a.w) }

// reach moves a window that is not chosen automatically so that it contains the axis time u.
func (n *window) reach(a axis, u float64) {
	if u < a.from || u > a.from+n.span {
		n.from = max(0, u-n.span/2)
	}
}

// zoom multiplies the length of a held window by f, around the axis time u where that is visible.
func (n *window) zoom(a axis, u, f float64) {
	if u < a.from || u > a.from+n.span {
		u = a.from + n.span/2
	}
	span := min(max(n.span*f, shortest), 4*max(a.end, shortest))
	n.from = max(0, u-(u-n.from)*span/n.span)
	n.span, n.zoomed = span, true
}

// show sets the window to a stretch of axis time, with a little room around it.
func (n *window) show(from, to float64) {
	n.span = max((to-from)*1.2, shortest)
	n.from = max(0, from-n.span/12)
	n.zoomed, n.follow = true, false
}

// pan moves a held window by a number of columns.
func (n *window) pan(a axis, columns int) {
	n.follow, n.zoomed = false, true
	n.from = min(max(0, n.from+float64(columns)*a.per), max(0, a.end-n.span/2))
}

// fit shows the whole run; at the present, the window follows it.
func (n *window) fit(atPresent bool) { n.auto, n.zoomed, n.follow = true, false, atPresent }

// rejoin follows the present. A length that the user did not choose is fitted again.
func (n *window) rejoin() {
	n.follow = true
	if n.span == 0 || !n.zoomed {
		n.auto = true
	}
}
