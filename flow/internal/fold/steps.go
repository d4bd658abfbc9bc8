package fold

import "time"

// queue records that an execution waits for a worker.
func (x *Execution) queue() {
	st := x.State
	p := st.record(StepQueued, nil)
	p.exec, p.step, p.cause = x.ID, int16(x.Step.Index), x.cause
	x.applyQueued()
}

func (x *Execution) applyQueued() {
	st := x.State
	ws := &st.workers[x.Step.Index]
	if x.status == statusReady && !x.replied {
		st.ready.Pop()
		ws.waiting.push(x)
	} else {
		remove(&st.due, x)
		st.tree.timers.disarm(&x.extra.timer)
		ws.front.push(x)
	}
	x.status = statusQueued
	st.markDirty()
}

// start records that an attempt begins, or continues after an await.
func (x *Execution) start() {
	st := x.State
	attempt := x.attempt
	if !x.replied {
		attempt++
	}
	x.startWith(st.workers[x.Step.Index].smallestFree(), attempt)
}

func (x *Execution) startWith(worker uint16, attempt int32) {
	st := x.State
	p := st.record(StepStarted, nil)
	p.exec, p.step, p.cause, p.worker, p.n = x.ID, int16(x.Step.Index), x.cause, worker, attempt
	x.applyStarted(worker, attempt)
}

func (x *Execution) applyStarted(worker uint16, attempt int32) {
	st := x.State
	t, ws := st.tree, &st.workers[x.Step.Index]
	switch x.status {
	case statusReady:
		if x.replied {
			remove(&st.due, x)
		} else {
			st.ready.Pop()
		}
	case statusQueued:
		if ws.front.first() == x {
			ws.front.pop()
		} else {
			ws.waiting.first()
			ws.waiting.pop()
		}
	case statusRunning: // after a restart
		remove(&st.restarts, x)
		ws.release(x.worker)
		x.forget()
	case statusDelayed:
		t.timers.disarm(&x.extra.timer)
	}
	ws.occupy(worker)
	if t.paused && t.permits > 0 {
		t.permits--
	}
	if x.undispatched {
		x.undispatched = false
		if sc := x.scope; sc.branchStarts() {
			if yielder := t.execs.get(sc.yielder); yielder != nil {
				t.command(CommandRoom, yielder)
			}
		}
	}
	if attempt != x.attempt {
		x.attempt = attempt
		if x.extra != nil {
			x.extra.timeoutSpent = 0
		}
	}
	if attempt == 1 && !x.replied && (x.Step.Retry != nil || x.Step.recoveredBy != nil) {
		x.details().firstStart = t.now
	}
	x.worker, x.status, x.replied = worker, statusRunning, false
	if x.Step.Timeout > 0 {
		d := x.details()
		d.timeoutSince = t.now
		t.timers.arm(&d.timer, Later(t.now, int64(x.Step.Timeout)-d.timeoutSpent))
	}
	if x.Step.Kind == NestedStep {
		st.ownPending().spawn = append(st.spawn, x)
	} else {
		t.command(CommandStart, x)
	}
	st.markDirty()
}

func (t *Tree) command(do CommandKind, exec *Execution) {
	t.commands = append(t.commands, Command{do, exec})
}

// finish records that an attempt succeeded. The event that it returned, if ev is not nil, was
// recorded just before. It is delivered directly, without being stored in the execution first.
func (x *Execution) finish(ev *Event) {
	st := x.State
	p := st.record(StepFinished, nil)
	p.exec, p.step, p.worker, p.n = x.ID, int16(x.Step.Index), x.worker, x.attempt
	x.applyFinished(ev)
}

func (x *Execution) applyFinished(ev *Event) {
	st := x.State
	x.vacate()
	if x.out.ID != 0 {
		x.deliverGiven()
	}
	if ev != nil {
		st.route(ev, x.branch, fromStep)
		x.endedBy()
	}
	if x.extra != nil {
		remove(&st.ended, x)
		if sc := x.extra.opened; sc != nil {
			sc.ended, sc.items = true, nil
			sc.mayClose()
		}
	}
	if x.leave(); x.extra == nil {
		st.tree.spare = append(st.tree.spare, x) // no command of this tick names it
	}
	st.markDirty()
}

// fail records that an attempt failed, and when the next one begins. The advice is what the step's
// policy says about the error.
func (x *Execution) fail(err error, advice Advice) {
	st := x.State
	f := &fault{err: err}
	due := int64(0)
	if final, ok := err.(*FinalError); ok {
		f.err, f.text, f.end = final.Err, final.Err.Error(), RunFailed
	} else {
		f.text = TextOf(err)
		if p := x.Step.Retry; p != nil && !advice.Refused {
			due = p.next(st.tree.info.id, x.ID, x.attempt, x.details().firstStart, st.tree.now, advice.Pause)
			if due != 0 {
				f.most = p.Attempts
			}
		}
	}
	p := st.recordDue(StepFailed, f, due)
	p.exec, p.step, p.worker, p.n = x.ID, int16(x.Step.Index), x.worker, x.attempt
	x.applyFailed(f, due)
}

func (x *Execution) applyFailed(f *fault, due int64) {
	st := x.State
	x.vacate()
	d := x.details()
	st.tree.timers.disarm(&d.timer)
	x.forget()
	remove(&st.ended, x)
	if d.opened != nil {
		d.opened.abandon()
		d.opened = nil
	}
	d.child = nil
	st.tree.command(CommandExpire, x)
	d.fault = f
	switch {
	case due != 0:
		x.status = statusDelayed
		st.tree.timers.arm(&d.timer, due)
	case x.recoverable():
		x.status = statusFailed
		st.ownPending().failed = append(st.failed, x)
	default:
		x.leave()
		err := &StepError{
			Step: x.Step.Name, Event: st.Workflow.Types[x.typ].Name,
			Attempts: int(x.attempt), Err: f.err,
		}
		if st.cleaning { // how the run ends is decided
			break
		}
		st.decide(&ending{
			kind: RunFailed, fault: &fault{err: err, text: err.Error()},
			exec: x.ID, step: int16(x.Step.Index),
		})
	}
	st.markDirty()
}

// recoverable reports whether a recovery step takes the failure of an execution.
func (x *Execution) recoverable() bool {
	h := x.Step.recoveredBy
	return h != nil && x.extra.fault.end == 0 && x.lineage.recoveries(h.Index) < h.Budget
}

// recoverFailed records the failure of an execution as the event of its recovery step.
func (x *Execution) recoverFailed() {
	st := x.State
	step := x.Step.recoveredBy
	ev := Event{Payload: x.failure(st.tree.now), Type: int16(step.Takes[0]), To: int16(step.Index)}
	st.sent(&ev, x.ID, 0)
	x.applyRecovered(&ev)
}

func (x *Execution) applyRecovered(ev *Event) {
	st := x.State
	remove(&st.failed, x)
	step := int(ev.To)
	ln := &lineage{step, x.lineage.recoveries(step) + 1, x.lineage}
	st.route(ev, branch{x.scope, ln, x.order}, fromStep)
	x.leave()
	st.markDirty()
}

// failure returns the Failure that a recovery step takes.
func (x *Execution) failure(now int64) Failure {
	return Failure{
		Step: x.Step.Name, Type: x.State.Workflow.Types[x.typ].Name, Input: x.In, Err: x.extra.fault.err,
		codes:    x.State.Workflow.CodesOf(x.extra.fault.err),
		Attempts: int(x.attempt), Elapsed: time.Duration(now - x.extra.firstStart),
	}
}

// cancel records that an execution is given up. If f.end is set this is the first record on the way
// to the end of the run of cause, the execution that runs a sub-workflow (0: the run itself).
func (x *Execution) cancel(f *fault, cause uint32) {
	st := x.State
	p := st.record(StepCancelled, f)
	p.exec, p.step, p.cause = x.ID, int16(x.Step.Index), cause
	x.applyCancelled(f, cause)
}

func (x *Execution) applyCancelled(f *fault, cause uint32) {
	st := x.State
	t := st.tree
	if f.end != 0 {
		if run := t.of(cause); run.ending == nil {
			run.decide(&ending{kind: f.end, fault: f, step: -1})
			run.touch()
		}
	}
	switch x.status {
	case statusRunning:
		x.vacate()
	case statusReady:
		remove(&st.due, x)
	}
	remove(&st.failed, x)
	remove(&st.spawn, x)
	remove(&st.ended, x)
	remove(&st.restarts, x)
	if x.undispatched {
		x.scope.waiting--
	}
	if x.extra != nil && x.extra.opened != nil && !x.extra.opened.abandoned {
		x.extra.opened.abandon()
	}
	x.leave()
	t.command(CommandCancel, x)
	st.markDirty()
}
