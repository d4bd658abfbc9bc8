package flow

import (
	"context"
)

// A tick is something that happens to a run from outside of its fold: a step has come to an end, an event has arrived, time
// has passed.
type tick struct {
	do      tickKind
	refused bool // of broke: the step's policy does not try it again
	at      int64
	st      *state
	x       *exec
	ev      outEvent
	sends   []outEvent // what the execution sent, all of them
	err     error
	n       int // of resume; of begin and revive: 1 if the run is paused before anything starts
	due     int64
	ask     *Prompt
}

type tickKind uint8

const (
	settle   tickKind = iota // nothing: what follows by itself
	begin                    // ev: the start event
	arrived                  // ev came from outside
	returned                 // x succeeded and gave ev, if that has a payload
	broke                    // x failed with err
	opened                   // x began a fan-out
	yielded                  // x's fan-out gave ev; decided and applied by run.branch alone
	awaiting                 // x awaits ev.typ
	changed                  // x changed the run's state: ev.payload is a *patch
	passed                   // time: at
	cancel                   // err: the cause
	pause
	resume // n: how many executions may start; 0: all
	revive // the run goes on in a new process
)

// many reports whether a tick can lead to more than one record.
func (k *tick) many() bool {
	switch k.do {
	case returned, awaiting, passed, cancel:
		return true
	case begin, revive:
		return k.n > 0
	}
	return false
}

// decide returns the next record that follows from a tick, and whether there is one. It changes nothing. The caller
// applies the record and asks again, with the same tick and the number of records that came of it so far, until there is none.
func decide(t *tree, k *tick, n int, r *rec) bool {
	if n > 0 && !k.many() || k.do == returned && k.x.status != isRunning {
		return false
	}
	st, do := k.st, k.do
	if n > 0 && (do == begin || do == revive) {
		do = pause
	}
	r.clear(k.at, st.sub)
	switch do {
	case begin:
		r.kind, r.event, r.typ, r.payload = RunStarted, t.ids+1, k.ev.typ, k.ev.payload
	case arrived:
		r.kind, r.event, r.typ, r.payload, r.step = EventSent, t.ids+1, k.ev.typ, k.ev.payload, k.ev.step
	case returned:
		return decideReturned(t, k, n, r)
	case broke:
		failed(k.x, k.err, k.refused, r)
	case opened:
		r.kind, r.exec, r.step, r.event = ScopeOpened, k.x.id, int16(k.x.s.index), t.ids+1
	case awaiting:
		if sent(t, k, n, r) {
			return true
		}
		if n > max(0, len(k.sends)-int(k.x.flushed)) || k.x.status != isRunning {
			return false
		}
		r.kind, r.exec, r.step, r.event, r.typ, r.payload, r.due = AwaitOpened, k.x.id, int16(k.x.s.index), t.ids+1, k.ev.typ, *k.ask, k.due
	case changed:
		r.kind, r.exec, r.step, r.n, r.payload = StateChanged, k.x.id, int16(k.x.s.index), k.x.attempt, k.ev.payload
	case passed:
		return decidePassed(t, k, r)
	case cancel:
		return st.ending == nil && st.phase == running && st.giveUp(st, &fault{err: k.err, text: textOf(k.err), end: RunCancelled}, r)
	case pause:
		if t.paused && t.steps == 0 {
			return false
		}
		r.kind = RunPaused
	case resume:
		if !t.paused {
			return false
		}
		r.kind, r.n = RunResumed, int32(k.n)
	case revive:
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
	r.kind, r.exec, r.step, r.worker, r.n = StepFinished, x.id, int16(x.s.index), x.worker, x.attempt
}

func failed(x *exec, err error, refused bool, r *rec) {
	r.kind, r.exec, r.step, r.worker, r.n = StepFailed, x.id, int16(x.s.index), x.worker, x.attempt
	if f, ok := err.(*final); ok {
		r.payload = &fault{err: f.err, text: f.err.Error(), end: RunFailed}
		return
	}
	r.payload = &fault{err: err, text: textOf(err)}
	r.due = x.nextAttempt(refused, r.at)
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
		err := &TimeoutError{Step: x.s.name, Limit: x.s.limitOfTime()}
		failed(x, err, x.s.refuses(err, x.attempt), r)
	}
	return true
}

// start fills the record with which an execution that is ready gets a worker, or waits for one.
func (st *state) start(x *exec, r *rec) {
	l := &st.steps[x.s.index]
	r.kind, r.exec, r.step, r.cause = StepQueued, x.id, int16(x.s.index), x.cause
	if first := l.first(); l.n >= x.s.workers || first != nil && (x.status == isReady && !x.woken || l.front.peek() != nil) || st.held(x) {
		return
	}
	st.grant(x, r)
}

// grant fills the record with which an execution gets a worker.
func (st *state) grant(x *exec, r *rec) {
	r.kind, r.exec, r.step, r.cause, r.worker, r.n = StepStarted, x.id, int16(x.s.index), x.cause, st.steps[x.s.index].free(), x.attempt
	if !x.woken {
		r.n++
	}
}

// held reports whether a debugger keeps an execution from starting.
func (st *state) held(*exec) bool { return st.t.paused && st.t.steps == 0 }

// stopsAt reports whether a breakpoint stops an execution now.
func (st *state) stopsAt(x *exec) bool {
	t := st.t
	return t.breaks != nil && !t.paused && t.passed != x.id && !x.woken && t.breaks(x.s.name, st.c.types[x.typ].name)
}
