package explorer

import (
	tea "charm.land/bubbletea/v2"

	"weft/ui/canvas"
)

// view returns the frame. It draws a new one only if the scheduler says so.
func (s *shell) view() tea.View {
	if s.frames.due(s.w > 0 && s.h > 0) {
		if s.speaker.on {
			s.drawPrompt()
		} else {
			s.draw()
		}
		s.frame = s.canvas.String()
	}
	v := tea.NewView(s.frame)
	// On the smallest terminals the cursor may lie outside of the screen.
	if c := s.cursor; c != nil && c.X < s.w && c.Y < s.h {
		v.Cursor = c
	}
	// In the screen-reader mode the mouse and the scrollback belong to the terminal.
	if !s.speaker.on {
		v.AltScreen, v.MouseMode = true, tea.MouseModeCellMotion
	}
	return v
}

// draw draws the whole screen into the canvas.
func (s *shell) draw() {
	c, l := s.canvas, s.layout
	c.Reset(s.w, s.h)
	s.cursor = nil
	s.header.Draw(c, l.header)
	if l.shape != tiny {
		s.drawFooter(c, l.footer)
	}
	for _, p := range []part{conversationPart, timelinePart, detailPart, linePart} {
		if r := l.of(p); !r.Empty() {
			if cur := s.shows(p).Draw(c, r, s.part() == p); cur != nil {
				s.cursor = cur
			}
		}
	}
	s.note.draw(c, l, &s.theme)
	s.marked.draw(c, &s.theme)
	if s.overlay != nil {
		back := c.Bounds()
		back.Max.Y -= l.footer.Dy()
		c.Fade(back, s.theme.Faint)
		s.cursor = s.overlay.Draw(c, c.Bounds(), true)
	}
}

// drawFooter draws the keys that are useful now.
func (s *shell) drawFooter(c *canvas.Canvas, r canvas.Rect) {
	x := r.Min.X + 1
	draw := func(h hint) {
		x += c.TextN(x, r.Min.Y, r.Max.X-x, h.key, s.theme.Accent) + 1
		x += c.TextN(x, r.Min.Y, r.Max.X-x, h.word, s.theme.Muted) + 3
	}
	width := func(h hint) int { return canvas.Width(h.key) + 1 + canvas.Width(h.word) }
	hints := s.top().Hints()
	keep := map[string]bool{} // hints that always have room: help, back, and tab
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
