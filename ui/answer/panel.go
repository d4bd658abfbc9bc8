package answer

import (
	tea "charm.land/bubbletea/v2"

	"weft/ui/canvas"
	"weft/ui/markdown"
	"weft/ui/theme"
)

// A Panel is the conversation from the first exchange to the last. It stays at the end until somebody scrolls back.
type Panel struct {
	Exchanges []*Exchange
	scrolled  bool // somebody scrolled back: new text does not move what is read
	top       int  // first row shown, while scrolled
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

// Scroll moves by rows; reaching the end follows again.
func (p *Panel) Scroll(by int) {
	top := p.top
	if !p.scrolled {
		top = p.end()
	}
	p.top = min(max(top+by, 0), p.end())
	p.scrolled = p.top < p.end()
}

// Page is how many rows a page has.
func (p *Panel) Page() int { return max(p.height-2, 1) }

// Home moves to the first row.
func (p *Panel) Home() { p.top, p.scrolled = 0, p.end() > 0 }

// Follow moves to the last row and stays there.
func (p *Panel) Follow() { p.scrolled = false }

// Following reports whether the end is in sight.
func (p *Panel) Following() bool { return !p.scrolled }

// Show scrolls so that the question of exchange i is at the top, or the end if that is in sight then.
func (p *Panel) Show(i int) {
	y := 0
	for _, e := range p.Exchanges[:min(max(i, 0), len(p.Exchanges))] {
		y += e.Height()
	}
	p.top = min(y, p.end())
	p.scrolled = p.top < p.end()
}

// Below is how many rows lie below what is shown.
func (p *Panel) Below() int {
	if !p.scrolled {
		return 0
	}
	return max(p.end()-p.top, 0)
}

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

// Target says what is at row y of the panel: an exchange and, if it is one of its sources, which (else -1).
func (p *Panel) Target(y int) (exchange, source int, ok bool) {
	t, ok := p.hits[y]
	return t.exchange, t.source, ok
}

// Draw shows the panel in r, which has no border of its own.
func (p *Panel) Draw(c *canvas.Canvas, r canvas.Rect, t *theme.Theme, spinner string) {
	p.hits = map[int]target{}
	total := p.total()
	top := p.end()
	if p.scrolled {
		top = min(p.top, top)
		p.top = top
	}
	in := c.Sub(canvas.R(r.Min.X, r.Min.Y, r.Dx()-1, r.Dy()))
	y := -top
	for i, e := range p.Exchanges {
		h := e.Height()
		if y+h > 0 && y < r.Dy() {
			e.draw(in, y, t, spinner, func(row, source int) { p.hits[row] = target{i, source} })
		}
		y += h
	}
	c.Scrollbar(canvas.R(r.Max.X-1, r.Min.Y, 1, r.Dy()), total, top, t.Border, t.Muted)
}
