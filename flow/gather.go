package flow

import (
	"cmp"
	"slices"
)

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
		slices.SortStableFunc(res, byYield) // in place: who else takes of these takes all of them
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
