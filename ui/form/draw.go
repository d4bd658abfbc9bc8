package form

import (
	"weft/ui/canvas"
	"weft/ui/theme"
)

// Height is how many rows the form takes at a width, border included.
func (f *Form) Height(width int) int {
	n := 3 + len(canvas.Wrap(f.Prompt, max(width-4, 1)))
	for _, x := range f.fields {
		n++
		if x.kind == some {
			n += len(x.options)
		}
	}
	return n
}

// Draw shows the form in r and returns where the cursor belongs (in the coordinates of c), or -1, -1.
func (f *Form) Draw(c *canvas.Canvas, r canvas.Rect, t *theme.Theme, focused bool) (cx, cy int) {
	c.Clear(r)
	f.hits = f.hits[:0]
	cx, cy = -1, -1
	border := t.Border
	if focused {
		border = t.Waiting
	}
	in := c.Box(r, canvas.Rounded, border, "? "+f.Title, t.Waiting)
	if in != r {
		in = canvas.R(in.Min.X+1, in.Min.Y, in.Dx()-2, in.Dy())
	}
	room := in.Dy() - f.Height(in.Dx()+4) + 2 // negative where there is too little: the prompt gives way first
	y := in.Min.Y
	lines := canvas.Wrap(f.Prompt, max(in.Dx(), 1))
	if room < 0 {
		lines = lines[:max(len(lines)+room, min(1, len(lines)))]
	}
	for _, l := range lines {
		if y < in.Max.Y {
			c.TextN(in.Min.X, y, in.Dx(), l, t.Text)
		}
		y++
	}
	names := 0
	for _, x := range f.fields {
		names = max(names, canvas.Width(x.title))
	}
	names = min(names, max(in.Dx()/3, 1))
	first := 0
	if over := y + len(f.fields) + 1 - in.Max.Y; over > 0 {
		first = min(max(f.cur-max(in.Max.Y-y-2, 0), 0), len(f.fields)) // scroll to the field that has the keys
	}
	for i := first; i < len(f.fields) && y < in.Max.Y; i++ {
		x, fy := f.field(c, canvas.R(in.Min.X, y, in.Dx(), in.Max.Y-y), i, names, t, focused)
		if i == f.cur && x >= 0 {
			cx, cy = x, y
		}
		y = fy
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

func (f *Form) hint() string {
	s := "↵ send · esc later"
	if len(f.fields) > 1 {
		s = "↵ send · tab next · esc later"
	}
	if len(f.fields) > 0 {
		switch f.fields[f.cur].kind {
		case one:
			s = "←→ choose · " + s
		case some:
			s = "space keep or drop · a all · " + s
		case list:
			s = "separate by commas · " + s
		}
	}
	return s
}

// field draws one field from the first row of r on; it returns the column of the cursor (-1: none) and the row after it.
func (f *Form) field(c *canvas.Canvas, r canvas.Rect, i, names int, t *theme.Theme, focused bool) (cx, next int) {
	x := &f.fields[i]
	y := r.Min.Y
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
			if y+1 >= r.Max.Y {
				break
			}
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

// typed draws the value of a field and returns the column of its cursor.
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
