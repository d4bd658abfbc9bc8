package fold

import (
	"slices"
)

// openAwait records that an execution awaits an event of a type.
func (x *Execution) openAwait(typ int16, prompt Prompt, due int64) {
	st := x.State
	id := st.tree.newID()
	p := st.recordDue(AwaitOpened, prompt, due)
	p.exec, p.step, p.event, p.typ = x.ID, int16(x.Step.Index), id, typ
	x.applyAwaitOpened(id, typ, prompt, due)
}

// startSleep records that an execution waits for an instant.
func (x *Execution) startSleep(nap Nap, due int64) {
	st := x.State
	id := st.tree.newID()
	p := st.recordDue(SleepStarted, nap, due)
	p.exec, p.step, p.event = x.ID, int16(x.Step.Index), id
	x.applyAwaitOpened(id, -1, Prompt{Key: nap.Key}, due)
}

// applyAwaitOpened lets an execution wait: for an event of a type or, with the type -1, only for an
// instant.
func (x *Execution) applyAwaitOpened(id uint32, typ int16, prompt Prompt, due int64) {
	st := x.State
	t := st.tree
	d := x.details()
	x.delivered += x.given()
	x.deliverGiven()
	x.vacate()
	if t.timers.disarm(&d.timer); x.Step.Timeout > 0 {
		d.timeoutSpent += t.now - d.timeoutSince
	}
	x.status = statusAwaiting
	x.countWaiting(true)
	a := &await{exec: x, id: id, key: prompt.Key, typ: int(typ), prompt: prompt, open: true, since: t.now}
	a.timer.await = a
	d.awaits = append(d.awaits, a)
	if due != 0 {
		t.timers.arm(&a.timer, due)
	}
	if !a.sleeps() {
		st.ownPending().awaits = append(st.awaits, a)
		a.takeEarlyReply()
	}
	st.markDirty()
}

// takeEarlyReply answers an await with a reply that came before it, to its run or one around it.
func (a *await) takeEarlyReply() {
	st := a.exec.State
	for from := st; from != nil; from = from.parent {
		for i, reply := range from.early {
			if a.matches(reply.payload) {
				from.early = slices.Delete(from.early, i, i+1)
				a.answer(reply)
				return
			}
		}
	}
}

// resolve records the reply to an await.
func (a *await) resolve() {
	st := a.exec.State
	p := st.record(AwaitResolved, a.reply)
	p.exec, p.step, p.event, p.cause, p.typ = a.exec.ID, int16(a.exec.Step.Index), a.id, a.cause, int16(a.typ)
	a.applyResolved(a.reply)
}

// sleeping returns the sleep of an execution that has not ended; nil: it does not sleep.
func (x *Execution) sleeping() *await {
	if x.extra != nil {
		for _, a := range x.extra.awaits {
			if a.open && a.sleeps() {
				return a
			}
		}
	}
	return nil
}

// expire records that an await had no reply in time, or that a sleep is over.
func (a *await) expire() {
	st := a.exec.State
	if a.sleeps() {
		p := st.record(SleepEnded, nil)
		p.exec, p.step, p.event = a.exec.ID, int16(a.exec.Step.Index), a.id
		a.applyResolved(nil)
		return
	}
	f := &fault{err: ErrAwaitTimeout, text: ErrAwaitTimeout.Error()}
	p := st.record(AwaitResolved, f)
	p.exec, p.step, p.event = a.exec.ID, int16(a.exec.Step.Index), a.id
	a.applyResolved(f)
}

// applyResolved takes the reply, the *fault of an await whose time is over, or nil for a sleep.
func (a *await) applyResolved(reply any) {
	st := a.exec.State
	st.tree.timers.disarm(&a.timer)
	remove(&st.awaits, a)
	remove(&st.replies, a)
	a.open, a.answered = false, false
	if a.fault, _ = reply.(*fault); a.fault == nil {
		a.reply = reply
	}
	exec := a.exec
	exec.countWaiting(false)
	exec.status, exec.replied = statusReady, true
	st.ownPending().due = append(st.due, exec)
	st.markDirty()
}
