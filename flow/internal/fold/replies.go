package fold

import (
	"encoding/json"
	"reflect"
)

func (a *await) answer(reply earlyReply) {
	a.answered, a.cause, a.reply = true, reply.id, reply.payload
	st := a.exec.State
	st.ownPending().replies = append(st.replies, a)
	st.touch()
}

// reply gives an event to all awaits that it matches, or keeps it. What comes from outside reaches
// the awaits within sub-workflows too.
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
		}
	}
	if !found {
		st.ownPending().early = append(st.early, reply)
	}
}

// matches reports whether a reply is of the awaited type, and has the same value in all fields that
// are set in the pattern.
func (a *await) matches(reply any) bool {
	w := a.exec.State.Workflow
	if reflect.TypeOf(reply) != w.Types[a.typ].Go {
		return false
	}
	if a.prompt.Match == nil {
		return true
	}
	if raw, ok := a.prompt.Match.(json.RawMessage); ok {
		v, err := w.Decode(a.typ, raw)
		if err != nil {
			return false
		}
		a.prompt.Match = v
	}
	pattern, v := reflect.ValueOf(a.prompt.Match), reflect.ValueOf(reply)
	if pattern.Kind() != reflect.Struct {
		return pattern.IsZero() || reflect.DeepEqual(a.prompt.Match, reply)
	}
	for i := range pattern.NumField() {
		if !pattern.Type().Field(i).IsExported() || pattern.Field(i).IsZero() {
			continue
		}
		if !reflect.DeepEqual(pattern.Field(i).Interface(), v.Field(i).Interface()) {
			return false
		}
	}
	return true
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

// Reply returns what came of the execution's await with a key: the reply, or the error of one whose
// time was over. It reports false if there is none, or if it is open.
func (x *Execution) Reply(key string) (reply any, err error, ok bool) {
	if x.extra == nil {
		return nil, nil, false
	}
	for _, a := range x.extra.awaits {
		if a.key == key && !a.open {
			if a.fault != nil {
				return nil, a.fault.err, true
			}
			return a.reply, nil, true
		}
	}
	return nil, nil, false
}
