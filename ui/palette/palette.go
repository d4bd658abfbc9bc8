// Package palette provides a list to choose from by typing: commands, workflows, runs, sources and,
// with headings, the help.
//
// The explorer makes a Palette from Items, passes messages to it while it is open and draws it on
// top of everything else. The typed text filters by fuzzy match. An item that cannot be chosen
// stays visible and shows why.
package palette

import (
	"math"
	"slices"
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"github.com/sahilm/fuzzy"

	"weft/ui/canvas"
	"weft/ui/theme"
)

// An Item is one line of the list.
type Item struct {
	ID      string // the result of choosing it; empty for a line that only informs
	Title   string // what is matched against the query
	Detail  string // drawn after the title in a muted style
	Key     string // the key that executes the same command
	Group   string // heading, shown while nothing is typed
	Blocked string // why it cannot be chosen now
}

// An Outcome is the state of a Palette after a message.
type Outcome uint8

// The outcomes.
const (
	Open   Outcome = iota
	Chosen         // an item was chosen: see Palette.Choice
	Closed         // the person closed the list without choosing
)

// A Palette is a titled list with a query line.
type Palette struct {
	Title   string
	KeyLeft bool // keys are left of the titles, as in the help, instead of at the right edge
	items   []Item
	input   textinput.Model
	matches []fuzzy.Match // matching items, in the order shown
	sel     int
	offset  int // first visible row
	page    int // rows that fit at the last Draw
	titles  int // width of the titles of items with details
	choice  string
	note    string
	area    canvas.Rect // area of the list at the last Draw, for the mouse
	rows    []int       // the visible rows, in the form of layout
}

// longest is the greatest width in cells of an item's texts; longer ones are cut.
const longest = 400

// New returns a Palette of items; hint is shown in the query line while it is empty.
func New(title, hint string, items []Item) *Palette {
	in := textinput.New()
	in.Placeholder = hint
	in.Prompt = ""
	in.Focus()
	for i := range items { // names come from outside and can have any length
		it := &items[i]
		for _, text := range []*string{&it.Title, &it.Detail, &it.Group, &it.Blocked} {
			*text = canvas.Truncate(*text, longest)
		}
	}
	p := &Palette{Title: title, items: items, input: in}
	p.filter()
	return p
}

// Choice returns the ID of the chosen item.
func (p *Palette) Choice() string { return p.choice }

// Query returns the text in the query line.
func (p *Palette) Query() string { return p.input.Value() }

// Select selects the item with this ID, if it is listed.
func (p *Palette) Select(id string) {
	if i := slices.IndexFunc(p.matches, func(m fuzzy.Match) bool { return p.items[m.Index].ID == id }); i >= 0 {
		p.sel = i
	}
}

type source []Item

func (s source) Len() int            { return len(s) }
func (s source) String(i int) string { return s[i].Title + " " + s[i].Key }

func (p *Palette) filter() {
	q := p.input.Value()
	p.matches = p.matches[:0]
	if q == "" {
		for i := range p.items {
			p.matches = append(p.matches, fuzzy.Match{Index: i})
		}
	} else {
		p.matches = fuzzy.FindFrom(q, source(p.items))
		slices.SortStableFunc(p.matches, func(a, b fuzzy.Match) int { return p.distance(a, q) - p.distance(b, q) })
		p.matches = p.distinct(p.matches)
	}
	p.sel, p.offset, p.note = 0, 0, ""
}

// distinct removes duplicates: items that differ only in their headings, which are not shown during
// a search.
func (p *Palette) distinct(ms []fuzzy.Match) []fuzzy.Match {
	seen := map[Item]bool{}
	return slices.DeleteFunc(ms, func(m fuzzy.Match) bool {
		it := p.items[m.Index]
		it.Group = ""
		again := seen[it]
		seen[it] = true
		return again
	})
}

// distance ranks a match; smaller is better. Titles that contain the query literally come before
// those that only contain its letters, and available items before blocked ones.
func (p *Palette) distance(m fuzzy.Match, q string) (n int) {
	it := p.items[m.Index]
	if !strings.Contains(strings.ToLower(it.Title), strings.ToLower(q)) {
		n += 2
	}
	if it.Blocked != "" {
		n++
	}
	return n
}

// Update takes a key, paste or mouse message.
func (p *Palette) Update(msg tea.Msg) (Outcome, tea.Cmd) {
	switch m := msg.(type) {
	case tea.KeyPressMsg:
		switch m.String() {
		case "esc", "ctrl+c":
			return Closed, nil
		case "enter":
			return p.choose(), nil
		case "up", "ctrl+p", "shift+tab":
			p.move(-1)
			return Open, nil
		case "down", "ctrl+n", "tab":
			p.move(1)
			return Open, nil
		case "pgup":
			p.move(-max(p.page-1, 1))
			return Open, nil
		case "pgdown":
			p.move(max(p.page-1, 1))
			return Open, nil
		}
	case tea.MouseWheelMsg:
		if m.Button == tea.MouseWheelUp {
			p.move(-1)
		} else {
			p.move(1)
		}
		return Open, nil
	case tea.MouseClickMsg:
		y := m.Y - p.area.Min.Y
		if m.X < p.area.Min.X || m.X >= p.area.Max.X || y < 0 || y >= len(p.rows) || p.rows[y] < 0 {
			return Open, nil
		}
		p.sel = p.rows[y]
		return p.choose(), nil
	case tea.PasteMsg:
		msg = tea.PasteMsg{Content: canvas.Line(m.Content)}
	}
	before := p.input.Value()
	var cmd tea.Cmd
	p.input, cmd = p.input.Update(msg)
	if p.input.Value() != before {
		p.filter()
	}
	return Open, cmd
}

func (p *Palette) move(by int) {
	if n := len(p.matches); n > 0 {
		if by == -1 && p.sel == 0 {
			p.sel = n - 1
		} else if by == 1 && p.sel == n-1 {
			p.sel = 0
		} else {
			p.sel = min(max(p.sel+by, 0), n-1)
		}
	}
	p.note = ""
}

func (p *Palette) choose() Outcome {
	if len(p.matches) == 0 {
		return Open
	}
	it := p.items[p.matches[p.sel].Index]
	if it.Blocked != "" {
		p.note = it.Blocked
		return Open
	}
	if it.ID == "" {
		return Open
	}
	p.choice = it.ID
	return Chosen
}

// Size returns the preferred size of the Palette on a screen of w by h cells.
func (p *Palette) Size(w, h int) (int, int) {
	return min(w, max(min(76, w-6), 30)), min(h, len(p.items)+p.headings()+5, 20)
}

func (p *Palette) headings() int {
	n, last := 0, ""
	for _, it := range p.items {
		if it.Group != last {
			n, last = n+2, it.Group
		}
	}
	return n
}

// Draw draws the palette in r with a border, and returns the position of the cursor in the
// coordinates of c.
func (p *Palette) Draw(c *canvas.Canvas, r canvas.Rect, t *theme.Theme) (x, y int) {
	c.Clear(r)
	in := c.Box(r, canvas.Rounded, t.BorderFocused, p.Title, t.Heading)
	if in == r {
		in = canvas.R(r.Min.X, r.Min.Y, r.Dx(), r.Dy())
	} else {
		in = canvas.R(in.Min.X+1, in.Min.Y, in.Dx()-2, in.Dy())
	}
	x, y = p.query(c, in, t)
	list := canvas.R(in.Min.X, in.Min.Y+2, in.Dx(), in.Dy()-2)
	if in.Dy() < 5 {
		list = canvas.R(in.Min.X, in.Min.Y+1, in.Dx(), in.Dy()-1)
	}
	if p.note != "" && list.Dy() > 1 {
		list.Max.Y--
		c.TextN(list.Min.X, list.Max.Y, list.Dx(), p.note, t.Warn)
	}
	p.list(c, list, t)
	return x, y
}

func (p *Palette) query(c *canvas.Canvas, in canvas.Rect, t *theme.Theme) (x, y int) {
	n := c.TextN(in.Min.X, in.Min.Y, in.Dx(), "❯ ", t.Accent)
	room := in.Dx() - n
	value := []rune(p.input.Value())
	if len(value) == 0 {
		c.TextN(in.Min.X+n, in.Min.Y, room, p.input.Placeholder, t.Faint)
		return in.Min.X + n, in.Min.Y
	}
	head := string(value[:min(p.input.Position(), len(value))])
	from := 0
	for canvas.Width(head) >= room && from < len(value) {
		from++
		head = string(value[from:max(from, min(p.input.Position(), len(value)))])
	}
	c.TextN(in.Min.X+n, in.Min.Y, room, string(value[from:]), t.Text)
	return in.Min.X + n + canvas.Width(head), in.Min.Y
}

// list draws the visible rows, headings and items, scrolled so that the selected one is visible.
func (p *Palette) list(c *canvas.Canvas, r canvas.Rect, t *theme.Theme) {
	p.area, p.page, p.rows = r, r.Dy(), p.rows[:0]
	if len(p.matches) == 0 {
		c.TextN(r.Min.X, r.Min.Y, r.Dx(), "nothing matches; esc closes", t.Muted)
		return
	}
	all, at := p.layout()
	if at-p.offset >= r.Dy() {
		p.offset = at - r.Dy() + 1
	}
	if at < p.offset {
		p.offset = at
	}
	if p.sel == 0 {
		p.offset = 0
	}
	p.offset = max(0, min(p.offset, len(all)-r.Dy()))
	keys := 0
	p.titles = 0
	for _, it := range p.items {
		keys = max(keys, canvas.Width(it.Key))
		if it.Detail != "" {
			p.titles = max(p.titles, canvas.Width(it.Title))
		}
	}
	if p.titles > r.Dx()/2 {
		p.titles = 0 // the titles are too wide to align the details in a column
	}
	for i := p.offset; i < len(all) && i-p.offset < r.Dy(); i++ {
		p.rows = append(p.rows, all[i])
		row := canvas.R(r.Min.X, r.Min.Y+i-p.offset, r.Dx(), 1)
		if all[i] == blankRow {
			continue
		}
		if all[i] < 0 {
			c.TextN(row.Min.X, row.Min.Y, row.Dx(), p.items[p.matches[-all[i]-1].Index].Group, t.Heading)
			continue
		}
		p.row(c, row, p.matches[all[i]], keys, all[i] == p.sel, t)
	}
	c.Scrollbar(canvas.R(r.Max.X+1, r.Min.Y, 1, r.Dy()), len(all), p.offset, t.BorderFocused, t.Muted)
}

// blankRow is an empty row, above a heading.
const blankRow = math.MinInt

// layout lists the contents of the rows (a match, or -m-1 for the heading before match m) and the
// row of the selection.
func (p *Palette) layout() (rows []int, selected int) {
	group := ""
	for i, m := range p.matches {
		if g := p.items[m.Index].Group; g != group && p.input.Value() == "" {
			if len(rows) > 0 {
				rows = append(rows, blankRow)
			}
			rows = append(rows, -i-1)
			group = g
		}
		if i == p.sel {
			selected = len(rows)
		}
		rows = append(rows, i)
	}
	return rows, selected
}

func (p *Palette) row(c *canvas.Canvas, r canvas.Rect, m fuzzy.Match, keys int, selected bool, t *theme.Theme) {
	it := p.items[m.Index]
	st, keyStyle := t.Text, t.Accent
	if it.Blocked != "" {
		st, keyStyle = t.Faint, t.Faint
	}
	x := r.Min.X + 1
	right := r.Max.X - 1
	if p.KeyLeft {
		c.TextN(x, r.Min.Y, min(keys, r.Dx()/2), it.Key, keyStyle)
		x += min(keys, r.Dx()/2) + 2
	} else if it.Key != "" && r.Dx() > keys+12 {
		c.TextRight(right-keys, r.Min.Y, keys, it.Key, keyStyle)
		right -= keys + 2
	}
	n := c.TextN(x, r.Min.Y, right-x, it.Title, st)
	for _, i := range m.MatchedIndexes {
		if i < len(it.Title) {
			if dx := canvas.Width(it.Title[:i]); dx < n {
				c.Overlay(canvas.R(x+dx, r.Min.Y, 1, 1), theme.Style{Attrs: t.Match.Attrs, Underline: 1})
			}
		}
	}
	if it.Blocked != "" {
		c.TextN(x+n+2, r.Min.Y, right-x-n-2, "· "+it.Blocked, t.Faint)
	} else if it.Detail != "" {
		n = max(n, p.titles)
		c.TextN(x+n+2, r.Min.Y, right-x-n-2, it.Detail, t.Muted)
	}
	if selected {
		c.Set(r.Min.X, r.Min.Y, "▌", t.Accent)
		c.Overlay(r, t.Selection)
	}
}
