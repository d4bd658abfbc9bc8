package flow

// A passage is how an event comes to be routed.
type passage uint8

const (
	given   passage = iota // a step gave it
	branch                 // a fan-out yielded it
	outside                // it was sent to the run
)

// route hands an event to all that take it. It comes of the branch (scope, order), if that is not nil.
func (st *state) route(ev *outEvent, sc *scope, order uint32, ln *lineage, how passage) {
	if st.ending != nil {
		return
	}
	if int(ev.typ) == st.c.out {
		st.end = ending{kind: RunFinished, event: *ev}
		st.ending = &st.end
		return
	}
	if ev.step >= 0 {
		st.deliver(st.c.steps[ev.step], ev, sc, order, ln, how == branch)
		return
	}
	ty := st.c.types[ev.typ]
	for _, s := range ty.takers {
		st.deliver(s, ev, sc, order, ln, how == branch)
	}
	if len(ty.joins) > 0 {
		st.arrive(ev, sc, order)
	}
	if ty.awaited {
		st.resolve(ev, how == outside)
	}
}

func (st *state) deliver(s *step, ev *outEvent, sc *scope, order uint32, ln *lineage, direct bool) {
	switch s.kind {
	case join:
		st.arrive(ev, sc, order)
	case collect:
		st.collect(s, ev, sc, order, ln)
	default:
		st.create(s, ev.payload, ev.typ, ev.id, sc, order, ln).await(direct)
	}
}

// await marks an execution as a branch that waits for its start.
func (x *exec) await(direct bool) {
	if direct {
		x.direct = true
		x.scope.waiting++
	}
}

// create makes an execution that is ready to start.
func (st *state) create(s *step, in any, typ int16, cause uint32, sc *scope, order uint32, ln *lineage) *exec {
	t := st.t
	t.ids++
	x := t.exec()
	x.s, x.in, x.typ, x.id, x.cause, x.order, x.status = s, in, typ, t.ids, cause, order, isReady
	if x.st != st { // one that is used again mostly has these: a pointer that is written anew costs while garbage is collected
		x.st = st
	}
	if x.scope != sc {
		x.scope = sc
	}
	if x.lineage != ln {
		x.lineage = ln
	}
	t.execs.put(x)
	st.nopen++
	if sc != nil {
		sc.open++
	}
	st.ready.push(x)
	return x
}

// exec returns an execution to fill.
func (t *tree) exec() *exec {
	n := len(t.spare) - 1
	if n < 0 {
		return new(exec)
	}
	x := t.spare[n]
	t.spare = t.spare[:n]
	x.flushed, x.attempt, x.worker, x.woken, x.direct = 0, 0, 0, false, false
	return x
}

// leave takes an execution out of everything that counts it.
func (st *state) leave(x *exec) {
	x.asWaiting(false)
	x.status = isDone
	x.forget()
	st.nopen--
	st.t.execs.ended++
	if x.rare != nil {
		st.t.timers.disarm(&x.rare.timer)
		for _, a := range x.rare.awaits {
			if a.open {
				st.t.timers.disarm(&a.timer)
				drop(&st.awaits, a)
				drop(&st.reply, a)
			}
		}
	}
	st.exit(x.scope)
}

func (st *state) exit(sc *scope) {
	if sc == nil {
		return
	}
	sc.open--
	st.mayClose(sc)
}

func (st *state) mayClose(sc *scope) {
	if sc.open == 0 && sc.ended && !sc.queued {
		sc.queued = true
		st.own().closing = append(st.closing, sc)
	}
}
