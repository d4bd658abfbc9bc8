package fold

// record appends a record of the state's run to the log, and returns it to be filled.
func (st *State) record(kind Kind, value any) *packedRecord {
	if st.nested != nil {
		value = &detached{value: value, run: st.nested}
	}
	return st.tree.append(kind, value)
}

// recordDue is record for a record with a due time; due is 0 if it has none.
func (st *State) recordDue(kind Kind, value any, due int64) *packedRecord {
	if due == 0 {
		return st.record(kind, value)
	}
	return st.tree.append(kind, &detached{value, due, st.nested})
}

func (t *Tree) append(kind Kind, value any) *packedRecord {
	t.last = t.now
	p := t.Log.slot()
	*p = packedRecord{at: t.now, kind: kind, step: -1, typ: -1}
	if value != nil {
		t.Log.attach(p, value)
	}
	return p
}

// newID returns an identifier for an event, a scope or an await.
func (t *Tree) newID() uint32 {
	t.ids++
	return t.ids
}

// markDirty notes that a record has changed a state: something may follow by itself, and the clock
// of the run's timeout may have to start or stop. Every apply method after which something may
// follow calls it last; a commit of the run's values, after which nothing does, need not.
func (st *State) markDirty() {
	st.touch()
	if st.limited() || st.parent != nil {
		st.clock(st.tree.now)
	}
}

func (st *State) touch() {
	if !st.dirty {
		if st.dirty = true; st != st.tree.root {
			st.nextDirty, st.tree.dirty = st.tree.dirty, st
		}
	}
}

// clock starts or stops the clock of the run's timeout. It is stopped while every open execution
// awaits or sleeps, while there is none and the run waits for events from outside, while the run is
// paused, and once its end is decided. The clean-up has a clock of its own, which a pause does not
// stop.
func (st *State) clock(at int64) {
	t := st.tree
	standing := t.paused && !st.cleaning || st.phase != phaseRunning || st.ending != nil && !st.cleaning || (st.open > 0 || st.Workflow.External) && st.waiting == st.open && !st.cleaning
	if standing == (st.clockSince == 0) {
		return
	}
	if standing {
		st.clockLeft -= at - st.clockSince
		st.clockSince = 0
		t.timers.disarm(&st.timeout)
	} else {
		st.clockSince = at
		if st.limited() {
			t.timers.arm(&st.timeout, Later(at, st.clockLeft))
		}
	}
	if st.parent != nil && st.host.status != statusDone && !t.paused {
		st.host.countWaiting(standing && st.phase == phaseRunning && st.ending == nil)
		st.parent.clock(at)
	}
}

// clocks is clock for the run and its sub-workflows, in the order of what is due at one instant.
func (t *Tree) clocks(at int64) {
	for _, st := range t.states() {
		st.clock(at)
	}
}

// limited reports whether the run's clock has an end.
func (st *State) limited() bool { return st.cleaning || st.Workflow.Timeout > 0 }
