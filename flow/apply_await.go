package flow

import (
	"encoding/json"
	"reflect"
	"slices"
)

func (st *state) applyAwaitOpened(x *exec, r *rec) {
	t := st.t
	t.ids = max(t.ids, r.event)
	m := x.more()
	x.flushed += x.given()
	st.flush(x)
	st.vacate(x)
	if t.timers.disarm(&m.timer); x.s.timeout > 0 {
		m.spent += r.at - m.mark
	}
	x.status = isAwaiting
	x.asWaiting(true)
	p := r.payload.(Prompt)
	a := &await{x: x, id: r.event, key: p.Key, typ: int(r.typ), ask: p, open: true}
	a.timer.await = a
	m.awaits = append(m.awaits, a)
	st.own().awaits = append(st.awaits, a)
	if r.due != 0 {
		t.timers.arm(&a.timer, r.due)
	}
	for from := st; from != nil; from = from.parent {
		for i, k := range from.kept {
			if a.matches(k.payload) {
				from.kept = slices.Delete(from.kept, i, i+1)
				a.answer(k)
				return
			}
		}
	}
}

func (a *await) answer(k keptEvent) {
	a.found, a.cause, a.reply = true, k.id, k.payload
	st := a.x.st
	st.own().reply = append(st.reply, a)
	st.t.touch(st)
}

// resolve gives an event to all awaits that it matches, or keeps it. What comes from outside reaches those within
// sub-workflows too.
func (st *state) resolve(ev *outEvent, outside bool) {
	k, found := keptEvent{ev.id, int(ev.typ), ev.payload}, false
	try := func(st *state) {
		for _, a := range st.awaits {
			if !a.found && a.matches(k.payload) {
				a.answer(k)
				found = true
			}
		}
	}
	if try(st); outside && len(st.t.subs) > 0 {
		for _, sub := range st.t.states()[1:] {
			try(sub)
		}
	}
	if !found {
		st.own().kept = append(st.kept, k)
	}
}

// matches reports whether a reply is of the type that is awaited and all fields that are set in the pattern are the same in it.
func (a *await) matches(reply any) bool {
	c := a.x.st.c
	if reflect.TypeOf(reply) != c.types[a.typ].rt {
		return false
	}
	if a.ask.Match == nil {
		return true
	}
	if raw, ok := a.ask.Match.(json.RawMessage); ok {
		v, err := c.decode(a.typ, raw)
		if err != nil {
			return false
		}
		a.ask.Match = v
	}
	p, v := reflect.ValueOf(a.ask.Match), reflect.ValueOf(reply)
	if p.Kind() != reflect.Struct {
		return p.IsZero() || reflect.DeepEqual(a.ask.Match, reply)
	}
	for i := range p.NumField() {
		if f := p.Type().Field(i); f.IsExported() && !p.Field(i).IsZero() && !reflect.DeepEqual(p.Field(i).Interface(), v.Field(i).Interface()) {
			return false
		}
	}
	return true
}

func (st *state) applyAwaitResolved(x *exec, r *rec) {
	for _, a := range x.rare.awaits {
		if a.id != r.event {
			continue
		}
		st.t.timers.disarm(&a.timer)
		drop(&st.awaits, a)
		drop(&st.reply, a)
		a.open, a.found = false, false
		if a.fault, _ = r.payload.(*fault); a.fault == nil {
			a.reply = r.payload
		}
	}
	x.asWaiting(false)
	x.status, x.woken = isReady, true
	st.own().due = append(st.due, x)
}
