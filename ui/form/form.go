package form

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"weft/ui/canvas"
)

// An Outcome is the state of a Form after a message.
type Outcome uint8

// The outcomes.
const (
	Open      Outcome = iota
	Submitted         // the values are valid: see Reply
	// Left: the person pressed esc to go elsewhere. The form keeps its values, unless Passes is
	// set.
	Left
	Read // the person wants to read what the option under the cursor is about: see Cursor
)

// A Form asks for one reply.
type Form struct {
	Title  string // who asks
	Prompt string // the question
	Passes bool   // no run waits for the reply, so the values are lost if the person leaves
	Verb   string // what enter does, in a form that edits something and asks no question; "": send
	// About is what the options of a list are about, in their order. The text of the option under
	// the cursor is shown below the fields.
	About  []string
	fields []entry
	alone  bool
	cur    int
	top    int // first visible row of the fields
	err    string
	reply  json.RawMessage
	hits   []hit // the clickable areas of the last Draw
}

type entry struct {
	spec
	input  textinput.Model // for typed values
	choice int             // if kind is one: the chosen option; -1: none yet
	chosen []bool          // if kind is some: which options are chosen
	at     int             // if kind is some: the option under the cursor
}

type hit struct {
	rect          canvas.Rect
	field, option int
}

// New returns a form for a reply with the given JSON schema. preset holds initial values, as an
// object like the reply, or is nil.
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

// Reply returns the JSON that was submitted.
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
		if m.String() == "r" && f.about() != "" && f.Verb == "" {
			return Read, true
		}
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

// Cursor returns the index of the option under the cursor, or -1 where that is not in a list.
func (f *Form) Cursor() int {
	if len(f.fields) == 0 || f.fields[f.cur].kind != some {
		return -1
	}
	return f.fields[f.cur].at
}

// about returns what the option under the cursor is about, or "".
func (f *Form) about() string {
	if i := f.Cursor(); i >= 0 && i < len(f.About) {
		return f.About[i]
	}
	return ""
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
		// A letter chooses the option that begins with it, such as y and n
		for i, o := range x.options {
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

// Values returns the values of the fields by their names, without optional ones that are empty. If
// one is wrong, the error says so, and wrong is the index of its field.
func (f *Form) Values() (values map[string]json.RawMessage, wrong int, err error) {
	values = map[string]json.RawMessage{}
	for i := range f.fields {
		v, err := f.fields[i].reply()
		if err != nil {
			return nil, i, err
		}
		if v != nil {
			values[f.fields[i].name] = v
		}
	}
	return values, 0, nil
}

// Field returns the name of the focused field; "" if there is none.
func (f *Form) Field() string {
	if len(f.fields) == 0 {
		return ""
	}
	return f.fields[f.cur].name
}

// Fields returns the names of all fields, in their order.
func (f *Form) Fields() (names []string) {
	for _, x := range f.fields {
		names = append(names, x.name)
	}
	return names
}

// FocusOn focuses the field of a name, if there is one, and an option of it by its index, if it is a
// list.
func (f *Form) FocusOn(name string, option int) {
	if i := slices.Index(f.Fields(), name); i >= 0 {
		f.focus(i)
		f.fields[i].at = min(max(option, 0), max(len(f.fields[i].options)-1, 0))
	}
}

// submit builds the reply. If a value is wrong it sets the error and focuses the field instead.
func (f *Form) submit() Outcome {
	reply, wrong, err := f.Values()
	if err != nil {
		f.err = err.Error()
		f.focus(wrong)
		return Open
	}
	if f.alone {
		f.reply = reply["reply"]
		return Submitted
	}
	f.reply, _ = json.Marshal(reply) // cannot fail: the messages were marshalled or checked before
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
