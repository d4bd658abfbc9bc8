package fold

import (
	"fmt"
	"maps"
	"slices"
)

// An oracle follows a run by its records alone, with the simplest code, and reports when they break
// an invariant.
type oracle struct {
	c         *Workflow
	mustClean map[*Workflow]bool
	limits    map[string]int
	runs      map[uint32]*oRun
	execs     map[uint32]*oExec
	events    map[uint32]*oEvent
	scopes    map[uint32]*oScope
	awaits    map[uint32]*oAwait
	replies   []*oEvent // replies that came in this tick
	busy      map[oLane]map[uint16]bool
	fresh     []*oEvent // committed in this tick
	started   []*oExec  // that first appeared in this tick
	closed    []*oScope // in this tick
	over      bool
	suspended bool
	paused    bool
	steps     int // executions that may start nevertheless
}

// An oLane is a step of one of the runs.
type oLane struct {
	sub  uint32
	step string
}

type oRun struct {
	c      *Workflow
	over   bool
	cleans bool // its clean-up has begun
}

type oExec struct {
	id, cause uint32
	s         *Step
	sub       uint32
	ev        *oEvent
	scope     *oScope // the branch
	path      []int
	spent     map[string]int
	state     string // waits, runs, delayed, awaits, failed, done
	worker    uint16
	attempt   int32
	woken     bool
	pending   []*oEvent
	opened    *oScope
	input     []*oEvent         // of a join or collect
	calls     map[uint32]string // open, done, failed or doubted
}

type oEvent struct {
	id, sub uint32
	by      uint32 // the execution that gave it
	typ     int
	value   any
	to      int16
	scope   *oScope
	path    []int
	spent   map[string]int
	got     map[string]int  // steps that took it
	answers map[uint32]bool // of a reply: the awaits that it must resolve, and whether it has
	cleanup bool            // it is for the clean-up steps
	kept    bool            // of a reply: it found no await, and is for the first that opens
	used    bool            // by a collect
	asIn    *oScope         // the scope that it joined
}

type oScope struct {
	id     uint32
	by     *oExec
	parent *oScope
	n      int
	ended  bool
	dying  bool
	done   bool
	came   []*oEvent
	fired  map[string]bool
}

func newOracle(c *Workflow) *oracle {
	o := &oracle{
		c: c, mustClean: map[*Workflow]bool{}, limits: map[string]int{}, runs: map[uint32]*oRun{}, execs: map[uint32]*oExec{}, events: map[uint32]*oEvent{},
		scopes: map[uint32]*oScope{}, awaits: map[uint32]*oAwait{}, busy: map[oLane]map[uint16]bool{},
	}
	for _, d := range c.Within() {
		o.mustClean[d] = d.cleansUp()
		for _, s := range d.Steps {
			o.limits[s.Name] = s.Workers
		}
	}
	return o
}

func (sc *oScope) lost() bool {
	for ; sc != nil; sc = sc.parent {
		if sc.dying {
			return true
		}
	}
	return false
}

func (sc *oScope) within(out *oScope) bool {
	for ; sc != nil; sc = sc.parent {
		if sc == out {
			return true
		}
	}
	return false
}

// joins returns the type that the scope's joins take; -1: those of a scope around it do.
func (sc *oScope) joins() int {
	for out := sc.parent; out != nil; out = out.parent {
		if out.by.s.joinType == sc.by.s.joinType {
			return -1
		}
	}
	return sc.by.s.joinType
}

// forget removes the data of a run that is over.
func (o *oracle) forget(sub uint32) {
	for _, sc := range o.scopes {
		sc.done = sc.done || sc.by.sub == sub
	}
	for _, e := range o.events {
		e.used = e.used || e.sub == sub
	}
}

// exec returns an execution, which must not be over.
func (o *oracle) exec(r *internalRecord) (*oExec, error) {
	x := o.execs[r.exec]
	if x == nil {
		return nil, fmt.Errorf("%v of execution %d, which no record has created", r.kind, r.exec)
	}
	if x.state == "done" {
		return nil, fmt.Errorf("%v of execution %d, which is over", r.kind, r.exec)
	}
	return x, nil
}

func (o *oracle) see(r *internalRecord) error {
	if o.over {
		return fmt.Errorf("%v after the end of the run", r.kind)
	}
	if _, revives := r.value.(restarted); o.suspended && !revives && r.kind != RunRestored && r.kind != RunForked {
		return fmt.Errorf("%v while the run is suspended", r.kind)
	}
	run := o.runs[r.sub()]
	if run != nil && run.over && r.kind != RunStarted {
		return fmt.Errorf("%v after the end of its run", r.kind)
	}
	switch r.kind {
	case RunStarted:
		c := o.c
		if r.sub() != 0 {
			c = o.execs[r.sub()].s.Sub
		}
		o.runs[r.sub()] = &oRun{c: c}
		o.commit(&oEvent{id: r.event, sub: r.sub(), typ: int(r.typ), value: r.value, to: -1})
	case EventSent:
		return o.sent(r)
	case RunEnding:
		// Another record ends the run.
	case CleanupStarted:
		return o.cleans(r, run)
	case StepQueued, StepStarted:
		return o.enters(r, run.c)
	case StepFinished:
		x, err := o.exec(r)
		if err != nil {
			return err
		}
		if x.state != "runs" {
			return fmt.Errorf("execution %d finished while it %s", x.id, x.state)
		}
		if err := x.same(r); err != nil {
			return err
		}
		o.leave(x)
		for _, e := range x.pending {
			o.commit(e)
		}
		if x.opened != nil {
			x.opened.ended = true
		}
		x.state = "done"
	case StepFailed:
		x, err := o.exec(r)
		if err != nil {
			return err
		}
		o.leave(x)
		x.pending = nil
		if x.opened != nil {
			x.opened.dying, x.opened.ended = true, true
			x.opened = nil
		}
		h := x.s.recoveredBy
		switch {
		case r.due != 0:
			x.state = "delayed"
		case h != nil && x.spent[h.Name] < h.Budget:
			x.state = "failed"
		default:
			x.state = "done"
		}
	case StepCancelled:
		x := o.execs[r.exec]
		if x == nil { // it was to start, but the run ended
			o.execs[r.exec] = &oExec{id: r.exec, state: "done"}
			return nil
		}
		if x.state == "done" {
			return fmt.Errorf("execution %d is cancelled and was over", x.id)
		}
		o.leave(x)
		x.state = "done"
		if x.opened != nil {
			x.opened.dying, x.opened.ended = true, true
		}
	case AwaitOpened, SleepStarted:
		x, err := o.exec(r)
		if err != nil {
			return err
		}
		o.leave(x)
		for _, e := range x.pending {
			o.commit(e)
		}
		x.pending, x.state = nil, "awaits"
		o.awaits[r.event] = newOracleAwait(r)
	case AwaitResolved, SleepEnded:
		x, err := o.exec(r)
		if err != nil {
			return err
		}
		if err := o.resolves(r, x); err != nil {
			return err
		}
		x.state, x.woken = "waits", true
	case CallStarted, CallFinished, CallFailed, CallDoubted:
		return o.calls(r)
	case ScopeOpened:
		x, err := o.exec(r)
		if err != nil {
			return err
		}
		sc := &oScope{id: r.event, by: x, parent: x.scope, fired: map[string]bool{}}
		o.scopes[sc.id], x.opened = sc, sc
	case ScopeClosed:
		return o.closes(r)
	case EventEmitted:
		x, err := o.exec(r)
		if err != nil {
			return err
		}
		r.worker = x.worker // the record does not name the worker
		if err := x.same(r); err != nil || x.state != "runs" {
			return fmt.Errorf("execution %d emitted while it %s: %w", x.id, x.state, err)
		}
		if o.events[r.event] != nil {
			return fmt.Errorf("event %d is there twice", r.event)
		}
		o.events[r.event] = &oEvent{id: r.event, to: -1}
	case StateChanged: // the values are compared on replay alone, see take.go
		x, err := o.exec(r)
		if err != nil {
			return err
		}
		r.worker = x.worker // the record does not name the worker
		if err := x.same(r); err != nil || x.state != "runs" {
			return fmt.Errorf("execution %d changed the state while it %s: %w", x.id, x.state, err)
		}
		if _, ok := r.value.(*Patch); !ok {
			return fmt.Errorf("execution %d changed the state by a %T", x.id, r.value)
		}
	case RunSuspended:
		o.suspended = true
	case RunPaused:
		o.paused, o.steps = true, 0
	case RunResumed:
		if _, restart := r.value.(restarted); restart {
			o.suspended = false
		} else {
			o.paused, o.steps = r.n > 0, int(r.n)
		}
	case RunFinished, RunFailed, RunCancelled:
		if e := o.events[r.event]; r.kind == RunFinished && (e == nil || e.by != r.cause) {
			return fmt.Errorf("the run finished with event %d of execution %d, which did not give it", r.event, r.cause)
		}
		if o.mustClean[run.c] && !run.cleans {
			return fmt.Errorf("%v without a clean-up", r.kind)
		}
		run.over = true
		o.over = r.sub() == 0
		o.forget(r.sub()) // its execution may run the workflow again
		for _, x := range o.execs {
			if x.sub == r.sub() && x.state != "done" && x.s != nil {
				return fmt.Errorf("the run ended while execution %d of %s %s", x.id, x.s.Name, x.state)
			}
		}
	case RunForked, RunRestored, RunAdopted, JournalFailed: // the state stays
	default:
		return fmt.Errorf("the oracle does not know the kind %v", r.kind)
	}
	return nil
}

// same compares the fields of a record about an attempt with those of the record that began it.
func (x *oExec) same(r *internalRecord) error {
	if r.worker != x.worker || r.n != x.attempt || int(r.step) != x.s.Index {
		return fmt.Errorf("%v of execution %d of %s: attempt %d of worker %d; it was attempt %d of worker %d", r.kind, x.id, x.s.Name, r.n, r.worker, x.attempt, x.worker)
	}
	return nil
}

func (o *oracle) leave(x *oExec) {
	if x.state == "runs" {
		delete(o.busy[o.lane(x)], x.worker)
	}
}

func (o *oracle) lane(x *oExec) oLane { return oLane{x.sub, x.s.Name} }

// commit notes an event, which every step that takes its type must get in this tick.
func (o *oracle) commit(e *oEvent) {
	e.got = map[string]int{}
	o.events[e.id] = e
	if _, over := o.runs[e.sub]; !over || o.runs[e.sub].over {
		return
	}
	c := o.runs[e.sub].c
	for sc := e.scope; sc != nil && len(c.Types[e.typ].Joins) > 0; sc = sc.parent {
		if sc.joins() == e.typ {
			sc.came = append(sc.came, e)
			e.asIn = sc
			break
		}
	}
	o.fresh = append(o.fresh, e)
}

func (o *oracle) sent(r *internalRecord) error {
	e := &oEvent{id: r.event, by: r.cause, sub: r.sub(), typ: int(r.typ), value: r.value, to: r.step}
	if o.events[r.event] != nil {
		return fmt.Errorf("event %d is there twice", r.event)
	}
	if r.cause == 0 {
		o.arrives(r, e)
		return nil
	}
	x := o.execs[r.cause]
	if x == nil || x.state == "done" {
		return fmt.Errorf("event %d is of execution %d, which is not open", r.event, r.cause)
	}
	e.scope, e.path, e.spent = x.scope, x.path, x.spent
	switch {
	case r.n > 0:
		if x.opened == nil || int(r.n) != x.opened.n+1 {
			return fmt.Errorf("item %d of execution %d is out of order", r.n, x.id)
		}
		x.opened.n++
		e.scope, e.path = x.opened, append(slices.Clone(x.path), int(r.n))
		o.commit(e)
	case x.state == "failed":
		h := x.s.recoveredBy
		e.spent = maps.Clone(x.spent)
		if e.spent == nil {
			e.spent = map[string]int{}
		}
		if e.spent[h.Name]++; e.spent[h.Name] > h.Budget {
			return fmt.Errorf("%s recovered a lineage %d times", h.Name, e.spent[h.Name])
		}
		x.state = "done"
		o.commit(e)
	default:
		x.pending = append(x.pending, e)
	}
	return nil
}

// enters notes that an execution is queued or starts.
func (o *oracle) enters(r *internalRecord, c *Workflow) error {
	x := o.execs[r.exec]
	if x == nil {
		x = &oExec{id: r.exec, cause: r.cause, s: c.Steps[r.step], sub: r.sub(), state: "waits"}
		o.execs[x.id] = x
		o.started = append(o.started, x)
		if sc := o.scopes[r.cause]; sc != nil {
			if x.s.Kind != JoinStep || sc.fired[x.s.Name] || !sc.done {
				return fmt.Errorf("execution %d of %s comes of fan-out %d, which it must not", x.id, x.s.Name, sc.id)
			}
			o.joins(x, sc)
		} else if e := o.events[r.cause]; e == nil {
			return fmt.Errorf("execution %d comes of event %d, which no record has created", x.id, r.cause)
		} else if x.s.Kind == JoinStep {
			if e.asIn.fired[x.s.Name] {
				return fmt.Errorf("join %s fires twice for fan-out %d", x.s.Name, e.asIn.id)
			}
			o.joins(x, e.asIn)
		} else {
			if e.got[x.s.Name]++; e.got[x.s.Name] > 1 {
				return fmt.Errorf("event %d is delivered to %s twice", e.id, x.s.Name)
			}
			x.ev, x.scope, x.path, x.spent = e, e.scope, e.path, e.spent
			if x.s.Kind == CollectStep {
				o.collects(x)
			}
		}
	} else if x.state == "done" {
		return fmt.Errorf("%v of execution %d, which is over", r.kind, r.exec)
	}
	if r.kind == StepQueued {
		x.state = "waits"
		return nil
	}
	lane := o.lane(x)
	if o.busy[lane] == nil {
		o.busy[lane] = map[uint16]bool{}
	}
	want := x.attempt + 1
	if x.woken || x.state == "runs" { // back from an await, or begun again after a restart
		want = x.attempt
	}
	if r.n != want {
		return fmt.Errorf("execution %d of %s begins attempt %d instead of %d", x.id, x.s.Name, r.n, want)
	}
	if o.paused && o.steps == 0 && x.state != "runs" && x.s.Kind != CleanupStep {
		return fmt.Errorf("execution %d of %s starts while the run is paused", x.id, x.s.Name)
	}
	if run := o.runs[r.sub()]; run.cleans != (x.s.Kind == CleanupStep) {
		return fmt.Errorf("execution %d of %s starts, and the run cleans up: %v", x.id, x.s.Name, run.cleans)
	}
	o.steps, x.woken = max(o.steps-1, 0), false
	o.leave(x)
	if o.busy[lane][r.worker] {
		return fmt.Errorf("worker %d of %s is busy", r.worker, x.s.Name)
	}
	o.busy[lane][r.worker] = true
	if n := len(o.busy[lane]); n > o.limits[x.s.Name] || int(r.worker) > o.limits[x.s.Name] {
		return fmt.Errorf("%s has %d workers at work, the last is number %d, of %d", x.s.Name, n, r.worker, o.limits[x.s.Name])
	}
	x.state, x.worker, x.attempt, x.pending = "runs", r.worker, r.n, nil
	return nil
}

// joins notes what a join is called with.
func (o *oracle) joins(x *oExec, sc *oScope) {
	sc.fired[x.s.Name] = true
	x.scope, x.path, x.spent = sc.by.scope, sc.by.path, sc.by.spent
	x.input = slices.Clone(sc.came)
	if x.s.Take > 0 {
		n := len(x.input)
		if i := slices.IndexFunc(x.input, func(e *oEvent) bool { return e.id == x.cause }); i >= 0 {
			n = i + 1
		}
		x.input = x.input[:min(n, x.s.Take)]
	}
	slices.SortStableFunc(x.input, func(a, b *oEvent) int { return slices.Compare(a.path, b.path) })
}

// collects notes what a collect is called with: the first of each type that was not used, in the
// same branch.
func (o *oracle) collects(x *oExec) {
	ids := slices.Sorted(maps.Keys(o.events))
	spent := map[string]int{}
	for _, t := range x.s.Takes {
		for _, id := range ids {
			e := o.events[id]
			if e.sub == x.sub && e.typ == t && !e.used && e.scope == x.scope && slices.Equal(e.path, x.path) && e.got != nil {
				e.used = true
				x.input = append(x.input, e)
				for h, n := range e.spent {
					spent[h] = max(spent[h], n)
				}
				break
			}
		}
	}
	x.spent = spent
}

func (o *oracle) closes(r *internalRecord) error {
	sc := o.scopes[r.event]
	if sc == nil || sc.done {
		return fmt.Errorf("fan-out %d closes and is not open", r.event)
	}
	sc.done = true
	if !sc.ended {
		return fmt.Errorf("fan-out %d closes while it still yields", sc.id)
	}
	if x := o.openIn(sc); x != nil {
		return fmt.Errorf("fan-out %d closes while execution %d of %s %s", sc.id, x.id, x.s.Name, x.state)
	}
	if !sc.lost() {
		for _, e := range o.fresh {
			if e.scope.within(sc) && o.owed(e) != "" {
				return fmt.Errorf("fan-out %d closes while event %d is on its way", sc.id, e.id)
			}
		}
		o.closed = append(o.closed, sc)
	}
	return nil
}

// openIn returns an execution of a fan-out that is not over.
func (o *oracle) openIn(sc *oScope) *oExec {
	for _, x := range o.execs {
		if x.s != nil && x.state != "done" && x.scope.within(sc) {
			return x
		}
	}
	return nil
}

// owed returns the name of a step that takes the event and has not got it; "": there is none.
func (o *oracle) owed(e *oEvent) string {
	c := o.runs[e.sub].c
	if e.cleanup {
		for _, s := range c.cleanup {
			if e.got[s.Name] != 1 {
				return s.Name
			}
		}
		return ""
	}
	if e.to >= 0 {
		if e.got[c.Steps[e.to].Name] != 1 {
			return c.Steps[e.to].Name
		}
		return ""
	}
	for _, s := range c.Types[e.typ].Takers {
		if s.Kind != CollectStep && e.got[s.Name] != 1 {
			return s.Name
		}
	}
	return ""
}
