package fold

// advance records the first thing that follows from the state by itself, without a tick, and
// reports whether there is one. Because all of it is decided from the state alone, a run can
// continue after any prefix of its journal, wherever the process ended.
func (st *State) advance() bool {
	if st.phase != phaseRunning {
		return false
	}
	if st.ending != nil {
		st.closeRun(st.ending.fault, 0)
		return true
	}
	hasPending := st.pending != &nothingPending
	if hasPending && (st.advanceUrgent() || st.startFreed()) {
		return true
	}
	if exec := st.upNext(); exec != nil {
		if st.stopsAt(exec) && st.workers[exec.Step.Index].occupied < exec.Step.Workers {
			st.pause(exec)
		} else {
			st.startOrQueue(exec)
		}
		return true
	}
	if hasPending && st.advanceLate() {
		return true
	}
	if st.open == 0 {
		err := st.stuck()
		st.stopRun(RunFailed, &fault{err: err, text: err.Error()}, 0, 0, -1, -1)
		return true
	}
	return false
}

// advanceUrgent records what comes before further executions start.
func (st *State) advanceUrgent() bool {
	switch {
	case len(st.dying) > 0:
		st.closeScope(st.dying[0])
	case len(st.failed) > 0:
		st.recoverFailed(st.failed[0])
	case len(st.restarts) > 0:
		exec := st.restarts[0]
		st.startWith(exec, exec.worker, exec.attempt)
	case len(st.ended) > 0:
		st.adoptResult(st.ended[0])
	case len(st.due) > 0:
		st.startOrQueue(st.due[0])
	default:
		return false
	}
	return true
}

// advanceLate records what comes after all that could start has started.
func (st *State) advanceLate() bool {
	switch {
	case len(st.replies) > 0:
		st.resolveAwait(st.replies[0])
	case len(st.closing) > 0:
		st.endScope(st.closing[0])
	case len(st.spawn) > 0:
		st.spawnRun(st.spawn[0])
	default:
		return false
	}
	return true
}

// startFreed starts an execution that waits for a worker which has become free.
func (st *State) startFreed() bool {
	for len(st.freed) > 0 {
		s := st.freed[len(st.freed)-1]
		ws := &st.workers[s.Index]
		if exec := ws.next(); exec != nil && ws.occupied < s.Workers && !st.tree.held() {
			if st.stopsAt(exec) {
				st.pause(exec)
			} else {
				st.start(exec)
			}
			return true
		}
		ws.listed = false
		st.freed = st.freed[:len(st.freed)-1]
	}
	return false
}

// startOrQueue gives an execution that is ready a worker, or lets it wait for one.
func (st *State) startOrQueue(exec *Execution) {
	ws := &st.workers[exec.Step.Index]
	next := ws.next()
	overtakes := next != nil && (exec.status == statusReady && !exec.replied || ws.front.first() != nil)
	if ws.occupied >= exec.Step.Workers || overtakes || st.tree.held() {
		st.queue(exec)
	} else {
		st.start(exec)
	}
}

// held reports whether a debugger keeps executions from starting.
func (t *Tree) held() bool { return t.paused && t.permits == 0 }

// stopsAt reports whether a breakpoint stops an execution now.
func (st *State) stopsAt(exec *Execution) bool {
	t := st.tree
	return t.Break != nil && !t.paused && t.pausedAt != exec.ID && !exec.replied &&
		t.Break(exec.Step.Name, st.Workflow.Types[exec.typ].Name)
}

// adoptResult records that a nested execution takes over the result of its sub-workflow.
func (st *State) adoptResult(exec *Execution) {
	e := exec.extra.child.ending
	switch {
	case e.kind == RunFailed:
		st.fail(exec, e.fault.err, exec.Step.Refuses(e.fault.err, int(exec.attempt)))
	case exec.out.ID == 0:
		st.give(exec, Event{Payload: e.event.Payload, Type: int16(exec.Step.Outs[0]), To: -1})
	default:
		st.finish(exec, nil)
	}
}

// drain records everything that follows by itself, first in sub-workflows.
func (t *Tree) drain() {
	for t.dirty != nil || t.root.dirty {
		st := t.root
		if t.dirty != nil {
			st = t.dirty
		}
		if st.advance() {
			continue
		}
		if st.dirty = false; st != t.root {
			t.dirty, st.nextDirty = st.nextDirty, nil
		}
	}
}
