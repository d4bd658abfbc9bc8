package fold

// closeRun records the next step towards the end of a run, because of f: first all that is open is
// cancelled, then the run cleans up, then it ends. A run whose end is already decided, by a stop
// event or an earlier record, has an ending and ends with that; otherwise it ends with f.end. The
// cause is recorded where there is no more specific one. It reports false if the run has to wait
// for the clean-up of its sub-workflows.
func (st *State) closeRun(f *fault, cause uint32) bool {
	e := st.ending
	if st.cleaning {
		return false
	}
	if st.open > 0 {
		g := f
		if g == nil {
			g = &fault{text: "the run has ended"}
		}
		if e != nil {
			g = &fault{err: g.err, text: g.text}
		} else if g.end != 0 {
			cause = st.sub()
		}
		if first := st.firstOpen(); first != nil {
			for exec := range st.executionsFrom(first.ID) {
				if exec.cancelOpen(g, cause) {
					return true
				}
			}
		}
		if e == nil {
			st.decideEnd(f)
			return true
		}
		return false
	}
	switch {
	case st.Workflow.cleansUp() && e != nil:
		st.startCleanup(e.public(st.Workflow))
	case st.Workflow.cleansUp():
		st.startCleanup(st.Workflow.newEnding(f.end, f.err))
	case e == nil:
		st.stopRun(f.end, f, cause, 0, -1, -1)
	default:
		st.stopAsDecided()
	}
	return true
}

// cancelOpen records that an execution is cancelled; if it runs a sub-workflow, an execution of
// that is cancelled first. It reports false if the sub-workflow still cleans up.
func (x *Execution) cancelOpen(f *fault, cause uint32) bool {
	if x.hosts() {
		return x.extra.child.closeRun(&fault{err: f.err, text: f.text, end: RunCancelled}, cause)
	}
	x.cancel(f, cause)
	return true
}

// giveUp records the next step that gives up a scope: what is in it is cancelled, then it is
// closed. It reports false if it has to wait for the clean-up of a sub-workflow.
func (sc *scope) giveUp() bool {
	st := sc.state
	waits := false
	for exec := range st.executionsFrom(sc.oldestOpen) {
		if !exec.scope.within(sc) {
			continue
		}
		if !waits {
			sc.oldestOpen = exec.ID
		}
		if exec.cancelOpen(&fault{text: "its fan-out was given up"}, 0) {
			return true
		}
		waits = true
	}
	if sc.open > 0 { // nested fan-outs are open: close the first in which nothing is
		var first *scope
		for _, in := range st.scopes {
			if in != sc && in.within(sc) && in.open == 0 && (first == nil || in.id < first.id) {
				first = in
			}
		}
		if first == nil {
			return false
		}
		sc = first
	}
	sc.close()
	return true
}
