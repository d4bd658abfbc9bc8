package fold

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"time"

	"weft/flow/internal/schema"
)

// A Workflow is what the fold knows of a workflow: its steps and the types of their events. Both
// are small integers inside of the fold, so that nothing on an event's way is looked up by name.
// Add steps, then call Resolve once; from then on a Workflow does not change.
type Workflow struct {
	Name        string
	Description string
	Timeout     time.Duration // of a run; 0: none
	Deadline    error         // wrapped by every TimeoutError: context.DeadlineExceeded

	In, Out int // the types of the start and of the stop event
	Steps   []*Step
	Types   []*EventType

	// Serial reports that a run never has two executions under way at once, and that neither a
	// clock nor an event from outside can end one. It is set by Resolve.
	Serial bool

	// External says that a step takes events from outside, so that a run of which nothing is under
	// way waits for them. It is set by Resolve.
	External bool

	cleanup  []*Step // the clean-up steps
	byType   map[reflect.Type]int
	byName   map[string]int
	byStep   map[string]int
	resolved bool
	findings []Finding
	errors   errorKinds
}

// An EventType is a type of event that the workflow knows.
type EventType struct {
	Name     string
	Go       reflect.Type
	Takers   []*Step // the steps that get one event of it at a time
	Joins    []*Step // the joins over it
	Awaited  bool    // some step may await it
	External bool    // no step gives it: it comes from outside

	Values  *schema.Values  // finds the part of a value that JSON cannot hold; nil: JSON can hold every value
	Renames *schema.Renames // the former names of its fields; nil: there are none
}

// A StepKind says what a step takes and gives.
type StepKind uint8

// The kinds of step.
const (
	SingleStep   StepKind = iota // takes an event, returns one or none
	FanOutStep                   // takes an event, yields any number
	JoinStep                     // takes all events of a fan-out
	CollectStep                  // takes a fixed set of events
	RecoveryStep                 // takes a Failure
	NestedStep                   // is a workflow
	CleanupStep                  // takes an Ending, before the run ends
)

var stepKindNames = [...]string{
	SingleStep: "step", FanOutStep: "each", JoinStep: "join", CollectStep: "collect",
	RecoveryStep: "recover", NestedStep: "workflow", CleanupStep: "finally",
}

// MaxWorkers is how many workers records can number.
const MaxWorkers = 1<<15 - 1

// A Step is a node of the graph. The second group of fields is set by Resolve.
type Step struct {
	Index   int // in Workflow.Steps; set by Add
	Name    string
	Aliases []string // former names
	Doc     string
	Kind    StepKind
	Takes   []int        // types: one, or a collect's set in its declared order
	Gives   reflect.Type // what the function returns or yields, as declared
	Sends   []int        // the types that it may send
	Awaits  []int        // the types that it may await

	External []int // the types that it takes and that come from outside
	Workers  int
	Retry    *Policy
	Timeout  time.Duration // of an attempt; 0: none
	Take     int           // a join's number of events; 0: all
	Covers   []string      // for recovery: the steps that it covers; none: all
	Budget   int           // for recovery: how often in one lineage
	Sub      *Workflow     // for nested
	Body     any           // the function that the runtime calls; the fold does not use it

	Outs        []int          // the types that it may return
	OutTypes    []reflect.Type // the same, as Go knows them
	OutValues   bool           // some of them have Values
	Only        int            // the type that it always returns; -1: one of Outs, or none
	Limit       int            // fan-out: how many branches may wait before a yield blocks; 0: any number
	joinType    int            // fan-out: the type that its join takes; -1: none
	recoveredBy *Step
	needs       []need // a collect's set, by type
}

// A need is how many events of one type a collect takes, and the first position of that type among
// what it takes.
type need struct{ position, n int }

// NewWorkflow returns an empty workflow with its start and stop event.
func NewWorkflow(name string, in, out reflect.Type) *Workflow {
	if name == "" {
		panic("flow: New: a workflow needs a name")
	}
	w := &Workflow{
		Name: name, byType: map[reflect.Type]int{}, byName: map[string]int{}, byStep: map[string]int{},
	}
	w.In, w.Out = w.TypeOf(in, "the start event"), w.TypeOf(out, "the stop event")
	w.registerOwn()
	return w
}

// TypeOf returns the number of an event type, and adds it if it is new. Only plain named types are
// events: values that are distinguished by their type alone and that a journal can hold. TypeOf
// panics for other types; role says, for the message, where the type is used.
func (w *Workflow) TypeOf(t reflect.Type, role string) int {
	if i, ok := w.byType[t]; ok {
		return i
	}
	switch k := t.Kind(); {
	case t.Name() == "", k == reflect.Pointer, k == reflect.Interface, k == reflect.Chan, k == reflect.Func:
		panic(fmt.Sprintf("flow: %s: %s is %v; an event is a value of a named type, such as a struct", w.Name, role, t))
	}
	name := typeName(t)
	if j, taken := w.byName[name]; taken {
		panic(fmt.Sprintf("flow: %s: %v and %v are both called %q; give one another name with flow.Name", w.Name, w.Types[j].Go, t, name))
	}
	i := len(w.Types)
	w.Types = append(w.Types, &EventType{Name: name, Go: t})
	w.byType[t], w.byName[name] = i, i
	return i
}

// typeName is the stable name of a type for which none was declared.
func typeName(t reflect.Type) string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if n := t.Name(); n != "" {
		return n
	}
	return t.String()
}

// NameOf returns the stable name of a type for which no workflow has declared one.
func NameOf(t reflect.Type) string { return typeName(t) }

// Rename declares the stable name of an event type, and its former names.
func (w *Workflow) Rename(t reflect.Type, name string, former []string) {
	w.mustBeOpen("Name", name)
	i, known := w.byType[t]
	if !known {
		i = len(w.Types)
		w.Types = append(w.Types, &EventType{Go: t})
		w.byType[t] = i
	} else {
		delete(w.byName, w.Types[i].Name)
	}
	for _, n := range append([]string{name}, former...) {
		if j, taken := w.byName[n]; taken {
			panic(fmt.Sprintf("flow: %s: Name: %q is the name of %v already", w.Name, n, w.Types[j].Go))
		}
		w.byName[n] = i
	}
	w.Types[i].Name = name
}

func (w *Workflow) mustBeOpen(what, name string) {
	if w.resolved {
		panic(fmt.Sprintf("flow: %s: %s %q comes after the first run or check; build the workflow before", w.Name, what, name))
	}
}

// Returns registers the type that a step returns, if that is a concrete type.
func (w *Workflow) Returns(t reflect.Type, step string) {
	switch {
	case t.Kind() == reflect.Interface && t.NumMethod() == 0:
		panic(fmt.Sprintf("flow: %s: step %q returns %v, which says nothing about its events; declare an interface that only they implement", w.Name, step, t))
	case t.Kind() == reflect.Interface:
	case t.Kind() == reflect.Pointer:
		w.TypeOf(t.Elem(), "what step "+step+" gives")
	default:
		w.TypeOf(t, "what step "+step+" gives")
	}
}

// Add appends a step with 4 workers, which configure may change.
func (w *Workflow) Add(s *Step, configure func(*Step)) *Step {
	w.mustBeOpen("step", s.Name)
	if s.Name == "" {
		panic("flow: " + w.Name + ": a step needs a name")
	}
	if _, dup := w.byStep[s.Name]; dup {
		panic(fmt.Sprintf("flow: %s: step %q added twice", w.Name, s.Name))
	}
	s.Workers, s.joinType, s.Index = 4, -1, len(w.Steps)
	if configure != nil {
		configure(s)
	}
	if s.Kind == CollectStep {
		s.needs = needsOf(s.Takes)
	}
	w.Steps = append(w.Steps, s)
	w.byStep[s.Name] = s.Index
	for _, a := range s.Aliases {
		if _, dup := w.byStep[a]; dup {
			panic(fmt.Sprintf("flow: %s: step %q: the former name %q is another step's", w.Name, s.Name, a))
		}
		w.byStep[a] = s.Index
	}
	return s
}

// needsOf counts the events of each type among what a collect takes.
func needsOf(takes []int) (needs []need) {
	for i, typ := range takes {
		if first := slices.Index(takes, typ); first == i {
			needs = append(needs, need{i, 1})
		} else {
			needs[slices.IndexFunc(needs, func(n need) bool { return n.position == first })].n++
		}
	}
	return needs
}

// typeIndex returns the number of a value's type, -1 if the workflow does not know it.
func (w *Workflow) typeIndex(v any) int { return w.IndexOf(reflect.TypeOf(v)) }

// IndexOf returns the number of a type, -1 if the workflow does not know it.
func (w *Workflow) IndexOf(t reflect.Type) int {
	if i, ok := w.byType[t]; ok {
		return i
	}
	return -1
}

// TypeNamed returns the number of the type with a stable name, present or former; -1: there is
// none.
func (w *Workflow) TypeNamed(name string) int {
	if i, ok := w.byName[name]; ok {
		return i
	}
	return -1
}

// stepNamed returns the step with a name, present or former; nil: there is none.
func (w *Workflow) stepNamed(name string) *Step {
	if i, ok := w.byStep[name]; ok {
		return w.Steps[i]
	}
	return nil
}

// NameOf returns the stable name of a type, whether the workflow knows it or not.
func (w *Workflow) NameOf(t reflect.Type) string {
	if i, ok := w.byType[t]; ok {
		return w.Types[i].Name
	}
	return typeName(t)
}

// names returns the stable names of types.
func (w *Workflow) names(types []int) []string {
	out := []string{}
	for _, t := range types {
		out = append(out, w.Types[t].Name)
	}
	return out
}

// stepName returns the name of a step by its number, "" for a negative one.
func (w *Workflow) stepName(i int16) string {
	if i < 0 {
		return ""
	}
	return w.Steps[i].Name
}

// Decode reads a value of a known type from JSON.
func (w *Workflow) Decode(typ int, raw json.RawMessage) (any, error) {
	v := reflect.New(w.Types[typ].Go)
	if renames := w.Types[typ].Renames; renames != nil {
		raw = renames.Apply(raw)
	}
	if err := json.Unmarshal(raw, v.Interface()); err != nil {
		return nil, fmt.Errorf("flow: %s: event %s: %w", w.Name, w.Types[typ].Name, err)
	}
	switch x := v.Interface().(type) {
	case *Failure:
		if err := w.complete(x); err != nil {
			return nil, err
		}
	case *Ending:
		w.completeEnding(x)
	}
	return v.Elem().Interface(), nil
}

// Within returns the workflow and all that it has as steps, directly or further inside.
func (w *Workflow) Within() []*Workflow { return w.within(nil) }

func (w *Workflow) within(seen []*Workflow) []*Workflow {
	if slices.Contains(seen, w) {
		return seen
	}
	seen = append(seen, w)
	for _, s := range w.Steps {
		if s.Kind == NestedStep {
			seen = s.Sub.within(seen)
		}
	}
	return seen
}

// Advice asks a step's policy about the error of an attempt.
func (s *Step) Advice(err error, attempt int) Advice { return s.Retry.advise(err, int32(attempt)) }
