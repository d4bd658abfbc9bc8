package fold

import (
	"fmt"
	"time"
)

// CleanupLimit is how long the clean-up of a run may take, unless its steps have other timeouts.
const CleanupLimit time.Duration = 10e9

// decide notes how the run will end. From now on no time but that of its clean-up counts: neither
// its timeout nor that of the step that runs it.
func (st *State) decide(e *ending) {
	st.ending = e
	if st.limited() || st.parent != nil {
		st.clock(st.tree.now)
	}
	if st.host != nil {
		st.tree.timers.disarm(&st.host.extra.timer)
	}
}

// cleansUp reports whether the workflow has clean-up steps.
func (w *Workflow) cleansUp() bool { return len(w.cleanup) > 0 }

// decideEnd records how the run will end, where no other record shows that.
func (st *State) decideEnd(f *fault) {
	e := st.Workflow.newEnding(f.end, f.err)
	st.record(RunEnding, e)
	st.applyDecided(e)
}

func (st *State) applyDecided(e Ending) {
	if st.ending == nil {
		st.decide(&ending{kind: e.Kind, fault: &fault{err: e.Err, text: TextOf(e.Err), end: e.Kind}, step: -1})
	}
	st.markDirty()
}

// startCleanup records that the clean-up of a run begins, once nothing of the run is open any more.
func (st *State) startCleanup(e Ending) {
	id := st.tree.newID()
	p := st.record(CleanupStarted, e)
	p.event = id
	st.applyCleanupStarted(e, id)
}

func (st *State) applyCleanupStarted(e Ending, id uint32) {
	t := st.tree
	if st.ending == nil {
		st.applyDecided(e)
	}
	st.cleaning, st.scopes = true, nil
	p := st.ownPending()
	*p = pending{freed: p.freed, collects: p.collects}
	t.timers.disarm(&st.timeout)
	st.clockSince, st.clockLeft = 0, int64(st.Workflow.cleanupLimit())
	for _, s := range st.Workflow.cleanup {
		st.create(s, e, int16(s.Takes[0]), id, branch{})
	}
	st.markDirty()
	st.clock(t.now)
}

// cleanupLimit returns how long the clean-up may take: the longest timeout of its steps.
func (w *Workflow) cleanupLimit() (d time.Duration) {
	for _, s := range w.cleanup {
		d = max(d, s.Timeout)
	}
	return d
}

// advanceCleanup is advance for a run that cleans up: its clean-up steps start, and when they have
// ended the run ends as was decided.
func (st *State) advanceCleanup() bool {
	switch {
	case len(st.restarts) > 0:
		exec := st.restarts[0]
		exec.startWith(exec.worker, exec.attempt)
		return true
	case len(st.due) > 0:
		st.due[0].startOrQueue()
		return true
	case st.startFreed():
		return true
	}
	if exec := st.upNext(); exec != nil {
		exec.startOrQueue()
		return true
	}
	if st.open == 0 {
		st.stopAsDecided()
		return true
	}
	return false
}

// stopCleanup records the next step that ends a clean-up whose time is over.
func (st *State) stopCleanup() {
	limit := st.Workflow.cleanupLimit()
	if exec := st.firstOpen(); exec != nil {
		exec.cancel(&fault{text: fmt.Sprintf("the clean-up took longer than its %v", limit)}, 0)
	}
}

// stopAsDecided records the end of the run as its ending says.
func (st *State) stopAsDecided() {
	e := st.ending
	if e.kind == RunFinished {
		st.stopRun(e.kind, e.event.Payload, e.exec, e.event.ID, e.event.Type, -1)
	} else {
		st.stopRun(e.kind, e.fault, e.exec, 0, -1, e.step)
	}
}

// Closing reports whether the end of the run is decided. Events from outside are then refused.
func (t *Tree) Closing() bool { return t.root.ending != nil }
