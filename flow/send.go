package flow

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"weft/flow/internal/fold"
)

// apply passes a request to the fold. The run's lock is held.
func (r *run) apply(q request) {
	switch now := r.now(); q.kind {
	case requestSend:
		r.tree.Arrive(now, q.event)
	case requestReply:
		r.tree.Reply(now, q.await, q.event)
	case requestPause:
		r.tree.Pause(now)
	case requestResume:
		r.tree.Resume(now, q.permits)
	case requestCancel:
		r.tree.Cancel(now, q.cause)
	case requestSuspend:
		r.putAside(q.cause)
	}
}

// ask passes a request from outside to the fold, or keeps it until the run's turn has come. A run
// that has ended ignores it.
func (r *run) ask(q request) { _, _ = r.bring(q) }

// bring passes a request from outside to the fold and executes the commands that follow. It returns
// the number of the run's last record by then; 0 if the request is kept until the run's turn has
// come; or [ErrEnded].
func (r *run) bring(q request) (uint64, error) {
	r.mu.Lock()
	switch {
	case r.waits && q.kind == requestReply && slices.ContainsFunc(r.requests, func(p request) bool { return p.await == q.await }):
		r.mu.Unlock()
		return 0, r.notAwaited(uint64(q.await))
	case r.waits:
		r.keepRequest(q)
		r.mu.Unlock()
		return 0, nil
	case r.closed() != nil:
		err := r.closed()
		r.mu.Unlock()
		return 0, err
	case r.tree.Closing() && (q.kind == requestSend || q.kind == requestReply):
		r.mu.Unlock()
		return 0, ErrEnded
	case q.kind == requestReply:
		if _, _, open := r.tree.OpenAwait(uint64(q.await)); !open { // answered meanwhile
			r.mu.Unlock()
			return 0, r.notAwaited(uint64(q.await))
		}
	}
	r.apply(q)
	if q.kind == requestSend || q.kind == requestReply {
		r.keeper.mustBeSafe(r.length())
	}
	next := r.execute(true)
	n := r.length()
	r.mu.Unlock()
	if next != nil {
		go r.perform(next)
	}
	return n, nil
}

// keepRequest keeps a request to a run that waits for its turn. The caller holds the lock under
// which turns are given.
func (r *run) keepRequest(q request) {
	switch q.kind {
	case requestCancel:
		r.standard()
		r.stop(q.cause)
	case requestSuspend:
		r.standard()
		r.stop(&suspendRequest{q.cause})
	case requestSend, requestReply:
		r.requests = append(r.requests, q)
	case requestPause, requestResume:
		if q.kind == requestResume && q.permits > 0 { // each StepOnce lets one more execution start
			r.requests = append(r.requests, q)
			return
		}
		// Pause and Resume replace earlier requests of a debugger, and are put first, because
		// launch looks at the first request to decide whether the run begins paused.
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
	return r.bringSafe(request{kind: requestSend, event: ev})
}

// reply answers one await.
func (r *run) reply(await uint64, payload any) error {
	r.mu.Lock()
	w, typ, open := r.tree.OpenAwait(await)
	closed := r.closed()
	r.mu.Unlock()
	switch {
	case closed != nil:
		return closed
	case !open:
		return r.notAwaited(await)
	}
	if raw, ok := payload.(json.RawMessage); ok {
		v, err := w.Decode(typ, raw)
		if err != nil {
			return err
		}
		payload = v
	}
	if payload = fold.Deref(payload); payload == nil || w.IndexOf(reflect.TypeOf(payload)) != typ {
		return fmt.Errorf("flow: run %s: Reply: await %d is for a %s, not a %T", r.id, await, w.Types[typ].Name, payload)
	}
	ev := fold.Event{Payload: payload, Type: int16(r.c.IndexOf(reflect.TypeOf(payload))), To: -1}
	return r.bringSafe(request{kind: requestReply, event: ev, await: uint32(await)})
}

// replyFrom answers one await with a reply from another process.
func (r *run) replyFrom(m Message) error {
	if m.Type != "" {
		typ := r.c.TypeNamed(m.Type)
		r.mu.Lock()
		w, awaited, open := r.tree.OpenAwait(m.Await)
		r.mu.Unlock()
		if open && (typ < 0 || r.c.Types[typ].Go != w.Types[awaited].Go) {
			return fmt.Errorf("flow: run %s: Reply: await %d is for a %s, not a %s", r.id, m.Await, w.Types[awaited].Name, m.Type)
		}
	}
	return r.reply(m.Await, m.Payload)
}

func (r *run) notAwaited(await uint64) error {
	return fmt.Errorf("flow: run %s: Reply: %w: await %d", r.id, ErrNotAwaited, await)
}

// bringSafe passes an event from outside to the fold, and returns when it is safe in the journal.
func (r *run) bringSafe(q request) error {
	n, err := r.bring(q)
	if err != nil || n == 0 || r.keeper == nil {
		return err
	}
	return r.secure(n)
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
