package fold

import (
	"encoding/json"
	"fmt"
	"slices"
)

// A restorer builds a tree from a snapshot. The first mistake that it finds is kept in err.
type restorer struct {
	tree *Tree
	err  error
}

// Restore fills a new tree from a snapshot. A snapshot of another workflow is an error, after which
// the tree must not be used.
func (t *Tree) Restore(s *Snapshot) error {
	if err := s.refuse(t.root.Workflow); err != nil {
		return err
	}
	t.suspended = s.Suspended
	t.ids, t.paused, t.permits, t.pausedAt = s.IDs, s.Paused, s.Permits, s.PausedAt
	b := &restorer{tree: t}
	for _, run := range s.Runs {
		st := t.root
		if run.Sub != 0 {
			host := t.execs.get(run.Sub)
			if host == nil || host.Step.Sub == nil {
				return fmt.Errorf("flow: resume %s: the snapshot has a sub-workflow without its execution", s.Run)
			}
			st = host.nest()
		}
		b.run(st, run, s.Time.UnixNano())
	}
	t.last = s.Time.UnixNano()
	t.Log.First = s.Seq
	if b.err != nil {
		return fmt.Errorf("flow: resume %s: %w", s.Run, b.err)
	}
	return nil
}

func (b *restorer) fail(format string, args ...any) {
	if b.err == nil {
		b.err = fmt.Errorf(format, args...)
	}
}

func (b *restorer) step(w *Workflow, name string) *Step {
	if s := w.stepNamed(name); s != nil {
		return s
	}
	b.fail("the workflow %s has no step %q", w.Name, name)
	return &Step{}
}

func (b *restorer) typ(w *Workflow, name string) int {
	i := w.TypeNamed(name)
	if i < 0 {
		b.fail("the workflow %s has no event %q; declare it with flow.Name if it was renamed", w.Name, name)
		return 0
	}
	return i
}

// value returns an event's value as a Go value: v is one already, or JSON if the snapshot was read.
func (b *restorer) value(w *Workflow, typ int, v any) any {
	raw, ok := v.(json.RawMessage)
	if !ok {
		return v
	}
	v, err := w.Decode(typ, raw)
	if err != nil {
		b.fail("%w", err)
	}
	return v
}

func (b *restorer) lineage(w *Workflow, all []snapLine) (l *lineage) {
	for _, s := range slices.Backward(all) {
		l = &lineage{b.step(w, s.Step).Index, s.N, l}
	}
	return l
}

func (b *restorer) event(w *Workflow, e snapEvent) Event {
	typ := b.typ(w, e.Type)
	out := Event{ID: e.ID, Type: int16(typ), To: -1, Payload: b.value(w, typ, e.Payload.v)}
	if e.To != "" {
		out.To = int16(b.step(w, e.To).Index)
	}
	return out
}

func (b *restorer) ending(w *Workflow, e *snapEnding) *ending {
	if e == nil {
		return nil
	}
	out := &ending{kind: e.Kind, exec: e.Exec, step: e.Step}
	if e.Kind == RunFinished {
		out.event = b.event(w, e.Event)
	} else {
		out.fault = &fault{err: w.ErrorOf(e.Error, e.Codes), text: e.Error, end: e.Kind}
	}
	return out
}

func (b *restorer) run(st *State, s snapRun, now int64) {
	st.phase, st.clockLeft, st.cleaning = s.Phase, s.Left, s.Cleaning
	for _, o := range s.Scopes {
		b.scope(st, o)
	}
	for _, o := range s.Execs {
		b.exec(st, o)
	}
	for _, o := range s.Collects {
		b.collected(st, o)
	}
	for _, k := range s.Early {
		ev := b.event(st.Workflow, k)
		st.ownPending().early = append(st.early, earlyReply{ev.ID, int(ev.Type), ev.Payload})
	}
	for key, v := range s.Values {
		if st.values == nil {
			st.values = map[string]Value{}
		}
		if raw, ok := v.v.(json.RawMessage); ok {
			st.values[key] = Value{Raw: raw}
		} else {
			st.values[key] = Value{V: v.v}
		}
	}
	st.ending = b.ending(st.Workflow, s.Ending)
	b.order(st, s.Order)
	if s.Clock {
		st.clockSince = now
		if st.limited() {
			b.tree.timers.arm(&st.timeout, Later(now, st.clockLeft))
		}
	}
	st.touch()
}

func (b *restorer) scope(st *State, o snapScope) {
	w := st.Workflow
	sc := &scope{
		state: st, id: o.ID, step: b.step(w, o.Step), joinType: -1, parent: st.scopes[o.Parent], order: o.Order,
		lineage: b.lineage(w, o.Lineage), yielder: o.Exec, open: o.Open, yielded: o.Yielded,
		waiting: o.Waiting, ended: o.Ended, abandoned: o.Abandoned, fired: slices.Clone(o.Fired),
	}
	if o.Joins {
		sc.joinType = sc.step.joinType
	}
	for _, r := range o.Results {
		res := result{within: pathOf(r.Path), order: r.Order, to: -1}
		if r.To != "" {
			res.to = int16(b.step(w, r.To).Index)
		}
		if sc.joinType >= 0 {
			res.event = b.value(w, sc.joinType, r.Event.v)
		}
		sc.results = append(sc.results, res)
	}
	for _, v := range o.Items {
		sc.items = append(sc.items, v.v)
	}
	if st.scopes == nil {
		st.scopes = map[uint32]*scope{}
	}
	st.scopes[sc.id] = sc
}

func (b *restorer) collected(st *State, o snapCollect) {
	w := st.Workflow
	c := &collected{step: b.step(w, o.Step), scope: st.scopes[o.Scope], order: o.Order, got: make([][]heldEvent, len(o.Got))}
	for i, q := range o.Got {
		for _, h := range q {
			ev := b.event(w, h)
			c.got[i] = append(c.got[i], heldEvent{int(ev.Type), ev.ID, ev.Payload, b.lineage(w, h.Lineage)})
		}
	}
	st.ownPending().collects = append(st.collects, c)
}

func (b *restorer) exec(st *State, o snapExec) {
	w, t := st.Workflow, b.tree
	s := b.step(w, o.Step)
	if b.err != nil {
		return
	}
	exec := &Execution{
		Step: s, State: st, ID: o.ID, cause: o.Cause, typ: int16(b.typ(w, o.Type)),
		branch:    branch{st.scopes[o.Scope], b.lineage(w, o.Lineage), o.Order},
		delivered: o.Delivered, attempt: o.Attempt, worker: o.Worker, status: o.Status,
		replied: o.Replied, undispatched: o.Undispatched,
	}
	if !b.input(exec, o.In) {
		b.fail("execution %d of step %q has no event", o.ID, o.Step)
		return
	}
	for i, e := range o.Out {
		if ev := b.event(w, e); i == 0 {
			exec.out = ev
		} else {
			d := exec.details()
			d.outs = append(d.outs, ev)
		}
	}
	if t.execs.get(exec.ID) != nil {
		b.fail("execution %d is there twice", exec.ID)
		return
	}
	t.execs.put(exec)
	st.open++
	exec.countWaiting(o.Waiting)
	if exec.worker > 0 {
		st.workers[s.Index].occupy(exec.worker)
	}
	if o.Since|o.Spent|o.Mark|o.Due != 0 || o.Opened != 0 || o.Awaits != nil || o.Calls != nil || o.Error != "" || o.Child != nil {
		b.details(exec, o)
	}
}

// input restores the events that an execution is called with, and reports whether the snapshot has
// them.
func (b *restorer) input(exec *Execution, in []box) bool {
	w, s := exec.State.Workflow, exec.Step
	if s.Kind != JoinStep && s.Kind != CollectStep {
		if len(in) == 1 {
			exec.In = b.value(w, int(exec.typ), in[0].v)
		}
		return len(in) == 1
	}
	all := make([]any, len(in))
	for i, v := range in {
		typ := s.Takes[0]
		if s.Kind == CollectStep {
			typ = s.Takes[min(i, len(s.Takes)-1)]
		}
		all[i] = b.value(w, typ, v.v)
	}
	exec.In = all
	return true
}

func (b *restorer) details(exec *Execution, o snapExec) {
	st, t, d := exec.State, b.tree, exec.details()
	d.firstStart, d.timeoutSpent, d.timeoutSince = o.Since, o.Spent, o.Mark
	if o.Due != 0 {
		t.timers.arm(&d.timer, o.Due)
	}
	d.opened = st.scopes[o.Opened]
	if o.Error != "" {
		d.fault = &fault{err: st.Workflow.ErrorOf(o.Error, o.Codes), text: o.Error, most: o.Attempts}
		if o.Final {
			d.fault.end = RunFailed
		}
	}
	if o.Child != nil && exec.Step.Sub != nil {
		child := exec.newChild()
		child.phase, child.ending = phaseOver, b.ending(exec.Step.Sub, o.Child)
	}
	for _, c := range o.Calls {
		b.call(exec, c)
	}
	for _, sa := range o.Awaits {
		b.await(exec, sa)
	}
}

func (b *restorer) await(exec *Execution, o snapAwait) {
	st := exec.State
	typ := -1
	if o.Type != "" {
		typ = b.typ(st.Workflow, o.Type)
	}
	a := &await{
		exec: exec, id: o.ID, key: o.Key, typ: typ, prompt: o.Ask, open: o.Open,
		answered: o.Answered, cause: o.Cause, since: o.Since,
	}
	a.timer.await = a
	if typ < 0 {
		// A sleep has neither a reply nor a condition.
	} else if _, err := o.Ask.Match.fields(st.Workflow.Types[a.typ].Go); err != nil {
		b.fail("await %d: %w", o.ID, err)
	}
	if raw, isRaw := o.Reply.v.(json.RawMessage); o.Reply.v != nil && !(isRaw && string(raw) == "null") {
		a.reply = b.value(st.Workflow, a.typ, o.Reply.v)
	}
	if o.Error != "" {
		a.fault = &fault{err: ErrAwaitTimeout, text: o.Error}
	}
	if o.Due != 0 {
		b.tree.timers.arm(&a.timer, o.Due)
	}
	exec.details().awaits = append(exec.extra.awaits, a)
	if a.open && !a.sleeps() {
		st.ownPending().awaits = append(st.awaits, a)
	}
}

// order puts the executions and scopes that wait back into their queues.
func (b *restorer) order(st *State, order map[string][]uint32) {
	execs := func(name string) (all []*Execution) {
		for _, id := range order[name] {
			if exec := b.tree.execs.get(id); exec != nil && exec.State == st {
				all = append(all, exec)
			} else {
				b.fail("execution %d waits and is not there", id)
			}
		}
		return all
	}
	scopes := func(name string) (all []*scope) {
		for _, id := range order[name] {
			if sc := st.scopes[id]; sc != nil {
				all = append(all, sc)
			} else {
				b.fail("fan-out %d is to be closed and is not there", id)
			}
		}
		return all
	}
	for _, exec := range execs("ready") {
		st.ready.Push(exec)
	}
	for i, s := range st.Workflow.Steps {
		for _, name := range append([]string{s.Name}, s.Aliases...) {
			for _, exec := range execs("front:" + name) {
				st.workers[i].front.push(exec)
			}
			for _, exec := range execs("waiting:" + name) {
				st.workers[i].waiting.push(exec)
			}
		}
		st.mayStart(s)
	}
	p := st.ownPending()
	p.due, p.failed, p.spawn = execs("due"), execs("failed"), execs("spawn")
	p.ended, p.restarts = execs("ended"), execs("restart")
	for _, id := range order["reply"] {
		for _, a := range st.awaits {
			if a.id == id {
				p.replies = append(p.replies, a)
			}
		}
	}
	p.closing, p.dying = scopes("closing"), scopes("dying")
	for _, sc := range p.closing {
		sc.closing = true
	}
}
