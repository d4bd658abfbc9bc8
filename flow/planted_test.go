package flow

import (
	"maps"
	"slices"
	"testing"
)

// bugs are what engines with a mistake would do after a tick: each breaks one invariant, once it finds the occasion.
var bugs = map[string]func(*sim){
	"an event is lost": func(s *sim) {
		if x := s.some(isQueued); x != nil {
			x.st.leave(x)
		}
	},
	"an event is delivered twice": func(s *sim) {
		if x := s.some(isRunning); x != nil && x.s.kind == single {
			x.st.create(x.s, x.in, x.typ, x.cause, x.scope, x.order, x.lineage)
			s.r.t.touch(x.st)
		}
	},
	"a step has one worker too many": func(s *sim) {
		for _, st := range s.c.steps {
			if st.workers == s.o.limits[st.name] {
				st.workers++
			}
		}
	},
	"a worker is given twice": func(s *sim) {
		if x := s.some(isRunning); x != nil {
			x.st.steps[x.s.index].busy &^= 1 << (x.worker - 1)
		}
	},
	"something is written after the stop": func(s *sim) {
		if s.r.t.root.phase == over {
			s.r.log.add(&rec{fact: fact{kind: EventEmitted, step: -1, typ: -1}})
		}
	},
	"a fan-out is closed early": func(s *sim) {
		for _, sc := range s.r.t.root.scopes {
			if sc.open > 1 && !sc.dying {
				sc.open--
			}
		}
	},
	"a fan-out is never closed": func(s *sim) {
		for _, sc := range s.r.t.root.scopes {
			if !sc.ended && sc.open > 0 {
				sc.open++
				return
			}
		}
	},
	"a join gets its events in the order of arrival": func(s *sim) {
		for _, x := range s.o.started {
			if y := s.r.t.execs.get(x.id); y != nil && y.s.kind == join {
				slices.Reverse(y.in.([]any))
			}
		}
	},
	"two fan-outs mix": func(s *sim) {
		var last *scope
		for _, sc := range s.r.t.root.scopes {
			if last != nil && last.s == sc.s && len(last.results)+len(sc.results) > 0 {
				last.results, sc.results = sc.results, last.results
			}
			last = sc
		}
	},
	"an execution ends twice": func(s *sim) {
		if p := s.lastRecord(); p.kind == StepFinished && s.r.t.root.phase != over {
			s.r.log.add(p)
		}
	},
	"a delayed retry is forgotten": func(s *sim) {
		if x := s.some(isDelayed); x != nil {
			s.r.t.timers.disarm(&x.rare.timer)
		}
	},
	"a reply counts twice": func(s *sim) {
		if p := s.lastRecord(); p.kind == StepStarted {
			st := s.r.t.root
			if x := s.r.t.execs.get(p.exec); x != nil && x.st == st && x.rare != nil && len(x.rare.awaits) > 0 {
				if a := x.rare.awaits[0]; a.fault == nil && a.reply != nil && len(st.kept) == 0 {
					st.own().kept = append(st.kept, keptEvent{a.cause, s.c.typeCalled("zReply"), a.reply})
				}
			}
		}
	},
	"the state changes without a record": func(s *sim) {
		if v, ok := s.r.t.root.values["k"]; ok && v.v != nil {
			s.r.t.root.values["k"] = value{v: map[string]int{"n": -1}}
		}
	},
	"the run's clock goes on while it awaits": func(s *sim) {
		if st := s.r.t.root; st.since == 0 && st.phase == running {
			st.left--
		}
	},
	"a free worker is not given to who waits": func(s *sim) {
		for _, st := range s.r.t.states() {
			for i := range st.steps {
				st.steps[i].marked = true
			}
		}
	},
}

// forgets are what snapshots with a mistake would leave out.
var forgets = map[string]func(*Snapshot){
	"a snapshot forgets the budgets of lineages": func(s *Snapshot) {
		for i := range s.Runs {
			for j := range s.Runs[i].Execs {
				s.Runs[i].Execs[j].Lineage = nil
			}
			for j := range s.Runs[i].Scopes {
				s.Runs[i].Scopes[j].Lineage = nil
			}
		}
	},
	"a snapshot forgets when retries are due": func(s *Snapshot) {
		for i := range s.Runs {
			for j := range s.Runs[i].Execs {
				s.Runs[i].Execs[j].Due = 0
			}
		}
	},
	"a snapshot forgets what joins have": func(s *Snapshot) {
		for i := range s.Runs {
			for j := range s.Runs[i].Scopes {
				s.Runs[i].Scopes[j].Results = nil
			}
		}
	},
	"a snapshot forgets what collects have":      func(s *Snapshot) { s.Runs[0].Sets = nil },
	"a snapshot forgets replies that came early": func(s *Snapshot) { s.Runs[0].Kept = nil },
	"a snapshot forgets who waits":               func(s *Snapshot) { s.Runs[0].Order = nil },
	"a snapshot forgets that it was paused":      func(s *Snapshot) { s.Paused = false },
	"a snapshot forgets an execution": func(s *Snapshot) {
		if n := len(s.Runs[0].Execs); n > 0 && s.Runs[0].Execs[n-1].Status == isRunning && s.Runs[0].Execs[n-1].Step != "nest" {
			s.Runs[0].Execs = s.Runs[0].Execs[:n-1]
		}
	},
}

// some returns the first execution of the run that is in a state.
func (s *sim) some(in status) *exec {
	for x := range s.r.t.root.executions() {
		if x.status == in {
			return x
		}
	}
	return nil
}

func (s *sim) lastRecord() *rec {
	p := s.r.log.find(nil, s.r.log.n()-1).at(s.r.log.n() - 1)
	return &p
}

// TestSimulatorCatchesPlantedBugs shows that the simulator would notice: every mistake is caught within a few schedules.
func TestSimulatorCatchesPlantedBugs(t *testing.T) {
	for _, bug := range append(slices.Sorted(maps.Keys(bugs)), slices.Sorted(maps.Keys(forgets))...) {
		t.Run(bug, func(t *testing.T) {
			for seed := range uint64(20000) {
				if err := try(seed+1, bug); err != nil {
					t.Logf("caught at seed %d: %.200v", seed+1, err)
					return
				}
			}
			t.Error("not caught")
		})
	}
}

// try plays a schedule; that a planted bug makes the engine panic is a way of catching it.
func try(seed uint64, bug string) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errorText("it panics")
		}
	}()
	return schedule(zoo(), seed, bug)
}
