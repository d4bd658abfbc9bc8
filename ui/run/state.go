package run

import (
	"encoding/json"

	"weft/flow"
)

type stateKey struct {
	of  *Workflow
	key string
}

// A history is all changes of one key of a workflow's state. Values are computed on demand: from
// the nearest earlier value that is still cached, by applying the patches since.
type history struct {
	at     []int                   // positions of the patches
	marks  map[int]json.RawMessage // values by the number of patches applied, at each multiple of markInterval
	recent [2]known                // the two values computed last: those before and after a change
}

// A known is a cached value after a number of patches.
type known struct {
	patches int
	value   json.RawMessage
}

// A changed identifies one change of a key, among those that an execution made.
type changed struct {
	at int
	of *history
}

// markInterval is how many patches lie between two values that are kept for good.
const markInterval = 128

func (r *Run) change(w *Workflow, rec flow.Record, at int) {
	k := stateKey{w, rec.Type}
	h := r.states[k]
	if h == nil {
		h = &history{marks: map[int]json.RawMessage{}}
		r.states[k] = h
		r.stateKeys = append(r.stateKeys, k)
	}
	h.at = append(h.at, at)
	if e := r.execs[rec.Execution]; e != nil {
		e.states = append(e.states, changed{at, h})
	}
}

// value returns the value after the first n patches; a patch that does not fit is skipped. The
// value is shared and must not be changed.
func (h *history) value(r *Run, n int) json.RawMessage {
	from, val := 0, json.RawMessage("null")
	if m := n / markInterval * markInterval; h.marks[m] != nil {
		from, val = m, h.marks[m]
	}
	for _, k := range h.recent {
		if k.patches <= n && k.patches > from {
			from, val = k.patches, k.value
		}
	}
	for i := from; i < n; i++ {
		var patch json.RawMessage
		r.decode(h.at[i], &patch)
		if next, err := flow.ApplyPatch(val, patch); err == nil {
			val = next
		}
		if (i+1)%markInterval == 0 {
			h.marks[i+1] = val
		}
	}
	if h.recent[0].patches != n && h.recent[1].patches != n {
		h.recent = [2]known{{n, val}, h.recent[0]}
	}
	return val
}

// A Value is one key of a workflow's state at a moment.
type Value struct {
	Key     string
	Was     json.RawMessage // before the change, null if it is new
	Is      json.RawMessage
	Changed int // position of the last change
}

// State returns the state of a workflow, in the order in which its keys were first set.
func (w *Workflow) State(v View) []Value {
	var vs []Value
	for _, k := range v.r.stateKeys {
		h := v.r.states[k]
		if k.of != w || h.at[0] > v.n {
			continue
		}
		n := upTo(h.at, v.n, position)
		vs = append(vs, Value{k.key, h.value(v.r, n-1), h.value(v.r, n), h.at[n-1]})
	}
	return vs
}

// Changes returns the changes that an execution made to the state, each with the value before and
// after.
func (e *Execution) Changes(v View) []Value {
	var vs []Value
	for _, c := range e.states[:upTo(e.states, v.n, func(c changed) int { return c.at })] {
		n := upTo(c.of.at, c.at, position)
		vs = append(vs, Value{v.Record(c.at).Type, c.of.value(v.r, n-1), c.of.value(v.r, n), c.at})
	}
	return vs
}
