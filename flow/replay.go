package flow

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// intern makes a record of the engine of a public one, for replay: names become numbers, JSON becomes values.
func (t *tree) intern(in Record) (r rec, err error) {
	r.fact = fact{
		at: nanos(in.Time), exec: uint32(in.Execution), event: uint32(in.Event), cause: uint32(in.Cause),
		n: int32(in.Attempt), worker: uint16(in.Worker), step: -1, typ: -1, kind: in.Kind,
	}
	if r.due = nanos(in.Due); in.Kind == EventSent {
		r.n = int32(in.Index)
	}
	c := t.root.c
	if i := strings.LastIndexByte(in.Run, '/'); i >= 0 {
		if _, err := fmt.Sscanf(in.Run[i+1:], "%d", &r.sub); err != nil {
			return r, fmt.Errorf("its run %q is not one of this workflow", in.Run)
		}
		if st := t.subs[r.sub]; st != nil {
			c = st.c
		} else if x := t.execs.get(r.sub); x != nil && x.s.sub != nil && in.Kind == RunStarted {
			c = x.s.sub
		} else if in.Kind != EventEmitted && in.Kind != StateChanged {
			return r, fmt.Errorf("its run %q is not under way", in.Run)
		}
	}
	switch in.Kind {
	case RunStarted:
		if in.Step != c.name {
			return r, fmt.Errorf("it is of workflow %q, this is %q", in.Step, c.name)
		}
	default:
		if in.Step != "" {
			i, ok := c.byStep[in.Step]
			if !ok {
				return r, fmt.Errorf("the workflow %s has no step %q", c.name, in.Step)
			}
			r.step = int16(i)
		}
	}
	switch in.Kind {
	case RunStarted, EventSent, RunFinished:
		err = t.internEvent(c, in, &r)
	case AwaitResolved:
		if in.Error != "" {
			r.payload = &fault{err: ErrAwaitTimeout, text: in.Error}
		} else {
			err = t.internEvent(c, in, &r)
		}
	case AwaitOpened:
		if r.typ = int16(c.typeCalled(in.Type)); r.typ < 0 {
			return r, fmt.Errorf("the workflow %s has no event %q", c.name, in.Type)
		}
		p, ok := in.Payload.(Prompt)
		if raw, isRaw := in.Payload.(json.RawMessage); isRaw {
			ok = true
			err = json.Unmarshal(raw, &p)
		}
		if !ok {
			err = fmt.Errorf("it has no prompt")
		}
		r.payload = p
	case EventEmitted:
		r.payload = in.Payload
		if raw, ok := in.Payload.(json.RawMessage); ok {
			r.payload = &foreign{in.Type, raw}
		}
	case StateChanged:
		switch p := in.Payload.(type) {
		case *patch:
			r.payload = p
		case json.RawMessage:
			r.payload = &patch{key: in.Type, raw: p}
		default:
			err = fmt.Errorf("its payload is no merge patch")
		}
	case StepFailed, StepCancelled, RunFailed, RunCancelled:
		f := &fault{err: errorText(in.Error), text: in.Error}
		if in.Type != "" && in.Kind != RunFailed && in.Kind != RunCancelled {
			err = f.end.UnmarshalText([]byte(in.Type))
		}
		r.payload = f
	case RunResumed:
		if in.Type == restartType {
			r.payload = restarted{}
		}
	}
	return r, err
}

func (t *tree) internEvent(c *core, in Record, r *rec) (err error) {
	typ := c.typeCalled(in.Type)
	if typ < 0 {
		return fmt.Errorf("the workflow %s has no event %q; declare it with flow.Name if it was renamed", c.name, in.Type)
	}
	r.typ, r.payload = int16(typ), in.Payload
	if raw, ok := in.Payload.(json.RawMessage); ok {
		r.payload, err = c.decode(typ, raw)
	} else if in.Payload == nil || reflect.TypeOf(in.Payload) != c.types[typ].rt {
		err = fmt.Errorf("its payload is a %T, not a %v", in.Payload, c.types[typ].rt)
	}
	return err
}

// fits reports what speaks against applying a record that was read: a journal is only replayed on the workflow that wrote it.
func (t *tree) fits(r *rec) error {
	if (r.kind == RunStarted && r.sub == 0) != (t.root.phase == idle) {
		return fmt.Errorf("a run begins once, and first")
	}
	if t.root.phase == over {
		return fmt.Errorf("the run is over")
	}
	st := t.root
	if r.sub != 0 {
		st = t.subs[r.sub]
	}
	need := func(ok bool, what string, args ...any) error {
		if ok {
			return nil
		}
		return fmt.Errorf(what, args...)
	}
	x := t.execs.get(r.exec)
	here := x != nil && x.st == st && int(r.step) == x.s.index
	whose := func() error {
		if x == nil {
			return fmt.Errorf("there is no execution %d under way: the workflow has changed", r.exec)
		}
		return need(here, "execution %d is of step %q: the workflow has changed", r.exec, x.s.name)
	}
	if st != nil && st.phase == over {
		return fmt.Errorf("its run is over")
	}
	switch r.kind {
	case RunStarted:
		if r.sub == 0 {
			return need(int(r.typ) == t.root.c.in, "the start event is another: the workflow has changed")
		}
		x := t.execs.get(r.sub)
		ok := x != nil && x.status == isRunning && x.s.kind == nested && int(r.typ) == x.s.sub.in && (x.rare == nil || x.rare.child == nil)
		return need(ok, "execution %d begins no such workflow", r.sub)
	case EventSent:
		if r.cause == 0 {
			return need(r.sub == 0, "an event from outside belongs to the run itself")
		}
		y := t.execs.get(r.cause)
		switch {
		case y == nil || y.st != st:
			return fmt.Errorf("there is no execution %d under way: the workflow has changed", r.cause)
		case r.n > 0:
			ok := y.underWay() && y.rare != nil && y.rare.scope != nil && uint32(r.n) == y.rare.scope.yielded+1
			return need(ok, "execution %d has no fan-out at item %d", r.cause, r.n)
		case y.status == isFailed:
			return need(y.s.recovers != nil && int(r.step) == y.s.recovers.index, "execution %d is recovered by another step: the workflow has changed", r.cause)
		}
		return need(y.status == isRunning, "execution %d does not run", r.cause)
	case StepQueued:
		if err := whose(); err != nil {
			return err
		}
		ok := x.status == isReady && (x.woken || st.upNext() == x) || x.status == isDelayed
		return need(ok, "execution %d cannot wait", r.exec)
	case StepStarted:
		if err := whose(); err != nil {
			return err
		}
		l := &st.steps[x.s.index]
		ok := x.status == isReady && (x.woken || st.upNext() == x) || x.status == isDelayed || x.status == isQueued && l.first() == x ||
			x.status == isRunning && slices.Contains(st.restart, x)
		return need(ok && r.worker > 0 && int(r.worker) <= maxWorkers && (x.status == isRunning || !l.isBusy(r.worker)), "execution %d cannot start", r.exec)
	case StepFinished, StepFailed:
		if err := whose(); err != nil {
			return err
		}
		return need(x.status == isRunning && !x.hosts(), "execution %d does not run, or what runs within it has not ended", r.exec)
	case StepCancelled:
		if f := r.payload.(*fault); f.end != 0 && r.cause != 0 && t.subs[r.cause] == nil {
			return fmt.Errorf("there is no sub-workflow %d", r.cause)
		}
		if err := whose(); err != nil {
			return err
		}
		return need(!x.hosts(), "what runs within execution %d has not ended", r.exec)
	case AwaitOpened:
		if err := whose(); err != nil {
			return err
		}
		return need(x.status == isRunning, "execution %d does not run", r.exec)
	case AwaitResolved:
		if err := whose(); err != nil {
			return err
		}
		ok := x.rare != nil && slices.ContainsFunc(x.rare.awaits, func(a *await) bool { return a.id == r.event && a.open })
		return need(ok, "execution %d does not await %d", r.exec, r.event)
	case ScopeOpened:
		if err := whose(); err != nil {
			return err
		}
		ok := x.underWay() && x.s.kind == fanOut && (x.rare == nil || x.rare.scope == nil) && st.scopes[r.event] == nil
		return need(ok, "execution %d opens no fan-out", r.exec)
	case ScopeClosed:
		return need(st != nil && st.scopes[r.event] != nil && st.scopes[r.event].open == 0 && st.scopes[r.event].ended, "fan-out %d is not over", r.event)
	case RunFinished, RunFailed, RunCancelled:
		return need(st != nil && st.phase == running && st.nopen == 0, "something of the run is still open")
	case RunPaused, RunResumed:
		return need(r.sub == 0, "only a whole run is paused")
	case EventEmitted, StateChanged:
		return need(st != nil || r.kind == EventEmitted, "its run is not under way")
	}
	return fmt.Errorf("unknown kind %v", r.kind)
}

// underWay reports whether an attempt has begun and not ended: it runs, or awaits while other goroutines of its step go on.
func (x *exec) underWay() bool {
	return x.status == isRunning || x.status == isAwaiting || x.woken
}

// hosts reports whether the execution is that of a sub-workflow whose run goes on.
func (x *exec) hosts() bool {
	return x.rare != nil && x.rare.child != nil && x.rare.child.phase == running
}

func (l *lane) isBusy(worker uint16) bool {
	if worker <= 64 {
		return l.busy&(1<<(worker-1)) != 0
	}
	w := int(worker-1)/64 - 1
	return w < len(l.rest) && l.rest[w]&(1<<((worker-1)%64)) != 0
}
