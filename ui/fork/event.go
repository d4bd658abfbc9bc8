package fork

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"weft/flow/show"
	"weft/ui/canvas"
	"weft/ui/sources"
)

// An editor edits one event: its fields as those of a form, or the whole as JSON.
type editor struct {
	schema   json.RawMessage // of its type; empty: it is not known
	original json.RawMessage
	// base is what the fields are made of: the original, or what came back from the text editor. The
	// items of its lists can be kept or dropped.
	base    json.RawMessage
	values  map[string]json.RawMessage // of the form, by its names; nil: those of base
	blank   map[string]json.RawMessage // the values of the form before anything is changed
	earlier []change                   // states before changes, the latest last
}

// A change is a state of an editor, and the field that was changed then.
type change struct {
	base   json.RawMessage
	values map[string]json.RawMessage
	field  string
}

// Names in the form. A field of the event has a prefix, so that it is not taken for a setting.
const (
	eventField = "event."
	wholeEvent = "event"
)

// property is the part of JSON Schema that a form reads.
type property struct {
	Type        json.RawMessage `json:"type,omitempty"`
	Title       string          `json:"title,omitempty"`
	Description string          `json:"description,omitempty"`
	Heading     string          `json:"x-heading,omitempty"`
	Items       any             `json:"items,omitempty"`
	OneOf       []item          `json:"oneOf,omitempty"`
}

// An item is one of several values.
type item struct {
	Const json.RawMessage `json:"const"`
	Title string          `json:"title"`
}

var (
	stringType = json.RawMessage(`"string"`)
	arrayType  = json.RawMessage(`"array"`)
)

// A member is a field of a JSON object.
type member struct {
	name  string
	value json.RawMessage
}

// membersOf returns the fields of a JSON object in their order; ok is false if it is none.
func membersOf(object json.RawMessage) (list []member, ok bool) {
	d := json.NewDecoder(bytes.NewReader(object))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, false
	}
	for d.More() {
		name, err := d.Token()
		var value json.RawMessage
		if err != nil || d.Decode(&value) != nil {
			return nil, false
		}
		text, _ := name.(string)
		list = append(list, member{text, value})
	}
	return list, true
}

// fields returns the properties of the form for an event, and for each list of passages the texts of
// these.
func (e *editor) fields() (props []member, about map[string][]string) {
	about = map[string][]string{}
	add := func(name, title string, value, schema json.RawMessage) {
		p := propertyOf(title, value, schema)
		if p.Items != nil {
			about[name] = passageTexts(value)
		}
		props = append(props, member{name, encode(p)})
	}
	members, ok := membersOf(e.base)
	if !ok {
		add(wholeEvent, "value", e.base, e.schema)
		return props, about
	}
	var typed struct {
		Properties json.RawMessage `json:"properties"`
	}
	_ = json.Unmarshal(e.schema, &typed) // a type whose schema is not known has none
	known, _ := membersOf(typed.Properties)
	schemas := map[string]json.RawMessage{}
	for _, k := range known { // those that the event does not have can be added
		schemas[k.name] = k.value
		if !slices.ContainsFunc(members, func(m member) bool { return m.name == k.name }) {
			members = append(members, member{k.name, nil})
		}
	}
	for _, m := range members {
		add(eventField+m.name, m.name, m.value, schemas[m.name])
	}
	return props, about
}

// propertyOf returns the schema of a field with a value, which is better known than its type: the
// items of a list can be kept or dropped.
func propertyOf(title string, value, schema json.RawMessage) (p property) {
	_ = json.Unmarshal(schema, &p) // an unknown type is asked for as JSON
	p.Title, p.OneOf = title, nil
	switch value = bytes.TrimSpace(value); {
	case len(value) == 0 || string(value) == "null":
		return p
	case value[0] == '[':
		var list []json.RawMessage
		if json.Unmarshal(value, &list) != nil || len(list) == 0 {
			return p
		}
		p.Type, p.Description = arrayType, fmt.Sprintf("%d items", len(list))
		if len(list) == 1 {
			p.Description = "1 item"
		}
		var items property
		for i, v := range list {
			items.OneOf = append(items.OneOf, item{v, fmt.Sprintf("%2d  %s", i+1, itemText(v))})
		}
		p.Items = items
	case value[0] == '"':
		var text string
		p.Type, p.Items = stringType, nil
		if json.Unmarshal(value, &text) != nil || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' }) {
			p.Type = nil // a line of text would lose its line breaks: it is edited as JSON
		}
	case value[0] == '{':
		p = property{Title: title}
	case len(p.Type) == 0 && (value[0] == 't' || value[0] == 'f'):
		p.Type = json.RawMessage(`"boolean"`)
	case len(p.Type) == 0:
		p.Type = json.RawMessage(`"number"`)
	}
	return p
}

// itemText describes an item of a list in a line: a passage by its place, anything else as JSON.
func itemText(value json.RawMessage) string {
	var p show.Passage
	if json.Unmarshal(value, &p) == nil && p.Path != "" {
		text := sources.Where(p)
		if n := len(p.Heading); n > 0 {
			text += "  " + p.Heading[n-1]
		}
		if p.Score != 0 {
			text = fmt.Sprintf("%.2f  %s", p.Score, text)
		}
		return canvas.Line(text)
	}
	var s string
	if json.Unmarshal(value, &s) == nil {
		return canvas.Line(s)
	}
	const most = 200
	return canvas.Line(canvas.Head(string(value), most))
}

// passageTexts returns the texts of a list of passages; nil if it is none.
func passageTexts(value json.RawMessage) (texts []string) {
	var list []show.Passage
	if json.Unmarshal(value, &list) != nil {
		return nil
	}
	for _, p := range list {
		if p.Path == "" {
			return nil
		}
		texts = append(texts, sources.Plain(p))
	}
	return texts
}

// presets returns the values with which the form of the event begins.
func (e *editor) presets() map[string]json.RawMessage {
	if e.values != nil {
		return e.values
	}
	members, ok := membersOf(e.base)
	if !ok {
		return map[string]json.RawMessage{wholeEvent: e.base}
	}
	all := map[string]json.RawMessage{}
	for _, m := range members {
		all[eventField+m.name] = m.value
	}
	return all
}

// result returns the event with the values of the form. Fields that were not touched stay exactly
// as they were, so values that a form cannot show are not lost.
func (e *editor) result() json.RawMessage {
	if e.values == nil {
		return e.base
	}
	touched := func(name string) bool { return !bytes.Equal(e.values[name], e.blank[name]) }
	members, ok := membersOf(e.base)
	if !ok {
		if touched(wholeEvent) {
			return e.values[wholeEvent]
		}
		return e.base
	}
	var out []member
	had := map[string]bool{}
	for _, m := range members {
		had[eventField+m.name] = true
		if touched(eventField + m.name) {
			m.value = e.values[eventField+m.name]
		}
		if len(m.value) > 0 {
			out = append(out, m)
		}
	}
	props, _ := e.fields()
	for _, p := range props {
		if !had[p.name] && touched(p.name) && len(e.values[p.name]) > 0 {
			out = append(out, member{strings.TrimPrefix(p.name, eventField), e.values[p.name]})
		}
	}
	return object(out)
}

// changes returns the names of the fields of the event that differ from the original; with a name
// for the whole if it is not an object.
func (e *editor) changes() (names []string) {
	now := e.result()
	if sameJSON(now, e.original) {
		return nil
	}
	was, ok := membersOf(e.original)
	is, also := membersOf(now)
	if !ok || !also {
		return []string{"the event"}
	}
	before := map[string]json.RawMessage{}
	for _, m := range was {
		before[m.name] = m.value
	}
	for _, m := range is {
		if !sameJSON(m.value, before[m.name]) {
			names = append(names, m.name)
		}
		delete(before, m.name)
	}
	for _, m := range was {
		if _, gone := before[m.name]; gone {
			names = append(names, m.name)
		}
	}
	return names
}

// set takes the values of the form. field is the name of the field that is being typed into, "" for
// any other change: what is typed into a field is one change.
func (e *editor) set(values map[string]json.RawMessage, field string) {
	if equalValues(values, e.values) || e.values == nil && equalValues(values, e.blank) {
		return
	}
	if n := len(e.earlier); n == 0 || e.earlier[n-1].field != field || field == "" {
		e.earlier = append(e.earlier, change{e.base, e.values, field})
	}
	e.values = values
}

// replace takes an event that was edited as text.
func (e *editor) replace(text json.RawMessage) {
	if sameJSON(text, e.result()) {
		return
	}
	e.earlier = append(e.earlier, change{e.base, e.values, ""})
	e.base, e.values, e.blank = encode(text), nil, nil
}

// undo takes the last change back, and reports whether there was one.
func (e *editor) undo() bool {
	n := len(e.earlier)
	if n == 0 {
		return false
	}
	last := e.earlier[n-1]
	e.earlier = e.earlier[:n-1]
	if !bytes.Equal(e.base, last.base) {
		e.blank = nil
	}
	e.base, e.values = last.base, last.values
	return true
}

func equalValues(a, b map[string]json.RawMessage) bool {
	if len(a) != len(b) {
		return false
	}
	for name, v := range a {
		if w, ok := b[name]; !ok || !bytes.Equal(v, w) {
			return false
		}
	}
	return true
}

// sameJSON reports whether two texts are the same JSON, apart from spaces.
func sameJSON(a, b json.RawMessage) bool {
	var x, y bytes.Buffer
	if json.Compact(&x, a) != nil || json.Compact(&y, b) != nil {
		return bytes.Equal(a, b)
	}
	return bytes.Equal(x.Bytes(), y.Bytes())
}

// object returns a JSON object of members in their order.
func object(members []member) json.RawMessage {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range members {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(encode(m.name))
		b.WriteByte(':')
		b.Write(m.value)
	}
	b.WriteByte('}')
	return b.Bytes()
}

// encode returns a value as JSON.
func encode(v any) json.RawMessage {
	out, _ := json.Marshal(v) // cannot fail: texts, and JSON that was read
	return out
}
