package conversation

import (
	"slices"

	"weft/ui/canvas"
	"weft/ui/find"
	"weft/ui/theme"
)

// A search is the search for a text in the conversation.
type search struct {
	query string
	from  int // the first visible row when the search began
	at    int // index of the selected match
	// found holds the matches of each exchange, as long as it looks the same.
	found map[*Exchange]found
}

type found struct {
	look    look
	matches []find.Match // rows count from the first of the exchange
}

// A look identifies what an exchange looks like.
type look struct {
	query         string
	version, body uint64
	width         int
	unfolded      bool
}

// Find looks for a text, marks all matches, and selects the first one that is not above the rows
// that were visible when the search began, so that a text can be typed letter by letter. It reports
// whether there is one. An empty text ends the search.
func (p *Panel) Find(query string) bool {
	if query == "" {
		p.search = search{}
		return false
	}
	if p.search.query == "" {
		p.search.from = p.first()
	}
	p.search.query = query
	first, y, n := p.search.from, 0, 0
	p.search.at = -1
	for _, e := range p.Exchanges {
		for _, m := range p.matches(e) {
			if p.search.at < 0 && y+m[0].Min.Y >= first {
				p.search.at = n
			}
			n++
		}
		y += e.Height()
	}
	p.search.at = max(p.search.at, 0)
	if n > 0 {
		p.reveal()
	}
	return n > 0
}

// NextMatch selects the next match, or the one before if by is -1. After the last comes the first.
func (p *Panel) NextMatch(by int) {
	if _, n := p.Matches(); n > 0 {
		p.search.at = ((min(p.search.at, n-1)+by)%n + n) % n
		p.reveal()
	}
}

// Matches returns the number of the selected match, from 1, and how many there are.
func (p *Panel) Matches() (at, n int) {
	for _, e := range p.Exchanges {
		n += len(p.matches(e))
	}
	return min(p.search.at+1, n), n
}

// Matched returns the index of the exchange with the selected match, or -1.
func (p *Panel) Matched() int {
	i, _ := p.selected()
	return i
}

// matches returns the matches in an exchange.
func (p *Panel) matches(e *Exchange) []find.Match {
	if p.search.query == "" {
		return nil
	}
	want := look{p.search.query, e.version, e.body.Version(), e.width, e.unfolded}
	if was, ok := p.search.found[e]; ok && was.look == want {
		return was.matches
	}
	c := canvas.New(max(e.width, 0), e.Height())
	e.draw(c, 0, &theme.Theme{}, " ", false, "", func(int, int) {})
	if p.search.found == nil {
		p.search.found = map[*Exchange]found{}
	}
	got := find.In(c, p.search.query)
	p.search.found[e] = found{want, got}
	return got
}

// selected returns the exchange of the selected match, and the match; -1 if there is none.
func (p *Panel) selected() (exchange int, m find.Match) {
	at, n := p.Matches()
	if n == 0 {
		return -1, nil
	}
	for i, e := range p.Exchanges {
		ms := p.matches(e)
		if at--; at < len(ms) {
			return i, ms[at]
		}
		at -= len(ms) - 1
	}
	return -1, nil
}

// reveal scrolls if the selected match is not visible.
func (p *Panel) reveal() {
	i, m := p.selected()
	if i < 0 {
		return
	}
	row := m[0].Min.Y
	for _, e := range p.Exchanges[:i] {
		row += e.Height()
	}
	if top := p.first(); row >= top && row < top+p.height {
		p.top, p.scrolled = top, top < p.end() // an answer that grows must not move the match away
		p.ended = !p.scrolled
		return
	}
	p.top = min(max(row-p.height/3, 0), p.end())
	p.scrolled = p.top < p.end()
	p.ended = !p.scrolled
}

// drawMatches marks the matches of an exchange whose first row is y of c.
func (p *Panel) drawMatches(c *canvas.Canvas, y, exchange int, t *theme.Theme) {
	in, selected := p.selected()
	for _, m := range p.matches(p.Exchanges[exchange]) {
		st := t.Match
		st.Underline = 1
		if in == exchange && slices.Equal(m, selected) {
			st.Attrs |= canvas.Reverse
		}
		for _, r := range m {
			c.Overlay(r.Add(canvas.R(0, y, 0, 0).Min), st)
		}
	}
}
