package fold

// closeRun records the next step towards the end of a run, because of f: first all that is open is
// cancelled, then the run ends. A run whose end is decided, by what a step gave or by an earlier
// record, has an ending and ends with that; another one ends with f.end. The cause is recorded
// where neither run says it better.
func (st *State) closeRun(f *fault, cause uint32) {
	e := st.ending
	if exec := st.firstOpen(); exec != nil {
		if f == nil {
			f = &fault{text: "the run has ended"}
		}
		if e != nil {
			f = &fault{err: f.err, text: f.text}
		} else if f.end != 0 {
			cause = st.sub()
		}
		exec.cancelOpen(f, cause)
		return
	}
	switch {
	case e == nil:
		st.stopRun(f.end, f, cause, 0, -1, -1)
	case e.kind == RunFinished:
		st.stopRun(e.kind, e.event.Payload, e.exec, e.event.ID, e.event.Type, -1)
	default:
		st.stopRun(e.kind, e.fault, e.exec, 0, -1, e.step)
	}
}

// cancelOpen records that an execution is cancelled, or first one of its sub-workflow.
func (x *Execution) cancelOpen(f *fault, cause uint32) {
	if x.hosts() {
		x.extra.child.closeRun(&fault{err: f.err, text: f.text, end: RunCancelled}, cause)
		return
	}
	x.cancel(f, cause)
}

// giveUp records the next step that gives up a scope: what is in it is cancelled, then it is
// closed.
func (sc *scope) giveUp() {
	st := sc.state
	for exec := range st.executionsFrom(sc.oldestOpen) {
		if exec.scope.within(sc) {
			sc.oldestOpen = exec.ID
			exec.cancelOpen(&fault{text: "its fan-out was given up"}, 0)
			return
		}
	}
	if sc.open > 0 { // a fan-out within, over but for its own executions
		var first *scope
		for _, in := range st.scopes {
			if in != sc && in.within(sc) && in.open == 0 && (first == nil || in.id < first.id) {
				first = in
			}
		}
		sc = first
	}
	sc.close()
}
