package flow

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"

	"weft/flow/internal/fold"
	"weft/flow/internal/schema"
)

// Set stores a value under a key in the run's state, where every step of the run finds it with
// [Get]. It must be a value that JSON can hold, and must not be changed afterwards. It has effect
// at once, also if the attempt fails.
func Set[T any](c *Context, key string, v T) error {
	return c.change(key, func(fold.Value) (any, error) { return v, nil })
}

// Get returns the value that is stored under a key, and whether there is one. It panics if it is of
// another type. The value is shared and must not be changed; to change state use [Set] or [Update].
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

// Update changes the run's value of type S, which begins as its zero value. The function gets a
// clone of it; if it returns nil the clone becomes the value, otherwise nothing has changed.
// Updates come one after the other, so that none is lost, and no reader sees half of one. The
// function must be quick. An Update within an Update is an error.
//
// A change has effect at once, also if the attempt fails. When the step is called again, after a
// failure or a restart, the change is made again: a counter also counts the attempts that failed.
// To count only successes, give them to a [Join] and count there.
//
// S must be a type that JSON can hold; one with a field that is not exported is an error.
//
// The clone is made by S's method Clone() S (of S or *S) if it has one, by assignment if S holds no
// references, and by JSON otherwise.
func Update[S any](c *Context, change func(*S) error) error {
	return c.change(c.state.Workflow.NameOf(reflect.TypeFor[S]()), func(old fold.Value) (any, error) {
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
	v, _ := c.load(c.state.Workflow.NameOf(reflect.TypeFor[S]()))
	s, err := as[S](v)
	if err == nil {
		s, err = clone(s)
	}
	if err != nil {
		panic(fmt.Sprintf("flow: State: %v", err))
	}
	return s
}

// ApplyPatch applies the payload of a StateChanged record to the JSON of the value before it, and
// returns the value after it. The value before the first change of a key is null. A patch that does
// not fit the value is an error.
func ApplyPatch(value, patch json.RawMessage) (json.RawMessage, error) {
	return fold.ApplyJSON(value, patch)
}

// as returns a stored value as a T; the zero value if nothing is stored.
func as[T any](v fold.Value) (t T, err error) {
	if raw := v.Raw; raw != nil {
		if renames := schema.RenamesOf(reflect.TypeFor[T]()); renames != nil {
			raw = renames.Apply(raw)
		}
		err = json.Unmarshal(raw, &t)
		return t, err
	}
	if v.V == nil {
		return t, nil
	}
	t, ok := v.V.(T)
	if !ok {
		return t, fmt.Errorf("the state holds a %T, not a %v", v.V, reflect.TypeFor[T]())
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

func (c *Context) load(key string) (fold.Value, bool) {
	c.run.mu.Lock()
	defer c.run.mu.Unlock()
	return c.state.Value(key)
}

// change replaces the value of a key by the one that f returns. While f runs, the lock of the
// state's changes is held, but not the run's lock.
func (c *Context) change(key string, f func(old fold.Value) (any, error)) error {
	r := c.run
	r.mu.Lock()
	updating, changes := &c.more().updating, &c.state.Host.(*stateHost).changes
	r.mu.Unlock()
	if updating.Load() && inUpdate() {
		return errors.New("flow: an Update within an Update; change everything in one")
	}
	changes.Lock()
	defer changes.Unlock()
	old, _ := c.load(key)
	updating.Store(true)
	v, err := f(old)
	updating.Store(false)
	if err == nil {
		if err = r.c.keepable(v); err != nil {
			err = fmt.Errorf("flow: the state: %w", err)
		}
	}
	if err != nil {
		return err
	}
	r.mu.Lock()
	if !c.counts() {
		r.mu.Unlock()
		r.tooLate("change of the state", c.step)
		return ErrEnded
	}
	defer r.mu.Unlock()
	r.tree.Change(r.now(), c.exec, key, old, v)
	r.execute(false)
	return nil
}

// inUpdate reports whether this goroutine is in an Update. Another goroutine of the step may call
// Update at the same time, and must wait for its turn instead of failing. Only the stack
// distinguishes the two cases.
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

// A keptType says which values of a type the state can hold.
type keptType struct {
	problem error          // why its values do not survive encoding to JSON and decoding
	values  *schema.Values // finds the part of a value that JSON cannot hold; nil: JSON can hold every value
}

// keptType returns what is known about a type.
func (c *core) keptType(t reflect.Type) keptType {
	known, ok := c.kept.Load(t)
	if !ok {
		k := keptType{values: schema.ValuesOf(t)}
		if p := schema.Problems(t, true); len(p) > 0 {
			k.problem = fmt.Errorf("a %v cannot be kept: %s", t, p[0])
		}
		known, _ = c.kept.LoadOrStore(t, k)
	}
	return known.(keptType)
}

// keepable returns why a value would not come back from a journal as it is.
func (c *core) keepable(v any) error {
	t := reflect.TypeOf(v)
	if t == nil {
		return nil
	}
	k := c.keptType(t)
	if k.problem == nil && k.values != nil {
		return k.values.Problem(v)
	}
	return k.problem
}
