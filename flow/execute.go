package flow

import (
	"context"
	"fmt"
	"time"

	"weft/flow/internal/fold"
)

// execute executes the commands that a tick has left, arms the timer and publishes the records. If
// the caller is a goroutine that is free to perform a step, it is given the first attempt that
// starts; the others get goroutines. The lock is held.
func (r *run) execute(free bool) (mine *Context) {
	ended := false
	commands := r.tree.Commands()
	for i := range commands {
		switch k := commands[i]; k.Do {
		case fold.CommandStart:
			if c := r.started(k.Exec); c == nil {
				continue
			} else if free && mine == nil && r.pool.queue.Empty() {
				mine = c
			} else if r.pool.fanOuts > 0 || !r.pool.queue.Empty() {
				r.pool.queue.Push(c)
			} else {
				go r.perform(c)
			}
		case fold.CommandCancel, fold.CommandExpire:
			if c, ok := k.Exec.Host.(*Context); ok {
				c.cancel(r.causeOf(k))
				k.Exec.Host = nil
			}
		case fold.CommandRoom:
			if c, ok := k.Exec.Host.(*Context); ok {
				if m := c.extra.Load(); m != nil && m.blocked {
					m.blocked = false
					wake(m.room)
				}
			}
		case fold.CommandEnd:
			ended = true
		}
	}
	r.tree.ClearCommands()
	if ended {
		r.end()
	} else {
		r.armTimer()
		if r.release != 0 {
			r.mayRelease()
		}
	}
	r.publish()
	if !r.pool.queue.Empty() {
		if free && mine == nil {
			mine = r.pool.take()
		}
		r.callSpare()
	}
	return mine
}

// started returns the context of an attempt that starts; nil if it was given up in the same tick,
// or is back from an await and has a goroutine.
func (r *run) started(exec *fold.Execution) *Context {
	if !exec.Running() || r.tree.Suspended() {
		return nil
	}
	if c, ok := exec.Host.(*Context); ok {
		if m := c.extra.Load(); m != nil && m.parked {
			wake(m.reply)
			return nil
		}
	}
	return r.newContext(exec)
}

// newContext returns a new context for an attempt. A step may keep its context, so contexts are not
// reused; they are allocated in blocks.
func (r *run) newContext(exec *fold.Execution) *Context {
	if r.contextsOut == len(r.contexts) {
		r.contexts, r.contextsOut = make([]Context, min(max(2*len(r.contexts), 8), contextBlock)), 0
	}
	c := &r.contexts[r.contextsOut]
	r.contextsOut++
	host, ok := exec.State.Host.(*stateHost)
	if !ok {
		host = r.newHost(exec.State)
	}
	c.place, c.exec, c.attempt = &host.places[exec.Step.Index], exec, int32(exec.Attempt())
	exec.Host = c
	return c
}

// newHost gives a state its host.
func (r *run) newHost(st *fold.State) *stateHost {
	host, steps := &r.host, st.Workflow.Steps
	switch {
	case host.places != nil: // the run's own host is taken, so this state is a sub-workflow's
		host = &stateHost{places: make([]place, len(steps))}
	case len(steps) <= len(r.fewPlaces):
		host.places = r.fewPlaces[:len(steps)]
	default:
		host.places = make([]place, len(steps))
	}
	for i, s := range steps {
		p := &host.places[i]
		p.run, p.state, p.step = r, st, s
	}
	st.Host = host
	return host
}

// causeOf returns why a command ends the context of an attempt.
func (r *run) causeOf(k fold.Command) error {
	if r.tree.Suspended() {
		return r.suspended()
	}
	if cause := k.Cause(); cause != nil {
		return cause
	}
	return context.Canceled
}

func (r *run) publish() {
	r.published.Store(r.tree.Log.Len())
	r.keeper.published(&r.tree)
	if r.more != nil {
		close(r.more)
		r.more = nil
	}
}

func (r *run) armTimer() {
	due, ok := r.tree.NextDue()
	if !ok || due == r.armed {
		return
	}
	r.armed = due
	wait := time.Duration(due - r.now())
	if r.timer == nil {
		r.timer = time.AfterFunc(wait, r.onTime)
	} else {
		r.timer.Reset(wait)
	}
}

func (r *run) onTime() {
	r.mu.Lock()
	r.armed = 0
	if r.closed() != nil {
		r.mu.Unlock()
		return
	}
	r.tree.Pass(r.now())
	c := r.execute(true)
	r.mu.Unlock()
	r.perform(c)
}

// end is called once, when the last record is written but not yet published. The lock is held.
func (r *run) end() {
	switch kind, stop, err := r.tree.Result(); {
	case r.tree.Suspended():
		r.err = r.suspended()
	case kind == RunFinished:
		r.out = stop
	case kind == RunCancelled:
		r.err = fmt.Errorf("flow: run %s of %s: %w", r.id, r.c.Name, &CancelError{err})
	default:
		r.err = fmt.Errorf("flow: run %s of %s: %w", r.id, r.c.Name, err)
	}
	r.pool.dismiss()
	if r.timer != nil {
		r.timer.Stop()
	}
	if r.unhook != nil {
		r.unhook()
	}
	if r.hasSlot {
		<-r.c.slots
	}
	r.endContexts()
	r.published.Store(r.tree.Log.Len())
	unused := false
	r.tree.Unused(func(_, _ string) { unused = true })
	switch {
	case r.keeper != nil: // closes the run when the journal is written
	case unused:
		go r.close()
	default:
		close(r.done)
	}
}

// endContexts ends the run's standard context, and with it those that steps have made from theirs.
func (r *run) endContexts() {
	cause := r.err
	if cause == nil {
		cause = ErrEnded
	}
	r.ctxMu.Lock()
	r.stopped = cause
	stop := r.stop
	r.ctxMu.Unlock()
	if stop != nil {
		stop(cause)
	}
}

// close unblocks the callers that wait for the end of the run. It is called without the lock,
// because a user's log handler may call the run.
func (r *run) close() {
	r.tree.Unused(func(step, missing string) {
		r.logger().Warn("events were collected and never used", "run", r.id, "step", step, "missing", missing)
	})
	close(r.done)
}
