package flow

import (
	"slices"
)

// shape returns what must not change.
func (c *core) shape() (all []stepShape) {
	for _, d := range c.within(nil) {
		for _, s := range d.steps {
			all = append(all, stepShape{d.name, s.name, kindWords[s.kind], d.names(s.takes)})
		}
	}
	return all
}

// snapshot copies the state. Events are immutable and shared.
func (t *tree) snapshot(now int64) *Snapshot {
	s := &Snapshot{
		Version: snapshotVersion, Run: t.id, Workflow: t.root.c.name, Shape: t.root.c.shape(), Time: stamp(now),
		IDs: t.ids, Paused: t.paused, Permits: t.steps, Passed: t.passed,
	}
	for _, st := range t.states() {
		s.Runs = append(s.Runs, st.snapshot(now))
	}
	return s
}

func (st *state) snapshot(now int64) snapRun {
	out := snapRun{Sub: st.sub, Phase: st.phase, Left: st.left, Clock: st.since != 0, Order: map[string][]uint32{}}
	if st.since != 0 {
		out.Left -= now - st.since
	}
	for x := range st.executions() {
		out.Execs = append(out.Execs, st.snapExec(x))
	}
	for _, sc := range st.scopes {
		o := snapScope{
			ID: sc.id, Step: sc.s.name, Joins: sc.typ >= 0, Order: sc.order, Lineage: st.snapLineage(sc.lineage), Exec: sc.exec, Open: sc.open,
			Yielded: sc.yielded, Waiting: sc.waiting, Ended: sc.ended, Dying: sc.dying, Fired: slices.Clone(sc.fired), Items: boxes(sc.items),
		}
		if sc.parent != nil {
			o.Parent = sc.parent.id
		}
		for _, r := range sc.results {
			o.Results = append(o.Results, snapResult{r.within.path(), r.order, st.c.stepName(r.to), box{r.event}})
		}
		out.Scopes = append(out.Scopes, o)
	}
	slices.SortFunc(out.Scopes, func(a, b snapScope) int { return int(a.ID) - int(b.ID) })
	for _, c := range st.sets {
		o := snapSet{Step: c.s.name, Order: c.order, Got: make([][]snapEvent, len(c.got))}
		if c.scope != nil {
			o.Scope = c.scope.id
		}
		for i, q := range c.got {
			for _, h := range q {
				o.Got[i] = append(o.Got[i], snapEvent{ID: h.id, Type: st.c.types[h.typ].name, Payload: box{h.payload}, Lineage: st.snapLineage(h.lineage)})
			}
		}
		out.Sets = append(out.Sets, o)
	}
	for _, k := range st.kept {
		out.Kept = append(out.Kept, snapEvent{ID: k.id, Type: st.c.types[k.typ].name, Payload: box{k.payload}})
	}
	for k, v := range st.values {
		if out.Values == nil {
			out.Values = map[string]box{}
		}
		if v.raw != nil {
			out.Values[k] = box{v.raw}
		} else {
			out.Values[k] = box{v.v}
		}
	}
	out.Ending = st.snapEnding()
	st.snapOrder(out.Order)
	return out
}

func (st *state) snapEnding() *snapEnding {
	e := st.ending
	if e == nil {
		return nil
	}
	out := &snapEnding{Kind: e.kind, Exec: e.exec, Step: e.step}
	if e.fault != nil {
		out.Error = e.fault.text
	}
	if e.event.id != 0 {
		out.Event = st.snapEvent(e.event)
	}
	return out
}

func boxes(all []any) (out []box) {
	for _, v := range all {
		out = append(out, box{v})
	}
	return out
}

func (c *core) stepName(i int16) string {
	if i < 0 {
		return ""
	}
	return c.steps[i].name
}

func (st *state) snapLineage(l *lineage) (all []snapLine) {
	for ; l != nil; l = l.up {
		all = append(all, snapLine{st.c.steps[l.step].name, l.n})
	}
	return all
}

func (st *state) snapEvent(ev outEvent) snapEvent {
	return snapEvent{ID: ev.id, Type: st.c.types[ev.typ].name, To: st.c.stepName(ev.step), Payload: box{ev.payload}}
}

func (st *state) snapExec(x *exec) snapExec {
	o := snapExec{
		ID: x.id, Step: x.s.name, Type: st.c.types[x.typ].name, Cause: x.cause, Order: x.order, Lineage: st.snapLineage(x.lineage),
		Flushed: x.flushed, Attempt: x.attempt, Worker: x.worker, Status: x.status, Woken: x.woken, Idle: x.idle, Direct: x.direct,
	}
	if x.s.kind == join || x.s.kind == collect {
		o.In = boxes(x.in.([]any))
	} else {
		o.In = []box{{x.in}}
	}
	if x.scope != nil {
		o.Scope = x.scope.id
	}
	if x.out.id != 0 {
		o.Out = append(o.Out, st.snapEvent(x.out))
		if x.rare != nil {
			for _, ev := range x.rare.outs {
				o.Out = append(o.Out, st.snapEvent(ev))
			}
		}
	}
	m := x.rare
	if m == nil {
		return o
	}
	o.Since, o.Spent, o.Mark = m.since, m.spent, m.mark
	if m.timer.where > 0 {
		o.Due = m.timer.at
	}
	if m.scope != nil {
		o.Opened = m.scope.id
	}
	if m.fault != nil {
		o.Error, o.Final = m.fault.text, m.fault.end != 0
	}
	if m.child != nil && m.child.phase == over {
		o.Child = m.child.snapEnding()
	}
	for _, a := range m.awaits {
		sa := snapAwait{ID: a.id, Key: a.key, Type: st.c.types[a.typ].name, Ask: a.ask, Open: a.open, Found: a.found, Cause: a.cause, Reply: box{a.reply}}
		if a.fault != nil {
			sa.Error = a.fault.text
		}
		if a.timer.where > 0 {
			sa.Due = a.timer.at
		}
		o.Awaits = append(o.Awaits, sa)
	}
	return o
}

// snapOrder notes who waits where.
func (st *state) snapOrder(to map[string][]uint32) {
	line := func(name string, q *queue) {
		for x := q.head; x != nil; x = x.link {
			if x.status != isDone {
				to[name] = append(to[name], x.id)
			}
		}
	}
	many := func(name string, all []*exec) {
		for _, x := range all {
			to[name] = append(to[name], x.id)
		}
	}
	for _, x := range st.ready.rest() {
		if x.status != isDone {
			to["ready"] = append(to["ready"], x.id)
		}
	}
	for i, s := range st.c.steps {
		line("front:"+s.name, &st.steps[i].front)
		line("waiting:"+s.name, &st.steps[i].waiting)
	}
	many("due", st.due)
	many("failed", st.failed)
	many("spawn", st.spawn)
	many("ended", st.ended)
	many("restart", st.restart)
	for _, a := range st.reply {
		to["reply"] = append(to["reply"], a.id)
	}
	for _, sc := range st.closing {
		to["closing"] = append(to["closing"], sc.id)
	}
	for _, sc := range st.dying {
		to["dying"] = append(to["dying"], sc.id)
	}
}
