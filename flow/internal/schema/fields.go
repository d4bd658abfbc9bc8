// Package schema describes Go types as JSON: the fields of a struct, whether a type survives
// encoding and decoding, which values JSON cannot hold, and how a type differs from one that an
// earlier program wrote.
package schema

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
)

// A field is a field of a struct as encoding/json sees it.
type field struct {
	name     string   // in JSON
	goName   string   // in Go, with those of the embedded structs around it
	former   []string // former names in JSON
	required bool     // the zero value is not usable
	hidden   string   // why encoding/json does not write it; "" if it does
	typ      reflect.Type
}

// fieldsOf returns the fields of a struct, with those of embedded structs, which are members of the
// same JSON object.
func fieldsOf(t reflect.Type) []field { return appendFields(nil, t, "", nil) }

func appendFields(all []field, t reflect.Type, within string, around []reflect.Type) []field {
	around = append(around, t)
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Name == "_" || f.Type.Size() == 0 && !f.IsExported() {
			continue // it holds no data
		}
		tag := f.Tag.Get("json")
		name, _, _ := strings.Cut(tag, ",")
		out := field{name: name, goName: within + f.Name, typ: f.Type}
		out.former, out.required = parseTag(f.Tag.Get("flow"))
		if name == "" {
			out.name = f.Name
		}
		inner := f.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		switch {
		case tag == "-":
			out.hidden = `has the tag json:"-"`
		case f.Anonymous && name == "" && inner.Kind() == reflect.Struct && !isCustom(f.Type):
			if f.Type.Kind() == reflect.Pointer && !f.IsExported() {
				out.hidden = "is an embedded pointer to an unexported struct"
			} else if !contains(around, inner) {
				all = appendFields(all, inner, out.goName+".", around)
				continue
			}
		case !f.IsExported():
			out.hidden = "is not exported"
		}
		all = append(all, out)
	}
	return all
}

func contains(types []reflect.Type, t reflect.Type) bool {
	for _, u := range types {
		if u == t {
			return true
		}
	}
	return false
}

// parseTag reads the tag flow:"formerly=old,formerly=older,required".
func parseTag(tag string) (former []string, required bool) {
	for part := range strings.SplitSeq(tag, ",") {
		if name, ok := strings.CutPrefix(part, "formerly="); ok {
			former = append(former, name)
		}
		required = required || part == "required"
	}
	return former, required
}

var (
	jsonMarshaler   = reflect.TypeFor[json.Marshaler]()
	jsonUnmarshaler = reflect.TypeFor[json.Unmarshaler]()
	textMarshaler   = reflect.TypeFor[encoding.TextMarshaler]()
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// implements reports whether a type or a pointer to it has the methods of an interface.
func implements(t, methods reflect.Type) bool {
	return t.Implements(methods) || t.Kind() != reflect.Interface && reflect.PointerTo(t).Implements(methods)
}

// isCustom reports whether a type has a method that encodes it as JSON.
func isCustom(t reflect.Type) bool {
	return implements(t, jsonMarshaler) || implements(t, textMarshaler)
}

// reads reports whether a type with such a method also has one that decodes it.
func reads(t reflect.Type) bool {
	if implements(t, jsonMarshaler) {
		return implements(t, jsonUnmarshaler)
	}
	return implements(t, textUnmarshaler)
}
