package schema

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Describe returns the fields of a type by their paths in JSON, with the type of each: "" is the
// type itself, "hits[].score" a field of the elements of a list, "by{}" the elements of a map.
func Describe(t reflect.Type) map[string]string {
	fields := map[string]string{}
	for _, d := range describe(nil, t, "", []string{""}, nil) {
		fields[d.path] = d.typ
	}
	return fields
}

// A described is one entry of a description.
type described struct {
	path     string
	formerly []string // the same path with former names, and path itself
	typ      string
	required bool
}

func describe(all []described, t reflect.Type, path string, formerly []string, around []reflect.Type) []described {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	d := described{path: path, formerly: formerly, typ: t.Kind().String()}
	if contains(around, t) {
		d.typ = "recursive " + t.String()
		return append(all, d)
	}
	around = append(slices.Clip(around), t)
	switch k := t.Kind(); {
	case isCustom(t):
		d.typ = t.String()
	case k == reflect.Struct:
		d.typ = "object"
		all = append(all, d)
		for _, f := range fieldsOf(t) {
			if f.hidden != "" {
				continue
			}
			var old []string
			for _, before := range formerly {
				for _, name := range append([]string{f.name}, f.former...) {
					old = append(old, fieldPath(before, name))
				}
			}
			at := len(all)
			all = describe(all, f.typ, fieldPath(path, f.name), old, around)
			all[at].required = f.required
		}
		return all
	case k == reflect.Slice || k == reflect.Array:
		d.typ = "list"
		return describe(append(all, d), t.Elem(), path+"[]", suffixed(formerly, "[]"), around)
	case k == reflect.Map:
		d.typ = "map"
		return describe(append(all, d), t.Elem(), path+"{}", suffixed(formerly, "{}"), around)
	case k == reflect.Interface:
		d.typ = "any"
	}
	return append(all, d)
}

func fieldPath(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func suffixed(paths []string, suffix string) []string {
	out := make([]string, len(paths))
	for i, p := range paths {
		out[i] = p + suffix
	}
	return out
}

// Differences returns, in words, the differences between a type and an earlier description of it
// that keep old values from being decoded. A renamed field does not count as a difference if it has
// the tag flow:"formerly=OLDNAME", nor does a new field unless it has the tag flow:"required".
func Differences(was map[string]string, t reflect.Type) (found []string) {
	now := map[string]described{}
	left := map[string]bool{}
	for _, d := range describe(nil, t, "", []string{""}, nil) {
		left[d.path] = true
		for _, path := range d.formerly {
			if _, taken := now[path]; !taken {
				now[path] = d
			}
		}
	}
	gone := ""
	for _, path := range slices.Sorted(keys(was)) {
		if gone != "" && strings.HasPrefix(path, gone) {
			continue // its fields are gone too; the outermost is enough
		}
		gone = ""
		d, ok := now[path]
		switch {
		case !ok:
			found, gone = append(found, fmt.Sprintf("%s is gone", named(path))), path
		case !fits(was[path], d.typ):
			found, gone = append(found, fmt.Sprintf("%s was %s and is %s", named(path), was[path], d.typ)), path
			delete(left, d.path)
		default:
			delete(left, d.path)
		}
	}
	for _, d := range describe(nil, t, "", []string{""}, nil) {
		if left[d.path] && d.required {
			found = append(found, fmt.Sprintf("%s is new and has no usable zero value", named(d.path)))
		}
	}
	return found
}

func keys(m map[string]string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func named(path string) string {
	if path == "" {
		return "the type"
	}
	return "field " + path
}

// fits reports whether JSON of one type can be decoded as another: as the same type, or as a wider
// type of number.
func fits(was, is string) bool {
	if was == is {
		return true
	}
	for _, family := range [][]string{
		{"int8", "int16", "int32", "int", "int64"}, {"uint8", "uint16", "uint32", "uint", "uint64"}, {"float32", "float64"},
	} {
		a, b := slices.Index(family, was), slices.Index(family, is)
		if a >= 0 && b >= 0 {
			return cmp.Compare(a, b) <= 0
		}
	}
	return false
}
