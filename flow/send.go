package flow

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"weft/flow/internal/fold"
)

// apply brings a request to the fold. The run's lock is held.
func (r *run) apply(q request) {
	switch now := r.now(); q.kind {
	case requestSend:
		r.tree.Arrive(now, q.event)
	case requestPause:
		r.tree.Pause(now)
	case requestResume:
		r.tree.Resume(now, q.permits)
	case requestCancel:
		r.tree.Cancel(now, q.cause)
	}
}

// ask brings a request from outside, or keeps it until the run's turn has come.
func (r *run) ask(q request) {
	r.mu.Lock()
	if r.waits {
		r.keepRequest(q)
		r.mu.Unlock()
		return
	}
	var next *Context
	if r.tree.Running() {
		r.apply(q)
		next = r.execute(true)
	}
	r.mu.Unlock()
	if next != nil {
		go r.perform(next)
	}
}

// keepRequest keeps what is asked of a run that waits for its turn, which must not come meanwhile.
func (r *run) keepRequest(q request) {
	switch {
	case q.kind == requestCancel:
		r.standard()
		r.stop(q.cause)
	case q.kind == requestSend, q.kind == requestResume && q.permits > 0:
		r.requests = append(r.requests, q)
	default: // it replaces what a debugger asked before
		sends := slices.DeleteFunc(r.requests, func(q request) bool { return q.kind != requestSend })
		r.requests = slices.Insert(sends, 0, q)
	}
}

func (r *run) send(to string, payload any) error {
	if payload == nil {
		return errors.New("flow: Send: a nil event")
	}
	ev, err := r.c.Address(to, fold.Deref(payload))
	if err != nil {
		return err
	}
	if r.c.JoinOnly(ev) {
		return fmt.Errorf("flow: %s: Send: %s is taken by a join, and an event from outside belongs to no fan-out", r.c.Name, r.c.Types[ev.Type].Name)
	}
	q := request{kind: requestSend, event: ev}
	r.mu.Lock()
	switch {
	case r.waits:
		r.keepRequest(q)
		r.mu.Unlock()
		return nil
	case r.tree.Over():
		r.mu.Unlock()
		return ErrEnded
	}
	r.apply(q)
	next := r.execute(true)
	n := r.length()
	r.mu.Unlock()
	if next != nil {
		go r.perform(next)
	}
	if r.keeper != nil {
		return r.keeper.sync(n)
	}
	return nil
}

func (r *run) sendJSON(name string, payload json.RawMessage) error {
	typ := r.c.TypeNamed(name)
	if typ < 0 {
		return fmt.Errorf("flow: %s: SendJSON: no event is called %q", r.c.Name, name)
	}
	ev, err := r.c.Decode(typ, payload)
	if err != nil {
		return err
	}
	return r.send("", ev)
}
