package fold

// An origin is where an event comes from.
type origin uint8

const (
	fromStep    origin = iota // a step gave it
	fromFanOut                // a fan-out yielded it
	fromOutside               // it was sent to the run
	fromStart                 // it is the start event
)

// route hands an event of a branch to all that take it.
func (st *State) route(ev *Event, of branch, from origin) {
	if st.ending != nil {
		return
	}
	if int(ev.Type) == st.Workflow.Out {
		st.stop = ending{kind: RunFinished, event: *ev}
		st.decide(&st.stop)
		return
	}
	if ev.To >= 0 {
		st.deliver(st.Workflow.Steps[ev.To], ev, of, from)
		return
	}
	ty := st.Workflow.Types[ev.Type]
	for _, s := range ty.Takers {
		st.deliver(s, ev, of, from)
	}
	if len(ty.Joins) > 0 {
		st.arrive(ev, of)
	}
	if ty.Awaited && from != fromStart {
		st.reply(ev, from == fromOutside)
	}
}

func (st *State) deliver(s *Step, ev *Event, of branch, from origin) {
	switch s.Kind {
	case JoinStep:
		st.arrive(ev, of)
	case CollectStep:
		st.collect(s, ev, of)
	default:
		exec := st.create(s, ev.Payload, ev.Type, ev.ID, of)
		if from == fromFanOut {
			exec.undispatched = true
			of.scope.waiting++
		}
	}
}

// endedBy notes which execution gave the stop event, if that has just been routed.
func (x *Execution) endedBy() {
	st := x.State
	if st.ending != nil && st.ending.exec == 0 {
		st.ending.exec = x.ID
	}
}

// deliverGiven routes the events that an execution gave.
func (x *Execution) deliverGiven() {
	st := x.State
	if x.out.ID == 0 {
		return
	}
	st.route(&x.out, x.branch, fromStep)
	if x.extra != nil {
		for i := range x.extra.outs {
			st.route(&x.extra.outs[i], x.branch, fromStep)
		}
	}
	x.forget()
	x.endedBy()
}

// sent records an event that enters the run. For an item of a fan-out, place is its number, from 1.
func (st *State) sent(ev *Event, cause uint32, place int32) {
	ev.ID = st.tree.newID()
	p := st.record(EventSent, ev.Payload)
	p.event, p.cause, p.n, p.typ, p.step = ev.ID, cause, place, ev.Type, ev.To
}

// arrived records an event from outside.
func (st *State) arrived(ev Event) {
	st.sent(&ev, 0, 0)
	st.applyArrived(&ev)
}

func (st *State) applyArrived(ev *Event) {
	st.route(ev, branch{}, fromOutside)
	st.markDirty()
}

// give records an event that an execution returned or sent. It is delivered when the execution
// finishes or awaits, so that a journal that ends before that loses nothing.
func (x *Execution) give(ev Event) {
	st := x.State
	st.sent(&ev, x.ID, 0)
	x.applyGiven(&ev)
}

func (x *Execution) applyGiven(ev *Event) {
	st := x.State
	if x.out.ID == 0 {
		x.out = *ev
	} else {
		d := x.details()
		d.outs = append(d.outs, *ev)
	}
	st.markDirty()
}

// yield records an event that a fan-out yields.
func (x *Execution) yield(ev Event) {
	st := x.State
	place := x.extra.opened.yielded + 1
	st.sent(&ev, x.ID, int32(place))
	x.applyYielded(&ev, place)
}

func (x *Execution) applyYielded(ev *Event, place uint32) {
	st := x.State
	sc := x.extra.opened
	sc.yielded = place
	sc.items = append(sc.items, ev.Payload)
	st.route(ev, branch{sc, x.lineage, place}, fromFanOut)
	x.endedBy()
	st.markDirty()
}
