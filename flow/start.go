package flow

import (
	"context"
	"math/rand/v2"
	"strconv"
	"time"
)

func newRun(ctx context.Context, c *core, opts []RunOption) *run {
	r := &run{c: c, parent: ctx, done: make(chan struct{})}
	for _, o := range opts {
		o(r)
	}
	if r.id == "" {
		r.id = randomID()
	}
	r.t.run, r.t.id = r, r.id
	r.t.top.init(c, &r.t)
	r.t.root = &r.t.top
	r.blank = r.first[:]
	r.t.cmds = r.t.few[:0]
	r.t.execs.all = r.t.execs.few[:0]
	r.t.spare = append(r.t.spares[:0], &r.t.seed[0], &r.t.seed[1])
	return r
}

func randomID() string { return strconv.FormatUint(rand.Uint64()|1<<63, 32) }

// start begins a run. If the caller waits for its end and is free to work meanwhile, the run may do without a goroutine.
func start(ctx context.Context, c *core, in any, opts []RunOption, free bool) (*run, error) {
	if err := c.checkOnce(); err != nil {
		return nil, err
	}
	r := newRun(ctx, c, opts)
	free = free && c.serial && ctx.Done() == nil
	if c.slots == nil {
		r.launch(in, free)
		return r, nil
	}
	select {
	case c.slots <- struct{}{}:
		r.slot = true
		r.launch(in, free)
	default:
		r.stdContext()
		go func() {
			select {
			case c.slots <- struct{}{}:
				r.slot = true
			case <-r.ctx.Done():
			case <-r.parent.Done():
			}
			r.launch(in, true)
		}()
	}
	return r, nil
}

// launch begins the run. Its clock begins now. A caller that is free goes on with its first execution.
func (r *run) launch(in any, free bool) {
	r.begin()
	r.mu.Lock()
	r.apply(&tick{do: begin, st: r.t.root, ev: outEvent{payload: in, typ: int16(r.c.in), step: -1}})
	for _, ev := range r.early {
		if r.t.root.phase == running { // one before may have been the stop event
			r.apply(&tick{do: arrived, st: r.t.root, ev: ev})
		}
	}
	r.early = nil
	if cause := r.cancelledBefore(); cause != nil {
		r.apply(&tick{do: cancel, st: r.t.root, err: cause})
	}
	c := r.obey(true)
	r.mu.Unlock()
	r.watch()
	switch {
	case c == nil:
	case free:
		r.work(c)
	default:
		go r.work(c)
	}
}

// cancelledBefore returns why a run was cancelled before it began, as one may be that waits for its turn.
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

// watch ends the run when the context does that it was started with.
func (r *run) watch() {
	if r.parent.Done() != nil {
		unhook := context.AfterFunc(r.parent, func() { r.cancel(context.Cause(r.parent)) })
		r.mu.Lock()
		r.unhook = unhook
		ended := r.t.root.phase == over
		r.mu.Unlock()
		if ended {
			unhook()
		}
	}
}

// begin starts the clock and whoever reads along.
func (r *run) begin() {
	r.base = time.Now()
	r.baseNs = r.base.UnixNano()
	if r.c.cfg.Verbose {
		go r.verbose()
	}
	if r.keeper != nil {
		go r.keep()
	}
}
