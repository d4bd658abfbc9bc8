package fold

import (
	"slices"
)

// openAwait records that an execution awaits an event of a type.
func (st *State) openAwait(exec *Execution, typ int16, prompt Prompt, due int64) {
	id := st.tree.newID()
	p := st.recordDue(AwaitOpened, prompt, due)
	p.exec, p.step, p.event, p.typ = exec.ID, int16(exec.Step.Index), id, typ
	st.applyAwaitOpened(exec, id, typ, prompt, due)
}

func (st *State) applyAwaitOpened(exec *Execution, id uint32, typ int16, prompt Prompt, due int64) {
	t := st.tree
	d := exec.details()
	exec.delivered += exec.given()
	st.deliverGiven(exec)
	st.vacate(exec)
	if t.timers.disarm(&d.timer); exec.Step.Timeout > 0 {
		d.timeoutSpent += t.now - d.timeoutSince
	}
	exec.status = statusAwaiting
	exec.countWaiting(true)
	a := &await{exec: exec, id: id, key: prompt.Key, typ: int(typ), prompt: prompt, open: true}
	a.timer.await = a
	d.awaits = append(d.awaits, a)
	st.ownPending().awaits = append(st.awaits, a)
	if due != 0 {
		t.timers.arm(&a.timer, due)
	}
	st.takeEarlyReply(a)
	st.changed()
}

// takeEarlyReply answers an await with a reply that came before it, to its run or one around it.
func (st *State) takeEarlyReply(a *await) {
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

// resolveAwait records the reply to an await.
func (st *State) resolveAwait(a *await) {
	p := st.record(AwaitResolved, a.reply)
	p.exec, p.step, p.event, p.cause, p.typ = a.exec.ID, int16(a.exec.Step.Index), a.id, a.cause, int16(a.typ)
	st.applyAwaitResolved(a, a.reply)
}

// expireAwait records that an await had no reply in time.
func (st *State) expireAwait(a *await) {
	f := &fault{err: ErrAwaitTimeout, text: ErrAwaitTimeout.Error()}
	p := st.record(AwaitResolved, f)
	p.exec, p.step, p.event = a.exec.ID, int16(a.exec.Step.Index), a.id
	st.applyAwaitResolved(a, f)
}

// applyAwaitResolved takes the reply, or the *fault of an await whose time is over.
func (st *State) applyAwaitResolved(a *await, reply any) {
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
	st.changed()
}
