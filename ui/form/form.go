package form

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"weft/ui/canvas"
	"weft/ui/theme"
)

// An Outcome says how a Form stands after a message.
type Outcome uint8

// The outcomes.
const (
	Open      Outcome = iota
	Submitted         // see Reply
	Left              // esc: the person goes elsewhere; the form keeps what was filled in
)

// A Form asks for one reply.
type Form struct {
	Title  string // who asks
	Prompt string // what is asked
	fields []entry
	alone  bool
	cur    int
	err    string
	reply  json.RawMessage
	hits   []hit // what can be clicked, from the last Draw
}

type entry struct {
	spec
	input  textinput.Model // for what is typed
	choice int             // of one; -1: none yet
	chosen []bool          // of some
	at     int             // the cursor among the options of some
}

type hit struct {
	rect          canvas.Rect
	field, option int
}

// New returns a form for a reply of the given JSON schema. preset is a value to begin with (an object as the reply, or nil).
func New(title, prompt string, schema, preset json.RawMessage) *Form {
	specs, alone := parse(schema)
	var values map[string]json.RawMessage
	if alone {
		values = map[string]json.RawMessage{"reply": preset}
	} else if json.Unmarshal(preset, &values) != nil {
		values = nil
	}
	f := &Form{Title: title, Prompt: prompt, alone: alone}
	for _, s := range specs {
		v := s.initial
		if given := values[s.name]; len(given) > 0 && string(given) != "null" {
			v = given
		}
		f.fields = append(f.fields, newField(s, v))
	}
	f.focus(0)
	return f
}

func newField(s spec, v json.RawMessage) entry {
	x := entry{spec: s, input: textinput.New(), choice: -1, chosen: make([]bool, len(s.options))}
	x.input.Prompt = ""
	var many []json.RawMessage
	if json.Unmarshal(v, &many) != nil {
		many = []json.RawMessage{v}
	}
	for i, o := range s.options {
		for _, m := range many {
			if len(m) > 0 && bytes.Equal(bytes.TrimSpace(m), bytes.TrimSpace(o.value)) {
				x.choice, x.chosen[i] = i, true
			}
		}
	}
	switch {
	case len(v) == 0:
	case s.kind == list:
		var lines []string
		for _, m := range many {
			lines = append(lines, plain(m))
		}
		x.input.SetValue(strings.Join(lines, ", "))
	case s.kind == rawJSON:
		x.input.SetValue(string(v))
	default:
		x.input.SetValue(plain(v))
	}
	return x
}

// Reply is the JSON that was submitted.
func (f *Form) Reply() json.RawMessage { return f.reply }

func (f *Form) focus(i int) {
	if len(f.fields) == 0 {
		return
	}
	f.fields[f.cur].input.Blur()
	f.cur = min(max(i, 0), len(f.fields)-1)
	f.fields[f.cur].input.Focus()
}

// Update takes a key, paste or click.
func (f *Form) Update(msg tea.Msg) (Outcome, tea.Cmd) {
	switch m := msg.(type) {
	case tea.MouseClickMsg:
		for _, h := range f.hits {
			if m.X >= h.rect.Min.X && m.X < h.rect.Max.X && m.Y >= h.rect.Min.Y && m.Y < h.rect.Max.Y {
				f.focus(h.field)
				if h.option >= 0 {
					f.fields[h.field].pick(h.option)
				}
			}
		}
		return Open, nil
	case tea.PasteMsg:
		msg = tea.PasteMsg{Content: canvas.Line(m.Content)}
	case tea.KeyPressMsg:
		f.err = ""
		if out, taken := f.key(m); taken {
			return out, nil
		}
	}
	if len(f.fields) == 0 || f.fields[f.cur].kind == one || f.fields[f.cur].kind == some {
		return Open, nil
	}
	var cmd tea.Cmd
	x := &f.fields[f.cur]
	x.input, cmd = x.input.Update(msg)
	return Open, cmd
}

func (f *Form) key(m tea.KeyPressMsg) (out Outcome, taken bool) {
	switch m.String() {
	case "esc":
		return Left, true
	case "enter":
		return f.submit(), true
	case "tab":
		f.focus((f.cur + 1) % max(len(f.fields), 1))
		return Open, true
	case "shift+tab":
		f.focus((f.cur + len(f.fields) - 1) % max(len(f.fields), 1))
		return Open, true
	}
	if len(f.fields) == 0 {
		return Open, false
	}
	x := &f.fields[f.cur]
	switch x.kind {
	case one:
		return Open, x.keyOne(m.String(), f)
	case some:
		return Open, x.keySome(m.String(), f)
	}
	switch m.String() {
	case "up":
		f.focus(f.cur - 1)
	case "down":
		f.focus(f.cur + 1)
	default:
		return Open, false
	}
	return Open, true
}

func (x *entry) keyOne(key string, f *Form) bool {
	n := len(x.options)
	switch key {
	case "left":
		x.choice = max(x.choice-1, 0)
	case "right", "space":
		x.choice = (x.choice + 1) % n
	case "up":
		f.focus(f.cur - 1)
	case "down":
		f.focus(f.cur + 1)
	default:
		for i, o := range x.options { // the first letter of an option picks it: y and n
			if len(key) == 1 && strings.HasPrefix(strings.ToLower(o.label), strings.ToLower(key)) {
				x.choice = i
				break
			}
		}
	}
	return true
}

func (x *entry) keySome(key string, f *Form) bool {
	switch key {
	case "space", "x":
		x.pick(x.at)
	case "a":
		all := !slices.Contains(x.chosen, false)
		for i := range x.chosen {
			x.chosen[i] = !all
		}
	case "up", "k", "left":
		if x.at == 0 {
			f.focus(f.cur - 1)
		}
		x.at = max(x.at-1, 0)
	case "down", "j", "right":
		if x.at == len(x.options)-1 {
			f.focus(f.cur + 1)
		}
		x.at = min(x.at+1, len(x.options)-1)
	}
	return true
}

func (x *entry) pick(option int) {
	x.at, x.choice = option, option
	x.chosen[option] = !x.chosen[option]
}

// submit builds the reply, or says what is wrong and goes there.
func (f *Form) submit() Outcome {
	reply := map[string]json.RawMessage{}
	for i := range f.fields {
		v, err := f.fields[i].reply()
		if err != nil {
			f.err = err.Error()
			f.focus(i)
			return Open
		}
		if v != nil {
			reply[f.fields[i].name] = v
		}
	}
	if f.alone {
		f.reply = reply["reply"]
		return Submitted
	}
	f.reply, _ = json.Marshal(reply) // raw messages that were marshalled or checked before
	return Submitted
}

func (x *entry) reply() (json.RawMessage, error) {
	switch x.kind {
	case one:
		if x.choice < 0 {
			return nil, x.missing()
		}
		return x.options[x.choice].value, nil
	case some:
		vs := []json.RawMessage{}
		for i, o := range x.options {
			if x.chosen[i] {
				vs = append(vs, o.value)
			}
		}
		return json.Marshal(vs)
	case list:
		return x.value(strings.ReplaceAll(x.input.Value(), ",", "\n"))
	}
	return x.value(x.input.Value())
}

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
