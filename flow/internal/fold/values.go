package fold

import "encoding/json"

// change records a commit to the run's state.
func (x *Execution) change(patch *Patch) {
	st := x.State
	p := st.record(StateChanged, patch)
	p.exec, p.step, p.n = x.ID, int16(x.Step.Index), x.attempt
	st.applyStateChanged(patch)
}

func (st *State) applyStateChanged(p *Patch) {
	if st.values == nil {
		st.values = map[string]Value{}
	}
	if p.raw == nil {
		st.values[p.key] = Value{V: p.after}
		return
	}
	old := st.values[p.key]
	if old.Raw == nil && old.V != nil {
		old.Raw, _ = json.Marshal(old.V)
	}
	st.values[p.key] = Value{Raw: mergePatch(old.Raw, p.raw)}
}

// Value returns the value of a key of the run's state, and whether there is one.
func (st *State) Value(key string) (Value, bool) {
	v, ok := st.values[key]
	return v, ok
}
