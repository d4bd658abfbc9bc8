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
	r.inTurn(begin, in, free && c.serial && ctx.Done() == nil)
	return r, nil
}

// inTurn lets a run begin, or go on after a restart, when its turn has come: at once if not as many are under way as may be.
func (r *run) inTurn(how tickKind, in any, free bool) {
	slots := r.c.slots
	if slots == nil {
		r.launch(how, in, free)
		return
	}
	select {
	case slots <- struct{}{}:
		r.slot = true
		r.launch(how, in, free)
	default:
		r.stdContext()
		r.waits = true
		go func() {
			select {
			case slots <- struct{}{}:
				r.slot = true
			case <-r.ctx.Done():
			case <-r.parent.Done():
			}
			r.launch(how, in, true)
		}()
	}
}

// launch begins the run, or goes on with it. Its clock begins now. A caller that is free goes on with its first execution.
func (r *run) launch(how tickKind, in any, free bool) {
	r.begin()
	r.mu.Lock()
	r.waits = false
	first := tick{do: how, st: r.t.root, ev: outEvent{payload: in, typ: int16(r.c.in), step: -1}}
	if len(r.early) > 0 && r.early[0].do == pause {
		first.n = 1
	}
	r.apply(&first)
	for _, k := range r.early {
		if r.t.root.phase == running { // one before may have been the stop event
			r.apply(&k)
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
