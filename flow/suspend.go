package flow

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Release lets a kept run suspend itself when it has only waited for d: every open execution awaits
// or sleeps, or nothing is open and it waits for events from outside. It then holds no goroutine,
// and its journal can be closed. Package flow/host does so for all runs of a directory, and resumes
// them when a reply comes or an instant has come.
//
// When the run continues, its open steps are called again from the top, as after a restart (rule
// R28). If one goroutine of a step awaits while others work, a release ends those too.
func Release(d time.Duration) RunOption { return runOption(func(r *run) { r.release = max(d, 1) }) }

// suspend puts the run aside, and waits until its journal says so.
func (r *run) suspend(cause error) error {
	if r.keeper == nil {
		return fmt.Errorf("flow: run %s of %s: Suspend: it has no journal from which it could be resumed; start it with flow.Keep, or take a Snapshot and Cancel it", r.id, r.c.Name)
	}
	r.ask(request{kind: requestSuspend, cause: cause})
	<-r.done
	switch {
	case errors.Is(r.err, ErrSuspended):
		return r.keeper.failure()
	default:
		return ErrEnded
	}
}

// contextEnded handles the end of the context with which the run was started: a kept run is
// suspended, any other run is cancelled.
func (r *run) contextEnded() {
	cause := context.Cause(r.parent)
	if r.keeper != nil && !r.keeper.dead.Load() {
		r.ask(request{kind: requestSuspend, cause: cause})
	} else {
		r.cancel(cause)
	}
}

// mayRelease starts the timer after which the run is suspended, if it only waits until then. The
// lock is held.
func (r *run) mayRelease() {
	if r.keeper == nil || !r.tree.OnlyWaits() || r.tree.Suspended() {
		return
	}
	last := r.length()
	time.AfterFunc(r.release, func() {
		r.mu.Lock()
		if r.closed() == nil && r.length() == last && r.tree.OnlyWaits() && !r.keeper.dead.Load() {
			r.putAside(nil)
			r.execute(false)
		}
		r.mu.Unlock()
	})
}

// A suspendRequest is the cause of the context's end if a run is suspended before its turn.
type suspendRequest struct{ cause error }

func (*suspendRequest) Error() string { return ErrSuspended.Error() }
