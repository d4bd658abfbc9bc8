package flow

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"
	"time"
)

func newRun(ctx context.Context, c *core, opts []RunOption) *run {
	r := &run{c: c, parent: ctx, done: make(chan struct{})}
	r.contexts = r.fewContexts[:]
	for _, o := range opts {
		o.applyRun(r)
	}
	if r.id == "" {
		r.id = randomID()
	}
	r.tree.Init(c.Workflow, r.id)
	return r
}

func randomID() string { return strconv.FormatUint(rand.Uint64()|1<<63, 32) }

// start begins a run. A caller that is free waits for its end, and may perform its steps meanwhile.
func start(ctx context.Context, c *core, in any, opts []RunOption, free bool) (*run, error) {
	if err := c.checkOnce(); err != nil {
		return nil, err
	}
	if err := c.Keepable(c.In, in); err != nil {
		return nil, err
	}
	r := newRun(ctx, c, opts)
	if err := r.openJournal(nil); err != nil {
		return nil, err
	}
	if free && r.keeper == nil && !c.verbose {
		r.tree.Log.Pool = &c.memory // nothing reads the records
	}
	r.inTurn(func(now int64, paused bool) { r.tree.Begin(now, in, paused) }, free && c.Serial && ctx.Done() == nil)
	return r, nil
}

// inTurn lets a run begin, or continue after a restart, when its turn has come: at once, unless
// MaxRuns runs of the workflow are under way. It calls first for the first tick, with the time and
// whether the run must pause at once.
func (r *run) inTurn(first func(now int64, paused bool), free bool) {
	slots := r.c.slots
	if slots == nil {
		r.launch(first, free)
		return
	}
	select {
	case slots <- struct{}{}:
		r.hasSlot = true
		r.launch(first, free)
	default:
		r.standard()
		r.waits = true
		r.keeper.receive(r)
		go func() {
			select {
			case slots <- struct{}{}:
				r.hasSlot = true
			case <-r.ctx.Done():
			case <-r.parent.Done():
			}
			r.launch(first, true)
		}()
	}
}

// launch runs the run's first tick and the requests that were kept. The run's clock starts now. A
// caller that is free continues with its first execution.
func (r *run) launch(first func(now int64, paused bool), free bool) {
	r.startClock()
	r.mu.Lock()
	r.waits = false
	first(r.now(), len(r.requests) > 0 && r.requests[0].kind == requestPause)
	r.live = true
	for _, q := range r.requests {
		if r.tree.Running() { // an earlier request may have ended the run
			r.apply(q)
		}
	}
	r.requests = nil
	if cause := r.cancelledBefore(); cause != nil {
		var aside *suspendRequest
		switch {
		case errors.As(cause, &aside):
			r.putAside(aside.cause)
		case r.keeper != nil && r.parent.Err() != nil:
			r.putAside(cause)
		default:
			r.tree.Cancel(r.now(), cause)
		}
		r.ctxMu.Lock()
		r.ctx, r.stop = nil, nil // clean-up steps get another one
		r.ctxMu.Unlock()
	}
	c := r.execute(true)
	r.mu.Unlock()
	r.watch()
	r.keeper.receive(r)
	switch {
	case c == nil:
	case free:
		r.perform(c)
	default:
		go r.perform(c)
	}
}

// cancelledBefore returns why a run was cancelled before it began, while it waited for its turn.
func (r *run) cancelledBefore() error {
	if r.parent.Err() != nil {
		return context.Cause(r.parent)
	}
	r.ctxMu.Lock()
	defer r.ctxMu.Unlock()
	if r.ctx != nil && r.ctx.Err() != nil {
		return context.Cause(r.ctx)
	}
	return nil
}

// watch ends or suspends the run when the context ends that it was started with.
func (r *run) watch() {
	if r.parent.Done() == nil {
		return
	}
	unhook := context.AfterFunc(r.parent, r.contextEnded)
	r.mu.Lock()
	r.unhook = unhook
	ended := r.closed() != nil
	r.mu.Unlock()
	if ended {
		unhook()
	}
}

// cancel ends the run with a cause; nil: context.Canceled.
func (r *run) cancel(cause error) {
	if cause == nil {
		cause = context.Canceled
	}
	r.ask(request{kind: requestCancel, cause: cause})
}

// cancelled ends the run for a cause that another process gave.
func (r *run) cancelled(cause string) error {
	q := request{kind: requestCancel, cause: errors.New(cause)}
	if cause == context.Canceled.Error() {
		q.cause = context.Canceled
	}
	_, err := r.bring(q)
	return err
}

// startClock starts the run's clock, and the goroutines that log its records and write its journal.
func (r *run) startClock() {
	r.base = time.Now()
	r.baseNs = r.base.UnixNano()
	if r.c.verbose {
		go logRecords(r)
	}
	if r.keeper != nil {
		go r.keep()
	}
}
