package flow

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
)

// Set stores a value under a key in the run's state, where every step of the run finds it with [Get]. It must be one that
// JSON can hold, and must not be changed afterwards. It has effect at once, also if the attempt fails.
func Set[T any](c *Context, key string, v T) error {
	return c.change(key, func(value) (any, error) { return v, nil })
}

// Get returns the value that is stored under a key, and whether there is one. It panics if it is of another type. What it
// returns is shared and must not be changed; to change state use [Set] or [Update].
func Get[T any](c *Context, key string) (T, bool) {
	v, ok := c.load(key)
	if !ok {
		var none T
		return none, false
	}
	t, err := as[T](v)
	if err != nil {
		panic(fmt.Sprintf("flow: Get %q: %v", key, err))
	}
	return t, true
}

// Update changes the run's value of type S, which begins as its zero value. The function gets a clone of it; if it returns
// nil the clone becomes the value, otherwise nothing has changed. Updates come one after the other, so that none is lost,
// and nobody sees half of one. The function must be quick. An Update within an Update is an error.
//
// The clone is made by S's method Clone() S (of S or *S) if it has one, by assignment if S holds no references, and by
// JSON otherwise.
func Update[S any](c *Context, change func(*S) error) error {
	return c.change(c.st.c.stateKey(reflect.TypeFor[S]()), func(old value) (any, error) {
		s, err := as[S](old)
		if err == nil {
			s, err = clone(s)
		}
		if err == nil {
			err = change(&s)
		}
		return s, err
	})
}

// State returns a clone of the run's value of type S; its zero value if no [Update] has changed it.
func State[S any](c *Context) S {
	v, _ := c.load(c.st.c.stateKey(reflect.TypeFor[S]()))
	s, err := as[S](v)
	if err == nil {
		s, err = clone(s)
	}
	if err != nil {
		panic(fmt.Sprintf("flow: State: %v", err))
	}
	return s
}

func (c *core) stateKey(t reflect.Type) string {
	if i, ok := c.byType[t]; ok {
		return c.types[i].name
	}
	return typeName(t)
}

// as returns a stored value as a T; the zero value if nothing is stored.
func as[T any](v value) (t T, err error) {
	if v.raw != nil {
		err = json.Unmarshal(v.raw, &t)
		return t, err
	}
	if v.v == nil {
		return t, nil
	}
	t, ok := v.v.(T)
	if !ok {
		return t, fmt.Errorf("the state holds a %T, not a %v", v.v, reflect.TypeFor[T]())
	}
	return t, nil
}

// clone returns a copy that shares nothing.
func clone[S any](s S) (S, error) {
	if c, ok := any(s).(interface{ Clone() S }); ok {
		return c.Clone(), nil
	}
	if c, ok := any(&s).(interface{ Clone() S }); ok {
		return c.Clone(), nil
	}
	if plain(reflect.TypeFor[S]()) {
		return s, nil
	}
	var to S
	b, err := json.Marshal(s)
	if err == nil {
		err = json.Unmarshal(b, &to)
	}
	if err != nil {
		err = fmt.Errorf("flow: a clone of %T by JSON: %w", s, err)
	}
	return to, err
}

// plain reports whether assigning a value copies all of it.
func plain(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			if !plain(t.Field(i).Type) {
				return false
			}
		}
		return true
	case reflect.Array:
		return plain(t.Elem())
	case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Interface, reflect.Func, reflect.Chan, reflect.UnsafePointer:
		return false
	}
	return true
}

func (c *Context) load(key string) (value, bool) {
	c.run().mu.Lock()
	defer c.run().mu.Unlock()
	v, ok := c.st.values[key]
	return v, ok
}

// change replaces a value. The run's lock is not held while the function works on it, but the state's is.
func (c *Context) change(key string, f func(old value) (any, error)) error {
	r, st := c.run(), c.st
	r.mu.Lock()
	updating := &c.more().updating
	r.mu.Unlock()
	if updating.Load() && inUpdate() {
		return errors.New("flow: an Update within an Update; change everything in one")
	}
	st.writing.Lock()
	defer st.writing.Unlock()
	old, _ := c.load(key)
	updating.Store(true)
	v, err := f(old)
	updating.Store(false)
	if err != nil {
		return err
	}
	r.mu.Lock()
	if c.x.ctx != c {
		r.mu.Unlock()
		r.tooLate("change of the state", c.s)
		return ErrEnded
	}
	defer r.mu.Unlock()
	r.apply(&tick{do: changed, st: st, x: c.x, ev: outEvent{payload: &patch{key: key, before: old, after: v}}})
	r.obey(false)
	return nil
}

// inUpdate reports whether this goroutine is in an Update. Another goroutine of the step may well call Update meanwhile and
// waits for its turn; which of the two it is, only the stack tells.
func inUpdate() bool {
	pcs := make([]uintptr, 256)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	for {
		f, more := frames.Next()
		if strings.HasSuffix(f.Function, "flow.(*Context).change") {
			return true
		}
		if !more {
			return false
		}
	}
}

// A patch is the payload of a StateChanged record. Its JSON is a merge patch (RFC 7386) from the value before to the value
// after; it is made when somebody asks for it.
type patch struct {
	key    string
	before value
	after  any
	raw    json.RawMessage // as it came from a journal, instead of after
}

// MarshalJSON returns the merge patch.
func (p *patch) MarshalJSON() ([]byte, error) {
	if p.raw != nil {
		return p.raw, nil
	}
	before := p.before.raw
	if before == nil {
		b, err := json.Marshal(p.before.v)
		if err != nil {
			return nil, err
		}
		before = b
	}
	after, err := json.Marshal(p.after)
	if err != nil {
		return nil, err
	}
	return diff(before, after)
}

// commit applies a StateChanged record.
func (st *state) commit(r *rec) {
	p := r.payload.(*patch)
	if st.values == nil {
		st.values = map[string]value{}
	}
	if p.raw == nil {
		st.values[p.key] = value{v: p.after}
		return
	}
	old := st.values[p.key]
	if old.raw == nil && old.v != nil {
		old.raw, _ = json.Marshal(old.v)
	}
	st.values[p.key] = value{raw: merge(old.raw, p.raw)}
}

// diff returns the merge patch that makes after of before.
func diff(before, after json.RawMessage) (json.RawMessage, error) {
	var b, a map[string]json.RawMessage
	if json.Unmarshal(after, &a) != nil || a == nil {
		return after, nil
	}
	if json.Unmarshal(before, &b) != nil || b == nil {
		return after, nil
	}
	out := map[string]json.RawMessage{}
	for k := range b {
		if _, ok := a[k]; !ok {
			out[k] = json.RawMessage("null")
		}
	}
	for k, v := range a {
		old, ok := b[k]
		if ok && string(old) == string(v) {
			continue
		}
		if !ok {
			old = json.RawMessage("null")
		}
		d, err := diff(old, v)
		if err != nil {
			return nil, err
		}
		out[k] = d
	}
	return json.Marshal(out)
}

// merge applies a merge patch.
func merge(to, p json.RawMessage) json.RawMessage {
	var changes map[string]json.RawMessage
	if json.Unmarshal(p, &changes) != nil || changes == nil {
		return p
	}
	var doc map[string]json.RawMessage
	if json.Unmarshal(to, &doc) != nil || doc == nil {
		doc = map[string]json.RawMessage{}
	}
	for k, v := range changes {
		if string(v) == "null" {
			delete(doc, k)
		} else {
			doc[k] = merge(doc[k], v)
		}
	}
	out, err := json.Marshal(doc)
	if err != nil {
		return p
	}
	return out
}
