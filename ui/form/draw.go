package form

import (
	"cmp"
	"fmt"

	"weft/ui/canvas"
	"weft/ui/theme"
)

// Height returns how many rows the form takes at a width, including its border.
func (f *Form) Height(width int) int {
	prompt := 0
	if f.Prompt != "" {
		prompt = len(canvas.Wrap(f.Prompt, max(width-4, 1)))
	}
	return 3 + prompt + f.rows() + f.excerpt()
}

// mostExcerpt is how many rows of the text of the option under the cursor are shown.
const mostExcerpt = 2

// excerpt returns how many rows are kept for the text of the option under the cursor.
func (f *Form) excerpt() int {
	if len(f.About) > 0 {
		return mostExcerpt
	}
	return 0
}

// Draw draws the form in r and returns the position of the cursor in the coordinates of c, or -1,
// -1.
func (f *Form) Draw(c *canvas.Canvas, r canvas.Rect, t *theme.Theme, focused bool) (cx, cy int) {
	c.Clear(r)
	f.hits = f.hits[:0]
	cx, cy = -1, -1
	border, title, style := t.Border, "? "+f.Title, t.Waiting
	if focused {
		border = t.Waiting
	}
	if f.Verb != "" {
		title, style = f.Title, t.Heading
		if focused {
			border = t.BorderFocused
		}
	}
	in := c.Box(r, canvas.Rounded, border, title, style)
	if in != r {
		in = canvas.R(in.Min.X+1, in.Min.Y, in.Dx()-2, in.Dy())
	}
	body := in
	if in.Dy() > 2 {
		body.Max.Y-- // leave a row for the hint
	}
	y := in.Min.Y
	for _, l := range f.question(body.Dx(), body.Dy()) {
		c.TextN(in.Min.X, y, in.Dx(), l, t.Text)
		y++
	}
	list := canvas.R(in.Min.X, y, in.Dx(), min(max(body.Max.Y-y-f.reserved(body.Max.Y-y), 0), f.rows()))
	f.scroll(list.Dy())
	names := 0
	for _, x := range f.fields {
		names = max(names, canvas.Width(x.title))
	}
	names = min(names, max(in.Dx()/3, 1))
	s, row := c.Sub(list), -f.top
	for i := range f.fields {
		x, next := f.field(s, canvas.R(0, row, list.Dx(), f.fields[i].rows()), i, names, t, focused)
		if at := next - 1; i == f.cur && x >= 0 && at >= 0 && at < list.Dy() { // a typed field ends with its text
			cx, cy = list.Min.X+x, list.Min.Y+at
		}
		row = next
	}
	for i := range f.hits { // fields that are not visible cannot be clicked
		f.hits[i].rect = f.hits[i].rect.Add(list.Min).Intersect(list)
	}
	if in != r {
		if f.top > 0 {
			c.TextRight(r.Min.X, r.Min.Y, r.Dx()-2, fmt.Sprintf(" ↑ %d more ", f.top), t.Muted)
		}
		if n := f.rows() - f.top - list.Dy(); n > 0 {
			c.TextRight(r.Min.X, r.Max.Y-1, r.Dx()-2, fmt.Sprintf(" ↓ %d more ", n), t.Muted)
		}
	}
	y = list.Max.Y
	if room := min(in.Max.Y-1-y, f.excerpt()); room > 0 {
		for i, l := range canvas.Fit(canvas.Head(canvas.Line(f.about()), 4*in.Dx()), in.Dx()-2, room) {
			c.TextN(in.Min.X+2, y+i, in.Dx()-2, l, t.Muted)
		}
		y += room
	}
	if y < in.Max.Y {
		if f.err != "" {
			c.TextN(in.Min.X, y, in.Dx(), f.err, t.Error)
		} else {
			c.TextN(in.Min.X, y, in.Dx(), f.hint(), t.Faint)
		}
	}
	if !focused {
		return -1, -1
	}
	return cx, cy
}

// reserved returns how many of a number of rows below the prompt are kept free for the text of the
// option under the cursor: in an editor, where the fields may need more rows than there are.
func (f *Form) reserved(rows int) int {
	if f.Verb == "" || rows < 4*mostExcerpt {
		return 0
	}
	return f.excerpt()
}

// question returns the lines of the prompt: as many as the fields leave room for, but at least a
// third of all rows, because the person must know what the decision is about.
func (f *Form) question(w, h int) []string {
	if f.Prompt == "" {
		return nil
	}
	return canvas.Fit(f.Prompt, max(w, 1), max(h-f.rows()-f.excerpt(), h/3, min(h-1, 1), 0))
}

// rows returns how many rows the fields take.
func (f *Form) rows() (n int) {
	for i := range f.fields {
		n += f.fields[i].rows()
	}
	return n
}

func (x *entry) rows() int {
	n := 1
	if x.kind == some {
		n += len(x.options)
	}
	if x.heading != "" {
		n++
	}
	return n
}

// scroll makes the focused row visible among h rows, and with the first option of a list also its
// title.
func (f *Form) scroll(h int) {
	first, last := 0, 0
	for i := range f.fields[:f.cur] {
		first += f.fields[i].rows()
	}
	if last = first; len(f.fields) > 0 && f.fields[f.cur].heading != "" {
		last++
	}
	if len(f.fields) > 0 && f.fields[f.cur].kind == some {
		last += 1 + f.fields[f.cur].at
		if f.fields[f.cur].at > 0 {
			first = last
		}
	}
	f.top = min(f.top, first)
	f.top = max(min(f.top, f.rows()-h), last-h+1, 0)
}

func (f *Form) hint() string {
	s := "esc later"
	if f.Passes {
		s = "esc close"
	}
	if len(f.fields) > 1 {
		s = "tab next · " + s
	}
	s = "↵ " + cmp.Or(f.Verb, "send") + " · " + s
	if len(f.fields) > 0 {
		switch f.fields[f.cur].kind {
		case one:
			s = "←→ choose · " + s
		case some:
			if s = "space keep or drop · a all · " + s; f.about() != "" && f.Verb == "" {
				s = "r read · " + s
			}
		case list:
			s = "separate by commas · " + s
		}
	}
	return s
}

// field draws one field from the first row of r on. It returns the column of the cursor (-1: none)
// and the row after the field.
func (f *Form) field(c *canvas.Canvas, r canvas.Rect, i, names int, t *theme.Theme, focused bool) (cx, next int) {
	x := &f.fields[i]
	y := r.Min.Y
	if x.heading != "" {
		c.TextN(r.Min.X, y, r.Dx(), x.heading, t.Heading)
		y++
	}
	here := focused && i == f.cur
	label := t.Muted
	if here {
		label = t.Accent
	}
	c.TextN(r.Min.X, y, names, x.title, label)
	left := r.Min.X + names + 2
	room := r.Max.X - left
	cx = -1
	switch x.kind {
	case one:
		if x.labelWidth() > room { // only the chosen one has room
			f.one(c, x, i, left, y, room, t)
			break
		}
		for j, o := range x.options {
			mark, st := "○ ", t.Muted
			if j == x.choice {
				mark, st = "● ", t.Strong
			}
			n := c.TextN(left, y, r.Max.X-left, mark+o.label, st)
			f.hits = append(f.hits, hit{canvas.R(left, y, n, 1), i, j})
			left += n + 2
		}
	case some:
		c.TextN(left, y, room, x.about, t.Faint)
		for j, o := range x.options {
			y++
			mark, st := "[ ] ", t.Muted
			if x.chosen[j] {
				mark, st = "[x] ", t.Text
			}
			n := c.TextN(r.Min.X+2, y, r.Dx()-2, mark+o.label, st)
			if here && j == x.at {
				c.Set(r.Min.X, y, "▌", t.Accent)
				c.Overlay(canvas.R(r.Min.X, y, r.Dx(), 1), t.Selection)
			}
			f.hits = append(f.hits, hit{canvas.R(r.Min.X, y, n+2, 1), i, j})
		}
	default:
		cx = f.typed(c, x, left, y, room, t)
		f.hits = append(f.hits, hit{canvas.R(left, y, room, 1), i, -1})
	}
	return cx, y + 1
}

// labelWidth returns how many cells all options beside each other take.
func (x *entry) labelWidth() (w int) {
	for _, o := range x.options {
		w += canvas.Width(o.label) + 4
	}
	return w - 2
}

// one draws the chosen option and how many there are. A click goes to the next one.
func (f *Form) one(c *canvas.Canvas, x *entry, i, left, y, room int, t *theme.Theme) {
	label, at := "nothing chosen", 0
	if x.choice >= 0 {
		label, at = x.options[x.choice].label, x.choice+1
	}
	count := fmt.Sprintf("  %d of %d", at, len(x.options))
	n := c.TextN(left, y, max(room-canvas.Width(count), 0), "● "+label, t.Strong)
	c.TextN(left+n, y, room-n, count, t.Muted)
	f.hits = append(f.hits, hit{canvas.R(left, y, room, 1), i, at % len(x.options)})
}

// typed draws the value of a text field and returns the column of its cursor.
func (f *Form) typed(c *canvas.Canvas, x *entry, left, y, room int, t *theme.Theme) int {
	v := []rune(x.input.Value())
	if len(v) == 0 {
		c.TextN(left, y, room, x.about, t.Faint)
		return left
	}
	pos := min(x.input.Position(), len(v))
	from := 0
	for from < pos && canvas.Width(string(v[from:pos])) >= room {
		from++
	}
	c.TextN(left, y, room, string(v[from:]), t.Text)
	return left + canvas.Width(string(v[from:pos]))
}
