package canvas

import (
	"strings"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
)

// String returns the styled frame, lines separated by newlines, ready for Bubble Tea. Trailing
// blanks are left out: the frame must be shown on blank cells.
func (c *Canvas) String() string {
	var b strings.Builder
	b.Grow(c.length + c.length/8) // about as long as the previous frame
	for y, l := range c.lines() {
		if y > 0 {
			b.WriteByte('\n')
		}
		write(&b, l)
	}
	c.length = b.Len()
	return b.String()
}

var blanks = strings.Repeat(" ", 64)

// write writes a line with its styles and links. The library's version copies each cell and
// compares colours by value; that would take most of the time of a frame, and nearly all cells are
// blank or have the style of the cell before.
func write(b *strings.Builder, l uv.Line) {
	var pen Style
	var link uv.Link
	to := func(st *Style) {
		switch {
		case plain(st):
			if !plain(&pen) {
				b.WriteString(ansi.ResetStyle)
				pen = Style{}
			}
		case *st != pen:
			b.WriteString(st.Diff(&pen))
			pen = *st
		}
	}
	at := func(l uv.Link) {
		if l != link && link.URL != "" {
			b.WriteString(ansi.ResetHyperlink())
		}
		if l != link && l.URL != "" {
			b.WriteString(ansi.SetHyperlink(l.URL, l.Params))
		}
		link = l
	}
	blank := 0
	for i, next := 0, 0; i < len(l); i = next {
		cell := &l[i]
		next = i + max(cell.Width, 1)
		// A blank without a style, or the rest of a wide symbol that was overwritten in part.
		if cell.Content == "" || cell.Content == " " && plain(&cell.Style) && cell.Link.URL == "" {
			blank++
			continue
		}
		if blank > 0 {
			to(&Style{})
			at(uv.Link{})
			for ; blank > 0; blank -= min(blank, len(blanks)) {
				b.WriteString(blanks[:min(blank, len(blanks))])
			}
		}
		to(&cell.Style)
		at(cell.Link)
		b.WriteString(cell.Content)
	}
	at(uv.Link{})
	to(&Style{})
}

// plain reports whether a style is empty. Comparing it with Style{} would compare three pairs of
// interfaces.
func plain(s *Style) bool {
	return s.Fg == nil && s.Bg == nil && s.UnderlineColor == nil && s.Attrs == 0 && s.Underline == 0
}
