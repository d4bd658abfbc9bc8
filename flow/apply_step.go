package flow

func (st *state) applySent(r *rec) {
	t := st.t
	t.ids = max(t.ids, r.event)
	ev := outEvent{payload: r.payload, id: r.event, typ: r.typ, step: r.step}
	if r.cause == 0 {
		st.route(&ev, nil, 0, nil, outside)
		return
	}
	x := t.execs.get(r.cause)
	switch {
	case r.n > 0:
		sc := x.rare.scope
		sc.yielded = uint32(r.n)
		sc.items = append(sc.items, r.payload)
		st.route(&ev, sc, uint32(r.n), x.lineage, branch)
		st.endedBy(x)
	case x.status == isFailed:
		drop(&st.failed, x)
		ln := &lineage{int(r.step), x.lineage.count(int(r.step)) + 1, x.lineage}
		st.route(&ev, x.scope, x.order, ln, given)
		st.leave(x)
	case x.out.id == 0:
		x.out = ev
	default:
		m := x.more()
		m.outs = append(m.outs, ev)
	}
}

// given returns how many events of an execution are recorded and not yet delivered.
func (x *exec) given() uint32 {
	if x.out.id == 0 {
		return 0
	}
	if x.rare == nil {
		return 1
	}
	return uint32(1 + len(x.rare.outs))
}

// flush delivers what an execution gave.
func (st *state) flush(x *exec) {
	if x.out.id == 0 {
		return
	}
	st.route(&x.out, x.scope, x.order, x.lineage, given)
	if x.rare != nil {
		for i := range x.rare.outs {
			st.route(&x.rare.outs[i], x.scope, x.order, x.lineage, given)
		}
	}
	x.forget()
	st.endedBy(x)
}

// endedBy notes who gave the stop event, if that has just been routed.
func (st *state) endedBy(x *exec) {
	if st.ending != nil && st.ending.exec == 0 {
		st.ending.exec = x.id
	}
}

// forget drops what an execution gave and was not delivered.
func (x *exec) forget() {
	if x.out.id != 0 {
		x.out = outEvent{}
	}
	if x.rare != nil {
		x.rare.outs = nil
	}
}

func (st *state) applyQueued(x *exec) {
	l := &st.steps[x.s.index]
	if x.status == isReady && !x.woken {
		st.ready.pop()
		l.waiting.push(x)
	} else {
		drop(&st.due, x)
		st.t.timers.disarm(&x.rare.timer)
		l.front.push(x)
	}
	x.status = isQueued
}

// applyStarted lets an attempt begin, or go on after an await.
func (st *state) applyStarted(x *exec, worker uint16, attempt int32, at int64) {
	t, l := st.t, &st.steps[x.s.index]
	switch x.status {
	case isReady:
		if x.woken {
			drop(&st.due, x)
		} else {
			st.ready.pop()
		}
	case isQueued:
		if l.front.peek() == x {
			l.front.pop()
		} else {
			l.waiting.peek()
			l.waiting.pop()
		}
	case isRunning: // after a restart
		drop(&st.restart, x)
		l.release(x.worker)
		x.forget()
	case isDelayed:
		t.timers.disarm(&x.rare.timer)
	}
	l.occupy(worker)
	if t.paused && t.steps > 0 {
		t.steps--
	}
	if x.direct {
		x.direct = false
		if sc := x.scope; sc.starts() {
			if y := t.execs.get(sc.exec); y != nil {
				t.cmds = append(t.cmds, command{do: doRoom, x: y})
			}
		}
	}
	if attempt != x.attempt {
		x.attempt = attempt
		if x.rare != nil {
			x.rare.spent = 0
		}
	}
	if attempt == 1 && !x.woken && (x.s.retry != nil || x.s.recovers != nil) {
		x.more().since = at
	}
	x.worker, x.status, x.woken = worker, isRunning, false
	if x.s.timeout > 0 {
		m := x.more()
		m.mark = at
		t.timers.arm(&m.timer, later(at, x.s.timeout-m.spent))
	}
	if x.s.kind == nested {
		st.own().spawn = append(st.spawn, x)
		return
	}
	t.cmds = append(t.cmds, command{do: doStart, x: x})
}

// vacate gives an execution's worker to who waits for it.
func (st *state) vacate(x *exec) {
	l := &st.steps[x.s.index]
	l.release(x.worker)
	x.worker = 0
	st.mark(x.s)
}

// mark remembers that somebody who waits for a worker may get one.
func (st *state) mark(s *step) {
	if l := &st.steps[s.index]; !l.marked && l.first() != nil {
		l.marked = true
		st.own().freed = append(st.freed, s)
	}
}

func (st *state) applyFinished(x *exec) {
	st.vacate(x)
	st.flush(x)
	if x.rare != nil {
		drop(&st.ended, x)
		if sc := x.rare.scope; sc != nil {
			sc.ended, sc.items = true, nil
			st.mayClose(sc)
		}
	}
	st.conclude(x)
}

// conclude lets go of an execution that has succeeded.
func (st *state) conclude(x *exec) {
	if st.leave(x); x.rare == nil {
		st.t.spare = append(st.t.spare, x) // no command of this tick names it
	}
}

func (st *state) applyFailed(x *exec, r *rec) {
	st.vacate(x)
	m := x.more()
	st.t.timers.disarm(&m.timer)
	x.forget()
	drop(&st.ended, x)
	if m.scope != nil {
		st.abandon(m.scope)
		m.scope = nil
	}
	if m.child = nil; x.ctx != nil {
		st.t.cmds = append(st.t.cmds, command{do: doExpire, x: x})
	}
	m.fault = r.payload.(*fault)
	switch {
	case r.due != 0:
		x.status = isDelayed
		st.t.timers.arm(&m.timer, r.due)
	case x.recoverable():
		x.status = isFailed
		st.own().failed = append(st.failed, x)
	default:
		st.leave(x)
		st.ending = &ending{kind: RunFailed, fault: &fault{err: x.failure(m.fault)}, exec: x.id, step: int16(x.s.index)}
		st.ending.fault.text = st.ending.fault.err.Error()
	}
}

func (x *exec) recoverable() bool {
	h := x.s.recovers
	return h != nil && x.rare.fault.end == 0 && x.lineage.count(h.index) < h.budget
}

// abandon gives up a scope: next cancels what is in it.
func (st *state) abandon(sc *scope) {
	sc.ended, sc.dying, sc.items = true, true, nil
	st.own().dying = append(st.dying, sc)
}

func (sc *scope) doomed() bool {
	for ; sc != nil; sc = sc.parent {
		if sc.dying {
			return true
		}
	}
	return false
}

func (st *state) applyCancelled(x *exec, r *rec) {
	t := st.t
	f := r.payload.(*fault)
	if f.end != 0 {
		who := t.root
		if r.cause != 0 {
			who = t.subs[r.cause]
		}
		if who.ending == nil {
			who.ending = &ending{kind: f.end, fault: f, step: -1}
			t.touch(who)
		}
	}
	switch x.status {
	case isRunning:
		st.vacate(x)
	case isReady:
		drop(&st.due, x)
	}
	drop(&st.failed, x)
	drop(&st.spawn, x)
	drop(&st.ended, x)
	drop(&st.restart, x)
	if x.direct {
		x.scope.waiting--
	}
	if x.rare != nil && x.rare.scope != nil && !x.rare.scope.dying {
		st.abandon(x.rare.scope)
	}
	st.leave(x)
	t.cmds = append(t.cmds, command{do: doCancel, x: x})
}
