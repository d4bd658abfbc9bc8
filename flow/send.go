package flow

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

func (r *run) send(to string, ev any) error {
	if ev == nil {
		return errors.New("flow: Send: a nil event")
	}
	out, err := r.c.address(to, deref(ev))
	if err != nil {
		return err
	}
	if t := r.c.types[out.typ]; len(t.joins) > 0 && (len(t.takers) == 0 || out.step >= 0 && r.c.steps[out.step].kind == join) {
		return fmt.Errorf("flow: %s: Send: %s is taken by a join, and an event from outside belongs to no fan-out", r.c.name, t.name)
	}
	r.mu.Lock()
	k := tick{do: arrived, st: r.t.root, ev: out}
	switch {
	case r.waits:
		r.early = append(r.early, k)
		r.mu.Unlock()
		return nil
	case r.t.root.phase == over:
		r.mu.Unlock()
		return ErrEnded
	}
	r.apply(&k)
	x := r.obey(true)
	n := r.log.first + r.log.n()
	r.mu.Unlock()
	if x != nil {
		go r.work(x)
	}
	if r.keeper != nil {
		return r.keeper.sync(n)
	}
	return nil
}

func (r *run) sendJSON(name string, payload json.RawMessage) error {
	i, ok := r.c.byName[name]
	if !ok {
		return fmt.Errorf("flow: %s: SendJSON: no event is called %q", r.c.name, name)
	}
	ev, err := r.c.decode(i, payload)
	if err != nil {
		return err
	}
	return r.send("", ev)
}

// address checks who takes an event that is sent.
func (c *core) address(to string, ev any) (outEvent, error) {
	i := c.typeIndex(ev, nil)
	out := outEvent{payload: ev, typ: int16(i), step: -1}
	if to != "" {
		n, ok := c.byStep[to]
		if !ok {
			return out, fmt.Errorf("flow: %s: SendTo: there is no step %q", c.name, to)
		}
		if s := c.steps[n]; i < 0 || s.kind == recovery || !slices.Contains(s.takes, i) {
			return out, fmt.Errorf("flow: %s: SendTo: step %q does not take %T", c.name, to, ev)
		}
		out.step = int16(n)
		return out, nil
	}
	if i < 0 || i != c.out && len(c.types[i].takers) == 0 && len(c.types[i].joins) == 0 && !c.types[i].awaited {
		return out, fmt.Errorf("flow: %s: Send: no step takes %T", c.name, ev)
	}
	return out, nil
}
