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

// ask brings a request from outside, or keeps it until the run's turn has come. A run that is over
// ignores it.
func (r *run) ask(q request) { _, _ = r.bring(q) }

// bring brings a request from outside to the fold and starts what follows. It returns the number of
// the run's last record by then; 0 if the request is kept until the run's turn has come; or
// [ErrEnded].
func (r *run) bring(q request) (uint64, error) {
	r.mu.Lock()
	switch {
	case r.waits:
		r.keepRequest(q)
		r.mu.Unlock()
		return 0, nil
	case r.tree.Over():
		r.mu.Unlock()
		return 0, ErrEnded
	}
	r.apply(q)
	next := r.execute(true)
	n := r.length()
	r.mu.Unlock()
	if next != nil {
		go r.perform(next)
	}
	return n, nil
}

// keepRequest keeps what is asked of a run that waits for its turn, which must not come meanwhile.
func (r *run) keepRequest(q request) {
	switch q.kind {
	case requestCancel:
		r.standard()
		r.stop(q.cause)
	case requestSend:
		r.requests = append(r.requests, q)
	case requestPause, requestResume:
		if q.kind == requestResume && q.permits > 0 { // each StepOnce lets one more execution start
			r.requests = append(r.requests, q)
			return
		}
		// Pause and Resume replace what a debugger asked before, and come first: launch looks whether
		// the run is to begin paused.
		others := slices.DeleteFunc(r.requests, request.isDebugger)
		r.requests = slices.Insert(others, 0, q)
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
	n, err := r.bring(request{kind: requestSend, event: ev})
	if err != nil || n == 0 || r.keeper == nil {
		return err
	}
	return r.keeper.sync(n)
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
