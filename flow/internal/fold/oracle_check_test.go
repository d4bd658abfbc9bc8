package fold

import (
	"fmt"
	"slices"
)

// settled checks what must hold between ticks.
func (o *oracle) settled() error {
	defer func() { o.fresh, o.started, o.closed = nil, nil, nil }()
	if err := o.answered(); err != nil {
		return err
	}
	for _, e := range o.fresh {
		if run := o.runs[e.sub]; run.over || e.scope.lost() || o.over {
			continue
		}
		if s := o.owed(e); s != "" {
			return fmt.Errorf("event %d was not delivered to %s", e.id, s)
		}
	}
	for _, sc := range o.closed {
		if sc.joins() < 0 || o.runs[sc.by.sub].over || sc.lost() {
			continue
		}
		for _, j := range o.runs[sc.by.sub].c.Types[sc.joins()].Joins {
			if !sc.fired[j.Name] {
				return fmt.Errorf("fan-out %d is over and %s was not called", sc.id, j.Name)
			}
		}
	}
	for _, sc := range o.scopes {
		if sc.ended && !sc.done && !o.over && !o.runs[sc.by.sub].over && o.openIn(sc) == nil && !o.waitsForCleanup(sc.by.sub) {
			return fmt.Errorf("nothing of fan-out %d is open and it is not closed", sc.id)
		}
	}
	return nil
}

// check compares the oracle with the state.
func (s *sim) check() {
	o := s.o
	for _, x := range o.started {
		y := s.t.execs.get(x.id)
		if y == nil || x.input == nil || s.err != nil {
			continue
		}
		var want []any
		for _, e := range x.input {
			want = append(want, e.value)
		}
		if got := y.In.([]any); !slices.Equal(got, want) {
			s.failf("execution %d of %s is called with %v instead of %v", x.id, x.s.Name, got, want)
		}
	}
	if err := o.settled(); err != nil {
		s.failf("%w", err)
	}
	for _, st := range s.t.states() {
		if s.err == nil && st.advance() {
			s.failf("a record follows by itself, and has not")
		}
		for _, a := range st.awaits {
			for from := st; from != nil; from = from.parent {
				for _, k := range from.early {
					if a.matches(k.payload) {
						s.failf("await %d is open and the reply %d is there", a.id, k.id)
					}
				}
			}
		}
		for i := range st.workers {
			if busy := len(o.busy[oLane{st.sub(), st.Workflow.Steps[i].Name}]); st.phase == phaseRunning && st.workers[i].occupied != busy && s.err == nil {
				s.failf("%s has %d workers at work, and %d executions run", st.Workflow.Steps[i].Name, st.workers[i].occupied, busy)
			}
			if l := &st.workers[i]; l.occupied < st.Workflow.Steps[i].Workers && l.next() != nil && !s.t.paused && st.phase == phaseRunning && s.err == nil {
				s.failf("%s has a free worker and execution %d waits for one", st.Workflow.Steps[i].Name, l.next().ID)
			}
		}
	}
}
