package flow

import (
	"fmt"
	"strings"
)

// A RunOption sets something for one run.
type RunOption func(*run)

// ID gives a run its identifier; the default is a random one. It must be unique among the runs whose journals are kept
// together, and without a "/".
func ID(id string) RunOption {
	if strings.Contains(id, "/") {
		panic(fmt.Sprintf("flow: ID %q: a run's identifier has no slash; it tells sub-workflows apart", id))
	}
	return func(r *run) { r.id = id }
}

// Replace edits an event of the records that a run is forked from: the event with this number becomes ev, which must be of
// the same type.
func Replace(event uint64, ev any) RunOption {
	return func(r *run) {
		if r.edits == nil {
			r.edits = map[uint64]any{}
		}
		r.edits[event] = ev
	}
}

// Break sets a run's breakpoints before it starts, as [Run.Break] does while it goes on.
func Break(stop func(step, event string) bool) RunOption {
	return func(r *run) { r.t.breaks = stop }
}
