package flow

import "context"

// A tick is something that happens to a run from outside of its fold: a step has come to an end, an event has arrived, time
// has passed.
type tick struct {
	do    tickKind
	at    int64
	st    *state
	x     *exec
	ev    outEvent
	sends []outEvent // what the execution sent, all of them
	err   error
	n     int
	due   int64
	ask   Prompt
}

type tickKind uint8

const (
	settle   tickKind = iota // nothing: what follows by itself
	begin                    // ev: the start event
	arrived                  // ev came from outside
	returned                 // x succeeded and gave ev, if that has a payload
	broke                    // x failed with err
	opened                   // x began a fan-out
	yielded                  // x's fan-out gave ev
	awaiting                 // x awaits ev.typ
	emitted                  // x showed ev
	changed                  // x changed the run's state: ev.payload is a *patch
	passed                   // time: at
	cancel                   // err: the cause
	pause
	resume // n: how many executions may start; 0: all
	revive // the run goes on in a new process
)

// decide returns the next record that follows from a tick, and whether there is one. It changes nothing. The caller
// applies the record and asks again with the same tick, until there is none, where the tick is one that can lead to
// several; see machine.tick.
func decide(t *tree, k *tick, n int, r *rec) bool {
	st := k.st
	*r = rec{fact: fact{at: k.at, sub: st.sub, step: -1, typ: -1}}
	switch k.do {
	case begin:
		if n > 0 {
			return false
		}
		r.kind, r.event, r.typ, r.payload = RunStarted, t.ids+1, k.ev.typ, k.ev.payload
	case arrived:
		if n > 0 {
			return false
		}
		r.kind, r.event, r.typ, r.payload, r.step = EventSent, t.ids+1, k.ev.typ, k.ev.payload, k.ev.step
	case returned:
		return decideReturned(t, k, n, r)
	case broke:
		if n > 0 {
			return false
		}
		failed(k.x, k.err, r)
	case opened:
		if n > 0 {
			return false
		}
		r.kind, r.exec, r.step, r.event = ScopeOpened, k.x.id, int16(k.x.s.index), t.ids+1
	case yielded:
		if n > 0 {
			return false
		}
		r.kind, r.cause, r.event, r.typ, r.payload = EventSent, k.x.id, t.ids+1, k.ev.typ, k.ev.payload
		r.index = int32(k.x.rare.scope.yielded) + 1
	case awaiting:
		if sent(t, k, n, r) {
			return true
		}
		if n > max(0, len(k.sends)-int(k.x.flushed)) || k.x.status != isRunning {
			return false
		}
		r.kind, r.exec, r.step, r.event, r.typ, r.payload, r.due = AwaitOpened, k.x.id, int16(k.x.s.index), t.ids+1, k.ev.typ, k.ask, k.due
	case emitted:
		if n > 0 {
			return false
		}
		r.kind, r.exec, r.step, r.attempt, r.event, r.typ, r.payload = EventEmitted, k.x.id, int16(k.x.s.index), k.x.attempt, t.ids+1, k.ev.typ, k.ev.payload
	case changed:
		if n > 0 {
			return false
		}
		r.kind, r.exec, r.step, r.attempt, r.payload = StateChanged, k.x.id, int16(k.x.s.index), k.x.attempt, k.ev.payload
	case passed:
		return decidePassed(t, k, r)
	case cancel:
		return st.ending == nil && st.phase == running && st.giveUp(st, &fault{err: k.err, text: k.err.Error(), end: RunCancelled}, r)
	case pause:
		if n > 0 || t.paused && t.steps == 0 {
			return false
		}
		r.kind = RunPaused
	case resume:
		if n > 0 || !t.paused {
			return false
		}
		r.kind, r.attempt = RunResumed, int32(k.n)
	case revive:
		if n > 0 {
			return false
		}
		r.kind, r.payload, r.due = RunResumed, restarted{}, t.root.last
	default:
		return false
	}
	return true
}

// restarted is the payload of the RunResumed record with which a run goes on in a new process.
type restarted struct{}

// sent fills the record of the nth send of an execution that was not delivered before.
func sent(t *tree, k *tick, n int, r *rec) bool {
	x := k.x
	i := int(x.flushed) + n
	if x.status != isRunning || i >= len(k.sends) {
		return false
	}
	ev := k.sends[i]
	r.kind, r.cause, r.event, r.typ, r.payload, r.step = EventSent, x.id, t.ids+1, ev.typ, ev.payload, ev.step
	return true
}

func decideReturned(t *tree, k *tick, n int, r *rec) bool {
	x := k.x
	if x.status != isRunning {
		return false
	}
	if len(k.sends) > 0 {
		if sent(t, k, n, r) {
			return true
		}
		n -= max(0, len(k.sends)-int(x.flushed))
	}
	if n == 0 && k.ev.payload != nil {
		r.kind, r.cause, r.event, r.typ, r.payload = EventSent, x.id, t.ids+1, k.ev.typ, k.ev.payload
		return true
	}
	finished(x, r)
	return true
}

func finished(x *exec, r *rec) {
	r.kind, r.exec, r.step, r.worker, r.attempt = StepFinished, x.id, int16(x.s.index), x.worker, x.attempt
}

func failed(x *exec, err error, r *rec) {
	r.kind, r.exec, r.step, r.worker, r.attempt = StepFailed, x.id, int16(x.s.index), x.worker, x.attempt
	if f, ok := err.(*final); ok {
		r.payload = &fault{err: f.err, text: f.err.Error(), end: RunFailed}
		return
	}
	r.payload = &fault{err: err, text: err.Error()}
	r.due = x.nextAttempt(err, r.at)
}

// decidePassed returns what the first timer that is due leads to.
func decidePassed(t *tree, k *tick, r *rec) bool {
	due := t.timers.first()
	if due == nil || due.at > k.at {
		return false
	}
	switch {
	case due.state != nil:
		st := due.state
		r.sub = st.sub
		err := &TimeoutError{Limit: st.c.cfg.Timeout, Active: st.active()}
		return st.giveUp(st, &fault{err: err, text: err.Error(), end: RunFailed}, r)
	case due.await != nil:
		a := due.await
		r.sub = a.x.st.sub
		r.kind, r.exec, r.step, r.event, r.payload = AwaitResolved, a.x.id, int16(a.x.s.index), a.id, &fault{err: ErrAwaitTimeout, text: ErrAwaitTimeout.Error()}
	case due.exec.status == isDelayed:
		x := due.exec
		r.sub = x.st.sub
		x.st.start(x, r)
	default:
		x := due.exec
		r.sub = x.st.sub
		if x.rare.child != nil {
			return x.st.giveUp(x.rare.child, &fault{err: context.DeadlineExceeded, text: "the step's time is over", end: RunCancelled}, r)
		}
		failed(x, &TimeoutError{Step: x.s.name, Limit: x.s.limitOfTime()}, r)
	}
	return true
}

// start fills the record with which an execution that is ready gets a worker, or waits for one.
func (st *state) start(x *exec, r *rec) {
	l := &st.steps[x.s.index]
	r.kind, r.exec, r.step, r.cause = StepQueued, x.id, int16(x.s.index), x.cause
	if ahead := l.first(); l.n >= x.s.workers || ahead != nil && (x.status == isReady && !x.woken || l.front.peek() != nil) || st.held(x) {
		return
	}
	st.grant(x, r)
}

// grant fills the record with which an execution gets a worker.
func (st *state) grant(x *exec, r *rec) {
	r.kind, r.exec, r.step, r.cause, r.worker, r.attempt = StepStarted, x.id, int16(x.s.index), x.cause, st.steps[x.s.index].free(), x.attempt
	if !x.woken {
		r.attempt++
	}
}

// held reports whether a debugger keeps an execution from starting.
func (st *state) held(*exec) bool { return st.t.paused && st.t.steps == 0 }

// stopsAt reports whether a breakpoint stops an execution now.
func (st *state) stopsAt(x *exec) bool {
	t := st.t
	return t.breaks != nil && !t.paused && t.passed != x.id && !x.woken && t.breaks(x.s.name, st.c.types[x.typ].name)
}

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
	*r = rec{fact: fact{at: t.now, sub: st.sub, step: -1, typ: -1}}
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
		r.kind, r.exec, r.step, r.cause, r.worker, r.attempt = StepStarted, x.id, int16(x.s.index), x.cause, x.worker, x.attempt
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
	if x := st.ready.peek(); x != nil {
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

// quiet reports whether nothing follows by itself.
func (st *state) quiet() bool {
	return st.ending == nil && st.nopen > 0 && st.ready.head == nil && len(st.freed) == 0 && len(st.due) == 0 && len(st.reply) == 0 &&
		len(st.closing) == 0 && len(st.dying) == 0 && len(st.failed) == 0 && len(st.spawn) == 0 && len(st.ended) == 0 && len(st.restart) == 0
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
	for x := st.open.head; x != nil; x = x.next {
		if x.scope.within(sc) {
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
	if x.rare != nil && x.rare.child != nil && x.rare.child.phase == running {
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
	if x := who.open.head; x != nil {
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
		failed(x, e.fault.err, r)
	case x.out.id == 0:
		r.kind, r.cause, r.event, r.typ, r.payload = EventSent, x.id, st.t.ids+1, int16(x.s.outs[0]), e.event.payload
	default:
		finished(x, r)
	}
	return true
}
