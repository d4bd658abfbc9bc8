package fold

import (
	"cmp"
	"iter"
	"slices"
)

func (e *indexEntry) open() bool { return e.exec.ID == e.id && e.exec.status != statusDone }

// get returns the open execution with an identifier; nil: there is none.
func (i *execIndex) get(id uint32) *Execution {
	if n, found := i.find(id); found && i.all[n].open() {
		return i.all[n].exec
	}
	return nil
}

func (i *execIndex) find(id uint32) (int, bool) {
	return slices.BinarySearchFunc(i.all, id, func(e indexEntry, id uint32) int { return cmp.Compare(e.id, id) })
}

func (i *execIndex) put(exec *Execution) {
	if n := len(i.all); n == cap(i.all) && i.ended > n/2 {
		i.tidy()
	}
	i.all = append(i.all, indexEntry{exec, exec.ID})
	if n := len(i.all); n > 1 && i.all[n-2].id >= exec.ID { // only if a snapshot is out of order
		slices.SortFunc(i.all, func(a, b indexEntry) int { return cmp.Compare(a.id, b.id) })
	}
}

// tidy drops the executions that have ended.
func (i *execIndex) tidy() {
	open := i.all[:0]
	for _, e := range i.all {
		if e.open() {
			open = append(open, e)
		}
	}
	if len(i.all) > len(i.few) { // clearing a few entries is not worth the time
		clear(i.all[len(open):])
	}
	i.all, i.ended = open, 0
}

// executions yields those of a run that have not ended, in the order of their creation.
func (st *State) executions() iter.Seq[*Execution] { return st.executionsFrom(0) }

// executionsFrom is executions, beginning with the one with identifier id, so that closing a run
// does not look again at those that have ended.
func (st *State) executionsFrom(id uint32) iter.Seq[*Execution] {
	return func(yield func(*Execution) bool) {
		from := 0
		if id > 0 {
			from, _ = st.tree.execs.find(id)
		}
		for _, e := range st.tree.execs.all[from:] {
			if e.exec.State == st && e.open() && !yield(e.exec) {
				return
			}
		}
	}
}

// firstOpen returns the first execution of a run that has not ended; nil: all have.
func (st *State) firstOpen() *Execution {
	for exec := range st.executionsFrom(st.oldestOpen) {
		st.oldestOpen = exec.ID
		return exec
	}
	return nil
}

// upNext returns the first routed execution that has neither started nor been queued.
func (st *State) upNext() *Execution {
	for ; !st.ready.Empty(); st.ready.Pop() {
		if exec := st.ready.First(); exec.status != statusDone {
			return exec
		}
	}
	return nil
}

// states returns the run and its sub-workflows, in the order of their creation.
func (t *Tree) states() []*State {
	all := []*State{t.root}
	for _, st := range t.subs {
		all = append(all, st)
	}
	slices.SortFunc(all, func(a, b *State) int { return cmp.Compare(a.sub(), b.sub()) })
	return all
}

// sub returns the execution that runs a sub-workflow; 0: it is the run itself.
func (st *State) sub() uint32 {
	if st.nested == nil {
		return 0
	}
	return st.nested.sub
}

// of returns the state of a run by the execution that runs it; nil: it is not under way.
func (t *Tree) of(sub uint32) *State {
	if sub == 0 {
		return t.root
	}
	return t.subs[sub]
}

// create makes an execution that is ready to start.
func (st *State) create(s *Step, in any, typ int16, cause uint32, of branch) *Execution {
	t := st.tree
	t.ids++
	x := t.newExecution()
	x.In, x.typ, x.ID, x.cause, x.order, x.status = in, typ, t.ids, cause, of.order, statusReady
	// A reused execution often has these values already, and writing a pointer has a cost while the
	// garbage collector runs.
	if x.Step != s {
		x.Step = s
	}
	if x.State != st {
		x.State = st
	}
	if x.scope != of.scope {
		x.scope = of.scope
	}
	if x.lineage != of.lineage {
		x.lineage = of.lineage
	}
	t.execs.put(x)
	st.open++
	if of.scope != nil {
		of.scope.open++
	}
	st.ready.Push(x)
	return x
}

func (t *Tree) newExecution() *Execution {
	n := len(t.spare) - 1
	if n < 0 {
		return new(Execution)
	}
	x := t.spare[n]
	t.spare = t.spare[:n]
	x.delivered, x.attempt, x.worker, x.replied, x.undispatched = 0, 0, 0, false, false
	return x
}

// leave removes an execution that has ended from the counts and lists that hold it.
func (x *Execution) leave() {
	st := x.State
	x.countWaiting(false)
	x.status = statusDone
	x.forget()
	st.open--
	st.tree.execs.ended++
	if x.extra != nil {
		st.tree.timers.disarm(&x.extra.timer)
		for _, a := range x.extra.awaits {
			if a.open {
				st.tree.timers.disarm(&a.timer)
				remove(&st.awaits, a)
				remove(&st.replies, a)
			}
		}
	}
	x.scope.exit()
}

// exit notes that an execution or a nested scope in a scope has ended. It does nothing for a nil
// scope.
func (sc *scope) exit() {
	if sc == nil {
		return
	}
	sc.open--
	sc.mayClose()
}

// mayClose notes a scope of which nothing is open, to be closed.
func (sc *scope) mayClose() {
	if st := sc.state; sc.open == 0 && sc.ended && !sc.closing {
		sc.closing = true
		st.ownPending().closing = append(st.closing, sc)
	}
}

// countWaiting adds an execution to the number of those that await, or removes it.
func (x *Execution) countWaiting(yes bool) {
	if x.waiting != yes {
		x.waiting = yes
		if yes {
			x.State.waiting++
		} else {
			x.State.waiting--
		}
	}
}

// given returns how many events of an execution are recorded and not yet delivered.
func (x *Execution) given() uint32 {
	if x.out.ID == 0 {
		return 0
	}
	if x.extra == nil {
		return 1
	}
	return uint32(1 + len(x.extra.outs))
}

// forget drops the events that an execution gave and that were not delivered.
func (x *Execution) forget() {
	if x.out.ID != 0 {
		x.out = Event{}
	}
	if x.extra != nil {
		x.extra.outs = nil
	}
}

// underWay reports whether an attempt has begun and not ended: it runs, or awaits while other
// goroutines of its step continue.
func (x *Execution) underWay() bool {
	return x.status == statusRunning || x.status == statusAwaiting || x.replied
}

// hosts reports whether the execution is that of a sub-workflow whose run is under way.
func (x *Execution) hosts() bool {
	return x.extra != nil && x.extra.child != nil && x.extra.child.phase == phaseRunning
}

// sleeps reports whether no reply is waited for, only an instant.
func (a *await) sleeps() bool { return a.typ < 0 }
