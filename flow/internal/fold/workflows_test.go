package fold

import (
	"context"
	"reflect"
	"time"
)

// The types of the events of the workflows that the simulator runs.
type (
	zStart struct{ N int }
	zA     struct{ N int }
	zN     struct{ N int }
	zB     struct{ N int }
	zC     struct{ N int }
	zL     struct{ N int }
	zD     struct{ N int }
	zX     struct{ N int }
	zY     struct{ N int }
	zReply struct{ N int }
	zF     struct{ N int }
	zQ     struct{ N int }
	zW     struct{ N int }
	zStop  struct{ N int }
	zE     struct{ N int }
	zG     struct{ N int }
	zH     struct{ N int }
	zP     struct{ N int }
	zR     struct{ N int }
	zV     struct{ N int }

	zBranch interface{ branch() }
	zNext   interface{ next() }
	zMended interface{ mended() }
	zWays   interface{ ways() }
	zDoors  interface{ doors() }
	zExits  interface{ exits() }
	zPassed interface{ passed() }
)

func (zA) mended() {}
func (zB) mended() {}

func (zA) branch() {}
func (zN) branch() {}

func (zStart) next() {}
func (zStop) next()  {}
func (zQ) next()     {}

func (zE) ways() {}
func (zN) ways() {}
func (zW) ways() {}

func (zB) doors() {}
func (zC) doors() {}

func (zStart) exits() {}
func (zStop) exits()  {}

func (zF) passed() {}
func (zW) passed() {}
func (zL) passed() {}

// An option changes a step of a workflow under test.
type option func(*Workflow, *Step)

func workers(n int) option  { return func(_ *Workflow, s *Step) { s.Workers = n } }
func take(n int) option     { return func(_ *Workflow, s *Step) { s.Take = n } }
func retry(p Policy) option { return func(_ *Workflow, s *Step) { s.Retry = &p } }

func timeout(d time.Duration) option { return func(_ *Workflow, s *Step) { s.Timeout = d } }

func covers(steps ...string) option { return func(_ *Workflow, s *Step) { s.Covers = steps } }

func budget(n int) option { return func(_ *Workflow, s *Step) { s.Budget = n } }

func runs(sub *Workflow) option { return func(_ *Workflow, s *Step) { s.Sub = sub } }

func sends[E any]() option {
	return func(w *Workflow, s *Step) { s.Sends = append(s.Sends, w.TypeOf(reflect.TypeFor[E](), "sent")) }
}

func awaits[E any]() option {
	return func(w *Workflow, s *Step) { s.Awaits = append(s.Awaits, w.TypeOf(reflect.TypeFor[E](), "awaited")) }
}

// external declares that an event type comes from outside.
func external[E any]() option {
	return func(w *Workflow, s *Step) {
		s.External = append(s.External, w.TypeOf(reflect.TypeFor[E](), "external"))
	}
}

// takes adds an event type to what a collect takes.
func takes[E any]() option {
	return func(w *Workflow, s *Step) { s.Takes = append(s.Takes, w.TypeOf(reflect.TypeFor[E](), "taken")) }
}

func newTestWorkflow[In, Out any](name string, timeout time.Duration) *Workflow {
	w := NewWorkflow(name, reflect.TypeFor[In](), reflect.TypeFor[Out]())
	w.Timeout, w.Deadline = timeout, context.DeadlineExceeded
	return w
}

// add adds a step that takes an E and gives an R.
func add[E, R any](w *Workflow, name string, kind StepKind, options ...option) {
	gives := reflect.TypeFor[R]()
	w.Returns(gives, name)
	s := &Step{Name: name, Kind: kind, Gives: gives, Takes: []int{w.TypeOf(reflect.TypeFor[E](), "taken")}}
	if kind == RecoveryStep {
		s.Budget = 1
	}
	w.Add(s, func(s *Step) {
		for _, o := range options {
			o(w, s)
		}
	})
}

// addCleanup adds a clean-up step.
func addCleanup(w *Workflow, name string, options ...option) {
	s := &Step{Name: name, Kind: CleanupStep, Timeout: CleanupLimit, Takes: []int{w.TypeOf(reflect.TypeFor[Ending](), "taken")}}
	w.Add(s, func(s *Step) {
		for _, o := range options {
			o(w, s)
		}
	})
}

func checked(w *Workflow) *Workflow {
	w.Resolve()
	if err := w.Check(); err != nil {
		panic(err)
	}
	return w
}

// zoo is a workflow with a step of every kind.
func zoo() *Workflow {
	child := newTestWorkflow[zQ, zW]("child", 0)
	add[zQ, *zX](child, "ask", SingleStep, awaits[zReply](), retry(Policy{Attempts: 2, Delay: time.Second}))
	add[zX, *zW](child, "answer", SingleStep)
	addCleanup(child, "wipe")
	w := newTestWorkflow[zStart, zStop]("zoo", time.Hour)
	add[zStart, zBranch](w, "split", FanOutStep, workers(2), retry(Policy{Attempts: 2, Delay: time.Second}))
	add[zA, *zB](w, "work", SingleStep, workers(2), retry(Policy{Attempts: 2, Delay: time.Second, Jitter: 0.5}), timeout(5*time.Second))
	add[zN, zC](w, "inner", FanOutStep, workers(1))
	add[zC, *zL](w, "bud", SingleStep, workers(1))
	add[zL, *zD](w, "leaf", SingleStep, workers(3))
	add[zD, *zB](w, "gather", JoinStep)
	add[zB, *zX](w, "first", JoinStep, take(2))
	add[zB, *zF](w, "all", JoinStep)
	add[zStart, *zY](w, "side", SingleStep, sends[zX](), awaits[zReply](), timeout(3*time.Second), retry(Policy{Attempts: 3}))
	add[zX, *zF](w, "pair", CollectStep, takes[zY]())
	add[zF, zNext](w, "end", SingleStep, workers(1))
	add[Failure, zMended](w, "mend", RecoveryStep, covers("work", "leaf", "end"))
	add[zQ, zW](w, "nest", NestedStep, runs(child), retry(Policy{Attempts: 2, Delay: time.Second}))
	add[zW, *zF](w, "back", SingleStep)
	addCleanup(w, "sweep", retry(Policy{Attempts: 2, Delay: time.Second}))
	addCleanup(w, "dust", workers(1))
	return checked(w)
}

// maze is a workflow of fan-outs within sub-workflows within fan-outs; one fan-out may lead back to
// itself.
func maze() *Workflow {
	again := retry(Policy{Attempts: 2, Delay: time.Second})
	cell := newTestWorkflow[zP, zV]("cell", 40*time.Second)
	add[zP, *zE](cell, "knock", SingleStep, awaits[zReply](), retry(Policy{Attempts: 2}), workers(1), timeout(3*time.Second))
	add[zE, zV](cell, "open", SingleStep)
	addCleanup(cell, "lock")
	hall := newTestWorkflow[zQ, zW]("hall", 20*time.Second)
	add[zQ, zWays](hall, "ways", FanOutStep, workers(2), again)
	add[zE, *zD](hall, "walk", SingleStep, workers(2), awaits[zReply](), again, timeout(4*time.Second))
	add[zN, *zP](hall, "enter", SingleStep, workers(1))
	add[zP, zV](hall, "cell", NestedStep, runs(cell), workers(2), again)
	add[zV, *zD](hall, "leave", SingleStep, workers(1))
	add[zD, *zG](hall, "some", JoinStep, take(3))
	add[zD, *zH](hall, "every", JoinStep)
	add[zG, *zR](hall, "both", CollectStep, takes[zH]())
	add[zR, zW](hall, "back", SingleStep, workers(1))
	add[Failure, zWays](hall, "help", RecoveryStep, covers("walk", "ways", "cell"))
	addCleanup(hall, "tidy", retry(Policy{Attempts: 2}))
	w := newTestWorkflow[zStart, zStop]("maze", time.Hour)
	add[zStart, zQ](w, "split", FanOutStep, workers(2), again)
	add[zQ, zW](w, "hall", NestedStep, runs(hall), workers(2), again, timeout(30*time.Second))
	add[zW, zDoors](w, "door", SingleStep, workers(1))
	add[zC, *zB](w, "more", SingleStep, workers(1), sends[zB]())
	add[zB, *zX](w, "two", CollectStep, takes[zB]())
	add[zX, *zF](w, "all", JoinStep)
	add[zX, *zY](w, "again", JoinStep)
	add[zStart, *zA](w, "side", SingleStep, sends[zD](), sends[zQ](), awaits[zReply](), timeout(3*time.Second), retry(Policy{Attempts: 3}))
	add[zA, *zF](w, "stair", SingleStep, workers(1), sends[zD]())
	add[zD, *zY](w, "step", SingleStep, workers(2))
	add[zF, *zL](w, "pair", CollectStep, takes[zY]())
	add[zL, zExits](w, "end", SingleStep, workers(1))
	add[Failure, zPassed](w, "mend", RecoveryStep, budget(2))
	return checked(w)
}

// porch is a workflow that takes events from outside and waits for them while no step is under way.
func porch() *Workflow {
	w := newTestWorkflow[zStart, zStop]("porch", time.Minute)
	add[zStart, *zL](w, "open", SingleStep, timeout(3*time.Second), retry(Policy{Attempts: 2}))
	add[zL, *zStop](w, "look", SingleStep, awaits[zReply]())
	add[zP, *zA](w, "knock", SingleStep, external[zP](), workers(1), retry(Policy{Attempts: 2, Delay: time.Second}))
	add[zP, *zB](w, "ring", CollectStep, takes[zP](), external[zP]())
	add[zA, *zF](w, "greet", CollectStep, takes[zB]())
	add[zF, zExits](w, "end", SingleStep)
	return checked(w)
}
