package timeline

import (
	"weft/ui/canvas"
	"weft/ui/status"
	"weft/ui/theme"
)

// A picture draws one frame of a timeline on a canvas. It reads the timeline and changes nothing of
// it but the first visible row.
type picture struct {
	model  *Model
	canvas *canvas.Canvas
	th     *theme.Theme
	cols   columns
	brush  *brush // paints the bars of the rows, on the axis of the frame
}

// newPicture returns a frame of the moment that is shown.
func newPicture(m *Model, s *canvas.Canvas) *picture {
	a := m.axis()
	b := &brush{th: &m.theme, labels: labels(m.w), v: m.View(), a: &a, until: m.cursor.elapsed(), now: m.cursor.column(&a)}
	return &picture{model: m, canvas: s, th: &m.theme, cols: columnsOf(m.w), brush: b}
}

// status returns the glyph of a status and its style.
func (p *picture) status(s status.Status) (string, theme.Style) {
	return p.model.cursor.status(s, p.th)
}

// blank returns empty cells for the columns of time. Every call returns the same memory.
func (p *picture) blank() []cell {
	w := p.brush.a.w
	if cap(p.model.cells) < w {
		p.model.cells = make([]cell, w)
	}
	clear(p.model.cells[:w])
	return p.model.cells[:w]
}
