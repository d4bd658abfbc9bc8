package flow

import (
	"cmp"
	"slices"
)

// A command is what the runtime has to do because of a record. It is the only effect that the fold has.
type command struct {
	do cmd
	x  *exec
}

type cmd uint8

const (
	doStart  cmd = iota // call the step, or let it go on after an await
	doCancel            // end its context
	doExpire            // end it because its time is over
	doRoom              // its blocked yield may go on
	doEnd               // the run is over
)

// apply changes the state by one record. It is the only way in which a state changes, live and on replay.
func (t *tree) apply(r *rec) {
	st := t.root
	st.last = r.at
	if r.sub != 0 {
		st = t.subs[r.sub]
	}
	switch r.kind {
	case EventEmitted:
		t.ids = max(t.ids, r.event)
		return
	case StateChanged:
		st.commit(r)
		return
	case RunStarted:
		st = t.begin(r)
	case EventSent:
		st.applySent(r)
	case StepQueued:
		st.applyQueued(t.execs.get(r.exec))
	case StepStarted:
		st.applyStarted(t.execs.get(r.exec), r.worker, r.n, r.at)
	case StepFinished:
		st.applyFinished(t.execs.get(r.exec))
	case StepFailed:
		st.applyFailed(t.execs.get(r.exec), r)
	case StepCancelled:
		st.applyCancelled(t.execs.get(r.exec), r)
	case AwaitOpened:
		st.applyAwaitOpened(t.execs.get(r.exec), r)
	case AwaitResolved:
		st.applyAwaitResolved(t.execs.get(r.exec), r)
	case ScopeOpened:
		st.applyScopeOpened(t.execs.get(r.exec), r)
	case ScopeClosed:
		st.applyScopeClosed(st.scopes[r.event])
	case RunPaused:
		t.paused, t.steps = true, 0
		if r.exec != 0 {
			t.passed = r.exec
		}
		t.clocks(r.at)
	case RunResumed:
		t.applyResumed(r)
	case RunFinished, RunFailed, RunCancelled:
		st.applyOver(r)
	}
	t.touched(st, r.at)
}

// touched notes that a record has changed a state.
func (t *tree) touched(st *state, at int64) {
	t.touch(st)
	if st.c.cfg.Timeout > 0 || st.parent != nil {
		st.clock(at)
	}
}

func (t *tree) touch(st *state) {
	if !st.moved {
		if st.moved = true; st != t.root {
			st.under, t.moved = t.moved, st
		}
	}
}

// begin makes the state of a run, or of a sub-workflow's.
func (t *tree) begin(r *rec) *state {
	st := t.root
	if r.sub != 0 {
		host := t.execs.get(r.sub)
		st = newState(host.s.sub, t)
		st.sub, st.parent, st.host = r.sub, host.st, host
		host.more().child = st
		if t.subs == nil {
			t.subs = map[uint32]*state{}
		}
		t.subs[r.sub] = st
		drop(&host.st.spawn, host)
	}
	st.phase = running
	st.left = int64(st.c.cfg.Timeout)
	t.ids = max(t.ids, r.event)
	st.route(&outEvent{payload: r.payload, id: r.event, typ: r.typ, step: -1}, nil, 0, nil, given)
	return st
}

func newState(c *core, t *tree) *state {
	st := new(state)
	st.init(c, t)
	return st
}

func (st *state) init(c *core, t *tree) {
	st.c, st.t, st.pending = c, t, &c.nothing
	if n := len(c.steps); st == &t.top && n <= len(t.lanes) {
		st.steps = t.lanes[:n]
	} else {
		st.steps = make([]lane, n)
	}
	st.alarm.state = st
}

// clock lets the run's timeout go on or stand, after a record that may have changed which it is.
func (st *state) clock(at int64) {
	standing := st.t.paused || st.phase != running || st.nopen > 0 && st.nwait == st.nopen
	if standing == (st.since == 0) {
		return
	}
	if standing {
		st.left -= at - st.since
		st.since = 0
		st.t.timers.disarm(&st.alarm)
	} else {
		st.since = at
		if st.c.cfg.Timeout > 0 {
			st.t.timers.arm(&st.alarm, later(at, st.left))
		}
	}
	if st.parent != nil && st.host.status != isDone && !st.t.paused {
		if standing && st.phase == running {
			st.host.asWaiting(true)
		} else {
			st.host.asWaiting(false)
		}
		st.parent.clock(at)
	}
}

func (t *tree) clocks(at int64) {
	for _, st := range t.states() { // in their order, which is that of what is due at the same instant
		st.clock(at)
	}
}

// asWaiting counts an execution as one that awaits, or no longer.
func (x *exec) asWaiting(yes bool) {
	if x.idle != yes {
		x.idle = yes
		if yes {
			x.st.nwait++
		} else {
			x.st.nwait--
		}
	}
}

func (t *tree) applyResumed(r *rec) {
	if _, ok := r.payload.(restarted); ok {
		t.revive(r.at - r.due)
	} else {
		t.paused, t.steps = r.n > 0, int(r.n)
	}
	for _, st := range t.states() {
		for i := range st.steps {
			st.mark(st.c.steps[i])
		}
		t.touch(st)
	}
	t.clocks(r.at)
}

// revive makes the state of a process that has ended the state of one that goes on after a gap: what was under way starts
// again, and the clocks of the run and of the awaits have not gone on meanwhile.
func (t *tree) revive(gap int64) {
	for _, st := range t.states() {
		if st.phase != running {
			continue
		}
		if st.since != 0 {
			st.since += gap
			if st.alarm.where > 0 {
				t.timers.arm(&st.alarm, later(st.alarm.at, gap))
			}
		}
		for _, a := range st.awaits {
			if a.timer.where > 0 {
				t.timers.arm(&a.timer, later(a.timer.at, gap))
			}
		}
		for x := range st.executions() {
			if x.status != isRunning || x.s.kind == nested && x.rare != nil && x.rare.child != nil {
				continue
			}
			if x.rare != nil {
				t.timers.disarm(&x.rare.timer)
			}
			if x.s.kind != nested {
				st.own().restart = append(st.restart, x)
			} else if !slices.Contains(st.spawn, x) {
				st.own().spawn = append(st.spawn, x)
			}
		}
	}
}

func (t *tree) states() []*state {
	all := []*state{t.root}
	for _, st := range t.subs {
		all = append(all, st)
	}
	slices.SortFunc(all, func(a, b *state) int { return cmp.Compare(a.sub, b.sub) })
	return all
}

func (st *state) applyOver(r *rec) {
	st.phase = over
	t := st.t
	if st.ending == nil {
		st.ending = &ending{kind: r.kind, exec: r.cause, step: r.step}
		st.ending.fault, _ = r.payload.(*fault)
		st.ending.event = outEvent{payload: r.payload, id: r.event, typ: r.typ}
	}
	t.timers.disarm(&st.alarm)
	if st.parent == nil {
		t.cmds = append(t.cmds, command{do: doEnd})
		return
	}
	t.touch(st.parent)
	st.host.asWaiting(false)
	delete(t.subs, st.sub)
	if r.kind == RunCancelled {
		st.host.rare.child = nil
	} else if st.host.status == isRunning {
		st.parent.own().ended = append(st.parent.ended, st.host)
	}
}

// drop takes one out of a list: mostly the first, for which the others are not moved.
func drop[T comparable](all *[]T, one T) {
	i := slices.Index(*all, one)
	if i == 0 && len(*all) > 1 {
		var none T
		(*all)[0], *all = none, (*all)[1:]
	} else if i >= 0 {
		*all = slices.Delete(*all, i, i+1)
	}
}
