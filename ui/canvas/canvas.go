// Package canvas provides the grid of cells that everything on weft's screen is drawn on.
//
// A panel gets a Canvas and a rectangle, takes the sub-canvas (Sub) and draws into it with its own
// coordinates. Anything outside is clipped, so that no panel can damage its neighbour at any size.
// The root model turns the whole into the string that Bubble Tea shows (String). All text passes
// through one sanitiser (Clean, Line) on its way into the cells: no control character, escape
// sequence or invisible character of a document, a model or a file name reaches the terminal.
//
// The cells are those of Ultraviolet, the library under Bubble Tea. Only Overlay paints a
// background.
package canvas

import (
	"image"
	"strings"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
)

// Style is how a cell looks: colours and attributes.
type Style = uv.Style

// Rect is a rectangle of cells, half open as in package image.
type Rect = image.Rectangle

// Attributes of a Style.
const (
	Bold    = uv.AttrBold
	Dim     = uv.AttrFaint
	Italic  = uv.AttrItalic
	Reverse = uv.AttrReverse
)

// R returns the rectangle at x, y of width w and height h; a negative size counts as 0.
func R(x, y, w, h int) Rect { return image.Rect(x, y, x+max(w, 0), y+max(h, 0)) }

// A Canvas is a rectangle of cells with its origin at the top left, possibly a part of a larger
// one.
type Canvas struct {
	buf    *uv.Buffer
	origin image.Point // position of this canvas in the shared buffer
	clip   Rect        // visible part in the buffer's coordinates; nothing outside is written
	w, h   int
	length int // bytes of the last frame that was written
}

// New returns a blank canvas of w by h cells.
func New(w, h int) *Canvas {
	c := &Canvas{buf: &uv.Buffer{}}
	c.Reset(w, h)
	return c
}

// Reset makes the canvas blank and w by h cells large. Call it only on a canvas that New returned.
// It invalidates sub-canvases made before.
func (c *Canvas) Reset(w, h int) {
	w, h = max(w, 0), max(h, 0)
	if c.w != w || c.h != h || len(c.buf.Lines) != h {
		c.buf = uv.NewBuffer(w, h)
	} else if h > 0 {
		for x := range c.buf.Lines[0] {
			c.buf.Lines[0][x] = uv.EmptyCell
		}
		for _, l := range c.buf.Lines[1:] {
			copy(l, c.buf.Lines[0])
		}
	}
	c.w, c.h, c.clip = w, h, R(0, 0, w, h)
}

// Size returns the width and height in cells.
func (c *Canvas) Size() (w, h int) { return c.w, c.h }

// Bounds returns the canvas as a rectangle with its origin at 0, 0.
func (c *Canvas) Bounds() Rect { return R(0, 0, c.w, c.h) }

// Sub returns the part r of the canvas as a canvas that shares the cells. Its size is that of r
// even if r extends beyond c; drawing there is clipped.
func (c *Canvas) Sub(r Rect) *Canvas {
	s := &Canvas{buf: c.buf, origin: c.origin.Add(r.Min), w: max(r.Dx(), 0), h: max(r.Dy(), 0)}
	s.clip = c.clip.Intersect(R(s.origin.X, s.origin.Y, s.w, s.h))
	return s
}

// Plain returns the text of the frame without styles and without spaces at the ends of lines.
func (c *Canvas) Plain() string { return c.lines().String() }

func (c *Canvas) lines() uv.Lines {
	if c.clip == c.buf.Bounds() {
		return c.buf.Lines
	}
	ls := make(uv.Lines, 0, c.clip.Dy())
	for y := c.clip.Min.Y; y < c.clip.Max.Y; y++ {
		ls = append(ls, c.buf.Lines[y][c.clip.Min.X:c.clip.Max.X])
	}
	return ls
}

// put writes one cell if it lies fully inside; a wide cell that crosses the edge becomes a blank.
func (c *Canvas) put(x, y int, cell *uv.Cell) {
	x, y = x+c.origin.X, y+c.origin.Y
	if y < c.clip.Min.Y || y >= c.clip.Max.Y || x < c.clip.Min.X || x >= c.clip.Max.X {
		return
	}
	l := c.buf.Lines[y]
	if x+cell.Width > c.clip.Max.X {
		l.Set(x, &uv.Cell{Content: " ", Width: 1, Style: cell.Style})
		return
	}
	if cell.Width == 1 && l[x].Width == 1 {
		l[x] = *cell // the common case, without the library's handling of wide neighbours
		return
	}
	l.Set(x, cell)
}

// Set writes the symbol g, which must be one cell wide and a constant of the program, at x, y.
func (c *Canvas) Set(x, y int, g string, st Style) {
	c.put(x, y, &uv.Cell{Content: g, Width: 1, Style: st})
}

// At returns the symbol and style at x, y; an empty symbol outside.
func (c *Canvas) At(x, y int) (string, Style) {
	p := image.Pt(x, y).Add(c.origin)
	if !p.In(c.clip) {
		return "", Style{}
	}
	cell := c.buf.CellAt(p.X, p.Y)
	return cell.Content, cell.Style
}

// Fill writes the one cell wide symbol g into every cell of r.
func (c *Canvas) Fill(r Rect, g string, st Style) {
	r = r.Intersect(c.Bounds())
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			c.Set(x, y, g, st)
		}
	}
}

// Clear blanks r.
func (c *Canvas) Clear(r Rect) { c.Fill(r, " ", Style{}) }

// Overlay lays st over the cells of r: its background and attributes are added, its foreground is
// used where a cell has none. It shows a selection and is the only way to paint a background.
func (c *Canvas) Overlay(r Rect, st Style) {
	r = r.Add(c.origin).Intersect(c.clip)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			s := &c.buf.Lines[y][x]
			if s.Width == 0 {
				continue
			}
			if st.Bg != nil {
				s.Style.Bg = st.Bg
			}
			if s.Style.Fg == nil {
				s.Style.Fg = st.Fg
			}
			s.Style.Attrs |= st.Attrs
			if st.Underline != 0 {
				s.Style.Underline = st.Underline
			}
		}
	}
}

// Fade gives every cell of r the foreground of st and removes its attributes. It is used below a
// dialog.
func (c *Canvas) Fade(r Rect, st Style) {
	r = r.Add(c.origin).Intersect(c.clip)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if s := &c.buf.Lines[y][x]; s.Width > 0 {
				s.Style = Style{Fg: st.Fg, Attrs: st.Attrs}
			}
		}
	}
}

// Blit copies src into r, beginning with line dy of src. Cells that src does not cover are left
// unchanged.
func (c *Canvas) Blit(r Rect, src *Canvas, dy int) {
	dst := c.Sub(r)
	for y := range dst.h {
		sy := y + dy
		if sy < 0 || sy >= src.h {
			continue
		}
		for x := 0; x < min(dst.w, src.w); x++ {
			if p := image.Pt(x, sy).Add(src.origin); p.In(src.clip) {
				if cell := src.buf.CellAt(p.X, p.Y); cell.Width > 0 {
					dst.put(x, y, cell)
				}
			}
		}
	}
}

// Styled draws a string with SGR sequences and hyperlinks, such as those of glamour and lipgloss,
// into r: one line per row, cut at the right edge. All other sequences are dropped, and so are
// backgrounds.
func (c *Canvas) Styled(r Rect, s string) {
	dst := c.Sub(r)
	if !strings.ContainsRune(s, '\x1b') {
		for y, line := range strings.Split(s, "\n") {
			dst.Text(0, y, line, Style{})
		}
		return
	}
	uv.NewStyledString(s).Draw(screen{dst}, dst.Bounds())
}

// linkable reports whether a terminal may be given an address to open: that of a web page or of a mail
// box. Others open local files or start programs, and text from outside may choose them.
func linkable(address string) bool {
	scheme, rest, ok := strings.Cut(address, ":")
	switch strings.ToLower(scheme) {
	case "http", "https":
		return ok && strings.HasPrefix(rest, "//")
	case "mailto":
		return ok
	}
	return false
}

// LinkFile makes up to n cells of a row, from x on, a hyperlink to a file, whose address begins with
// file://. The caller has checked that the file is one of the documents: addresses in text that is
// drawn with Styled never lead to files.
func (c *Canvas) LinkFile(x, y, n int, address string) {
	if address = Line(address); !strings.HasPrefix(address, "file://") {
		return
	}
	for i := range n {
		p := image.Pt(x+i, y).Add(c.origin)
		if !p.In(c.clip) {
			continue
		}
		if cell := &c.buf.Lines[p.Y][p.X]; cell.Width > 0 {
			cell.Link = uv.Link{URL: address}
		}
	}
}

// Linked reports whether the cell at x, y is part of a hyperlink.
func (c *Canvas) Linked(x, y int) bool {
	cell := screen{c}.CellAt(x, y)
	return cell != nil && cell.Link.URL != ""
}

// screen adapts a Canvas for Ultraviolet's styled strings.
type screen struct{ c *Canvas }

func (s screen) Bounds() uv.Rectangle        { return s.c.Bounds() }
func (s screen) WidthMethod() uv.WidthMethod { return ansi.GraphemeWidth }

func (s screen) CellAt(x, y int) *uv.Cell {
	p := image.Pt(x, y).Add(s.c.origin)
	if !p.In(s.c.clip) {
		return nil
	}
	return s.c.buf.CellAt(p.X, p.Y)
}

func (s screen) SetCell(x, y int, cell *uv.Cell) {
	if cell == nil {
		cell = &uv.Cell{Content: " ", Width: 1}
	}
	if cell.Width == 0 {
		return // the second half of a wide symbol, or a character without a cell of its own
	}
	n := *cell
	n.Style.Bg = nil
	if n.Link.URL = Line(n.Link.URL); !linkable(n.Link.URL) {
		n.Link.URL = ""
	}
	n.Link.Params = Line(n.Link.Params)
	if clean := Line(n.Content); clean != n.Content {
		n.Content, n.Width = clean, Width(clean)
		if n.Width != cell.Width {
			n.Content, n.Width = " ", 1
		}
	}
	s.c.put(x, y, &n)
}
