package fold

import (
	"maps"
	"os"
	"slices"
	"testing"
)

// bugs are planted mistakes of the engine. Each is called after every tick, and breaks one
// invariant as soon as the state allows it.
var bugs = map[string]func(*sim){
	"an event is lost": func(s *sim) {
		if exec := s.some(statusQueued); exec != nil {
			exec.leave()
		}
	},
	"an event is delivered twice": func(s *sim) {
		if exec := s.some(statusRunning); exec != nil && exec.Step.Kind == SingleStep {
			exec.State.create(exec.Step, exec.In, exec.typ, exec.cause, exec.branch)
			exec.State.touch()
		}
	},
	"a step has one worker too many": func(s *sim) {
		for _, st := range s.w.Steps {
			if st.Workers == s.o.limits[st.Name] {
				st.Workers++
			}
		}
	},
	"a worker is given twice": func(s *sim) {
		if exec := s.some(statusRunning); exec != nil {
			exec.State.workers[exec.Step.Index].busy &^= 1 << (exec.worker - 1)
		}
	},
	"something is written after the stop": func(s *sim) {
		if s.t.root.phase == phaseOver {
			s.t.Log.add(&internalRecord{packedRecord: packedRecord{kind: EventEmitted, step: -1, typ: -1}})
		}
	},
	"a fan-out is closed early": func(s *sim) {
		for _, sc := range s.t.root.scopes {
			if sc.open > 1 && !sc.abandoned {
				sc.open--
			}
		}
	},
	"a fan-out is never closed": func(s *sim) {
		for _, sc := range s.t.root.scopes {
			if !sc.ended && sc.open > 0 {
				sc.open++
				return
			}
		}
	},
	"a join gets its events in the order of arrival": func(s *sim) {
		for _, x := range s.o.started {
			if y := s.t.execs.get(x.id); y != nil && y.Step.Kind == JoinStep {
				slices.Reverse(y.In.([]any))
			}
		}
	},
	"two fan-outs mix": func(s *sim) {
		var last *scope
		for _, sc := range s.t.root.scopes {
			if last != nil && last.step == sc.step && len(last.results)+len(sc.results) > 0 {
				last.results, sc.results = sc.results, last.results
			}
			last = sc
		}
	},
	"an execution ends twice": func(s *sim) {
		if p := s.lastRecord(); p.kind == StepFinished && s.t.root.phase != phaseOver {
			s.t.Log.add(p)
		}
	},
	"a delayed retry is forgotten": func(s *sim) {
		if exec := s.some(statusDelayed); exec != nil {
			s.t.timers.disarm(&exec.extra.timer)
		}
	},
	"a reply counts twice": func(s *sim) {
		if p := s.lastRecord(); p.kind == StepStarted {
			st := s.t.root
			if exec := s.t.execs.get(p.exec); exec != nil && exec.State == st && exec.extra != nil && len(exec.extra.awaits) > 0 {
				if a := exec.extra.awaits[0]; a.fault == nil && a.reply != nil && len(st.early) == 0 {
					st.ownPending().early = append(st.early, earlyReply{a.cause, s.w.TypeNamed("zReply"), a.reply})
				}
			}
		}
	},
	"a reply is for another await": func(s *sim) {
		for _, st := range s.t.states() {
			for _, a := range st.awaits {
				if len(a.prompt.Match) > 0 {
					a.prompt.Match, a.fields = nil, nil
				}
			}
		}
	},
	"the end of an await is forgotten": func(s *sim) {
		for _, st := range s.t.states() {
			for _, a := range st.awaits {
				s.t.timers.disarm(&a.timer)
			}
		}
	},
	"a result is forgotten and the call made again": func(s *sim) {
		for exec := range s.t.root.executions() {
			if exec.extra != nil {
				for _, c := range exec.extra.calls {
					if c.status == callDone {
						c.status = callFailed
					}
				}
			}
		}
	},
	"a run ends without its clean-up": func(s *sim) {
		for _, w := range s.w.Within() {
			w.cleanup = nil
		}
	},
	"a clean-up step is called twice": func(s *sim) {
		if exec := s.some(statusRunning); exec != nil && exec.Step.Kind == CleanupStep {
			s.t.root.create(exec.Step, exec.In, exec.typ, exec.cause, branch{})
			s.t.root.touch()
		}
	},
	"the state changes without a record": func(s *sim) {
		if v, ok := s.t.root.values["k"]; ok && v.V != nil {
			s.t.root.values["k"] = Value{V: map[string]int{"n": -1}}
		}
	},
	"the run's clock goes on while it awaits": func(s *sim) {
		if st := s.t.root; st.clockSince == 0 && st.phase == phaseRunning {
			st.clockLeft--
		}
	},
	"a free worker is not given to who waits": func(s *sim) {
		for _, st := range s.t.states() {
			for i := range st.workers {
				st.workers[i].listed = true
			}
		}
	},
}

// forgets are planted bugs: each removes one part of a snapshot.
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
	"a snapshot forgets what collects have":      func(s *Snapshot) { s.Runs[0].Collects = nil },
	"a snapshot forgets replies that came early": func(s *Snapshot) { s.Runs[0].Early = nil },
	"a snapshot forgets who waits":               func(s *Snapshot) { s.Runs[0].Order = nil },
	"a snapshot forgets what calls returned": func(s *Snapshot) {
		for i := range s.Runs {
			for j := range s.Runs[i].Execs {
				for k := range s.Runs[i].Execs[j].Calls {
					s.Runs[i].Execs[j].Calls[k].Status = callOpen
				}
			}
		}
	},
	"a snapshot forgets that the run cleans up": func(s *Snapshot) { s.Runs[0].Cleaning = false },
	"a snapshot forgets that it was paused":     func(s *Snapshot) { s.Paused = false },
	"a snapshot forgets an execution": func(s *Snapshot) {
		if n := len(s.Runs[0].Execs); n > 0 && s.Runs[0].Execs[n-1].Status == statusRunning && s.Runs[0].Execs[n-1].Step != "nest" {
			s.Runs[0].Execs = s.Runs[0].Execs[:n-1]
		}
	},
}

// some returns the first execution of the run that is in a state.
func (s *sim) some(in status) *Execution {
	for exec := range s.t.root.executions() {
		if exec.status == in {
			return exec
		}
	}
	return nil
}

func (s *sim) lastRecord() *internalRecord {
	reader := s.t.Log.Reader()
	r := reader.internal(s.t.Log.Len() - 1)
	return &r
}

// rareBugs show in few schedules. For each, the short suite begins with the seed that is given
// here, shortly before the first that shows it. A change of the simulator, such as one more thing
// that may happen, changes every schedule: then take the seeds at which the test, with
// WEFT_LONG=1 and -v, says that the bugs are caught. With old seeds it only takes longer.
var rareBugs = map[string]uint64{
	"a join gets its events in the order of arrival": 103,
	"a result is forgotten and the call made again":  178,
	"a snapshot forgets replies that came early":     102,
	"a snapshot forgets what calls returned":         178,
	"a snapshot forgets what joins have":             62,
	"a snapshot forgets when retries are due":        147,
	"a snapshot forgets who waits":                   40,
}

// TestSimulatorCatchesPlantedBugs checks the simulator itself: it must catch every planted bug
// within a few schedules.
func TestSimulatorCatchesPlantedBugs(t *testing.T) {
	if raceFactor > 1 {
		t.Skip("neither the simulator nor the fold has goroutines that could race")
	}
	for _, bug := range append(slices.Sorted(maps.Keys(bugs)), slices.Sorted(maps.Keys(forgets))...) {
		t.Run(bug, func(t *testing.T) {
			first := uint64(1)
			if os.Getenv("WEFT_LONG") != "1" {
				first = max(first, rareBugs[bug])
			}
			for seed := first; seed < first+20000; seed++ {
				if err := try(seed, bug); err != nil {
					t.Logf("caught at seed %d: %.200v", seed, err)
					return
				}
			}
			t.Error("not caught")
		})
	}
}

// try plays a schedule. A panic counts as an error, because a planted bug may make the engine
// panic.
func try(seed uint64, bug string) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = ErrorText("it panics")
		}
	}()
	return schedule(zoo(), seed, bug)
}
