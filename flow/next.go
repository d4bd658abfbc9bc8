package flow

// next fills the record that follows from the state by itself, without a tick. After any prefix of a journal it goes on
// where the run stood.
func (st *state) next(r *rec) bool {
	if st.phase != running {
		return false
	}
	if st.quiet() {
		return false
	}
	t := st.t
	r.clear(t.now, st.sub)
	if st.ending != nil {
		return st.giveUp(st, st.ending.fault, r)
	}
	if len(st.dying) > 0 {
		return st.bury(st.dying[0], r)
	}
	if len(st.failed) > 0 {
		x := st.failed[0]
		r.kind, r.cause, r.event, r.typ, r.step = EventSent, x.id, t.ids+1, int16(x.s.recovers.takes[0]), int16(x.s.recovers.index)
		r.payload = x.asFailure(r.at)
		return true
	}
	if len(st.restart) > 0 {
		x := st.restart[0]
		r.kind, r.exec, r.step, r.cause, r.worker, r.n = StepStarted, x.id, int16(x.s.index), x.cause, x.worker, x.attempt
		return true
	}
	if len(st.ended) > 0 {
		return st.absorb(st.ended[0], r)
	}
	if len(st.due) > 0 {
		st.start(st.due[0], r)
		return true
	}
	for len(st.freed) > 0 {
		s := st.freed[len(st.freed)-1]
		l := &st.steps[s.index]
		if x := l.first(); x != nil && l.n < s.workers && !st.held(x) {
			if st.stopsAt(x) {
				r.kind, r.exec, r.step = RunPaused, x.id, int16(s.index)
				return true
			}
			st.grant(x, r)
			return true
		}
		l.marked = false
		st.freed = st.freed[:len(st.freed)-1]
	}
	if x := st.upNext(); x != nil {
		if st.stopsAt(x) && st.steps[x.s.index].n < x.s.workers {
			r.kind, r.exec, r.step = RunPaused, x.id, int16(x.s.index)
			return true
		}
		st.start(x, r)
		return true
	}
	if len(st.reply) > 0 {
		a := st.reply[0]
		r.kind, r.exec, r.step, r.event, r.cause, r.typ, r.payload = AwaitResolved, a.x.id, int16(a.x.s.index), a.id, a.cause, int16(a.typ), a.reply
		return true
	}
	if len(st.closing) > 0 {
		return st.close(st.closing[0], r)
	}
	if len(st.spawn) > 0 {
		x := st.spawn[0]
		r.kind, r.sub, r.cause, r.event, r.typ, r.payload = RunStarted, x.id, x.id, t.ids+1, int16(x.s.sub.in), x.in
		return true
	}
	if st.nopen == 0 {
		err := st.stuck()
		r.kind, r.payload = RunFailed, &fault{err: err, text: err.Error()}
		return true
	}
	return false
}

// upNext returns the execution that was routed first and has neither started nor been queued.
func (st *state) upNext() *exec {
	for ; !st.ready.empty(); st.ready.pop() {
		if x := st.ready.all[st.ready.head]; x.status != isDone {
			return x
		}
	}
	return nil
}

// quiet reports whether nothing follows by itself.
func (st *state) quiet() bool {
	return st.ending == nil && st.nopen > 0 && st.upNext() == nil && (st.pending == &st.c.nothing || st.pending.quiet())
}

// close fills the record with which a scope is over.
func (st *state) close(sc *scope, r *rec) bool {
	r.kind, r.event = ScopeClosed, sc.id
	if !sc.doomed() && sc.typ >= 0 {
		for i := range st.c.types[sc.typ].joins {
			if !sc.hasFired(i) {
				r.cause = st.t.ids + 1
				break
			}
		}
	}
	return true
}

// bury fills the next record that gives up a scope.
func (st *state) bury(sc *scope, r *rec) bool {
	for x := range st.executionsFrom(sc.oldest) {
		if x.scope.within(sc) {
			sc.oldest = x.id
			return st.giveUpExec(x, &fault{text: "its fan-out was given up"}, r)
		}
	}
	if sc.open > 0 { // a fan-out within, over but for its own executions
		var first *scope
		for _, in := range st.scopes {
			if in != sc && in.within(sc) && in.open == 0 && (first == nil || in.id < first.id) {
				first = in
			}
		}
		return st.close(first, r)
	}
	return st.close(sc, r)
}

func (sc *scope) within(outer *scope) bool {
	for ; sc != nil; sc = sc.parent {
		if sc == outer {
			return true
		}
	}
	return false
}

// giveUpExec fills the record that cancels an execution, or first one of its sub-workflow.
func (st *state) giveUpExec(x *exec, f *fault, r *rec) bool {
	if x.hosts() {
		child := x.rare.child
		cf := child.cancelled(f)
		return child.giveUp(child, cf, r)
	}
	r.kind, r.sub, r.exec, r.step, r.payload = StepCancelled, st.sub, x.id, int16(x.s.index), f
	return true
}

func (st *state) cancelled(f *fault) *fault {
	return &fault{err: f.err, text: f.text, end: RunCancelled}
}

// giveUp fills the next record on the way to the end of a run: first all that is open is cancelled, then the run ends.
func (st *state) giveUp(who *state, f *fault, r *rec) bool {
	e := who.ending
	if x := who.firstOpen(); x != nil {
		if f == nil {
			f = &fault{text: "the run has ended"}
		}
		if e == nil && f.end != 0 {
			r.cause = who.sub
		}
		cf := f
		if e != nil {
			cf = &fault{err: f.err, text: f.text}
		}
		return who.giveUpExec(x, cf, r)
	}
	r.sub, r.step = who.sub, -1
	if e == nil {
		r.kind, r.payload = f.end, f
		return true
	}
	r.kind, r.cause, r.step = e.kind, e.exec, e.step
	if e.kind == RunFinished {
		r.event, r.typ, r.payload = e.event.id, e.event.typ, e.event.payload
		r.step = -1
	} else {
		r.payload = e.fault
	}
	return true
}

// absorb fills the next record with which an execution takes over what its sub-workflow came to.
func (st *state) absorb(x *exec, r *rec) bool {
	e := x.rare.child.ending
	switch {
	case e.kind == RunFailed:
		failed(x, e.fault.err, x.s.refuses(e.fault.err, x.attempt), r)
	case x.out.id == 0:
		r.kind, r.cause, r.event, r.typ, r.payload = EventSent, x.id, st.t.ids+1, int16(x.s.outs[0]), e.event.payload
	default:
		finished(x, r)
	}
	return true
}
