package flow

// Nearly all that happens to a run is that an execution succeeds and that others begin because of it. What decide, next and
// apply would make of that, one record after the other, is made here at once, in half of their time. Records and state are
// the same: the simulator compares them with what replay, which knows nothing of this, makes of the records.

// plain reports whether an execution can succeed in that way: it runs, and has sent nothing and awaited nothing.
func (x *exec) plain() bool { return x.rare == nil && x.status == isRunning }

// succeed decides and applies what follows when a plain execution returns, having sent nothing.
func (r *run) succeed(x *exec, ev *outEvent) (records int) {
	t, st := &r.t, x.st
	if ev.payload != nil {
		t.ids++
		ev.id = t.ids
		f := r.log.slot(st.sub, ev.payload)
		f.at, f.kind, f.cause, f.event, f.typ, f.step = t.now, EventSent, x.id, ev.id, ev.typ, -1
		records = 1
	}
	f := r.log.slot(st.sub, nil)
	f.at, f.kind, f.exec, f.step, f.worker, f.n, f.typ = t.now, StepFinished, x.id, int16(x.s.index), x.worker, x.attempt, -1
	st.vacate(x)
	if ev.payload != nil {
		st.route(ev, x.scope, x.order, x.lineage, given)
		st.endedBy(x)
	}
	st.conclude(x)
	t.root.last = t.now
	t.touched(st, t.now)
	r.settle()
	return records + 1
}

// branch decides and applies what follows from an event that a fan-out yields.
func (r *run) branch(x *exec, ev *outEvent) (records int) {
	t, sc := &r.t, x.rare.scope
	t.ids++
	ev.id = t.ids
	sc.yielded++
	sc.items = append(sc.items, ev.payload)
	f := r.log.slot(x.st.sub, ev.payload)
	f.at, f.kind, f.cause, f.event, f.n, f.typ, f.step = t.now, EventSent, x.id, ev.id, int32(sc.yielded), ev.typ, -1
	x.st.route(ev, sc, sc.yielded, x.lineage, branch)
	x.st.endedBy(x)
	t.root.last = t.now
	t.touched(x.st, t.now)
	r.settle()
	return 1
}

// emit decides and applies what an execution shows. Of two goroutines the one that has looked at the clock first may come second.
func (r *run) emit(x *exec, ev any, at int64) {
	at = max(at, r.t.root.last)
	r.t.root.last = at
	r.t.ids++
	f := r.log.slot(x.st.sub, ev)
	f.at, f.kind, f.exec, f.event, f.step, f.n, f.typ = at, EventEmitted, x.id, r.t.ids, int16(x.s.index), x.attempt, -1
}

// hasten starts, or queues, the executions that can, as next would find them, unless there is anything else to look at. It
// reports whether nothing more follows by itself.
func (r *run) hasten(st *state) bool {
	t, p := st.t, st.pending
	if st.ending != nil || st.phase != running || t.paused || t.breaks != nil {
		return false
	}
	if p != &st.c.nothing {
		if len(p.dying)+len(p.failed)+len(p.restart)+len(p.ended)+len(p.due) > 0 {
			return false
		}
		for len(p.freed) > 0 {
			s := p.freed[len(p.freed)-1]
			l := &st.steps[s.index]
			if x := l.first(); x != nil && l.n < s.workers {
				r.begins(x, l)
				continue
			}
			l.marked = false
			p.freed = p.freed[:len(p.freed)-1]
		}
	}
	for x := st.upNext(); x != nil; x = st.upNext() {
		if l := &st.steps[x.s.index]; l.n < x.s.workers && l.first() == nil {
			r.begins(x, l)
			continue
		}
		f := r.log.slot(st.sub, nil)
		f.at, f.kind, f.exec, f.step, f.cause, f.typ = t.now, StepQueued, x.id, int16(x.s.index), x.cause, -1
		st.applyQueued(x)
	}
	p = st.pending // a nested execution that begins has made its own
	return st.nopen > 0 && (p == &st.c.nothing || len(p.reply)+len(p.closing)+len(p.spawn) == 0)
}

// begins starts an execution.
func (r *run) begins(x *exec, l *lane) {
	worker, attempt := l.free(), x.attempt
	if !x.woken {
		attempt++
	}
	f := r.log.slot(x.st.sub, nil)
	f.at, f.kind, f.exec, f.step, f.cause, f.worker, f.n, f.typ = r.t.now, StepStarted, x.id, int16(x.s.index), x.cause, worker, attempt, -1
	x.st.applyStarted(x, worker, attempt, r.t.now)
}
