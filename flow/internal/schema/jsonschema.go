package schema

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
)

// JSONSchema returns the JSON schema of a Go type, as encoding/json reads and writes it, in the part
// of JSON Schema that forms support. The fields of a struct become its properties, in order, by
// their JSON names. A pointer, or a field whose tag has omitempty or omitzero, is optional. A tag
// `about:"…"` describes a field. Types that a form has no field for are asked for as JSON.
func JSONSchema(t reflect.Type) json.RawMessage {
	s, _ := json.Marshal(schemaOf(t, nil)) // cannot fail: strings, and schemas made here
	return s
}

// An object is a JSON object whose fields keep their order.
type object []member

type member struct {
	name  string
	value any
}

func (o object) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, m := range o {
		if i > 0 {
			b = append(b, ',')
		}
		name, _ := json.Marshal(m.name) // cannot fail for a string
		value, err := json.Marshal(m.value)
		if err != nil {
			return nil, err
		}
		b = append(append(append(b, name...), ':'), value...)
	}
	return append(b, '}'), nil
}

func schemaOf(t reflect.Type, within []reflect.Type) object {
	if t.Kind() == reflect.Pointer {
		return schemaOf(t.Elem(), within)
	}
	if t.Implements(jsonMarshaler) || slices.Contains(within, t) {
		return object{} // any value
	}
	kind := ""
	switch t.Kind() {
	case reflect.String:
		kind = "string"
	case reflect.Bool:
		kind = "boolean"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		kind = "integer"
	case reflect.Float32, reflect.Float64:
		kind = "number"
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return object{} // encoded as base64, which people do not type
		}
		return object{{"type", "array"}, {"items", schemaOf(t.Elem(), append(within, t))}}
	case reflect.Struct:
		properties, required := fields(t, append(within, t))
		return object{{"type", "object"}, {"properties", properties}, {"required", required}}
	default:
		return object{}
	}
	return object{{"type", kind}}
}

// fields returns the properties of a struct, including those of embedded structs, and the names of
// the required ones.
func fields(t reflect.Type, within []reflect.Type) (properties object, required []string) {
	properties, required = object{}, []string{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && name == "" && f.Type.Kind() == reflect.Struct && !f.Type.Implements(jsonMarshaler) {
			p, r := fields(f.Type, within)
			properties, required = append(properties, p...), append(required, r...)
			continue
		}
		if !f.IsExported() || name == "-" {
			continue
		}
		if name == "" {
			name = f.Name
		}
		s := schemaOf(f.Type, within)
		if about := f.Tag.Get("about"); about != "" {
			s = append(s, member{"description", about})
		}
		properties = append(properties, member{name, s})
		if !strings.Contains(options, "omit") && f.Type.Kind() != reflect.Pointer {
			required = append(required, name)
		}
	}
	return properties, required
}
