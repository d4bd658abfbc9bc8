package fold

import (
	"reflect"
	"slices"
)

func (a *await) answer(reply earlyReply) {
	a.answered, a.cause, a.reply = true, reply.id, reply.payload
	st := a.exec.State
	st.ownPending().replies = append(st.replies, a)
	st.touch()
}

// reply gives an event to all awaits that it matches. If there is none, and no step took it, it is
// kept for the first that opens. What comes from outside reaches the awaits within sub-workflows
// too.
func (st *State) reply(ev *Event, outside bool) {
	reply, found := earlyReply{ev.ID, int(ev.Type), ev.Payload}, false
	offer := func(st *State) {
		for _, a := range st.awaits {
			if !a.answered && a.matches(reply.payload) {
				a.answer(reply)
				found = true
			}
		}
	}
	if offer(st); outside && len(st.tree.subs) > 0 {
		for _, sub := range st.tree.states()[1:] {
			offer(sub)
			found = sub.takesOutside(reply) || found
		}
	}
	if ty := st.Workflow.Types[ev.Type]; !found && len(ty.Takers) == 0 && len(ty.Joins) == 0 {
		st.ownPending().early = append(st.early, reply)
	}
}

// takesOutside gives an event from outside to the steps of a sub-workflow that take it from there,
// and reports whether there are any.
func (st *State) takesOutside(reply earlyReply) bool {
	typ := st.Workflow.IndexOf(reflect.TypeOf(reply.payload))
	if typ < 0 || !st.Workflow.Types[typ].External {
		return false
	}
	st.route(&Event{Payload: reply.payload, ID: reply.id, Type: int16(typ), To: -1}, branch{}, fromStart)
	st.markDirty()
	return true
}

// takeKept gives a sub-workflow that begins the events from outside that were kept for it.
func (st *State) takeKept() {
	if !st.Workflow.External {
		return
	}
	for from := st.parent; from != nil; from = from.parent {
		if len(from.early) > 0 {
			from.early = slices.DeleteFunc(slices.Clone(from.early), st.takesOutside)
		}
	}
}

// answeredBy records a reply from outside that names the await.
func (a *await) answeredBy(ev Event) {
	root := a.exec.State.tree.root
	ev.ID = root.tree.newID()
	p := root.record(EventSent, ev.Payload)
	p.event, p.exec, p.typ, p.step = ev.ID, a.exec.ID, ev.Type, -1
	a.applyAnswered(&ev)
}

func (a *await) applyAnswered(ev *Event) {
	a.answer(earlyReply{ev.ID, int(ev.Type), ev.Payload})
	a.exec.State.tree.root.markDirty()
}

// matches reports whether a reply is of the awaited type, and has the fields that its prompt names.
func (a *await) matches(reply any) bool {
	t := a.exec.State.Workflow.Types[a.typ].Go
	if reflect.TypeOf(reply) != t {
		return false
	}
	if a.fields == nil && len(a.prompt.Match) > 0 {
		var err error
		if a.fields, err = a.prompt.Match.fields(t); err != nil { // cannot happen: refused when it was read
			return false
		}
	}
	return fits(a.fields, reply)
}

// awaiting returns the open await that an execution waits for; nil: none.
func (x *Execution) awaiting() *await {
	if x.extra != nil {
		for _, a := range x.extra.awaits {
			if a.open && !a.answered && !a.sleeps() {
				return a
			}
		}
	}
	return nil
}

// openAwait returns the open await with an identifier; nil: there is none.
func (t *Tree) openAwait(id uint64) *await {
	for _, st := range t.states() {
		for _, a := range st.awaits {
			if uint64(a.id) == id && !a.answered {
				return a
			}
		}
	}
	return nil
}

// OpenAwait returns the type of the reply to an open await, and the workflow that numbers it. It
// reports false if no await with the identifier is open.
func (t *Tree) OpenAwait(id uint64) (w *Workflow, typ int, ok bool) {
	if t.root.phase != phaseRunning {
		return nil, 0, false
	}
	a := t.openAwait(id)
	if a == nil {
		return nil, 0, false
	}
	return a.exec.State.Workflow, a.typ, true
}

// await returns the execution's await with an identifier; nil: there is none.
func (x *Execution) await(id uint32) *await {
	if x.extra != nil {
		for _, a := range x.extra.awaits {
			if a.id == id {
				return a
			}
		}
	}
	return nil
}

// Reply returns the outcome of the execution's nth await, from 0, with a key and a type (-1: of a
// sleep): the reply, or the error of an await that timed out. It reports false if there is none, or
// if it is open.
func (x *Execution) Reply(key string, typ, n int) (reply any, err error, ok bool) {
	if x.extra == nil {
		return nil, nil, false
	}
	for _, a := range x.extra.awaits {
		if a.key != key || a.typ != typ {
			continue
		}
		if n--; n >= 0 {
			continue
		}
		if a.open {
			return nil, nil, false
		}
		if a.fault != nil {
			return nil, a.fault.err, true
		}
		return a.reply, nil, true
	}
	return nil, nil, false
}
