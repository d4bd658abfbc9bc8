package explorer

import (
	"maps"
	"slices"
	"strings"
	"sync/atomic"

	"weft/ui/canvas"
)

// debugSettings are the breakpoints and faults for runs that start from now on.
type debugSettings struct {
	breaks breakpoints
	faults map[string]string // by step
}

// faultList returns the names of the steps that have a fault.
func (d *debugSettings) faultList() string {
	return canvas.Line(strings.Join(slices.Sorted(maps.Keys(d.faults)), ", "))
}

// breakpoints holds the names of steps and event types before which runs stop. Runs read it from
// their own goroutines.
type breakpoints struct {
	set atomic.Pointer[map[string]bool] // the map is replaced and never changed
}

// stop reports whether a run stops before an execution.
func (b *breakpoints) stop(step, event string) bool {
	set := b.set.Load()
	return set != nil && ((*set)["step "+step] || (*set)["type "+event])
}

func (b *breakpoints) has(key string) bool {
	set := b.set.Load()
	return set != nil && (*set)[key]
}

// toggle sets or removes a breakpoint, and reports whether it is set now.
func (b *breakpoints) toggle(key string) bool {
	next := map[string]bool{}
	if set := b.set.Load(); set != nil {
		maps.Copy(next, *set)
	}
	if next[key] {
		delete(next, key)
	} else {
		next[key] = true
	}
	b.set.Store(&next)
	return next[key]
}

// lists returns the names of the steps and of the types of event.
func (b *breakpoints) lists() (steps, events []string) {
	steps, events = []string{}, []string{}
	set := b.set.Load()
	if set == nil {
		return steps, events
	}
	for _, k := range slices.Sorted(maps.Keys(*set)) {
		if what, name, _ := strings.Cut(k, " "); what == "step" {
			steps = append(steps, name)
		} else {
			events = append(events, name)
		}
	}
	return steps, events
}

// String lists the steps and types; "" if there are none.
func (b *breakpoints) String() string {
	set := b.set.Load()
	if set == nil {
		return ""
	}
	var names []string
	for _, k := range slices.Sorted(maps.Keys(*set)) {
		_, name, _ := strings.Cut(k, " ")
		names = append(names, canvas.Line(name))
	}
	return strings.Join(names, ", ")
}
