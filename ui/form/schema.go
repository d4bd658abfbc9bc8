// Package form asks a person for the reply that a waiting run needs. It makes fields from the JSON
// schema of the reply and returns the reply as JSON.
//
// It supports this part of JSON Schema: an object of properties, or a single value; strings,
// numbers, integers and booleans; one of several options (enum, or oneOf with const and title);
// some of several (an array of those); an array of free strings (one per line); title, description,
// default, required, minimum, maximum, minLength, readOnly. Anything else is asked for as JSON. The
// keyword x-heading is a line of text above a field.
package form

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

type kind uint8

const (
	text kind = iota
	number
	integer
	one     // exactly one of the options
	some    // any number of the options
	list    // free strings, one per line
	rawJSON // any other value, typed as JSON
)

type option struct {
	label string
	value json.RawMessage
}

// A spec is the schema of one field.
type spec struct {
	name, title, about string
	heading            string // a line above the field; "": none
	kind               kind
	options            []option
	required           bool
	initial            json.RawMessage
	min, max           *float64
	minLength          int
}

type schema struct {
	Type        json.RawMessage   `json:"type"`
	Title       string            `json:"title"`
	Description string            `json:"description"`
	Default     json.RawMessage   `json:"default"`
	Enum        []json.RawMessage `json:"enum"`
	OneOf       []struct {
		Const json.RawMessage `json:"const"`
		Title string          `json:"title"`
	} `json:"oneOf"`
	Items      json.RawMessage `json:"items"`
	Properties json.RawMessage `json:"properties"`
	Required   []string        `json:"required"`
	Minimum    *float64        `json:"minimum"`
	Maximum    *float64        `json:"maximum"`
	MinLength  int             `json:"minLength"`
	ReadOnly   bool            `json:"readOnly"`
	Heading    string          `json:"x-heading"`
}

func (s schema) is(t string) bool {
	var name string
	if json.Unmarshal(s.Type, &name) == nil {
		return name == t
	}
	var names []string
	return json.Unmarshal(s.Type, &names) == nil && slices.Contains(names, t)
}

// parse returns the fields of a schema in the order in which they are written. If alone is true the
// reply is not an object but the value of the only field.
func parse(raw json.RawMessage) (specs []spec, alone bool) {
	var s schema
	if len(raw) == 0 || json.Unmarshal(raw, &s) != nil {
		return []spec{{name: "reply", title: "reply", kind: text}}, true
	}
	if len(s.Properties) == 0 {
		f := field("reply", raw)
		f.required = true
		return []spec{f}, true
	}
	var props map[string]json.RawMessage
	if json.Unmarshal(s.Properties, &props) != nil {
		return []spec{field("reply", raw)}, true
	}
	for _, name := range order(s.Properties) {
		var p schema
		if json.Unmarshal(props[name], &p) == nil && p.ReadOnly {
			continue
		}
		f := field(name, props[name])
		f.required = slices.Contains(s.Required, name)
		specs = append(specs, f)
	}
	return specs, false
}

// order returns the keys of a JSON object in the order in which they are written, which a map would
// lose.
func order(object json.RawMessage) (keys []string) {
	d := json.NewDecoder(bytes.NewReader(object))
	if _, err := d.Token(); err != nil {
		return nil
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return keys
		}
		var skip json.RawMessage
		if d.Decode(&skip) != nil {
			return keys
		}
		if s, ok := key.(string); ok {
			keys = append(keys, s)
		}
	}
	return keys
}

func field(name string, raw json.RawMessage) spec {
	var s schema
	f := spec{name: name, title: strings.ReplaceAll(name, "_", " "), kind: rawJSON}
	if json.Unmarshal(raw, &s) != nil {
		return f
	}
	if s.Title != "" {
		f.title = s.Title
	}
	f.about, f.initial, f.min, f.max, f.minLength = s.Description, s.Default, s.Minimum, s.Maximum, s.MinLength
	f.heading = s.Heading
	switch f.options = s.options(); {
	case len(f.options) > 0:
		f.kind = one
	case s.is("boolean"):
		f.kind, f.options = one, []option{{"yes", json.RawMessage("true")}, {"no", json.RawMessage("false")}}
	case s.is("integer"):
		f.kind = integer
	case s.is("number"):
		f.kind = number
	case s.is("string"):
		f.kind = text
	case s.is("array"):
		var item schema
		if json.Unmarshal(s.Items, &item) == nil {
			if f.options = item.options(); len(f.options) > 0 {
				f.kind = some
			} else if item.is("string") {
				f.kind = list
			}
		}
	}
	return f
}

func (s schema) options() (out []option) {
	for _, o := range s.OneOf {
		if len(o.Const) == 0 {
			return nil
		}
		label := o.Title
		if label == "" {
			label = plain(o.Const)
		}
		out = append(out, option{label, o.Const})
	}
	for _, v := range s.Enum {
		out = append(out, option{plain(v), v})
	}
	return out
}

// plain returns a JSON value as a person would type it: a string without its quotes.
func plain(v json.RawMessage) string {
	var s string
	if json.Unmarshal(v, &s) == nil {
		return s
	}
	if string(v) == "null" {
		return ""
	}
	return string(v)
}

// value returns the JSON of a typed value, or an error if it is not valid.
func (f spec) value(typed string) (json.RawMessage, error) {
	switch f.kind {
	case integer, number:
		if typed = strings.TrimSpace(typed); typed == "" {
			return nil, f.missing()
		}
		n, err := strconv.ParseFloat(typed, 64)
		if _, ierr := strconv.ParseInt(typed, 10, 64); f.kind == integer && ierr != nil {
			return nil, fmt.Errorf("%s: %q is not a whole number", f.title, typed)
		}
		b, jerr := json.Marshal(n)
		if err != nil || jerr != nil {
			return nil, fmt.Errorf("%s: %q is not a number", f.title, typed)
		}
		if f.min != nil && n < *f.min {
			return nil, fmt.Errorf("%s: at least %v", f.title, *f.min)
		}
		if f.max != nil && n > *f.max {
			return nil, fmt.Errorf("%s: at most %v", f.title, *f.max)
		}
		return b, nil
	case list:
		items := []string{}
		for line := range strings.Lines(typed) {
			if line = strings.TrimSpace(line); line != "" {
				items = append(items, line)
			}
		}
		return json.Marshal(items)
	case rawJSON:
		if strings.TrimSpace(typed) == "" {
			return nil, f.missing()
		}
		if !json.Valid([]byte(typed)) {
			return nil, fmt.Errorf("%s: this is not JSON", f.title)
		}
		return json.RawMessage(typed), nil
	}
	if typed == "" && f.required || len([]rune(typed)) < f.minLength {
		return nil, fmt.Errorf("%s: please fill in", f.title)
	}
	return json.Marshal(typed)
}

// missing returns the error for an empty field; nil if the field is optional, in which case it is
// left out.
func (f spec) missing() error {
	if f.required {
		return fmt.Errorf("%s: please fill in", f.title)
	}
	return nil
}
