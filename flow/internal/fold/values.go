package fold

// change records a commit to the run's state.
func (x *Execution) change(patch *Patch) {
	st := x.State
	p := st.record(StateChanged, patch)
	p.exec, p.step, p.n = x.ID, int16(x.Step.Index), x.attempt
	_ = st.applyStateChanged(patch) // only a patch from a journal can fail
}

// applyStateChanged returns an error if a patch from a journal does not fit the value.
func (st *State) applyStateChanged(p *Patch) error {
	if st.values == nil {
		st.values = map[string]Value{}
	}
	if p.raw == nil {
		st.values[p.key] = Value{V: p.after}
		return nil
	}
	old, err := st.values[p.key].JSON()
	if err == nil {
		old, err = ApplyJSON(old, p.raw)
	}
	if err == nil {
		st.values[p.key] = Value{Raw: old}
	}
	return err
}

// Value returns the value of a key of the run's state, and whether there is one.
func (st *State) Value(key string) (Value, bool) {
	v, ok := st.values[key]
	return v, ok
}
