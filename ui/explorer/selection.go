package explorer

import (
	"image"
	"strings"

	"weft/ui/canvas"
	"weft/ui/theme"
)

// A selection is the text marked by dragging the mouse: whole lines from its first to its last
// cell, within one panel.
type selection struct {
	in       canvas.Rect // the panel in which the drag began
	from, to image.Point
	dragging bool
}

// ordered returns the first and the last cell.
func (s selection) ordered() (a, b image.Point) {
	a, b = s.from, s.to
	if b.Y < a.Y || b.Y == a.Y && b.X < a.X {
		a, b = b, a
	}
	return a, b
}

func (s selection) empty() bool { return s.in.Empty() || s.from == s.to }

// drag extends the selection to a cell, within its panel.
func (s *selection) drag(to image.Point) {
	if s.dragging {
		s.to = image.Pt(min(max(to.X, s.in.Min.X), s.in.Max.X-1), min(max(to.Y, s.in.Min.Y), s.in.Max.Y-1))
	}
}

// span returns the cells of row y that are marked.
func (s selection) span(y int) canvas.Rect {
	a, b := s.ordered()
	from, to := s.in.Min.X, s.in.Max.X
	if y == a.Y {
		from = a.X
	}
	if y == b.Y {
		to = b.X + 1
	}
	return canvas.Rect{Min: image.Pt(from, y), Max: image.Pt(max(to, from), y+1)}.Intersect(s.in)
}

// draw marks the selected cells.
func (s selection) draw(c *canvas.Canvas, t *theme.Theme) {
	if s.empty() {
		return
	}
	a, b := s.ordered()
	for y := a.Y; y <= b.Y; y++ {
		c.Overlay(s.span(y), t.Selection)
	}
}

// text returns the text of the selected cells.
func (s selection) text(c *canvas.Canvas) string {
	if s.empty() {
		return ""
	}
	var lines []string
	a, b := s.ordered()
	for y := a.Y; y <= b.Y; y++ {
		lines = append(lines, strings.TrimRight(c.Sub(s.span(y)).Plain(), " "))
	}
	return strings.Join(lines, "\n")
}
