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
	s.marked.draw(c, &s.theme)
	if s.overlay != nil {
		back := c.Bounds()
		back.Max.Y -= l.footer.Dy()
		c.Fade(back, s.theme.Faint)
		s.cursor = s.overlay.Draw(c, c.Bounds(), true)
	}
	s.note.draw(c, l, &s.theme)
}

// drawFooter draws the keys that are useful now.
func (s *shell) drawFooter(c *canvas.Canvas, r canvas.Rect) {
	x := r.Min.X + 1
	for _, h := range fitHints(s.top().Hints(), r.Dx()-1, s.layout.boxed) {
		x += c.TextN(x, r.Min.Y, r.Max.X-x, h.key, s.theme.Accent) + 1
		x += c.TextN(x, r.Min.Y, r.Max.X-x, h.word, s.theme.Muted) + hintGap
	}
}
