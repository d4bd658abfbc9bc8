package fold

import "slices"

// Snapshot copies the state. Events are immutable and shared.
func (t *Tree) Snapshot(now int64) *Snapshot {
	shape := t.root.Workflow.describe()
	s := &Snapshot{
		Version: snapshotVersion, Run: t.info.id, Workflow: t.root.Workflow.Name, Shape: shape.Steps, Events: shape.Events,
		Seq: t.Log.First + t.Log.Len(), Time: stamp(now),
		IDs: t.ids, Paused: t.paused, Suspended: t.suspended, Permits: t.permits, PausedAt: t.pausedAt,
	}
	for _, st := range t.states() {
		s.Runs = append(s.Runs, st.snapshot(now))
	}
	return s
}

func (st *State) snapshot(now int64) snapRun {
	out := snapRun{Sub: st.sub(), Phase: st.phase, Left: st.clockLeft, Clock: st.clockSince != 0, Cleaning: st.cleaning}
	if out.Clock {
		out.Left -= now - st.clockSince
	}
	for exec := range st.executions() {
		out.Execs = append(out.Execs, exec.snapshot())
	}
	for _, sc := range st.scopes {
		out.Scopes = append(out.Scopes, sc.snapshot())
	}
	slices.SortFunc(out.Scopes, func(a, b snapScope) int { return int(a.ID) - int(b.ID) })
	for _, c := range st.collects {
		out.Collects = append(out.Collects, c.snapshot(st.Workflow))
	}
	for _, reply := range st.early {
		out.Early = append(out.Early, snapEvent{
			ID: reply.id, Type: st.Workflow.Types[reply.typ].Name, Payload: box{reply.payload},
		})
	}
	for key, v := range st.values {
		if out.Values == nil {
			out.Values = map[string]box{}
		}
		if v.Raw != nil {
			out.Values[key] = box{v.Raw}
		} else {
			out.Values[key] = box{v.V}
		}
	}
	out.Ending = st.ending.snapshot(st.Workflow)
	out.Order = st.snapOrder()
	return out
}

func (sc *scope) snapshot() snapScope {
	w := sc.state.Workflow
	out := snapScope{
		ID: sc.id, Step: sc.step.Name, Joins: sc.joinType >= 0, Order: sc.order,
		Lineage: sc.lineage.snapshot(w), Exec: sc.yielder, Open: sc.open, Yielded: sc.yielded,
		Waiting: sc.waiting, Ended: sc.ended, Abandoned: sc.abandoned, Fired: slices.Clone(sc.fired),
		Items: boxes(sc.items),
	}
	if sc.parent != nil {
		out.Parent = sc.parent.id
	}
	for _, r := range sc.results {
		out.Results = append(out.Results, snapResult{
			Path: r.within.orders(), Order: r.order, To: w.stepName(r.to), Event: box{r.event},
		})
	}
	return out
}

func (c *collected) snapshot(w *Workflow) snapCollect {
	out := snapCollect{Step: c.step.Name, Order: c.order, Got: make([][]snapEvent, len(c.got))}
	if c.scope != nil {
		out.Scope = c.scope.id
	}
	for i, q := range c.got {
		for _, h := range q {
			out.Got[i] = append(out.Got[i], snapEvent{
				ID: h.id, Type: w.Types[h.typ].Name, Payload: box{h.payload},
				Lineage: h.lineage.snapshot(w),
			})
		}
	}
	return out
}

func (e *ending) snapshot(w *Workflow) *snapEnding {
	if e == nil {
		return nil
	}
	out := &snapEnding{Kind: e.kind, Exec: e.exec, Step: e.step}
	if e.fault != nil {
		out.Error, out.Codes = e.fault.text, w.CodesOf(e.fault.err)
	}
	if e.event.ID != 0 {
		out.Event = e.event.snapshot(w)
	}
	return out
}

func boxes(all []any) (out []box) {
	for _, v := range all {
		out = append(out, box{v})
	}
	return out
}

func (l *lineage) snapshot(w *Workflow) (all []snapLine) {
	for ; l != nil; l = l.parent {
		all = append(all, snapLine{w.Steps[l.step].Name, l.times})
	}
	return all
}

func (ev Event) snapshot(w *Workflow) snapEvent {
	return snapEvent{
		ID: ev.ID, Type: w.Types[ev.Type].Name, To: w.stepName(ev.To),
		Payload: box{ev.Payload},
	}
}

func (x *Execution) snapshot() snapExec {
	w := x.State.Workflow
	out := snapExec{
		ID: x.ID, Step: x.Step.Name, Type: w.Types[x.typ].Name, Cause: x.cause,
		Order: x.order, Lineage: x.lineage.snapshot(w), Delivered: x.delivered,
		Attempt: x.attempt, Worker: x.worker, Status: x.status, Replied: x.replied,
		Waiting: x.waiting, Undispatched: x.undispatched,
	}
	if x.Step.Kind == JoinStep || x.Step.Kind == CollectStep {
		out.In = boxes(x.In.([]any))
	} else {
		out.In = []box{{x.In}}
	}
	if x.scope != nil {
		out.Scope = x.scope.id
	}
	if x.out.ID != 0 {
		out.Out = append(out.Out, x.out.snapshot(w))
	}
	d := x.extra
	if d == nil {
		return out
	}
	if x.out.ID != 0 {
		for _, ev := range d.outs {
			out.Out = append(out.Out, ev.snapshot(w))
		}
	}
	out.Since, out.Spent, out.Mark = d.firstStart, d.timeoutSpent, d.timeoutSince
	if d.timer.where > 0 {
		out.Due = d.timer.at
	}
	if d.opened != nil {
		out.Opened = d.opened.id
	}
	if d.fault != nil {
		out.Error, out.Final, out.Attempts = d.fault.text, d.fault.end != 0, d.fault.most
		out.Codes = x.State.Workflow.CodesOf(d.fault.err)
	}
	if d.child != nil && d.child.phase == phaseOver {
		out.Child = d.child.ending.snapshot(d.child.Workflow)
	}
	for _, c := range d.calls {
		out.Calls = append(out.Calls, c.snapshot())
	}
	for _, a := range d.awaits {
		out.Awaits = append(out.Awaits, a.snapshot())
	}
	return out
}

func (a *await) snapshot() snapAwait {
	out := snapAwait{
		ID: a.id, Key: a.key, Ask: a.prompt, Open: a.open,
		Answered: a.answered, Cause: a.cause, Reply: box{a.reply}, Since: a.since,
	}
	if !a.sleeps() {
		out.Type = a.exec.State.Workflow.Types[a.typ].Name
	}
	if a.fault != nil {
		out.Error = a.fault.text
	}
	if a.timer.where > 0 {
		out.Due = a.timer.at
	}
	return out
}

// snapOrder lists the executions and scopes that wait, by the name of the queue.
func (st *State) snapOrder() map[string][]uint32 {
	order := map[string][]uint32{}
	list := func(name string, q *execList) {
		for exec := q.head; exec != nil; exec = exec.next {
			if exec.status != statusDone {
				order[name] = append(order[name], exec.ID)
			}
		}
	}
	execs := func(name string, all []*Execution) {
		for _, exec := range all {
			order[name] = append(order[name], exec.ID)
		}
	}
	scopes := func(name string, all []*scope) {
		for _, sc := range all {
			order[name] = append(order[name], sc.id)
		}
	}
	for _, exec := range st.ready.All() {
		if exec.status != statusDone {
			order["ready"] = append(order["ready"], exec.ID)
		}
	}
	for i, s := range st.Workflow.Steps {
		list("front:"+s.Name, &st.workers[i].front)
		list("waiting:"+s.Name, &st.workers[i].waiting)
	}
	execs("due", st.due)
	execs("failed", st.failed)
	execs("spawn", st.spawn)
	execs("ended", st.ended)
	execs("restart", st.restarts)
	for _, a := range st.replies {
		order["reply"] = append(order["reply"], a.id)
	}
	scopes("closing", st.closing)
	scopes("dying", st.dying)
	return order
}
