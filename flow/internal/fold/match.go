package fold

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// A Match names the fields that a reply must have, by their JSON names, with their values as JSON.
// A field that is not named may have any value. A Match is data and not a function, so that it can
// be stored, shown and explained.
type Match map[string]json.RawMessage

// Add names a field of the type t, by its Go name or its JSON name, and the value that it must
// have.
func (m Match) Add(t reflect.Type, name string, value any) error {
	f, jsonName, err := fieldNamed(t, name)
	if err != nil {
		return err
	}
	raw, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("the value for %s: %w", name, err)
	}
	v := reflect.New(f.Type)
	if err := json.Unmarshal(raw, v.Interface()); err != nil {
		return fmt.Errorf("%v cannot be the value of %s, a %v", value, name, f.Type)
	}
	if m[jsonName] != nil {
		return fmt.Errorf("%s is named twice", name)
	}
	m[jsonName], err = json.Marshal(v.Elem().Interface())
	return err
}

// fieldNamed returns the field of a struct type with a Go name or a JSON name, and its JSON name.
func fieldNamed(t reflect.Type, name string) (reflect.StructField, string, error) {
	if t.Kind() != reflect.Struct {
		return reflect.StructField{}, "", fmt.Errorf("%v has no fields, so none can be named", t)
	}
	for _, f := range reflect.VisibleFields(t) {
		tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || tag == "-" {
			continue
		}
		if tag == "" {
			tag = f.Name
		}
		if name == f.Name || name == tag {
			return f, tag, nil
		}
	}
	return reflect.StructField{}, "", fmt.Errorf("%v has no field %q that JSON holds", t, name)
}

// A fieldValue is a field of a type, and the value that a reply must have there as JSON.
type fieldValue struct {
	index []int
	value []byte
}

// fields returns the fields of type t that the match compares, with the values that they must have.
// A field that the type does not have is an error.
func (m Match) fields(t reflect.Type) (all []fieldValue, err error) {
	for name, value := range m {
		f, _, err := fieldNamed(t, name)
		if err != nil {
			return nil, err
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, value); err != nil {
			return nil, err
		}
		all = append(all, fieldValue{f.Index, compact.Bytes()})
	}
	return all, nil
}

// fits reports whether a value has all fields.
func fits(all []fieldValue, v any) bool {
	return !slices.ContainsFunc(all, func(f fieldValue) bool {
		field, err := reflect.ValueOf(v).FieldByIndexErr(f.index)
		if err != nil {
			return true
		}
		raw, err := json.Marshal(field.Interface())
		return err != nil || !bytes.Equal(raw, f.value)
	})
}

// Fits reports whether a value of the type t has all fields of the match.
func (m Match) Fits(t reflect.Type, v any) bool {
	all, err := m.fields(t)
	return err == nil && fits(all, v)
}
