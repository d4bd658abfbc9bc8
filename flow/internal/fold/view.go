package fold

import (
	"fmt"
	"reflect"
	"slices"
)

// Commands returns what the runtime has to do. It must be cleared before the next tick.
func (t *Tree) Commands() []Command { return t.commands }

// ClearCommands forgets the commands, which the runtime has executed.
func (t *Tree) ClearCommands() {
	if t.commands = t.commands[:0]; cap(t.commands) > 64 {
		t.commands = t.fewCommands[:0]
	}
}

// Begun reports whether the run has its first record.
func (t *Tree) Begun() bool { return t.root.phase != phaseIdle }

// Last returns the time of the last record.
func (t *Tree) Last() int64 { return t.last }

// Running reports whether the run has begun, is not over and not put aside.
func (t *Tree) Running() bool { return t.root.phase == phaseRunning && !t.suspended }

// Over reports whether the last record of the run was written.
func (t *Tree) Over() bool { return t.root.phase == phaseOver }

// Result returns, of a run that is over, the kind of its last record and the stop event or the
// error.
func (t *Tree) Result() (kind Kind, stop any, err error) {
	e := t.root.ending
	if e == nil {
		return 0, nil, nil // it is suspended
	}
	if e.kind == RunFinished {
		return e.kind, e.event.Payload, nil
	}
	return e.kind, nil, e.fault.err
}

// Cause returns the cause with which the command ends the context of an attempt; nil: the run has
// ended, and there is no other cause.
func (c Command) Cause() error {
	if c.Exec.State.tree.suspended {
		return nil
	}
	if c.Do == CommandExpire {
		return c.Exec.extra.fault.err
	}
	for st := c.Exec.State; st != nil; st = st.parent {
		if e := st.ending; e != nil && e.fault != nil && e.fault.err != nil {
			return e.fault.err
		}
	}
	return nil
}

// Running reports whether an attempt of the execution has a worker.
func (x *Execution) Running() bool { return x.status == statusRunning }

// Deadline returns when the time of the attempt, of its run or of a run around that will be over,
// in nanoseconds since 1970, whichever comes first; 0: it has no end.
func (x *Execution) Deadline() (at int64) {
	sooner := func(t *timer) {
		if t.where > 0 && (at == 0 || t.at < at) {
			at = t.at
		}
	}
	for ; x != nil; x = x.State.host {
		if x.status == statusRunning && x.extra != nil {
			sooner(&x.extra.timer)
		}
		sooner(&x.State.timeout)
	}
	return at
}

// FansOut reports whether the execution has opened its fan-out.
func (x *Execution) FansOut() bool { return x.extra != nil && x.extra.opened != nil }

// MayYield reports whether the execution's fan-out has room for a further branch.
func (x *Execution) MayYield() bool {
	return x.Step.Limit == 0 || x.extra.opened.waiting < x.Step.Limit
}

// Yielded returns the item that the execution's fan-out yielded at a place, from 1; false: none
// yet.
func (x *Execution) Yielded(place uint32) (item any, ok bool) {
	if sc := x.extra.opened; place <= sc.yielded {
		return sc.items[place-1], true
	}
	return nil, false
}

// Reaches reports whether an event of a type that the execution gives reaches a join.
func (x *Execution) Reaches(typ int) bool { return x.scope.joins(typ) }

// Stray returns an error if only joins take an event of the type, and the execution that gave it is
// in none of their fan-outs.
func (x *Execution) Stray(typ int) error {
	if t := x.State.Workflow.Types[typ]; len(t.Joins) > 0 && len(t.Takers) == 0 && !x.scope.joins(typ) {
		return &FinalError{fmt.Errorf("step %q gave %s outside of the fan-out whose join takes it", x.Step.Name, t.Name)}
	}
	return nil
}

// JoinOnly reports whether only joins take an event, given the step to which it is addressed.
func (w *Workflow) JoinOnly(ev Event) bool {
	t := w.Types[ev.Type]
	return len(t.Joins) > 0 && (len(t.Takers) == 0 || ev.To >= 0 && w.Steps[ev.To].Kind == JoinStep)
}

// Deref turns a pointer into the value that it points to, and a nil one into nil.
func Deref(v any) any {
	if t := reflect.TypeOf(v); t == nil || t.Kind() != reflect.Pointer {
		return v
	}
	p := reflect.ValueOf(v)
	if p.IsNil() {
		return nil
	}
	return p.Elem().Interface()
}

// Address returns the Event for a payload that is sent to one step, or, if to is "", to all steps
// that take it. It is an error if the step does not exist or does not take the event, or if no step
// takes it.
func (w *Workflow) Address(to string, payload any) (Event, error) {
	i := w.typeIndex(payload)
	ev := Event{Payload: payload, Type: int16(i), To: -1}
	if to != "" {
		s := w.stepNamed(to)
		if s == nil {
			return ev, fmt.Errorf("flow: %s: SendTo: there is no step %q", w.Name, to)
		}
		if i < 0 || s.Kind == RecoveryStep || !slices.Contains(s.Takes, i) {
			return ev, fmt.Errorf("flow: %s: SendTo: step %q does not take %T", w.Name, to, payload)
		}
		ev.To = int16(s.Index)
		return ev, w.Keepable(i, payload)
	}
	if i < 0 {
		return ev, fmt.Errorf("flow: %s: Send: no step takes %T", w.Name, payload)
	}
	if t := w.Types[i]; i != w.Out && len(t.Takers) == 0 && len(t.Joins) == 0 && !t.Awaited {
		return ev, fmt.Errorf("flow: %s: Send: no step takes %T", w.Name, payload)
	}
	return ev, w.Keepable(i, payload)
}

// Keepable returns an error if an event of a type holds a number that JSON cannot hold.
func (w *Workflow) Keepable(typ int, payload any) error {
	find := w.Types[typ].Values
	if find == nil {
		return nil
	}
	if err := find.Problem(payload); err != nil {
		return fmt.Errorf("flow: %s: %w", w.Name, err)
	}
	return nil
}

// Attempt returns the number of the execution's attempt, from 1.
func (x *Execution) Attempt() int { return int(x.attempt) }
