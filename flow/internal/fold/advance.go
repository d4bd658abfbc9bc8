package fold

// advance records what follows from the state by itself, without a tick, and reports whether more
// may follow. Because all of it is decided from the state alone, a run can continue after any
// prefix of its journal, wherever the process ended.
func (st *State) advance() bool {
	if st.phase != phaseRunning {
		return false
	}
	if st.ending != nil {
		if st.cleaning {
			return st.advanceCleanup()
		}
		return st.closeRun(st.ending.fault, 0)
	}
	if st.pending != &nothingPending && (st.advanceUrgent() || st.startFreed()) {
		return true
	}
	for exec := st.upNext(); exec != nil; exec = st.upNext() {
		if st.tree.Break != nil && exec.stopsAt() && st.workers[exec.Step.Index].occupied < exec.Step.Workers {
			st.pause(exec)
		} else {
			exec.startOrQueue() // nothing that follows from this comes before the next execution
		}
	}
	if st.pending != &nothingPending && st.advanceLate() {
		return true
	}
	if st.open == 0 && !st.Workflow.External {
		err := st.stuck()
		return st.closeRun(&fault{err: err, text: err.Error(), end: RunFailed}, 0)
	}
	return false
}

// advanceUrgent records the work that has priority over starting further executions.
func (st *State) advanceUrgent() bool {
	for _, sc := range st.dying {
		if sc.giveUp() {
			return true
		}
	}
	switch {
	case len(st.failed) > 0:
		st.failed[0].recoverFailed()
	case len(st.restarts) > 0:
		exec := st.restarts[0]
		exec.startWith(exec.worker, exec.attempt)
	case len(st.ended) > 0:
		st.ended[0].adoptResult()
	case len(st.due) > 0:
		st.due[0].startOrQueue()
	default:
		return false
	}
	return true
}

// advanceLate records the work that comes after all executions that can start.
func (st *State) advanceLate() bool {
	switch {
	case len(st.replies) > 0:
		st.replies[0].resolve()
	case len(st.closing) > 0:
		st.closing[0].close()
	case len(st.spawn) > 0:
		st.spawn[0].spawnRun()
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
		if exec := ws.next(); exec != nil && ws.occupied < s.Workers && !st.held() {
			if st.tree.Break != nil && exec.stopsAt() {
				st.pause(exec)
			} else {
				exec.start()
			}
			return true
		}
		ws.listed = false
		st.freed = st.freed[:len(st.freed)-1]
	}
	return false
}

// startOrQueue starts an execution that is ready, or queues it if no worker is free.
func (x *Execution) startOrQueue() {
	st := x.State
	ws := &st.workers[x.Step.Index]
	next := ws.next()
	overtakes := next != nil && (x.status == statusReady && !x.replied || ws.front.first() != nil)
	if ws.occupied >= x.Step.Workers || overtakes || st.held() {
		x.queue()
	} else {
		x.start()
	}
}

// held reports whether a debugger holds the run.
func (t *Tree) held() bool { return t.paused && t.permits == 0 }

// held reports whether a debugger keeps executions from starting. It does not hold a clean-up, so that
// a run that is cancelled while it is paused ends.
func (st *State) held() bool { return st.tree.held() && !st.cleaning }

// stopsAt reports whether a breakpoint stops an execution now.
func (x *Execution) stopsAt() bool {
	st := x.State
	t := st.tree
	return !t.paused && t.pausedAt != x.ID && !x.replied &&
		t.Break(x.Step.Name, st.Workflow.Types[x.typ].Name)
}

// adoptResult records that a nested execution takes over the result of its sub-workflow.
func (x *Execution) adoptResult() {
	e := x.extra.child.ending
	switch {
	case e.kind == RunFailed:
		x.fail(e.fault.err, x.Step.Advice(e.fault.err, int(x.attempt)))
	case x.out.ID == 0:
		x.give(Event{Payload: e.event.Payload, Type: int16(x.Step.Outs[0]), To: -1})
	default:
		x.finish(nil)
	}
}

// drain records everything that follows from the state alone, first in sub-workflows.
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
