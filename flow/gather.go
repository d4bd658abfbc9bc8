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
	res := result{to: ev.step, event: ev.payload}
	for s := sc; s != at; s = s.parent {
		res.within = &place{order, res.within}
		order = s.order
	}
	res.order = order
	at.results = append(at.results, res)
	for i, j := range st.c.types[typ].joins {
		if j.take > 0 && !at.hasFired(i) && len(at.of(j)) >= j.take {
			st.fire(at, i, j, ev.id)
		}
	}
}

// starts counts a branch that starts and reports whether a yield that is blocked may go on: as soon as no more wait than there
// are workers. To wake it for each costs more than a short step takes.
func (sc *scope) starts() bool {
	sc.waiting--
	return sc.s.limit > 0 && sc.waiting == sc.s.limit/4
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
	in := byYield(res, sc.yielded)
	st.create(j, in, int16(sc.typ), cause, sc.parent, sc.order, sc.lineage)
}

// byYield returns the events of results in the order in which their branches were yielded, those of one branch as they came.
func byYield(res []result, yielded uint32) []any {
	in := make([]any, len(res))
	if slices.ContainsFunc(res, func(r result) bool { return r.within != nil }) {
		res = slices.Clone(res)
		slices.SortStableFunc(res, func(a, b result) int {
			return cmp.Or(cmp.Compare(a.order, b.order), a.within.compare(b.within))
		})
		for i, r := range res {
			in[i] = r.event
		}
		return in
	}
	place := make([]uint32, yielded+2) // of a branch's next event; the places of those before are counted first
	for _, r := range res {
		place[r.order+1]++
	}
	for i := 1; i < len(place); i++ {
		place[i] += place[i-1]
	}
	for _, r := range res {
		in[place[r.order]] = r.event
		place[r.order]++
	}
	return in
}

func (p *place) compare(q *place) int {
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

// path returns the places as a journal has them.
func (p *place) path() (all []uint32) {
	for ; p != nil; p = p.within {
		all = append(all, p.order)
	}
	return all
}

// placeOf returns the places that path gave.
func placeOf(path []uint32) (p *place) {
	for _, order := range slices.Backward(path) {
		p = &place{order, p}
	}
	return p
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
		st.own().sets = append(st.sets, in)
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
	for _, w := range c.s.wants {
		if have := len(c.got[w.pos]); have < w.n {
			m = append(m, missing{c.s.takes[w.pos], w.n - have})
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
	if len(st.sets) > 0 {
		st.sets = slices.DeleteFunc(st.sets, func(c *set) bool { return c.scope == sc })
	}
	if !sc.doomed() && sc.typ >= 0 {
		for i, j := range st.c.types[sc.typ].joins {
			if !sc.hasFired(i) {
				st.fire(sc, i, j, sc.id)
			}
		}
	}
	st.exit(sc.parent)
}
