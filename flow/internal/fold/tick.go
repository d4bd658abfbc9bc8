package fold

// Everything that happens to a run from outside of its fold is a tick, a call of one of the methods
// below with the time in nanoseconds since 1970: a step has returned, an event has arrived, time
// has passed. A tick records what follows from it directly, then what follows by itself, and leaves
// commands for the runtime.

// tick begins a tick. A goroutine may have read the clock before another one and get the lock after
// it, so the time is at least that of the last record: times never go back.
func (t *Tree) tick(now int64) { t.now = max(now, t.last) }

// Begin lets the run begin with its start event, paused before anything starts if so wanted.
func (t *Tree) Begin(now int64, start any, paused bool) {
	t.tick(now)
	t.root.begin(start)
	if paused {
		t.root.pause(nil)
	}
	t.drain()
}

// Revive continues a run that was replayed or restored.
func (t *Tree) Revive(now int64, paused bool) {
	t.tick(now)
	gap := t.now - t.last
	t.root.recordDue(RunResumed, restarted{}, t.last)
	t.applyRestarted(gap)
	if paused && !t.held() {
		t.root.pause(nil)
	}
	t.drain()
	t.passDue() // timers that were due meanwhile come before events that are sent from now on
}

// Arrive takes an event from outside.
func (t *Tree) Arrive(now int64, ev Event) {
	t.tick(now)
	t.root.arrived(ev)
	t.drain()
}

// Reply takes a reply from outside that names an open await.
func (t *Tree) Reply(now int64, await uint32, ev Event) {
	if a := t.openAwait(uint64(await)); a != nil {
		t.tick(now)
		a.answeredBy(ev)
		t.drain()
	}
}

// Return ends an attempt that succeeded. It gave ev, if that has a payload, and sent sends.
func (t *Tree) Return(now int64, exec *Execution, ev Event, sends []Event) {
	if exec.status != statusRunning {
		return
	}
	t.tick(now)
	exec.giveSends(sends)
	if ev.Payload == nil {
		exec.finish(nil)
	} else {
		ev.To = -1
		exec.State.sent(&ev, exec.ID, 0)
		exec.finish(&ev)
	}
	t.drain()
}

// giveSends records the sends of an execution that were not delivered before an await.
func (x *Execution) giveSends(sends []Event) {
	if done := int(x.delivered); done < len(sends) {
		for _, ev := range sends[done:] {
			x.give(ev)
		}
	}
}

// Fail ends an attempt that failed. The advice is that of the step's policy.
func (t *Tree) Fail(now int64, exec *Execution, err error, advice Advice) {
	t.tick(now)
	exec.fail(err, advice)
	t.drain()
}

// Open lets an execution begin its fan-out.
func (t *Tree) Open(now int64, exec *Execution) {
	t.tick(now)
	exec.openScope()
	t.drain()
}

// Yield takes an event that an execution's fan-out yields.
func (t *Tree) Yield(now int64, exec *Execution, ev Event) {
	t.tick(now)
	exec.yield(ev)
	t.drain()
}

// Await lets an execution await an event of a type until due (0: for ever), having sent sends.
func (t *Tree) Await(now int64, exec *Execution, typ int, prompt Prompt, due int64, sends []Event) {
	if exec.status != statusRunning {
		return
	}
	t.tick(now)
	exec.giveSends(sends)
	exec.openAwait(int16(typ), prompt, due)
	t.drain()
}

// Sleep lets an execution wait for an instant, having sent sends.
func (t *Tree) Sleep(now int64, exec *Execution, key string, due int64, sends []Event) {
	if exec.status != statusRunning {
		return
	}
	t.tick(now)
	exec.giveSends(sends)
	exec.startSleep(Nap{key}, max(due, 1))
	t.drain()
}

// Change commits a new value to the run's state.
func (t *Tree) Change(now int64, exec *Execution, key string, before Value, after any) {
	t.tick(now)
	exec.change(&Patch{key: key, before: before, after: after})
}

// Emit shows an event to readers only.
func (t *Tree) Emit(now int64, exec *Execution, ev any) {
	t.tick(now)
	p := exec.State.record(EventEmitted, ev)
	p.exec, p.event, p.step, p.n = exec.ID, t.newID(), int16(exec.Step.Index), exec.attempt
}

// Cancel ends the run with a cause, unless it is ending already.
func (t *Tree) Cancel(now int64, cause error) {
	t.tick(now)
	t.end(&fault{err: cause, text: TextOf(cause), end: RunCancelled})
}

// end ends the run because of f, unless it is ending already.
func (t *Tree) end(f *fault) {
	for t.root.ending == nil && t.root.phase == phaseRunning {
		t.root.closeRun(f, 0)
		t.drain()
	}
}

// Pause holds the run: no further execution starts.
func (t *Tree) Pause(now int64) {
	if !t.held() {
		t.tick(now)
		t.root.pause(nil)
		t.drain()
	}
}

// Resume continues a held run. After that many further executions have started it is held again; 0:
// it is not held again.
func (t *Tree) Resume(now int64, permits int) {
	if t.paused {
		t.tick(now)
		t.root.record(RunResumed, nil).n = int32(permits)
		t.applyResumed(permits)
		t.drain()
	}
}

// Pass handles everything that is due at the time now.
func (t *Tree) Pass(now int64) {
	t.tick(now)
	t.passDue()
}

func (t *Tree) passDue() {
	for due := t.timers.first(); due != nil && due.at <= t.now; due = t.timers.first() {
		due.expire()
		t.drain()
	}
}
