package schema

import (
	"encoding/json"
	"reflect"
)

// A Renames changes the former names of fields, in JSON that an earlier program wrote, to the
// present ones.
type Renames struct {
	kind   reflect.Kind
	elem   *Renames            // of what a pointer, slice, array or map holds
	former map[string]string   // of a struct: the present name by the former
	fields map[string]*Renames // by present name, those that have renames within
}

// RenamesOf returns the renames of a type, as the tags flow:"formerly=OLDNAME" of its fields say;
// nil: there are none.
func RenamesOf(t reflect.Type) *Renames { return renamesOf(t, nil) }

func renamesOf(t reflect.Type, around []reflect.Type) *Renames {
	if isCustom(t) || contains(around, t) {
		return nil
	}
	around = append(around[:len(around):len(around)], t)
	switch t.Kind() {
	case reflect.Pointer:
		return renamesOf(t.Elem(), around)
	case reflect.Slice, reflect.Array, reflect.Map:
		if elem := renamesOf(t.Elem(), around); elem != nil {
			return &Renames{kind: t.Kind(), elem: elem}
		}
	case reflect.Struct:
		r := &Renames{kind: reflect.Struct, former: map[string]string{}, fields: map[string]*Renames{}}
		for _, f := range fieldsOf(t) {
			for _, old := range f.former {
				r.former[old] = f.name
			}
			if within := renamesOf(f.typ, around); within != nil {
				r.fields[f.name] = within
			}
		}
		if len(r.former)+len(r.fields) > 0 {
			return r
		}
	}
	return nil
}

// Apply returns JSON with the present names. JSON of another form is returned unchanged, so that
// decoding it reports the error.
func (r *Renames) Apply(raw json.RawMessage) json.RawMessage {
	switch r.kind {
	case reflect.Struct:
		return r.object(raw)
	case reflect.Map:
		return r.eachOf(raw, func(all map[string]json.RawMessage) {
			for k, v := range all {
				all[k] = r.elem.Apply(v)
			}
		})
	}
	var all []json.RawMessage
	if json.Unmarshal(raw, &all) != nil || all == nil {
		return raw
	}
	for i, v := range all {
		all[i] = r.elem.Apply(v)
	}
	return marshal(all, raw)
}

func (r *Renames) object(raw json.RawMessage) json.RawMessage {
	return r.eachOf(raw, func(all map[string]json.RawMessage) {
		for old, name := range r.former {
			if v, ok := all[old]; ok {
				if _, there := all[name]; !there {
					all[name] = v
				}
				delete(all, old)
			}
		}
		for name, within := range r.fields {
			if v, ok := all[name]; ok {
				all[name] = within.Apply(v)
			}
		}
	})
}

func (r *Renames) eachOf(raw json.RawMessage, change func(map[string]json.RawMessage)) json.RawMessage {
	var all map[string]json.RawMessage
	if json.Unmarshal(raw, &all) != nil || all == nil {
		return raw
	}
	change(all)
	return marshal(all, raw)
}

func marshal(v any, otherwise json.RawMessage) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		return otherwise
	}
	return b
}
