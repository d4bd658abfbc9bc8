package flow

import (
	"cmp"
	"encoding/json"
	"reflect"
	"slices"
)

// A command is what the runtime has to do because of a record. It is the only effect that the fold has.
type command struct {
	do cmd
	x  *exec
	st *state
}

type cmd uint8

const (
	doStart  cmd = iota // call the step, or let it go on after an await
	doCancel            // end its context
	doRoom              // its blocked yield may go on
	doEnd               // the run is over
)

// apply changes the state by one record. It is the only way in which a state changes, live and on replay.
func (t *tree) apply(r *rec) {
	st := t.root
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
		st.applyStarted(t.execs.get(r.exec), r)
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
	t.root.last = r.at
	t.touch(st)
	if st.c.cfg.Timeout > 0 || st.parent != nil {
		st.clock(r.at)
	}
}

func (t *tree) touch(st *state) {
	if !st.moved {
		st.moved = true
		st.under, t.moved = t.moved, st
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
	st := &state{c: c, t: t, steps: make([]lane, len(c.steps))}
	st.alarm.state = st
	return st
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
			st.t.timers.arm(&st.alarm, at+st.left)
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
	t.root.clock(at)
	for _, st := range t.subs {
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

// ---- routing

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
	x.s, x.st, x.in, x.typ, x.id, x.cause, x.scope, x.order, x.lineage = s, st, in, typ, t.ids, cause, sc, order, ln
	t.execs.put(x)
	st.open.push(x)
	st.nopen++
	if sc != nil {
		sc.open++
	}
	st.ready.push(x)
	return x
}

// exec returns an execution to fill.
func (t *tree) exec() *exec {
	x := t.spare
	if x == nil {
		return new(exec)
	}
	t.spare = x.link
	*x = exec{}
	return x
}

// reclaim lets executions that ended in the tick before be used again. Until now commands may have named them.
func (t *tree) reclaim() {
	for x := t.gone; x != nil; {
		next := x.link
		x.link = t.spare
		t.spare, x = x, next
	}
	t.gone = nil
}

// leave takes an execution out of everything that counts it.
func (st *state) leave(x *exec) {
	x.asWaiting(false)
	x.status = isDone
	x.forget()
	st.open.remove(x)
	st.nopen--
	st.t.execs.remove(x.id)
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
		st.closing = append(st.closing, sc)
	}
}

// arrive puts an event into the scope that is joined by its type.
func (st *state) arrive(ev *outEvent, sc *scope, order uint32) {
	typ := int(ev.typ)
	at := sc
	for at != nil && at.typ != typ {
		at = at.parent
	}
	if at == nil {
		return // refused before: see stray
	}
	res := result{order: order, to: ev.step, event: ev.payload}
	if at != sc {
		for s := sc; s != at; s = s.parent {
			res.path = append(res.path, order)
			order = s.order
		}
		slices.Reverse(res.path)
		res.order = order
	}
	at.results = append(at.results, res)
	for i, j := range st.c.types[typ].joins {
		if j.take > 0 && !at.hasFired(i) && len(at.of(j)) >= j.take {
			st.fire(at, i, j, ev.id)
		}
	}
}

// roomFor changes the number of branches that have not started and reports whether it is, with that, low enough for a
// yield that is blocked to go on.
func (sc *scope) roomFor(n int) bool {
	sc.waiting += n
	return sc.s.limit > 0 && sc.waiting <= sc.s.limit/2
}

func (sc *scope) hasFired(i int) bool { return i < len(sc.fired) && sc.fired[i] }

// of returns what arrived for a join.
func (sc *scope) of(j *step) []result {
	for _, r := range sc.results {
		if r.to >= 0 {
			return slices.DeleteFunc(slices.Clone(sc.results), func(r result) bool { return r.to >= 0 && int(r.to) != j.index })
		}
	}
	return sc.results
}

// fire makes the execution of a join, in the branch that the fan-out came of.
func (st *state) fire(sc *scope, i int, j *step, cause uint32) {
	for len(sc.fired) <= i {
		sc.fired = append(sc.fired, false)
	}
	sc.fired[i] = true
	res := sc.of(j)
	if j.take > 0 && len(res) > j.take {
		res = res[:j.take]
	}
	byYield := func(a, b result) int {
		return cmp.Or(cmp.Compare(a.order, b.order), slices.Compare(a.path, b.path))
	}
	if !slices.IsSortedFunc(res, byYield) {
		res = slices.Clone(res)
		slices.SortStableFunc(res, byYield)
	}
	in := make([]any, len(res))
	for i, r := range res {
		in[i] = r.event
	}
	st.create(j, in, int16(sc.typ), cause, sc.parent, sc.order, sc.lineage)
}

// collect puts an event into its set and makes the execution when the set is complete.
func (st *state) collect(s *step, ev *outEvent, sc *scope, order uint32, ln *lineage) {
	var in *set
	for _, c := range st.sets {
		if c.s == s && c.scope == sc && c.order == order {
			in = c
		}
	}
	if in == nil {
		in = &set{s: s, scope: sc, order: order, got: make([][]held, len(s.takes))}
		st.sets = append(st.sets, in)
	}
	pos := slices.Index(s.takes, int(ev.typ))
	in.got[pos] = append(in.got[pos], held{int(ev.typ), ev.id, ev.payload, ln})
	if len(in.missing()) > 0 {
		return
	}
	all := make([]any, len(s.takes))
	ln = nil
	for i, t := range s.takes {
		pos := slices.Index(s.takes, t)
		h := in.got[pos][0]
		in.got[pos] = in.got[pos][1:]
		all[i] = h.payload
		ln = ln.merge(h.lineage)
	}
	if in.empty() {
		drop(&st.sets, in)
	}
	st.create(s, all, ev.typ, ev.id, sc, order, ln)
}

// missing returns how many events of which type a collect still needs.
func (c *set) missing() (m []missing) {
	for pos, t := range c.s.takes {
		if slices.Index(c.s.takes, t) != pos {
			continue
		}
		n := 0
		for _, u := range c.s.takes {
			if u == t {
				n++
			}
		}
		if have := len(c.got[pos]); have < n {
			m = append(m, missing{t, n - have})
		}
	}
	return m
}

type missing struct{ typ, n int }

func (c *set) empty() bool {
	for _, q := range c.got {
		if len(q) > 0 {
			return false
		}
	}
	return true
}

// merge returns a lineage that has spent what either has.
func (l *lineage) merge(o *lineage) *lineage {
	if l == nil || l == o {
		return o
	}
	for ; o != nil; o = o.up {
		if l.count(o.step) < o.n {
			l = &lineage{o.step, o.n, l}
		}
	}
	return l
}

// ---- events and steps

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
	case r.index > 0:
		sc := x.rare.scope
		sc.yielded = uint32(r.index)
		sc.items = append(sc.items, r.payload)
		st.route(&ev, sc, uint32(r.index), x.lineage, branch)
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
}

// forget drops what an execution gave and was not delivered.
func (x *exec) forget() {
	if x.out = (outEvent{}); x.rare != nil {
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

func (st *state) applyStarted(x *exec, r *rec) {
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
	l.occupy(r.worker)
	if t.paused && t.steps > 0 {
		t.steps--
	}
	if x.direct {
		x.direct = false
		if sc := x.scope; sc.roomFor(-1) {
			if y := t.execs.get(sc.exec); y != nil {
				t.cmds = append(t.cmds, command{do: doRoom, x: y})
			}
		}
	}
	if r.attempt != x.attempt {
		x.attempt = r.attempt
		if x.rare != nil {
			x.rare.spent = 0
		}
	}
	if r.attempt == 1 && !x.woken && (x.s.retry != nil || x.s.recovers != nil) {
		x.more().since = r.at
	}
	x.worker, x.status, x.woken = r.worker, isRunning, false
	if x.s.timeout > 0 {
		m := x.more()
		m.mark = r.at
		t.timers.arm(&m.timer, r.at+x.s.timeout-m.spent)
	}
	if x.s.kind == nested {
		st.spawn = append(st.spawn, x)
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
		st.freed = append(st.freed, s)
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
	if st.ending != nil && st.ending.exec == 0 {
		st.ending.exec = x.id
	}
	if st.leave(x); x.rare == nil {
		x.link, st.t.gone = st.t.gone, x
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
		st.t.cmds = append(st.t.cmds, command{do: doCancel, x: x})
	}
	m.fault = r.payload.(*fault)
	switch {
	case r.due != 0:
		x.status = isDelayed
		st.t.timers.arm(&m.timer, r.due)
	case x.recoverable():
		x.status = isFailed
		st.failed = append(st.failed, x)
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
	st.dying = append(st.dying, sc)
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

// ---- scopes

func (st *state) applyScopeOpened(x *exec, r *rec) {
	st.t.ids = max(st.t.ids, r.event)
	sc := &scope{id: r.event, s: x.s, typ: x.s.scopes, parent: x.scope, order: x.order, lineage: x.lineage, exec: x.id}
	if x.scope.joins(sc.typ) { // a fan-out within itself: the outermost one joins it all
		sc.typ = -1
	}
	if st.scopes == nil {
		st.scopes = map[uint32]*scope{}
	}
	st.scopes[sc.id] = sc
	x.more().scope = sc
	if sc.parent != nil {
		sc.parent.open++
	}
}

func (st *state) applyScopeClosed(sc *scope) {
	delete(st.scopes, sc.id)
	drop(&st.closing, sc)
	drop(&st.dying, sc)
	st.sets = slices.DeleteFunc(st.sets, func(c *set) bool { return c.scope == sc })
	if !sc.doomed() && sc.typ >= 0 {
		for i, j := range st.c.types[sc.typ].joins {
			if !sc.hasFired(i) {
				st.fire(sc, i, j, sc.id)
			}
		}
	}
	st.exit(sc.parent)
}

// ---- awaits

func (st *state) applyAwaitOpened(x *exec, r *rec) {
	t := st.t
	t.ids = max(t.ids, r.event)
	m := x.more()
	x.flushed += x.given()
	st.flush(x)
	st.vacate(x)
	if t.timers.disarm(&m.timer); x.s.timeout > 0 {
		m.spent += r.at - m.mark
	}
	x.status = isAwaiting
	x.asWaiting(true)
	p := r.payload.(Prompt)
	a := &await{x: x, id: r.event, key: p.Key, typ: int(r.typ), ask: p, open: true}
	a.timer.await = a
	m.awaits = append(m.awaits, a)
	st.awaits = append(st.awaits, a)
	if r.due != 0 {
		t.timers.arm(&a.timer, r.due)
	}
	for from := st; from != nil; from = from.parent {
		for i, k := range from.kept {
			if a.matches(k.payload) {
				from.kept = slices.Delete(from.kept, i, i+1)
				a.answer(k)
				return
			}
		}
	}
}

func (a *await) answer(k keptEvent) {
	a.found, a.cause, a.reply = true, k.id, k.payload
	st := a.x.st
	st.reply = append(st.reply, a)
	st.t.touch(st)
}

// resolve gives an event to all awaits that it matches, or keeps it. What comes from outside reaches those within
// sub-workflows too.
func (st *state) resolve(ev *outEvent, outside bool) {
	k, found := keptEvent{ev.id, int(ev.typ), ev.payload}, false
	try := func(st *state) {
		for _, a := range st.awaits {
			if !a.found && a.matches(k.payload) {
				a.answer(k)
				found = true
			}
		}
	}
	if try(st); outside && len(st.t.subs) > 0 {
		for _, sub := range st.t.states()[1:] {
			try(sub)
		}
	}
	if !found {
		st.kept = append(st.kept, k)
	}
}

// matches reports whether a reply is of the type that is awaited and all fields that are set in the pattern are the same in it.
func (a *await) matches(reply any) bool {
	c := a.x.st.c
	if reflect.TypeOf(reply) != c.types[a.typ].rt {
		return false
	}
	if a.ask.Match == nil {
		return true
	}
	if raw, ok := a.ask.Match.(json.RawMessage); ok {
		v, err := c.decode(a.typ, raw)
		if err != nil {
			return false
		}
		a.ask.Match = v
	}
	p, v := reflect.ValueOf(a.ask.Match), reflect.ValueOf(reply)
	if p.Kind() != reflect.Struct {
		return p.IsZero() || reflect.DeepEqual(a.ask.Match, reply)
	}
	for i := range p.NumField() {
		if f := p.Type().Field(i); f.IsExported() && !p.Field(i).IsZero() && !reflect.DeepEqual(p.Field(i).Interface(), v.Field(i).Interface()) {
			return false
		}
	}
	return true
}

func (st *state) applyAwaitResolved(x *exec, r *rec) {
	for _, a := range x.rare.awaits {
		if a.id != r.event {
			continue
		}
		st.t.timers.disarm(&a.timer)
		drop(&st.awaits, a)
		drop(&st.reply, a)
		a.open, a.found = false, false
		if a.fault, _ = r.payload.(*fault); a.fault == nil {
			a.reply = r.payload
		}
	}
	x.asWaiting(false)
	x.status, x.woken = isReady, true
	st.due = append(st.due, x)
}

// ---- the run

func (t *tree) applyResumed(r *rec) {
	if _, ok := r.payload.(restarted); ok {
		t.revive(r.at - r.due)
	} else {
		t.paused, t.steps = r.attempt > 0, int(r.attempt)
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
				t.timers.arm(&st.alarm, st.alarm.at+gap)
			}
		}
		for _, a := range st.awaits {
			if a.timer.where > 0 {
				t.timers.arm(&a.timer, a.timer.at+gap)
			}
		}
		for x := st.open.head; x != nil; x = x.next {
			if x.status != isRunning || x.s.kind == nested && x.rare != nil && x.rare.child != nil {
				continue
			}
			if x.rare != nil {
				t.timers.disarm(&x.rare.timer)
			}
			if x.s.kind != nested {
				st.restart = append(st.restart, x)
			} else if !slices.Contains(st.spawn, x) {
				st.spawn = append(st.spawn, x)
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
	t.cmds = append(t.cmds, command{do: doEnd, st: st})
	if st.parent == nil {
		return
	}
	t.touch(st.parent)
	st.host.asWaiting(false)
	delete(t.subs, st.sub)
	if r.kind == RunCancelled {
		st.host.rare.child = nil
	} else if st.host.status == isRunning {
		st.parent.ended = append(st.parent.ended, st.host)
	}
}

func drop[T comparable](all *[]T, one T) {
	if i := slices.Index(*all, one); i >= 0 {
		*all = slices.Delete(*all, i, i+1)
	}
}
