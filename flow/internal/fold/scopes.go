package fold

import (
	"cmp"
	"slices"
)

// within reports whether a scope is another one or inside of it.
func (sc *scope) within(outer *scope) bool {
	for ; sc != nil; sc = sc.parent {
		if sc == outer {
			return true
		}
	}
	return false
}

// doomed reports whether a scope or one around it was abandoned.
func (sc *scope) doomed() bool {
	for ; sc != nil; sc = sc.parent {
		if sc.abandoned {
			return true
		}
	}
	return false
}

// joins reports whether an event of the type reaches a join from within the scope.
func (sc *scope) joins(typ int) bool {
	for ; sc != nil; sc = sc.parent {
		if sc.joinType == typ && typ >= 0 {
			return true
		}
	}
	return false
}

// branchStarts counts a branch that starts, and reports whether a yield that is blocked may
// continue: as soon as no more branches wait than there are workers. Waking the yield for each
// branch would cost more than a short step takes.
func (sc *scope) branchStarts() bool {
	sc.waiting--
	return sc.step.Limit > 0 && sc.waiting == sc.step.Limit/4
}

func (sc *scope) hasFired(join int) bool { return join < len(sc.fired) && sc.fired[join] }

// arrivedFor returns the results that arrived for a join.
func (sc *scope) arrivedFor(join *Step) []result {
	for _, r := range sc.results {
		if r.to >= 0 {
			return slices.DeleteFunc(slices.Clone(sc.results), func(r result) bool {
				return r.to >= 0 && int(r.to) != join.Index
			})
		}
	}
	return sc.results
}

// arrive puts an event into the scope that is joined by its type.
func (st *State) arrive(ev *Event, of branch) {
	typ := int(ev.Type)
	at := of.scope
	for at != nil && at.joinType != typ {
		at = at.parent
	}
	if at == nil {
		return // cannot happen: Execution.Stray has refused it
	}
	res := result{to: ev.To, event: ev.Payload, order: of.order}
	for s := of.scope; s != at; s = s.parent {
		res.within = &branchPath{res.order, res.within}
		res.order = s.order
	}
	at.results = append(at.results, res)
	for i, join := range st.Workflow.Types[typ].Joins {
		if join.Take > 0 && !at.hasFired(i) && len(at.arrivedFor(join)) >= join.Take {
			at.fire(i, join, ev.ID)
		}
	}
}

// fire creates the execution of a join, in the branch in which the fan-out began.
func (sc *scope) fire(i int, join *Step, cause uint32) {
	st := sc.state
	for len(sc.fired) <= i {
		sc.fired = append(sc.fired, false)
	}
	sc.fired[i] = true
	results := sc.arrivedFor(join)
	if join.Take > 0 && len(results) > join.Take {
		results = results[:join.Take]
	}
	in := byYield(results, sc.yielded)
	st.create(join, in, int16(sc.joinType), cause, branch{sc.parent, sc.lineage, sc.order})
}

// byYield returns the events of results in the order in which their branches were yielded, and
// those of one branch in the order of their arrival.
func byYield(results []result, yielded uint32) []any {
	in := make([]any, len(results))
	if slices.ContainsFunc(results, func(r result) bool { return r.within != nil }) {
		results = slices.Clone(results)
		slices.SortStableFunc(results, func(a, b result) int {
			return cmp.Or(cmp.Compare(a.order, b.order), a.within.compare(b.within))
		})
		for i, r := range results {
			in[i] = r.event
		}
		return in
	}
	place := make([]uint32, yielded+2) // of a branch's next event: a counting sort
	for _, r := range results {
		place[r.order+1]++
	}
	for i := 1; i < len(place); i++ {
		place[i] += place[i-1]
	}
	for _, r := range results {
		in[place[r.order]] = r.event
		place[r.order]++
	}
	return in
}

func (p *branchPath) compare(q *branchPath) int {
	for p != nil && q != nil && p.order == q.order {
		p, q = p.within, q.within
	}
	switch {
	case p == nil && q == nil:
		return 0
	case p == nil:
		return -1
	case q == nil:
		return +1
	}
	return cmp.Compare(p.order, q.order)
}

// orders returns a path as the list of orders that a snapshot holds.
func (p *branchPath) orders() (all []uint32) {
	for ; p != nil; p = p.within {
		all = append(all, p.order)
	}
	return all
}

// pathOf returns the path that consists of these orders.
func pathOf(orders []uint32) (p *branchPath) {
	for _, order := range slices.Backward(orders) {
		p = &branchPath{order, p}
	}
	return p
}

// abandon gives up a scope: State.advance then cancels what is in it.
func (sc *scope) abandon() {
	st := sc.state
	sc.ended, sc.abandoned, sc.items = true, true, nil
	st.ownPending().dying = append(st.dying, sc)
}

// openScope records that an execution begins a fan-out.
func (x *Execution) openScope() {
	st := x.State
	id := st.tree.newID()
	p := st.record(ScopeOpened, nil)
	p.exec, p.step, p.event = x.ID, int16(x.Step.Index), id
	x.applyScopeOpened(id)
}

func (x *Execution) applyScopeOpened(id uint32) {
	st := x.State
	sc := &scope{
		state: st, id: id, step: x.Step, joinType: x.Step.joinType, parent: x.scope, order: x.order,
		lineage: x.lineage, yielder: x.ID,
	}
	if x.scope.joins(sc.joinType) { // nested in a fan-out with the same join: the outermost joins all
		sc.joinType = -1
	}
	if st.scopes == nil {
		st.scopes = map[uint32]*scope{}
	}
	st.scopes[sc.id] = sc
	x.details().opened = sc
	if sc.parent != nil {
		sc.parent.open++
	}
	st.markDirty()
}

// close records that nothing of a scope is open any more.
func (sc *scope) close() {
	st := sc.state
	p := st.record(ScopeClosed, nil)
	p.event = sc.id
	if !sc.doomed() && sc.joinType >= 0 {
		for i := range st.Workflow.Types[sc.joinType].Joins {
			if !sc.hasFired(i) {
				p.cause = st.tree.ids + 1 // of the join's execution
				break
			}
		}
	}
	sc.applyClosed()
}

func (sc *scope) applyClosed() {
	st := sc.state
	delete(st.scopes, sc.id)
	remove(&st.closing, sc)
	remove(&st.dying, sc)
	if len(st.collects) > 0 {
		st.collects = slices.DeleteFunc(st.collects, func(c *collected) bool { return c.scope == sc })
	}
	if !sc.doomed() && sc.joinType >= 0 {
		for i, join := range st.Workflow.Types[sc.joinType].Joins {
			if !sc.hasFired(i) {
				sc.fire(i, join, sc.id)
			}
		}
	}
	sc.parent.exit()
	st.markDirty()
}
