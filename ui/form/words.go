package form

import (
	"fmt"
	"strings"

	"weft/ui/canvas"
)

// Words describes the focused field: its number and title, its value, and how to fill it in. A form
// without fields has no value.
func (f *Form) Words() (field, value, how string) {
	if len(f.fields) == 0 {
		return "nothing to fill in", "", "enter sends"
	}
	x := &f.fields[f.cur]
	field = canvas.Line(x.title)
	if n := len(f.fields); n > 1 {
		field = fmt.Sprintf("field %d of %d, %s", f.cur+1, n, field)
	}
	how = "enter sends, tab goes to the next field, escape leaves it for later"
	if f.Passes {
		how = "enter sends, tab goes to the next field, escape closes it"
	}
	switch x.kind {
	case one:
		if x.choice < 0 {
			return field, "nothing chosen", how + ", left and right choose: " + x.labels()
		}
		return field, fmt.Sprintf("%s, %d of %d", canvas.Line(x.options[x.choice].label), x.choice+1, len(x.options)), how + ", left and right choose"
	case some:
		kept := "dropped"
		if x.chosen[x.at] {
			kept = "kept"
		}
		return field, fmt.Sprintf("%s, %d of %d, %s", canvas.Line(x.options[x.at].label), x.at+1, len(x.options), kept), how + ", up and down move, space keeps or drops, a keeps all"
	}
	if x.about != "" {
		field += ", " + canvas.Line(x.about)
	}
	return field, canvas.Line(x.input.Value()), how
}

// Line returns the focused field and its value in one line: "reason: too long".
func (f *Form) Line() string {
	field, value, _ := f.Words()
	if len(f.fields) == 0 {
		return field
	}
	return field + ": " + value
}

func (x *entry) labels() string {
	var all []string
	for _, o := range x.options {
		all = append(all, canvas.Line(o.label))
	}
	return strings.Join(all, ", ")
}

// Typed returns the text in the focused field and the position of its cursor in characters; ok is
// false if the field is not typed into.
func (f *Form) Typed() (value string, at int, ok bool) {
	if len(f.fields) == 0 || f.fields[f.cur].kind == one || f.fields[f.cur].kind == some {
		return "", 0, false
	}
	x := &f.fields[f.cur]
	return x.input.Value(), x.input.Position(), true
}

// Problem returns why the form was not submitted, or "".
func (f *Form) Problem() string { return f.err }
