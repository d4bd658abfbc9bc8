package explorer

import "weft/ui/canvas"

// drawFooter shows the keys that do something here and now.
func (s *shell) drawFooter(c *canvas.Canvas, r canvas.Rect) {
	x := r.Min.X + 1
	draw := func(h hint) {
		x += c.TextN(x, r.Min.Y, r.Max.X-x, h.key, s.theme.Accent) + 1
		x += c.TextN(x, r.Min.Y, r.Max.X-x, h.word, s.theme.Muted) + 3
	}
	width := func(h hint) int { return canvas.Width(h.key) + 1 + canvas.Width(h.word) }
	hints := s.top().Hints()
	keep := map[string]bool{} // the ways out, and the way to all the others, always have room
	for _, h := range hints {
		if h.command == "help" || h.command == "back" || h.command == "focus" && s.layout.boxed {
			keep[h.word] = true
		}
	}
	said, full, room := map[string]bool{}, false, r.Max.X
	for _, h := range hints {
		if keep[h.word] && !said[h.word] {
			said[h.word] = true
			room -= width(h) + 3
		}
	}
	for _, h := range hints {
		switch {
		case keep[h.word] && said[h.word]:
			said[h.word] = false
			room += width(h) + 3
			draw(h)
		case keep[h.word] || said[h.word] || full:
		case x+width(h) >= room:
			full = true
		default:
			said[h.word] = true
			draw(h)
		}
	}
}
