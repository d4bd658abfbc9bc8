package flow

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// refuse reports how a workflow differs from the one that a snapshot was taken of.
func (s *Snapshot) refuse(c *core) error {
	if s.Version != snapshotVersion {
		return fmt.Errorf("flow: resume %s: the snapshot has version %d, this program knows %d; use the program that wrote it", s.Run, s.Version, snapshotVersion)
	}
	var diff []string
	if s.Workflow != c.name {
		diff = append(diff, fmt.Sprintf("it is of workflow %q", s.Workflow))
	}
	now := c.shape()
	known := map[string]*core{}
	for _, d := range c.within(nil) {
		known[d.name] = d
	}
	used := map[string]bool{}
	for _, old := range s.Shape {
		d := known[old.Workflow]
		if d == nil {
			diff = append(diff, fmt.Sprintf("workflow %q is gone", old.Workflow))
			continue
		}
		i, ok := d.byStep[old.Step]
		if !ok {
			diff = append(diff, fmt.Sprintf("step %q is gone", old.Step))
			continue
		}
		st := d.steps[i]
		used[d.name+"\x00"+st.name] = true
		if k := kindWords[st.kind]; k != old.Kind {
			diff = append(diff, fmt.Sprintf("step %q was %s and is %s", old.Step, old.Kind, k))
		}
		var was []int
		for _, t := range old.Takes {
			was = append(was, d.typeCalled(t))
		}
		if !slices.Equal(was, st.takes) {
			diff = append(diff, fmt.Sprintf("step %q took %s and takes %s", old.Step, strings.Join(old.Takes, ", "), strings.Join(d.names(st.takes), ", ")))
		}
	}
	for _, n := range now {
		if !used[n.Workflow+"\x00"+n.Step] {
			diff = append(diff, fmt.Sprintf("step %q is new", n.Step))
		}
	}
	if diff == nil {
		return nil
	}
	return fmt.Errorf("flow: resume %s: the workflow %s is not the one that the snapshot was taken of: %s; run the program that wrote it, or begin anew", s.Run, c.name, strings.Join(diff, "; "))
}

func (c *core) typeCalled(name string) int {
	if i, ok := c.byName[name]; ok {
		return i
	}
	return -1
}

// A restorer makes a tree of a snapshot. The first thing that does not fit is kept in err.
type restorer struct {
	t   *tree
	err error
}

// restore fills a new tree.
func (t *tree) restore(s *Snapshot) error {
	if err := s.refuse(t.root.c); err != nil {
		return err
	}
	t.ids, t.paused, t.steps, t.passed = s.IDs, s.Paused, s.Permits, s.Passed
	b := &restorer{t: t}
	for _, run := range s.Runs {
		st := t.root
		if run.Sub != 0 {
			host := t.execs.get(run.Sub)
			if host == nil || host.s.sub == nil {
				return fmt.Errorf("flow: resume %s: the snapshot has a sub-workflow without its execution", s.Run)
			}
			st = newState(host.s.sub, t)
			st.sub, st.parent, st.host = run.Sub, host.st, host
			host.more().child = st
			if t.subs == nil {
				t.subs = map[uint32]*state{}
			}
			t.subs[run.Sub] = st
		}
		b.run(st, run, s.Time.UnixNano())
	}
	t.root.last = s.Time.UnixNano()
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

func (b *restorer) step(c *core, name string) *step {
	if i, ok := c.byStep[name]; ok {
		return c.steps[i]
	}
	b.fail("the workflow %s has no step %q", c.name, name)
	return &step{}
}

func (b *restorer) typ(c *core, name string) int {
	i := c.typeCalled(name)
	if i < 0 {
		b.fail("the workflow %s has no event %q; declare it with flow.Name if it was renamed", c.name, name)
		return 0
	}
	return i
}

// value returns a value that is a T in the run and JSON when it was read.
func (b *restorer) value(c *core, typ int, v any) any {
	raw, ok := v.(json.RawMessage)
	if !ok {
		return v
	}
	v, err := c.decode(typ, raw)
	if err != nil {
		b.fail("%w", err)
	}
	return v
}

func (b *restorer) lineage(c *core, all []snapLine) (l *lineage) {
	for _, s := range slices.Backward(all) {
		l = &lineage{b.step(c, s.Step).index, s.N, l}
	}
	return l
}

func (b *restorer) event(c *core, e snapEvent) outEvent {
	typ := b.typ(c, e.Type)
	out := outEvent{id: e.ID, typ: int16(typ), step: -1, payload: b.value(c, typ, e.Payload.v)}
	if e.To != "" {
		out.step = int16(b.step(c, e.To).index)
	}
	return out
}

func (b *restorer) ending(c *core, e *snapEnding) *ending {
	if e == nil {
		return nil
	}
	out := &ending{kind: e.Kind, exec: e.Exec, step: e.Step}
	if e.Kind == RunFinished {
		out.event = b.event(c, e.Event)
	} else {
		out.fault = &fault{err: errorText(e.Error), text: e.Error, end: e.Kind}
	}
	return out
}

func (b *restorer) run(st *state, s snapRun, now int64) {
	c, t := st.c, b.t
	st.phase, st.left = s.Phase, s.Left
	if st.scopes == nil && len(s.Scopes) > 0 {
		st.scopes = map[uint32]*scope{}
	}
	for _, o := range s.Scopes {
		sc := &scope{
			id: o.ID, s: b.step(c, o.Step), typ: -1, parent: st.scopes[o.Parent], order: o.Order, lineage: b.lineage(c, o.Lineage), exec: o.Exec,
			open: o.Open, yielded: o.Yielded, waiting: o.Waiting, ended: o.Ended, dying: o.Dying, fired: slices.Clone(o.Fired),
		}
		if o.Joins {
			sc.typ = sc.s.scopes
		}
		for _, r := range o.Results {
			res := result{within: placeOf(r.Path), order: r.Order, to: -1}
			if r.To != "" {
				res.to = int16(b.step(c, r.To).index)
			}
			if sc.typ >= 0 {
				res.event = b.value(c, sc.typ, r.Event.v)
			}
			sc.results = append(sc.results, res)
		}
		for _, v := range o.Items {
			sc.items = append(sc.items, v.v)
		}
		st.scopes[sc.id] = sc
	}
	for _, o := range s.Execs {
		b.exec(st, o)
	}
	for _, o := range s.Sets {
		set := &set{s: b.step(c, o.Step), scope: st.scopes[o.Scope], order: o.Order, got: make([][]held, len(o.Got))}
		for i, q := range o.Got {
			for _, h := range q {
				ev := b.event(c, h)
				set.got[i] = append(set.got[i], held{int(ev.typ), ev.id, ev.payload, b.lineage(c, h.Lineage)})
			}
		}
		st.own().sets = append(st.sets, set)
	}
	for _, k := range s.Kept {
		ev := b.event(c, k)
		st.own().kept = append(st.kept, keptEvent{ev.id, int(ev.typ), ev.payload})
	}
	for k, v := range s.Values {
		if st.values == nil {
			st.values = map[string]value{}
		}
		if raw, ok := v.v.(json.RawMessage); ok {
			st.values[k] = value{raw: raw}
		} else {
			st.values[k] = value{v: v.v}
		}
	}
	st.ending = b.ending(c, s.Ending)
	b.order(st, s.Order)
	if s.Clock {
		st.since = now
		if c.cfg.Timeout > 0 {
			t.timers.arm(&st.alarm, later(now, st.left))
		}
	}
	t.touch(st)
}

func (b *restorer) exec(st *state, o snapExec) {
	c, t := st.c, b.t
	s := b.step(c, o.Step)
	if b.err != nil {
		return
	}
	typ := b.typ(c, o.Type)
	x := &exec{
		s: s, st: st, id: o.ID, cause: o.Cause, typ: int16(typ), scope: st.scopes[o.Scope], order: o.Order, lineage: b.lineage(c, o.Lineage),
		flushed: o.Flushed, attempt: o.Attempt, worker: o.Worker, status: o.Status, woken: o.Woken, direct: o.Direct,
	}
	switch s.kind {
	case join, collect:
		all := make([]any, len(o.In))
		for i, v := range o.In {
			of := s.takes[0]
			if s.kind == collect {
				of = s.takes[min(i, len(s.takes)-1)]
			}
			all[i] = b.value(c, of, v.v)
		}
		x.in = all
	default:
		if len(o.In) != 1 {
			b.fail("execution %d of step %q has no event", o.ID, o.Step)
			return
		}
		x.in = b.value(c, typ, o.In[0].v)
	}
	for i, e := range o.Out {
		if ev := b.event(c, e); i == 0 {
			x.out = ev
		} else {
			m := x.more()
			m.outs = append(m.outs, ev)
		}
	}
	if t.execs.get(x.id) != nil {
		b.fail("execution %d is there twice", x.id)
		return
	}
	t.execs.put(x)
	st.nopen++
	x.asWaiting(o.Idle)
	if x.worker > 0 {
		st.steps[s.index].occupy(x.worker)
	}
	if len(o.Out) < 2 && o.Since|o.Spent|o.Mark|o.Due == 0 && o.Opened == 0 && o.Awaits == nil && o.Error == "" && o.Child == nil {
		return
	}
	m := x.more()
	m.since, m.spent, m.mark = o.Since, o.Spent, o.Mark
	if o.Due != 0 {
		t.timers.arm(&m.timer, o.Due)
	}
	m.scope = st.scopes[o.Opened]
	if o.Error != "" {
		m.fault = &fault{err: errorText(o.Error), text: o.Error}
		if o.Final {
			m.fault.end = RunFailed
		}
	}
	if o.Child != nil && s.sub != nil {
		m.child = newState(s.sub, t)
		m.child.phase, m.child.sub, m.child.parent, m.child.host = over, x.id, st, x
		m.child.ending = b.ending(s.sub, o.Child)
	}
	for _, sa := range o.Awaits {
		a := &await{x: x, id: sa.ID, key: sa.Key, typ: b.typ(c, sa.Type), ask: sa.Ask, open: sa.Open, found: sa.Found, cause: sa.Cause}
		a.timer.await = a
		if raw, isRaw := sa.Reply.v.(json.RawMessage); sa.Reply.v != nil && !(isRaw && string(raw) == "null") {
			a.reply = b.value(c, a.typ, sa.Reply.v)
		}
		if sa.Error != "" {
			a.fault = &fault{err: ErrAwaitTimeout, text: sa.Error}
		}
		if sa.Due != 0 {
			t.timers.arm(&a.timer, sa.Due)
		}
		m.awaits = append(m.awaits, a)
		if a.open {
			st.own().awaits = append(st.awaits, a)
		}
	}
}

// order puts those who wait back in line.
func (b *restorer) order(st *state, order map[string][]uint32) {
	execs := func(name string) (all []*exec) {
		for _, id := range order[name] {
			if x := b.t.execs.get(id); x != nil && x.st == st {
				all = append(all, x)
			} else {
				b.fail("execution %d waits and is not there", id)
			}
		}
		return all
	}
	for _, x := range execs("ready") {
		st.ready.push(x)
	}
	for i, s := range st.c.steps {
		for _, name := range append([]string{s.name}, s.aliases...) {
			for _, x := range execs("front:" + name) {
				st.steps[i].front.push(x)
			}
			for _, x := range execs("waiting:" + name) {
				st.steps[i].waiting.push(x)
			}
		}
		st.mark(s)
	}
	p := st.own()
	p.due, p.failed, p.spawn = execs("due"), execs("failed"), execs("spawn")
	p.ended, p.restart = execs("ended"), execs("restart")
	for _, id := range order["reply"] {
		for _, a := range st.awaits {
			if a.id == id {
				st.own().reply = append(st.reply, a)
			}
		}
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
	p.closing, p.dying = scopes("closing"), scopes("dying")
	for _, sc := range st.closing {
		sc.queued = true
	}
}
