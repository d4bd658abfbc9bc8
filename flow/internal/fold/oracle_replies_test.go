package fold

import (
	"encoding/json"
	"fmt"
	"slices"
)

// An oAwait is a wait for an event from outside, or only for an instant.
type oAwait struct {
	id     uint32
	exec   uint32
	sleeps bool
	match  Match
	due    int64
	open   bool
}

func newOracleAwait(r *internalRecord) *oAwait {
	a := &oAwait{id: r.event, exec: r.exec, due: r.due, open: true, sleeps: r.kind == SleepStarted}
	if !a.sleeps {
		a.match = r.value.(Prompt).Match
	}
	return a
}

// arrives notes an event from outside. A reply that names an await must resolve that one. Any other
// reply must resolve all open awaits that it matches or, if there is none, the first such await
// that opens.
func (o *oracle) arrives(r *internalRecord, e *oEvent) {
	if _, ok := r.value.(zReply); !ok {
		o.commit(e)
		return
	}
	o.events[e.id] = e
	e.answers = map[uint32]bool{}
	for id, a := range o.awaits {
		if o.isOpen(a) && (r.exec == a.exec || r.exec == 0 && a.matches(r.value)) {
			e.answers[id] = false
		}
	}
	e.kept = len(e.answers) == 0
	o.replies = append(o.replies, e)
}

// resolves notes that an await is over.
func (o *oracle) resolves(r *internalRecord, x *oExec) error {
	a := o.awaits[r.event]
	if a == nil || !a.open || x.state != "awaits" {
		return fmt.Errorf("await %d is resolved and was not open", r.event)
	}
	a.open = false
	if a.sleeps != (r.kind == SleepEnded) {
		return fmt.Errorf("%v of %d, which is the other kind of wait", r.kind, a.id)
	}
	if r.cause == 0 {
		if a.due == 0 || r.at < a.due {
			return fmt.Errorf("the time of await %d is over at %d, and was due at %d", a.id, r.at, a.due)
		}
		return nil
	}
	e := o.events[r.cause]
	if e == nil || e.answers == nil {
		return fmt.Errorf("await %d is resolved by event %d, which is no reply", a.id, r.cause)
	}
	done, chosen := e.answers[a.id]
	switch {
	case chosen && !done:
		e.answers[a.id] = true
	case e.kept && a.matches(e.value):
		e.kept = false
	default:
		return fmt.Errorf("await %d is resolved by event %d, which is not for it", a.id, r.cause)
	}
	return nil
}

// answered checks that the replies of this tick have resolved the awaits that they match.
func (o *oracle) answered() error {
	for _, e := range o.replies {
		for id, done := range e.answers {
			if !done && o.isOpen(o.awaits[id]) {
				return fmt.Errorf("event %d was not given to await %d", e.id, id)
			}
		}
	}
	o.replies = nil
	return nil
}

// isOpen reports whether an execution waits in an await.
func (o *oracle) isOpen(a *oAwait) bool { return a.open && o.execs[a.exec].state == "awaits" }

// matches compares the one field of a reply.
func (a *oAwait) matches(reply any) bool {
	if a.sleeps {
		return false
	}
	want, has := a.match["N"]
	if !has {
		return true
	}
	n, err := json.Marshal(reply.(zReply).N)
	return err == nil && string(n) == string(want)
}

// calls checks effects on the outside (flow.Do): a call whose result is recorded is never made
// again, and a call that was cut off is doubted before it is made again.
func (o *oracle) calls(r *internalRecord) error {
	x, err := o.exec(r)
	if err != nil {
		return err
	}
	if x.state != "runs" || r.n != x.attempt {
		return fmt.Errorf("%v of execution %d while it %s", r.kind, x.id, x.state)
	}
	if x.calls == nil {
		x.calls = map[uint32]string{}
	}
	from := map[Kind][]string{
		CallStarted: {"", "failed", "doubted"}, CallFinished: {"open"}, CallFailed: {"open"}, CallDoubted: {"open"},
	}
	if !slices.Contains(from[r.kind], x.calls[r.event]) {
		return fmt.Errorf("%v of call %d, which is %q", r.kind, r.event, x.calls[r.event])
	}
	x.calls[r.event] = map[Kind]string{
		CallStarted: "open", CallFinished: "done", CallFailed: "failed", CallDoubted: "doubted",
	}[r.kind]
	return nil
}

// cleans notes that the clean-up of a run begins: nothing of it may be open, and every clean-up
// step must be called.
func (o *oracle) cleans(r *internalRecord, run *oRun) error {
	if run.cleans {
		return fmt.Errorf("run %d cleans up twice", r.sub())
	}
	for _, x := range o.execs {
		if x.sub == r.sub() && x.state != "done" && x.s != nil {
			return fmt.Errorf("the clean-up begins while execution %d of %s %s", x.id, x.s.Name, x.state)
		}
	}
	o.forget(r.sub())
	run.cleans = true
	e := &oEvent{id: r.event, sub: r.sub(), typ: run.c.cleanup[0].Takes[0], value: r.value, to: -1}
	o.commit(e)
	e.cleanup = true
	return nil
}

// waitsForCleanup reports whether a sub-workflow of a run cleans up, directly or further within:
// until then a run that ends, or gives up a fan-out, waits.
func (o *oracle) waitsForCleanup(sub uint32) bool {
	for _, x := range o.execs {
		run := o.runs[x.id]
		if x.s == nil || x.sub != sub || x.state == "done" || run == nil || run.over {
			continue
		}
		if run.cleans || o.waitsForCleanup(x.id) {
			return true
		}
	}
	return false
}
