package fold

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
)

// A description is what a workflow looks like to its journals: by it a changed workflow is told
// from the one that wrote a journal.
type description struct {
	Steps  []stepDescription            `json:"steps"`
	Events map[string]map[string]string `json:"events"` // by stable name, the type of each field; see fieldsOf
}

type stepDescription struct {
	stepShape
	Gives []string `json:"gives,omitempty"`
}

// Shape returns the workflow's steps and event types as JSON, those of sub-workflows too. Equal
// workflows give equal JSON.
func (w *Workflow) Shape() json.RawMessage {
	d := description{Events: map[string]map[string]string{}}
	for _, in := range w.Within() {
		for _, s := range in.Steps {
			d.Steps = append(d.Steps, stepDescription{
				stepShape{in.Name, s.Name, stepKindNames[s.Kind], in.names(s.Takes)}, in.names(s.Outs),
			})
		}
		for _, t := range in.Types {
			d.Events[t.Name] = fieldsOf(t.Go)
		}
	}
	b, err := json.Marshal(d)
	if err != nil {
		return nil // strings alone never fail
	}
	return b
}

// fieldsOf returns the fields of a type by their JSON names, those of its parts after a dot, with
// "[]" for the elements of a list and "{}" for those of a map. The type itself is "".
func fieldsOf(t reflect.Type) map[string]string {
	fields := map[string]string{}
	addFields(fields, "", t, nil)
	return fields
}

var (
	marshaler     = reflect.TypeFor[json.Marshaler]()
	textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()
)

func addFields(fields map[string]string, path string, t reflect.Type, within []reflect.Type) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	for _, outer := range within {
		if outer == t {
			fields[path] = "recursive " + t.String()
			return
		}
	}
	within = append(within, t)
	switch p := reflect.PointerTo(t); {
	case p.Implements(marshaler) || p.Implements(textMarshaler):
		fields[path] = t.String()
	case t.Kind() == reflect.Struct:
		fields[path] = "object"
		for i := range t.NumField() {
			addField(fields, path, t.Field(i), within)
		}
	case t.Kind() == reflect.Slice || t.Kind() == reflect.Array:
		fields[path] = "list"
		addFields(fields, path+"[]", t.Elem(), within)
	case t.Kind() == reflect.Map:
		fields[path] = "map"
		addFields(fields, path+"{}", t.Elem(), within)
	case t.Kind() == reflect.Interface:
		fields[path] = "any"
	default:
		fields[path] = t.Kind().String()
	}
}

func addField(fields map[string]string, path string, f reflect.StructField, within []reflect.Type) {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	embedded := f.Anonymous && name == "" && (f.Type.Kind() == reflect.Struct ||
		f.Type.Kind() == reflect.Pointer && f.Type.Elem().Kind() == reflect.Struct)
	switch {
	case f.Tag.Get("json") == "-" || !f.IsExported() && !embedded:
		return
	case embedded:
		own := fields[path]
		addFields(fields, path, f.Type, within)
		fields[path] = own
		return
	case name == "":
		name = f.Name
	}
	if path != "" {
		name = path + "." + name
	}
	addFields(fields, name, f.Type, within)
}
