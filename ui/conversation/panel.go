package conversation

import (
	tea "charm.land/bubbletea/v2"

	"weft/ui/canvas"
	"weft/ui/markdown"
	"weft/ui/theme"
)

// A Panel is the whole conversation. While an answer is written the panel follows its end; when the
// answer is finished it shows the beginning, to be read. Once the user has scrolled, it stays
// there.
type Panel struct {
	Exchanges []*Exchange
	Shown     *Exchange // the exchange whose run is shown; marked if there are several exchanges
	// The frame around the panel shows the outcome of Shown, so the text omits it.
	Framed  bool
	FoldKey string // the key that lists all sources, shown where some are hidden
	// TypedKey is the key that asks a question as typed, with a word for that, shown where it was
	// understood differently.
	TypedKey string
	scrolled bool // the user scrolled back: new text does not move the view
	ended    bool // the user wants to see the end, although the answer is finished
	top      int  // first row shown, while scrolled
	height   int
	hits     map[int]target // targets of the rows of the last Draw
	search   search
}

// SetSize sets the size of the panel and the renderer of its Markdown.
func (p *Panel) SetSize(w, h int, r *markdown.Renderer) {
	p.height = h
	for _, e := range p.Exchanges {
		e.framed, e.typedKey = p.Framed, p.TypedKey
		e.setWidth(w-1, r) // the last column is reserved for the scrollbar
	}
}

func (p *Panel) total() (n int) {
	for _, e := range p.Exchanges {
		n += e.Height()
	}
	return max(n-1, 0)
}

func (p *Panel) end() int { return max(p.total()-p.height, 0) }

// first returns the first visible row.
func (p *Panel) first() int {
	switch {
	case p.scrolled:
		return min(p.top, p.end())
	case p.resting():
		return p.last()
	}
	return p.end()
}

// resting reports whether the beginning of the last answer is shown because it is finished and does
// not fit.
func (p *Panel) resting() bool {
	return !p.scrolled && !p.ended && p.long()
}

// long reports whether the last answer is finished and does not fit.
func (p *Panel) long() bool {
	n := len(p.Exchanges)
	if n == 0 || p.height <= 1 {
		return false
	}
	e := p.Exchanges[n-1]
	return e.State == Done && e.Height()-1 > p.height
}

// last returns the row in which the last exchange begins.
func (p *Panel) last() int { return p.total() - p.Exchanges[len(p.Exchanges)-1].Height() + 1 }

// Scroll moves by rows; reaching the end starts following again.
func (p *Panel) Scroll(by int) {
	p.top = min(max(p.first()+by, 0), p.end())
	p.scrolled = p.top < p.end()
	p.ended = !p.scrolled
}

// Page returns how many rows a page has.
func (p *Panel) Page() int { return max(p.height-2, 1) }

// Home moves to the first row.
func (p *Panel) Home() { p.top, p.scrolled, p.ended = 0, p.end() > 0, false }

// Follow follows the last answer.
func (p *Panel) Follow() { p.scrolled, p.ended = false, false }

// End moves to the last row and stays there.
func (p *Panel) End() { p.scrolled, p.ended = false, true }

// Stay keeps the end visible when the answer that is being written is finished, if it is visible
// now: the person reads along.
func (p *Panel) Stay() {
	if n := len(p.Exchanges); n > 0 && p.Exchanges[n-1].going() && !p.scrolled {
		p.ended = true
	}
}

// Following reports whether the panel follows the last answer.
func (p *Panel) Following() bool { return !p.scrolled }

// Reading returns the index of the exchange that is read, or -1 without one. It follows from how far
// the panel is scrolled: at the top it is the first, at the end the last.
func (p *Panel) Reading() int {
	row := p.first()
	if end := p.end(); end > 0 {
		row += max(p.height-1, 0) * row / end
	}
	for i, e := range p.Exchanges {
		if row -= e.Height(); row < 0 || i == len(p.Exchanges)-1 {
			return i
		}
	}
	return -1
}

// Show scrolls so that the question of exchange i is at the top, or to the end if that comes first.
func (p *Panel) Show(i int) {
	y := 0
	for _, e := range p.Exchanges[:min(max(i, 0), len(p.Exchanges))] {
		y += e.Height()
	}
	p.top = min(y, p.end())
	p.scrolled, p.ended = p.top < p.end(), false
}

// Below returns how many rows are below the visible ones.
func (p *Panel) Below() int { return max(p.end()-p.first(), 0) }

// Render returns the commands that render the answers whose pictures are out of date, or nil.
func (p *Panel) Render() tea.Cmd {
	var cmds []tea.Cmd
	for _, e := range p.Exchanges {
		if c := e.Render(); c != nil {
			cmds = append(cmds, c)
		}
	}
	return tea.Batch(cmds...)
}

// Update takes a rendered answer.
func (p *Panel) Update(m markdown.Rendered) tea.Cmd {
	for _, e := range p.Exchanges {
		if e.body.Owns(m) {
			return e.body.Update(m)
		}
	}
	return nil
}

// Target returns what is at row y of the panel: an exchange and the index of one of its sources, or
// -1.
func (p *Panel) Target(y int) (exchange, source int, ok bool) {
	t, ok := p.hits[y]
	return t.exchange, t.source, ok
}

// Draw draws the panel in r, without a border.
func (p *Panel) Draw(c *canvas.Canvas, r canvas.Rect, t *theme.Theme, spinner string) {
	p.hits = map[int]target{}
	total, top, rows := p.total(), p.first(), r.Dy()
	if p.scrolled {
		p.top = top
	}
	// If the end of the answer is out of sight, its status is drawn in the last row.
	if p.long() && top == p.last() && !p.Framed {
		rows--
		last := c.Sub(canvas.R(r.Min.X, r.Min.Y+rows, r.Dx()-1, 1))
		p.Exchanges[len(p.Exchanges)-1].status(last, 0, t, spinner)
	}
	in := c.Sub(canvas.R(r.Min.X, r.Min.Y, r.Dx()-1, rows))
	y := -top
	for i, e := range p.Exchanges {
		h := e.Height()
		if y+h > 0 && y < rows {
			e.draw(in, y, t, spinner, e == p.Shown && len(p.Exchanges) > 1, p.FoldKey, func(row, source int) { p.hits[row] = target{i, source} })
			p.drawMatches(in, y, i, t)
		}
		y += h
	}
	c.Scrollbar(canvas.R(r.Max.X-1, r.Min.Y, 1, r.Dy()), total, top, t.Border, t.Muted)
}
