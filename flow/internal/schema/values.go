package schema

import (
	"fmt"
	"math"
	"reflect"
)

// A Values finds the parts of values of one type that JSON cannot hold: numbers that are not
// finite, and values in fields of type any that are decoded as another type.
type Values struct {
	typ    reflect.Type
	writes bool    // the values are only encoded: what an any is decoded as does not matter
	elem   *Values // of what a pointer, slice, array or map holds
	// Of a struct, the fields that have to be looked at.
	fields []int
	finds  []*Values
}

// ValuesOf returns the check for values of a type; nil: JSON can hold all of them.
func ValuesOf(t reflect.Type) *Values { return compile(t, false, map[reflect.Type]*Values{}) }

// WritableOf is ValuesOf for values that are encoded and never decoded as their type, such as what
// is shown to readers. Types that JSON cannot encode at all are found too.
func WritableOf(t reflect.Type) *Values { return compile(t, true, map[reflect.Type]*Values{}) }

func compile(t reflect.Type, writes bool, known map[reflect.Type]*Values) *Values {
	if f, ok := known[t]; ok {
		return f
	}
	if !depends(t, writes, map[reflect.Type]bool{}) {
		return nil
	}
	f := &Values{typ: t, writes: writes}
	known[t] = f
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		f.elem = compile(t.Elem(), writes, known)
	case reflect.Struct:
		for i := range t.NumField() {
			if writes && !isWritten(t.Field(i)) {
				continue
			}
			if find := compile(t.Field(i).Type, writes, known); find != nil {
				f.fields, f.finds = append(f.fields, i), append(f.finds, find)
			}
		}
	}
	return f
}

// isWritten reports whether JSON has a field.
func isWritten(f reflect.StructField) bool {
	return (f.IsExported() || f.Anonymous) && f.Tag.Get("json") != "-"
}

func depends(t reflect.Type, writes bool, seen map[reflect.Type]bool) bool {
	if seen[t] || isCustom(t) {
		return false
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Float32, reflect.Float64, reflect.Interface:
		return true
	case reflect.Chan, reflect.Func, reflect.UnsafePointer, reflect.Complex64, reflect.Complex128:
		return writes
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return depends(t.Elem(), writes, seen)
	case reflect.Struct:
		for i := range t.NumField() {
			if (!writes || isWritten(t.Field(i))) && depends(t.Field(i).Type, writes, seen) {
				return true
			}
		}
	}
	return false
}

// Problem returns an error that names the first part of a value that JSON cannot hold; nil if there
// is none.
func (f *Values) Problem(v any) error {
	path, what := f.find(reflect.ValueOf(v), 0)
	switch {
	case what == "":
		return nil
	case path == "":
		return fmt.Errorf("%T is %s", v, what)
	}
	return fmt.Errorf("field %s of %T is %s", path, v, what)
}

// maxDepth is how deep a value may be nested. Package encoding/json takes one that is deeper for a
// value that contains itself.
const maxDepth = 1000

// find returns the path to the first part of a value that JSON cannot hold, and what it is.
func (f *Values) find(v reflect.Value, depth int) (path, what string) {
	if depth++; depth > maxDepth {
		return "", "a value that contains itself, which JSON cannot hold"
	}
	switch v.Kind() {
	case reflect.Chan, reflect.Func, reflect.UnsafePointer, reflect.Complex64, reflect.Complex128:
		return "", fmt.Sprintf("a %v, which JSON cannot hold", v.Kind())
	case reflect.Float32, reflect.Float64:
		if x := v.Float(); math.IsNaN(x) || math.IsInf(x, 0) {
			return "", fmt.Sprintf("%v, which JSON cannot hold", x)
		}
	case reflect.Interface:
		switch {
		case v.IsNil():
		case !f.writes:
			return natural(v.Elem(), depth)
		default:
			if elem := WritableOf(v.Elem().Type()); elem != nil {
				return elem.find(v.Elem(), depth)
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			return f.elem.find(v.Elem(), depth)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if rest, what := f.elem.find(v.Index(i), depth); what != "" {
				return join(fmt.Sprintf("[%d]", i), rest), what
			}
		}
	case reflect.Map:
		for k, e := range v.Seq2() {
			if rest, what := f.elem.find(e, depth); what != "" {
				return join(fmt.Sprintf("[%v]", k), rest), what
			}
		}
	case reflect.Struct:
		for n, i := range f.fields {
			if rest, what := f.finds[n].find(v.Field(i), depth); what != "" {
				return join(f.typ.Field(i).Name, rest), what
			}
		}
	}
	return "", ""
}

// natural is find for a value in a field of type any. Decoding JSON into an any gives a bool, a
// string, a float64, a []any or a map[string]any; other types are a problem.
func natural(v reflect.Value, depth int) (path, what string) {
	switch t := v.Type(); t {
	case reflect.TypeFor[bool](), reflect.TypeFor[string]():
		return "", ""
	case reflect.TypeFor[float64](), reflect.TypeFor[[]any](), reflect.TypeFor[map[string]any]():
		return ValuesOf(t).find(v, depth)
	default:
		return "", fmt.Sprintf("of type %v, which JSON gives back from an any as another type", t)
	}
}

// join returns the path of a part, with the name of the field that holds it in front.
func join(name, rest string) string {
	if rest == "" || rest[0] == '[' {
		return name + rest
	}
	return name + "." + rest
}
