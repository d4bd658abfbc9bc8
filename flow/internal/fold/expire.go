package fold

// expire handles a timer that is due, and records what follows from it.
func (due *timer) expire() {
	switch {
	case due.state != nil:
		st := due.state
		if st.cleaning {
			st.stopCleanup()
			return
		}
		err := &TimeoutError{Limit: st.Workflow.Timeout, Active: st.active(), deadline: st.Workflow.Deadline}
		st.closeRun(&fault{err: err, text: err.Error(), end: RunFailed}, 0)
	case due.await != nil:
		due.await.expire()
	case due.exec.status == statusDelayed:
		due.exec.startOrQueue()
	case due.exec.extra.child != nil: // first the sub-workflow, then the execution
		f := &fault{err: due.exec.State.Workflow.Deadline, text: "the step's time is over", end: RunCancelled}
		due.exec.extra.child.closeRun(f, 0)
	default:
		exec := due.exec
		s := exec.Step
		err := &TimeoutError{Step: s.Name, Limit: s.Timeout, deadline: exec.State.Workflow.Deadline}
		exec.fail(err, s.Advice(err, int(exec.attempt)))
	}
}

// active names the steps of a run that are under way.
func (st *State) active() (names []string) {
	seen := map[string]bool{}
	for exec := range st.executions() {
		switch exec.status {
		case statusRunning, statusDelayed, statusQueued:
			if name := exec.Step.Name; !seen[name] {
				seen[name] = true
				names = append(names, name)
			}
		}
	}
	return names
}

// NextDue returns when something is due next, in nanoseconds since 1970.
func (t *Tree) NextDue() (at int64, ok bool) {
	if first := t.timers.first(); first != nil {
		return first.at, true
	}
	return 0, false
}
