package fold

import "time"

// queue records that an execution waits for a worker.
func (st *State) queue(exec *Execution) {
	p := st.record(StepQueued, nil)
	p.exec, p.step, p.cause = exec.ID, int16(exec.Step.Index), exec.cause
	st.applyQueued(exec)
}

func (st *State) applyQueued(exec *Execution) {
	ws := &st.workers[exec.Step.Index]
	if exec.status == statusReady && !exec.replied {
		st.ready.Pop()
		ws.waiting.push(exec)
	} else {
		remove(&st.due, exec)
		st.tree.timers.disarm(&exec.extra.timer)
		ws.front.push(exec)
	}
	exec.status = statusQueued
	st.changed()
}

// start records that an attempt begins, or continues after an await.
func (st *State) start(exec *Execution) {
	attempt := exec.attempt
	if !exec.replied {
		attempt++
	}
	st.startWith(exec, st.workers[exec.Step.Index].smallestFree(), attempt)
}

func (st *State) startWith(exec *Execution, worker uint16, attempt int32) {
	p := st.record(StepStarted, nil)
	p.exec, p.step, p.cause, p.worker, p.n = exec.ID, int16(exec.Step.Index), exec.cause, worker, attempt
	st.applyStarted(exec, worker, attempt)
}

func (st *State) applyStarted(exec *Execution, worker uint16, attempt int32) {
	t, ws := st.tree, &st.workers[exec.Step.Index]
	switch exec.status {
	case statusReady:
		if exec.replied {
			remove(&st.due, exec)
		} else {
			st.ready.Pop()
		}
	case statusQueued:
		if ws.front.first() == exec {
			ws.front.pop()
		} else {
			ws.waiting.first()
			ws.waiting.pop()
		}
	case statusRunning: // after a restart
		remove(&st.restarts, exec)
		ws.release(exec.worker)
		exec.forget()
	case statusDelayed:
		t.timers.disarm(&exec.extra.timer)
	}
	ws.occupy(worker)
	if t.paused && t.permits > 0 {
		t.permits--
	}
	if exec.undispatched {
		exec.undispatched = false
		if sc := exec.scope; sc.branchStarts() {
			if yielder := t.execs.get(sc.yielder); yielder != nil {
				t.command(CommandRoom, yielder)
			}
		}
	}
	if attempt != exec.attempt {
		exec.attempt = attempt
		if exec.extra != nil {
			exec.extra.timeoutSpent = 0
		}
	}
	if attempt == 1 && !exec.replied && (exec.Step.Retry != nil || exec.Step.recoveredBy != nil) {
		exec.details().firstStart = t.now
	}
	exec.worker, exec.status, exec.replied = worker, statusRunning, false
	if exec.Step.Timeout > 0 {
		d := exec.details()
		d.timeoutSince = t.now
		t.timers.arm(&d.timer, Later(t.now, int64(exec.Step.Timeout)-d.timeoutSpent))
	}
	if exec.Step.Kind == NestedStep {
		st.ownPending().spawn = append(st.spawn, exec)
	} else {
		t.command(CommandStart, exec)
	}
	st.changed()
}

func (t *Tree) command(do CommandKind, exec *Execution) {
	t.commands = append(t.commands, Command{do, exec})
}

// finish records that an attempt succeeded. What it returned, if ev is not nil, was recorded just
// before, and is delivered without being stored as what it gave.
func (st *State) finish(exec *Execution, ev *Event) {
	p := st.record(StepFinished, nil)
	p.exec, p.step, p.worker, p.n = exec.ID, int16(exec.Step.Index), exec.worker, exec.attempt
	st.applyFinished(exec, ev)
}

func (st *State) applyFinished(exec *Execution, ev *Event) {
	st.vacate(exec)
	st.deliverGiven(exec)
	if ev != nil {
		st.route(ev, exec.scope, exec.order, exec.lineage, fromStep)
		st.endedBy(exec)
	}
	if exec.extra != nil {
		remove(&st.ended, exec)
		if sc := exec.extra.opened; sc != nil {
			sc.ended, sc.items = true, nil
			st.mayClose(sc)
		}
	}
	if st.leave(exec); exec.extra == nil {
		st.tree.spare = append(st.tree.spare, exec) // no command of this tick names it
	}
	st.changed()
}

// fail records that an attempt failed, and when the next one begins. Whether the step's policy
// refuses the error was asked before.
func (st *State) fail(exec *Execution, err error, refused bool) {
	f := &fault{err: err}
	due := int64(0)
	if final, ok := err.(*FinalError); ok {
		f.err, f.text, f.end = final.Err, final.Err.Error(), RunFailed
	} else {
		f.text = TextOf(err)
		if p := exec.Step.Retry; p != nil && !refused {
			due = p.next(st.tree.info.id, exec.ID, exec.attempt, exec.details().firstStart, st.tree.now)
		}
	}
	p := st.recordDue(StepFailed, f, due)
	p.exec, p.step, p.worker, p.n = exec.ID, int16(exec.Step.Index), exec.worker, exec.attempt
	st.applyFailed(exec, f, due)
}

func (st *State) applyFailed(exec *Execution, f *fault, due int64) {
	st.vacate(exec)
	d := exec.details()
	st.tree.timers.disarm(&d.timer)
	exec.forget()
	remove(&st.ended, exec)
	if d.opened != nil {
		st.abandon(d.opened)
		d.opened = nil
	}
	d.child = nil
	st.tree.command(CommandExpire, exec)
	d.fault = f
	switch {
	case due != 0:
		exec.status = statusDelayed
		st.tree.timers.arm(&d.timer, due)
	case exec.recoverable():
		exec.status = statusFailed
		st.ownPending().failed = append(st.failed, exec)
	default:
		st.leave(exec)
		err := &StepError{
			Step: exec.Step.Name, Event: st.Workflow.Types[exec.typ].Name,
			Attempts: int(exec.attempt), Err: f.err,
		}
		st.ending = &ending{
			kind: RunFailed, fault: &fault{err: err, text: err.Error()},
			exec: exec.ID, step: int16(exec.Step.Index),
		}
	}
	st.changed()
}

// recoverable reports whether a recovery step takes the failure of an execution.
func (x *Execution) recoverable() bool {
	h := x.Step.recoveredBy
	return h != nil && x.extra.fault.end == 0 && x.lineage.recoveries(h.Index) < h.Budget
}

// recoverFailed records the failure of an execution as the event of its recovery step.
func (st *State) recoverFailed(exec *Execution) {
	step := exec.Step.recoveredBy
	ev := Event{Payload: exec.failure(st.tree.now), Type: int16(step.Takes[0]), To: int16(step.Index)}
	st.sent(&ev, exec.ID, 0)
	st.applyRecovered(exec, &ev)
}

func (st *State) applyRecovered(exec *Execution, ev *Event) {
	remove(&st.failed, exec)
	step := int(ev.To)
	ln := &lineage{step, exec.lineage.recoveries(step) + 1, exec.lineage}
	st.route(ev, exec.scope, exec.order, ln, fromStep)
	st.leave(exec)
	st.changed()
}

// failure returns what a recovery step takes.
func (x *Execution) failure(now int64) Failure {
	return Failure{
		Step: x.Step.Name, Type: x.State.Workflow.Types[x.typ].Name, Input: x.In, Err: x.extra.fault.err,
		Attempts: int(x.attempt), Elapsed: time.Duration(now - x.extra.firstStart),
	}
}

// cancel records that an execution is given up. If f.end is set this is the first record on the way
// to the end of the run of cause, the execution that runs a sub-workflow (0: the run itself).
func (st *State) cancel(exec *Execution, f *fault, cause uint32) {
	p := st.record(StepCancelled, f)
	p.exec, p.step, p.cause = exec.ID, int16(exec.Step.Index), cause
	st.applyCancelled(exec, f, cause)
}

func (st *State) applyCancelled(exec *Execution, f *fault, cause uint32) {
	t := st.tree
	if f.end != 0 {
		if run := t.of(cause); run.ending == nil {
			run.ending = &ending{kind: f.end, fault: f, step: -1}
			run.touch()
		}
	}
	switch exec.status {
	case statusRunning:
		st.vacate(exec)
	case statusReady:
		remove(&st.due, exec)
	}
	remove(&st.failed, exec)
	remove(&st.spawn, exec)
	remove(&st.ended, exec)
	remove(&st.restarts, exec)
	if exec.undispatched {
		exec.scope.waiting--
	}
	if exec.extra != nil && exec.extra.opened != nil && !exec.extra.opened.abandoned {
		st.abandon(exec.extra.opened)
	}
	st.leave(exec)
	t.command(CommandCancel, exec)
	st.changed()
}
