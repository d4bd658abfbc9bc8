package canvas

import (
	"strings"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
)

// Width returns how many cells the sanitised line s takes.
func Width(s string) int { return ansi.GraphemeWidth.StringWidth(s) }

// bound returns how many bytes of a text are examined to fill w cells: more than any script needs
// for that many letters with their marks. It keeps a line of megabytes as cheap as its visible
// part.
func bound(w int) int { return 32*max(w, 0) + 1024 }

// Head returns the beginning of a text, more than enough to fill w cells; all of it if it is not
// much longer.
func Head(s string, w int) string {
	if most := bound(w); len(s) > most {
		return strings.ToValidUTF8(s[:most], "")
	}
	return s
}

// Truncate returns the line s cut to at most w cells; if something was cut, it ends in ….
func Truncate(s string, w int) string {
	s = Line(Head(s, w))
	if w <= 0 {
		return ""
	}
	return ansi.GraphemeWidth.Truncate(s, w, "…")
}

// TruncateLeft is Truncate from the other end, for paths: …ends/with/what/matters.md.
func TruncateLeft(s string, w int) string {
	if most := bound(w); len(s) > most {
		s = strings.ToValidUTF8(s[len(s)-most:], "")
	}
	s = Line(s)
	n := Width(s)
	switch {
	case w <= 0:
		return ""
	case n <= w:
		return s
	}
	return ansi.GraphemeWidth.TruncateLeft(s, n-w+1, "…")
}

// Wrap breaks text into lines of at most w cells, at spaces where possible. Newlines are kept.
func Wrap(s string, w int) []string {
	if w <= 0 {
		return nil
	}
	var lines []string
	for l := range strings.SplitSeq(ansi.GraphemeWidth.Wrap(Clean(s), w, ""), "\n") {
		if Width(l) > w { // the library lets lines with leading blanks become too wide
			lines = append(lines, strings.Split(ansi.GraphemeWidth.Hardwrap(l, w, true), "\n")...)
			continue
		}
		lines = append(lines, l)
	}
	return lines
}

// Fit is Wrap into at most rows lines. If there is more text, the last line ends in … after its
// last whole word.
func Fit(s string, w, rows int) []string {
	lines := Wrap(s, w)
	if rows < 1 || len(lines) <= rows {
		return lines[:min(max(rows, 0), len(lines))]
	}
	lines = lines[:rows]
	last := &lines[rows-1]
	for *last = strings.TrimRight(*last, " "); Width(*last) > w-2; {
		i := strings.LastIndexByte(*last, ' ')
		if i <= 0 { // a single word fills the line
			*last = Truncate(*last+"…", w)
			return lines
		}
		*last = strings.TrimRight((*last)[:i], " ")
	}
	*last += " …"
	return lines
}

// Text draws the line s at x, y up to the right edge, where it is cut with …, and returns the width
// drawn.
func (c *Canvas) Text(x, y int, s string, st Style) int { return c.TextN(x, y, c.w-x, s, st) }

// TextN is Text with at most w cells.
func (c *Canvas) TextN(x, y, w int, s string, st Style) int {
	w = min(w, c.w-x)
	if w <= 0 {
		return 0
	}
	s = Line(Head(s, w))
	if len(s) > w { // a text has at least as many bytes as cells, so a shorter one fits
		if full := Width(s); full > w {
			s = ansi.GraphemeWidth.Truncate(s, w, "…")
		}
	}
	x0 := x
	cell := uv.Cell{Width: 1, Style: st}
	for i := 0; i < len(s); {
		if b := s[i]; b < 0x80 && (i+1 == len(s) || s[i+1] < 0x80) {
			cell.Content, cell.Width = s[i:i+1], 1
		} else {
			cell.Content, cell.Width = ansi.FirstGraphemeCluster(s[i:], ansi.GraphemeWidth)
		}
		if cell.Width > 0 {
			c.put(x, y, &cell)
		}
		x += cell.Width
		i += len(cell.Content)
	}
	return x - x0
}

// TextRight draws s so that it ends at the cell before x+w, cut to w cells, and returns its width.
func (c *Canvas) TextRight(x, y, w int, s string, st Style) int {
	s = Truncate(s, w)
	n := Width(s)
	return c.TextN(x+w-n, y, n, s, st)
}

// A Border is the set of symbols of a box.
type Border struct{ tl, t, tr, l, r, bl, b, br string }

// Rounded is a border of lines with rounded corners.
var Rounded = Border{"╭", "─", "╮", "│", "│", "╰", "─", "╯"}

// Box draws a border around r with a title in its top edge (none if empty) and returns the
// rectangle inside. If there is no room for a border it draws nothing and returns r.
func (c *Canvas) Box(r Rect, b Border, st Style, title string, titleStyle Style) Rect {
	if r.Dx() < 3 || r.Dy() < 3 {
		return r
	}
	x0, y0, x1, y1 := r.Min.X, r.Min.Y, r.Max.X-1, r.Max.Y-1
	for x := x0 + 1; x < x1; x++ {
		c.Set(x, y0, b.t, st)
		c.Set(x, y1, b.b, st)
	}
	for y := y0 + 1; y < y1; y++ {
		c.Set(x0, y, b.l, st)
		c.Set(x1, y, b.r, st)
	}
	c.Set(x0, y0, b.tl, st)
	c.Set(x1, y0, b.tr, st)
	c.Set(x0, y1, b.bl, st)
	c.Set(x1, y1, b.br, st)
	if title != "" && r.Dx() >= 8 {
		n := c.TextN(x0+3, y0, r.Dx()-6, title, titleStyle)
		c.Set(x0+2, y0, " ", st)
		c.Set(x0+3+n, y0, " ", st)
	}
	return r.Inset(1)
}

// Scrollbar draws a vertical bar in the first column of r for a list of total lines, of which r's
// height is visible from line offset on. It draws nothing if all lines are visible.
func (c *Canvas) Scrollbar(r Rect, total, offset int, track, thumb Style) {
	h := r.Dy()
	if h <= 0 || total <= h {
		return
	}
	size := max(1, h*h/total)
	top := 0
	if total > h {
		top = min(h-size, (offset*(h-size)+(total-h)/2)/(total-h))
	}
	for y := range h {
		if y >= top && y < top+size {
			c.Set(r.Min.X, r.Min.Y+y, "┃", thumb)
		} else {
			c.Set(r.Min.X, r.Min.Y+y, "│", track)
		}
	}
}
