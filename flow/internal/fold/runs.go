package fold

import (
	"slices"
	"strconv"
)

// begin records that a run begins.
func (st *State) begin(start any) {
	id := st.tree.newID()
	p := st.record(RunStarted, start)
	p.event, p.typ = id, int16(st.Workflow.In)
	st.applyRunStarted(start, id)
}

func (st *State) applyRunStarted(start any, id uint32) {
	st.phase = phaseRunning
	st.clockLeft = int64(st.Workflow.Timeout)
	st.route(&Event{Payload: start, ID: id, Type: int16(st.Workflow.In), To: -1}, branch{}, fromStart)
	st.markDirty()
}

// spawnRun records that the run of a nested execution begins.
func (x *Execution) spawnRun() {
	st := x.State
	id := st.tree.newID()
	child := x.nest()
	p := child.record(RunStarted, x.In)
	p.cause, p.event, p.typ = x.ID, id, int16(child.Workflow.In)
	child.applySpawned(x.In, id)
}

func (st *State) applySpawned(start any, id uint32) {
	remove(&st.parent.spawn, st.host)
	st.applyRunStarted(start, id)
	st.takeKept()
}

// nest makes the state of a sub-workflow's run.
func (x *Execution) nest() *State {
	st := x.State
	t := st.tree
	if t.subs == nil {
		t.subs = map[uint32]*State{}
	}
	t.subs[x.ID] = x.newChild()
	return t.subs[x.ID]
}

// newChild makes the state of the run of a nested execution.
func (x *Execution) newChild() *State {
	child := &State{parent: x.State, host: x, nested: x.childInfo()}
	child.init(x.Step.Sub, x.State.tree)
	x.details().child = child
	return child
}

// childInfo names the run of a nested execution.
func (x *Execution) childInfo() *runInfo {
	id := x.State.RunID() + "/" + strconv.FormatUint(uint64(x.ID), 10)
	return &runInfo{id, x.ID, x.Step.Sub}
}

// RunID returns the identifier of the run.
func (st *State) RunID() string {
	if st.nested == nil {
		return st.tree.info.id
	}
	return st.nested.id
}

// stopRun records the end of a run. The event's fields are 0 for one that has no stop event.
func (st *State) stopRun(kind Kind, value any, cause, event uint32, typ, step int16) {
	p := st.record(kind, value)
	p.cause, p.event, p.typ, p.step = cause, event, typ, step
	st.applyRunEnded(kind, value, cause, event, typ, step)
}

// applyRunEnded is for RunFinished, RunFailed and RunCancelled.
func (st *State) applyRunEnded(kind Kind, value any, cause, event uint32, typ, step int16) {
	st.phase = phaseOver
	t := st.tree
	if st.ending == nil {
		st.ending = &ending{kind: kind, exec: cause, step: step}
		st.ending.fault, _ = value.(*fault)
		st.ending.event = Event{Payload: value, ID: event, Type: typ}
	}
	t.timers.disarm(&st.timeout)
	if st.parent == nil {
		t.command(CommandEnd, nil)
		st.markDirty()
		return
	}
	st.parent.touch()
	st.host.countWaiting(false)
	delete(t.subs, st.sub())
	if kind == RunCancelled {
		st.host.extra.child = nil
		st.host.rearm()
	} else if st.host.status == statusRunning {
		st.parent.ownPending().ended = append(st.parent.ended, st.host)
	}
	st.markDirty()
}

// rearm starts the timeout of an execution again, after its sub-workflow was cancelled. If that was
// because of the timeout, the timer is due at once.
func (x *Execution) rearm() {
	if x.status == statusRunning && x.Step.Timeout > 0 {
		d := x.extra
		x.State.tree.timers.arm(&d.timer, Later(d.timeoutSince, int64(x.Step.Timeout)-d.timeoutSpent))
	}
}

// pause records that a debugger holds the run; exec is the execution that a breakpoint stopped.
func (st *State) pause(exec *Execution) {
	p := st.record(RunPaused, nil)
	if exec != nil {
		p.exec, p.step = exec.ID, int16(exec.Step.Index)
	}
	st.applyPaused(p.exec)
}

func (st *State) applyPaused(exec uint32) {
	t := st.tree
	t.paused, t.permits = true, 0
	if exec != 0 {
		t.pausedAt = exec
	}
	t.clocks(t.now)
	st.markDirty()
}

// applyResumed lets a held run continue, with so many executions; 0: all.
func (t *Tree) applyResumed(permits int) {
	t.paused, t.permits = permits > 0, permits
	t.applyContinued()
}

// applyContinued marks every state as dirty, so that all executions that may now start do.
func (t *Tree) applyContinued() {
	for _, st := range t.states() {
		for _, s := range st.Workflow.Steps {
			st.mayStart(s)
		}
		st.touch()
	}
	t.clocks(t.now)
	t.root.markDirty()
}

// applyRestarted makes the state of a process that has ended the state of one that continues after
// a gap: what was under way starts again, and the run's clock was stopped meanwhile. What is due at
// an instant, such as a retry or the end of an await, is due then.
func (t *Tree) applyRestarted(gap int64) {
	t.suspended = false
	for _, st := range t.states() {
		if st.phase == phaseRunning {
			st.revive(gap)
		}
	}
	t.applyContinued()
}

func (st *State) revive(gap int64) {
	t := st.tree
	if st.clockSince != 0 {
		st.clockSince += gap
		if st.timeout.where > 0 {
			t.timers.arm(&st.timeout, Later(st.timeout.at, gap))
		}
	}
	for exec := range st.executions() {
		nested := exec.Step.Kind == NestedStep
		if exec.status != statusRunning || nested && exec.extra != nil && exec.extra.child != nil {
			continue
		}
		if exec.extra != nil {
			t.timers.disarm(&exec.extra.timer)
		}
		if !nested {
			st.ownPending().restarts = append(st.restarts, exec)
		} else if !slices.Contains(st.spawn, exec) {
			st.ownPending().spawn = append(st.spawn, exec)
		}
	}
}
