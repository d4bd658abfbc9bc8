package conversation

import (
	tea "charm.land/bubbletea/v2"

	"weft/ui/canvas"
	"weft/ui/markdown"
	"weft/ui/theme"
)

// A Panel is the conversation from the first exchange to the last. While an answer is written it
// stays at its end; when the answer is there, at its beginning, for whoever wants to read it; where
// somebody has scrolled to, it stays.
type Panel struct {
	Exchanges []*Exchange
	Shown     *Exchange // whose run is shown: it is marked among several
	scrolled  bool      // somebody scrolled back: new text does not move what is read
	ended     bool      // somebody wants to see the end, though the answer is finished
	top       int       // first row shown, while scrolled
	height    int
	hits      map[int]target // what the rows of the last Draw are for
}

// SetSize says how large the panel is and who renders its Markdown.
func (p *Panel) SetSize(w, h int, r *markdown.Renderer) {
	p.height = h
	for _, e := range p.Exchanges {
		e.setWidth(w-1, r) // the last column is the scrollbar's
	}
}

func (p *Panel) total() (n int) {
	for _, e := range p.Exchanges {
		n += e.Height()
	}
	return max(n-1, 0)
}

func (p *Panel) end() int { return max(p.total()-p.height, 0) }

// first is the first row shown.
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

// last is the row in which the last exchange begins.
func (p *Panel) last() int { return p.total() - p.Exchanges[len(p.Exchanges)-1].Height() + 1 }

// Scroll moves by rows; reaching the end follows again.
func (p *Panel) Scroll(by int) {
	p.top = min(max(p.first()+by, 0), p.end())
	p.scrolled = p.top < p.end()
	p.ended = !p.scrolled
}

// Page is how many rows a page has.
func (p *Panel) Page() int { return max(p.height-2, 1) }

// Home moves to the first row.
func (p *Panel) Home() { p.top, p.scrolled, p.ended = 0, p.end() > 0, false }

// Follow goes along with the last answer.
func (p *Panel) Follow() { p.scrolled, p.ended = false, false }

// End moves to the last row and stays there.
func (p *Panel) End() { p.scrolled, p.ended = false, true }

// Following reports whether it goes along with the last answer.
func (p *Panel) Following() bool { return !p.scrolled }

// Show scrolls so that the question of exchange i is at the top, or the end if that is in sight
// then.
func (p *Panel) Show(i int) {
	y := 0
	for _, e := range p.Exchanges[:min(max(i, 0), len(p.Exchanges))] {
		y += e.Height()
	}
	p.top = min(y, p.end())
	p.scrolled, p.ended = p.top < p.end(), false
}

// Below is how many rows lie below what is shown.
func (p *Panel) Below() int { return max(p.end()-p.first(), 0) }

// Render returns the commands that bring the pictures up to date, or nil.
func (p *Panel) Render() tea.Cmd {
	var cmds []tea.Cmd
	for _, e := range p.Exchanges {
		if c := e.Render(); c != nil {
			cmds = append(cmds, c)
		}
	}
	return tea.Batch(cmds...)
}

// Update takes the picture of an answer.
func (p *Panel) Update(m markdown.Rendered) tea.Cmd {
	for _, e := range p.Exchanges {
		if e.body.Mine(m) {
			return e.body.Update(m)
		}
	}
	return nil
}

// Target says what is at row y of the panel: an exchange and, if it is one of its sources, which
// (else -1).
func (p *Panel) Target(y int) (exchange, source int, ok bool) {
	t, ok := p.hits[y]
	return t.exchange, t.source, ok
}

// Draw shows the panel in r, which has no border of its own.
func (p *Panel) Draw(c *canvas.Canvas, r canvas.Rect, t *theme.Theme, spinner string) {
	p.hits = map[int]target{}
	total, top, rows := p.total(), p.first(), r.Dy()
	if p.scrolled {
		p.top = top
	}
	if p.long() && top == p.last() { // what became of the answer is said in the last row, because the end of it is out of sight
		rows--
		last := c.Sub(canvas.R(r.Min.X, r.Min.Y+rows, r.Dx()-1, 1))
		p.Exchanges[len(p.Exchanges)-1].status(last, 0, t, spinner)
	}
	in := c.Sub(canvas.R(r.Min.X, r.Min.Y, r.Dx()-1, rows))
	y := -top
	for i, e := range p.Exchanges {
		h := e.Height()
		if y+h > 0 && y < rows {
			e.draw(in, y, t, spinner, e == p.Shown && len(p.Exchanges) > 1, func(row, source int) { p.hits[row] = target{i, source} })
		}
		y += h
	}
	c.Scrollbar(canvas.R(r.Max.X-1, r.Min.Y, 1, r.Dy()), total, top, t.Border, t.Muted)
}
