package fold

import "fmt"

// A replayer reads records into a tree: it turns them into internal records, checks that they fit,
// and applies them.
type replayer struct{ *Tree }

// Replay applies a record that was read, to a run that was begun by replaying its first record. It
// returns an error if the record does not fit the state; the tree must then not be used any more.
func (t *Tree) Replay(in Record) error {
	p := replayer{t}
	r, err := p.intern(in)
	if err == nil {
		err = p.fits(&r)
	}
	if err != nil {
		return err
	}
	t.now, t.last = r.at, r.at
	t.Log.add(&r)
	err = p.apply(&r)
	t.commands = t.commands[:0]
	return err
}

// apply changes the state by a record that fits. It calls the same apply methods as a tick does,
// with executions, scopes and awaits for their identifiers. A kind that it does not know is an
// error.
func (t replayer) apply(r *internalRecord) error {
	st := t.stateOf(r)
	if t.ids = max(t.ids, r.event); st == nil && r.kind != RunStarted {
		return nil // the event was emitted in a sub-workflow whose run has ended
	}
	exec := t.execs.get(r.exec)
	switch r.kind {
	case RunStarted:
		if r.run == nil {
			st.applyRunStarted(r.value, r.event)
		} else {
			host := t.execs.get(r.run.sub)
			host.nest().applySpawned(r.value, r.event)
		}
	case EventSent:
		st.applySent(r)
	case EventEmitted:
		// It is for readers, and changes only the number of the last event.
	case StateChanged:
		return st.applyStateChanged(r.value.(*Patch))
	case StepQueued:
		exec.applyQueued()
	case StepStarted:
		exec.applyStarted(r.worker, r.n)
	case StepFinished:
		exec.applyFinished(nil)
	case StepFailed:
		exec.applyFailed(r.value.(*fault), r.due)
	case StepCancelled:
		exec.applyCancelled(r.value.(*fault), r.cause)
	case AwaitOpened:
		exec.applyAwaitOpened(r.event, r.typ, r.value.(Prompt), r.due)
	case RunSuspended:
		t.applySuspended()
	case RunEnding:
		st.applyDecided(r.value.(Ending))
	case CleanupStarted:
		st.applyCleanupStarted(r.value.(Ending), r.event)
	case SleepStarted:
		exec.applyAwaitOpened(r.event, -1, Prompt{Key: r.value.(Nap).Key}, r.due)
	case SleepEnded:
		exec.await(r.event).applyResolved(nil)
	case AwaitResolved:
		exec.await(r.event).applyResolved(r.value)
	case CallStarted:
		exec.applyCallStarted(r.event, r.value.(Call))
	case CallFinished:
		exec.extra.call(r.event).applyFinished(r.value)
	case CallFailed:
		exec.extra.call(r.event).applyFailed()
	case CallDoubted:
		exec.extra.call(r.event).applyDoubted()
	case ScopeOpened:
		exec.applyScopeOpened(r.event)
	case ScopeClosed:
		st.scopes[r.event].applyClosed()
	case RunForked, RunRestored:
		return t.applyOrigin(r.value.(*Origin))
	case RunAdopted, JournalFailed, UnknownKind:
		// They change nothing.
	case RunPaused:
		st.applyPaused(r.exec)
	case RunResumed:
		if _, ok := r.value.(restarted); ok {
			t.applyRestarted(r.at - r.due)
		} else {
			t.applyResumed(int(r.n))
		}
	case RunFinished, RunFailed, RunCancelled:
		st.applyRunEnded(r.kind, r.value, r.cause, r.event, r.typ, r.step)
	default:
		return fmt.Errorf("the kind %v cannot be applied", r.kind)
	}
	return nil
}

func (st *State) applySent(r *internalRecord) {
	ev := Event{Payload: r.value, ID: r.event, Type: r.typ, To: r.step}
	exec := st.tree.execs.get(r.cause)
	switch {
	case r.exec != 0:
		st.tree.execs.get(r.exec).awaiting().applyAnswered(&ev)
	case exec == nil:
		st.applyArrived(&ev)
	case r.n > 0:
		exec.applyYielded(&ev, uint32(r.n))
	case exec.status == statusFailed:
		exec.applyRecovered(&ev)
	default:
		exec.applyGiven(&ev)
	}
}
