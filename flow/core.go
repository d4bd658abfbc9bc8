package flow

import (
	"encoding/json"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
)

// A core is a workflow without its type parameters: what the generic functions fill and the engine reads. Steps and types
// are small integers inside the engine, so that nothing on the way of an event looks anything up by name.
type core struct {
	name    string
	cfg     Config
	in, out int // types
	steps   []*step
	types   []*eventType
	byType  map[reflect.Type]int
	byName  map[string]int
	byStep  map[string]int

	build   sync.Once
	built   bool
	checked atomic.Bool
	broken  []Finding     // what Check found
	serial  bool          // no run of it ever has two executions under way, or one that a clock or the world could end
	nothing pending       // what every run begins with
	slots   chan struct{} // one for each run that may be under way; nil without a limit
}

// An eventType is a type of event that the workflow knows.
type eventType struct {
	name    string
	aliases []string
	rt      reflect.Type
	takers  []*step // the steps that get one event of it at a time
	joins   []*step // the joins over it
	awaited bool    // some step may await it
}

type stepKind uint8

const (
	single   stepKind = iota // takes an event, returns one or none
	fanOut                   // takes an event, yields any number
	join                     // takes all events of a fan-out
	collect                  // takes a fixed set of events
	recovery                 // takes a Failure
	nested                   // is a workflow
)

// A step is a node of the graph.
type step struct {
	index    int
	name     string
	aliases  []string
	doc      string
	kind     stepKind
	takes    []int        // types: one, or a collect's set in its declared order
	wants    []want       // a collect's set, by type
	gives    reflect.Type // what the function returns or yields, as declared
	only     int          // the type that it returns, always; -1: one of outs, or none
	outs     []int        // the types that it may return; found when the workflow is built
	sends    []int        // the types that it may send
	awaits   []int        // the types that it may await
	workers  int
	retry    *Policy
	timeout  int64 // nanoseconds
	take     int   // a join's number of events; 0: all
	covers   []string
	budget   int
	scopes   int // fanOut: the type that its join takes; -1: none
	limit    int // fanOut: how many branches may wait before yield does; 0: any number
	recovers *step
	sub      *core

	call func(c *Context, in any) (any, error)
	each func(c *Context, in any, open func(), yield func(any) bool) error
}

// A want is how many events of one type a collect takes, and the first position that they have among what it takes.
type want struct{ pos, n int }

func newCore(name string, in, out reflect.Type, cfg Config) *core {
	if name == "" {
		panic("flow: New: a workflow needs a name")
	}
	c := &core{name: name, cfg: cfg, byType: map[reflect.Type]int{}, byName: map[string]int{}, byStep: map[string]int{}}
	c.in, c.out = c.typeOf(in, "the start event"), c.typeOf(out, "the stop event")
	if cfg.Limit > 0 {
		c.slots = make(chan struct{}, cfg.Limit)
	}
	return c
}

// typeOf returns the number of an event type, adding it if it is new. Only plain named types are events: values that can
// be told apart by their type alone, held by a journal and given back by it.
func (c *core) typeOf(t reflect.Type, role string) int {
	if i, ok := c.byType[t]; ok {
		return i
	}
	if k := t.Kind(); t.Name() == "" || k == reflect.Pointer || k == reflect.Interface || k == reflect.Chan || k == reflect.Func {
		panic(fmt.Sprintf("flow: %s: %s is %v; an event is a value of a named type, such as a struct", c.name, role, t))
	}
	name := typeName(t)
	if j, taken := c.byName[name]; taken {
		panic(fmt.Sprintf("flow: %s: %v and %v are both called %q; give one another name with flow.Name", c.name, c.types[j].rt, t, name))
	}
	i := len(c.types)
	c.types = append(c.types, &eventType{name: name, rt: t})
	c.byType[t], c.byName[name] = i, i
	return i
}

// typeName is the stable name of a type that none was declared for.
func typeName(t reflect.Type) string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if n := t.Name(); n != "" {
		return n
	}
	return t.String()
}

func (c *core) rename(t reflect.Type, name string, aliases []string) {
	c.mustBeOpen("Name", name)
	i, known := c.byType[t]
	if !known {
		i = len(c.types)
		c.types = append(c.types, &eventType{rt: t})
		c.byType[t] = i
	} else {
		delete(c.byName, c.types[i].name)
	}
	for _, n := range append([]string{name}, aliases...) {
		if j, taken := c.byName[n]; taken {
			panic(fmt.Sprintf("flow: %s: Name: %q is the name of %v already", c.name, n, c.types[j].rt))
		}
		c.byName[n] = i
	}
	c.types[i].name, c.types[i].aliases = name, aliases
}

func (c *core) mustBeOpen(what, name string) {
	if c.built {
		panic(fmt.Sprintf("flow: %s: %s %q comes after the first run or check; build the workflow before", c.name, what, name))
	}
}

// add appends a step and applies its options.
func (c *core) add(s *step, opts []Option) *step {
	c.mustBeOpen("step", s.name)
	if s.name == "" {
		panic("flow: " + c.name + ": a step needs a name")
	}
	if _, dup := c.byStep[s.name]; dup {
		panic(fmt.Sprintf("flow: %s: step %q added twice", c.name, s.name))
	}
	s.workers, s.scopes, s.index = 4, -1, len(c.steps)
	for _, o := range opts {
		o.apply(c, s)
	}
	c.steps = append(c.steps, s)
	c.byStep[s.name] = s.index
	for _, a := range s.aliases {
		if _, dup := c.byStep[a]; dup {
			panic(fmt.Sprintf("flow: %s: step %q: the former name %q is another step's", c.name, s.name, a))
		}
		c.byStep[a] = s.index
	}
	return s
}

// typeIndex returns the number of the type of a value that a step gave, -1 if the workflow does not know it.
func (c *core) typeIndex(v any, likely []int) int {
	t := reflect.TypeOf(v)
	for _, i := range likely {
		if c.types[i].rt == t {
			return i
		}
	}
	if i, ok := c.byType[t]; ok {
		return i
	}
	return -1
}

// decode reads a value of a known type from JSON.
func (c *core) decode(typ int, raw json.RawMessage) (any, error) {
	v := reflect.New(c.types[typ].rt)
	if err := json.Unmarshal(raw, v.Interface()); err != nil {
		return nil, fmt.Errorf("flow: %s: event %s: %w", c.name, c.types[typ].name, err)
	}
	return v.Elem().Interface(), nil
}

// deref turns a pointer into the value it points to, and a nil one into nil.
func deref(v any) any {
	if t := reflect.TypeOf(v); t == nil || t.Kind() != reflect.Pointer {
		return v
	}
	p := reflect.ValueOf(v)
	if p.IsNil() {
		return nil
	}
	return p.Elem().Interface()
}
