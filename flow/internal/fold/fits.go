package fold

import (
	"fmt"
	"reflect"
	"slices"
)

// fits returns an error if a record that was read cannot be applied to the state. It relies on the
// workflow being the one that wrote the journal, and on all records before having been applied.
func (t replayer) fits(r *internalRecord) error {
	idle := t.root.phase == phaseIdle
	if idle != (r.kind == RunStarted && r.run == nil) && !(idle && r.kind.begins()) {
		return fmt.Errorf("a run begins once, and first")
	}
	if t.root.phase == phaseOver {
		return fmt.Errorf("the run is over")
	}
	st := t.stateOf(r)
	if st != nil && st.phase == phaseOver {
		return fmt.Errorf("its run is over")
	}
	if _, revives := r.value.(restarted); t.suspended && !revives {
		switch r.kind {
		case RunForked, RunRestored, RunAdopted, JournalFailed, UnknownKind:
		default:
			return fmt.Errorf("the run is suspended")
		}
	}
	switch r.kind {
	case RunStarted:
		return t.startFits(r)
	case RunSuspended:
		return unless(r.run == nil && t.root.phase == phaseRunning, "only a whole run is suspended")
	case EventSent:
		return t.sentFits(st, r)
	case StepQueued, StepStarted, StepFinished, StepFailed, StepCancelled, AwaitOpened, AwaitResolved, ScopeOpened, SleepStarted,
		SleepEnded, CallStarted, CallFinished, CallFailed, CallDoubted:
		exec := t.execs.get(r.exec)
		if exec == nil {
			return fmt.Errorf("there is no execution %d under way: the workflow has changed", r.exec)
		}
		if exec.State != st || int(r.step) != exec.Step.Index {
			return fmt.Errorf("execution %d is of step %q: the workflow has changed", r.exec, exec.Step.Name)
		}
		return st.executionFits(exec, r)
	case ScopeClosed:
		sc := (*scope)(nil)
		if st != nil {
			sc = st.scopes[r.event]
		}
		return unless(sc != nil && sc.open == 0 && sc.ended, "fan-out %d is not over", r.event)
	case RunEnding:
		return unless(st != nil && st.phase == phaseRunning && st.ending == nil, "its end is decided")
	case CleanupStarted:
		ok := st != nil && st.phase == phaseRunning && st.open == 0 && !st.cleaning && st.Workflow.cleansUp()
		return unless(ok, "it cannot clean up now: the workflow has changed")
	case RunFinished, RunFailed, RunCancelled:
		ok := st != nil && st.phase == phaseRunning && st.open == 0
		if ok && st.Workflow.cleansUp() && !st.cleaning {
			return fmt.Errorf("it ends without having cleaned up: the workflow has changed")
		}
		return unless(ok, "something of the run is still open")
	case RunPaused: // a breakpoint may stop an execution of a sub-workflow
		return unless(st != nil, "its run is not under way")
	case RunResumed, RunForked, RunRestored, RunAdopted, JournalFailed:
		return unless(r.run == nil, "it concerns only a whole run")
	case UnknownKind:
		return nil
	case EventEmitted, StateChanged:
		return unless(st != nil || r.kind == EventEmitted, "its run is not under way")
	}
	return fmt.Errorf("unknown kind %v", r.kind)
}

// stateOf returns the state of the run that a record belongs to; nil: it is not under way.
func (t replayer) stateOf(r *internalRecord) *State {
	if r.run == nil {
		return t.root
	}
	return t.subs[r.run.sub]
}

func unless(ok bool, text string, args ...any) error {
	if ok {
		return nil
	}
	return fmt.Errorf(text, args...)
}

func (t replayer) startFits(r *internalRecord) error {
	if r.run == nil {
		return unless(int(r.typ) == t.root.Workflow.In, "the start event is another: the workflow has changed")
	}
	host := t.execs.get(r.run.sub)
	ok := host != nil && host.status == statusRunning && host.Step.Kind == NestedStep &&
		int(r.typ) == host.Step.Sub.In && (host.extra == nil || host.extra.child == nil)
	return unless(ok, "execution %d begins no such workflow", r.run.sub)
}

func (t replayer) sentFits(st *State, r *internalRecord) error {
	if r.exec != 0 {
		exec := t.execs.get(r.exec)
		if exec == nil || exec.awaiting() == nil || r.cause != 0 || r.run != nil {
			return fmt.Errorf("execution %d awaits nothing", r.exec)
		}
		a := exec.awaiting()
		want := exec.State.Workflow.Types[a.typ].Go
		return unless(reflect.TypeOf(r.value) == want, "await %d is for another event than the reply", a.id)
	}
	if r.cause == 0 {
		return unless(r.run == nil, "an event from outside belongs to the run itself")
	}
	exec := t.execs.get(r.cause)
	switch {
	case exec == nil || exec.State != st:
		return fmt.Errorf("there is no execution %d under way: the workflow has changed", r.cause)
	case r.n > 0:
		ok := exec.underWay() && exec.extra != nil && exec.extra.opened != nil &&
			uint32(r.n) == exec.extra.opened.yielded+1
		return unless(ok, "execution %d has no fan-out at item %d", r.cause, r.n)
	case exec.status == statusFailed:
		ok := exec.Step.recoveredBy != nil && int(r.step) == exec.Step.recoveredBy.Index
		return unless(ok, "execution %d is recovered by another step: the workflow has changed", r.cause)
	}
	return unless(exec.status == statusRunning, "execution %d does not run", r.cause)
}

// executionFits is fits for the records of an execution.
func (st *State) executionFits(exec *Execution, r *internalRecord) error {
	ready := exec.status == statusReady && (exec.replied || st.upNext() == exec) || exec.status == statusDelayed
	running := exec.status == statusRunning
	switch r.kind {
	case StepQueued:
		return unless(ready, "execution %d cannot wait", r.exec)
	case StepStarted:
		ws := &st.workers[exec.Step.Index]
		queued := exec.status == statusQueued && ws.next() == exec
		again := running && slices.Contains(st.restarts, exec)
		worker := r.worker > 0 && int(r.worker) <= MaxWorkers && (running || !ws.isBusy(r.worker))
		return unless((ready || queued || again) && worker, "execution %d cannot start", r.exec)
	case StepFinished, StepFailed:
		return unless(running && !exec.hosts(), "execution %d does not run, or what runs within it has not ended", r.exec)
	case StepCancelled:
		if f := r.value.(*fault); f.end != 0 && r.cause != 0 && st.tree.subs[r.cause] == nil {
			return fmt.Errorf("there is no sub-workflow %d", r.cause)
		}
		return unless(!exec.hosts(), "what runs within execution %d has not ended", r.exec)
	case AwaitOpened, SleepStarted:
		return unless(running, "execution %d does not run", r.exec)
	case AwaitResolved:
		a := exec.await(r.event)
		return unless(a != nil && a.open && !a.sleeps(), "execution %d does not await %d", r.exec, r.event)
	case CallStarted:
		c := exec.extra.call(r.event)
		return unless(exec.underWay() && (c == nil || c.status != callDone), "execution %d cannot make call %d", r.exec, r.event)
	case CallFinished, CallFailed, CallDoubted:
		c := exec.extra.call(r.event)
		ok := exec.underWay() && c != nil && (c.status == callOpen || c.status == callDoubted && r.kind != CallDoubted)
		return unless(ok, "execution %d has no call %d under way", r.exec, r.event)
	case SleepEnded:
		a := exec.await(r.event)
		return unless(a != nil && a.open && a.sleeps(), "execution %d does not sleep", r.exec)
	case ScopeOpened:
		ok := exec.underWay() && exec.Step.Kind == FanOutStep &&
			(exec.extra == nil || exec.extra.opened == nil) && st.scopes[r.event] == nil
		return unless(ok, "execution %d opens no fan-out", r.exec)
	}
	return fmt.Errorf("no rule says when a %v fits", r.kind)
}
