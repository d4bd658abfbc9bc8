package flow

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// A run is the runtime of a tree: it gives the fold its ticks and carries out its commands. It has no goroutine of its own.
// Who brings a tick, mostly the goroutine that has just finished a step, applies it under the lock and goes on with the
// step that this starts; only a second one gets a new goroutine.
type run struct {
	id     string
	c      *core
	parent context.Context
	base   time.Time
	baseNs int64

	mu    sync.Mutex
	t     tree
	log   log
	draft rec // the next record; here, and not on the stack, because a new goroutine has little of it
	timer *time.Timer
	armed int64

	waiting chan struct{} // closed when there are new records; made only when a reader waits
	names   *sync.Map     // of sub-workflows, by the execution that runs them: *subRun; made with the first

	ctxMu   sync.Mutex // for everything about contexts; inside of mu
	ctx     context.Context
	stop    context.CancelCauseFunc
	stopped error // why the run ended, once it has
	unhook  func() bool

	blank []Context  // to be given to executions
	given int        // of blank
	first [3]Context // where blank begins: enough for a chain

	crew crew

	early  []tick // what came while the run waits for its turn: a pause first
	keeper *keeper
	edits  map[uint64]any // of a fork

	slot  bool // has had its turn
	waits bool // for it
	done  chan struct{}
	out   any
	err   error
	late  atomic.Int64 // results, sends and writes that came after the end
}

type subRun struct {
	id string
	c  *core
}

func (r *run) now() int64 { return r.baseNs + int64(time.Since(r.base)) }

// apply gives a tick to the fold, with the lock held.
func (r *run) apply(k *tick) (records int) {
	if k.at == 0 {
		k.at = r.now()
	}
	k.at = max(k.at, r.t.root.last)
	return r.fold(k)
}

// fold decides what follows from a tick, and applies it.
func (r *run) fold(k *tick) (records int) {
	t := &r.t
	t.now = k.at
	switch {
	case k.do == returned && len(k.sends) == 0 && k.x.plain():
		return r.succeed(k.x, &k.ev)
	case k.do == yielded:
		return r.branch(k.x, &k.ev)
	}
	for decide(t, k, records, &r.draft) {
		r.commit(&r.draft)
		records++
		if k.do == passed || k.do == cancel {
			r.settle()
		}
	}
	if records > 0 {
		r.settle()
	}
	return records
}

// commit makes a record of what was decided, and applies it.
func (r *run) commit(p *rec) {
	r.log.add(p)
	if p.kind == RunStarted && p.sub != 0 {
		r.nameSub(p.sub)
	}
	r.t.apply(p)
}

//go:noinline
func (r *run) nameSub(sub uint32) {
	host := r.t.execs.get(sub)
	r.subs().Store(sub, &subRun{r.nameOf(host.st.sub) + "/" + strconv.FormatUint(uint64(sub), 10), host.s.sub})
}

func (r *run) subs() *sync.Map {
	if r.names == nil {
		r.names = new(sync.Map)
	}
	return r.names
}

func (r *run) nameOf(sub uint32) string {
	if sub == 0 {
		return r.id
	}
	s, _ := r.names.Load(sub)
	return s.(*subRun).id
}

// settle lets everything follow that follows by itself.
func (r *run) settle() {
	t := &r.t
	for t.moved != nil || t.root.moved {
		st := t.root
		if t.moved != nil {
			st = t.moved
		}
		if !r.hasten(st) && st.next(&r.draft) {
			r.commit(&r.draft)
			continue
		}
		if st.moved = false; st != t.root {
			t.moved, st.under = st.under, nil
		}
	}
}

// obey carries out the commands, arms the timer and shows the records to readers. If the caller is a goroutine that is
// free to go on with an execution it is given the context of the first one; the others get goroutines.
func (r *run) obey(free bool) (mine *Context) {
	t := &r.t
	ended := false
	for i := range t.cmds {
		switch k := &t.cmds[i]; k.do {
		case doStart:
			x := k.x
			if x.status != isRunning {
				continue // given up in the same tick
			}
			if x.ctx != nil && x.ctx.extra != nil && x.ctx.extra.parked { // back from an await
				signal(x.ctx.extra.reply)
				continue
			}
			switch c := r.context(x); {
			case free && mine == nil && r.crew.line.empty():
				mine = c
			case r.crew.fanOuts > 0 || !r.crew.line.empty():
				r.crew.line.push(c)
			default:
				go r.work(c)
			}
		case doCancel, doExpire:
			if k.x.ctx != nil {
				k.x.ctx.cancel(r.causeFor(k))
				k.x.ctx = nil
			}
		case doRoom:
			if c := k.x.ctx; c != nil && c.extra != nil && c.extra.blocked {
				c.extra.blocked = false
				signal(c.extra.room)
			}
		case doEnd:
			ended = true
		}
	}
	t.cmds = t.cmds[:0]
	if cap(t.cmds) > 64 {
		t.cmds = t.few[:0]
	}
	if first := t.timers.first(); first != nil && first.at != r.armed && !ended {
		r.armed = first.at
		wait := time.Duration(first.at - r.now())
		if r.timer == nil {
			r.timer = time.AfterFunc(wait, r.onTime)
		} else {
			r.timer.Reset(wait)
		}
	}
	if ended {
		r.end()
	}
	r.publish()
	if !r.crew.line.empty() {
		if free && mine == nil {
			mine = r.crew.take()
		}
		r.callOne()
	}
	return mine
}

func (r *run) publish() {
	r.log.publish()
	if r.waiting != nil {
		close(r.waiting)
		r.waiting = nil
	}
}

// context returns a new context for an attempt. A step may keep its context, so none is used again; but they are made
// several at a time.
func (r *run) context(x *exec) *Context {
	if r.given == len(r.blank) {
		r.blank, r.given = make([]Context, min(max(2*len(r.blank), 8), 32)), 0
	}
	c := &r.blank[r.given]
	r.given++
	c.x, c.s, c.st, c.attempt = x, x.s, x.st, x.attempt
	x.ctx = c
	return c
}

// causeFor returns why an execution's context ends.
func (r *run) causeFor(k *command) error {
	if k.do == doExpire {
		return k.x.rare.fault.err
	}
	for st := k.x.st; st != nil; st = st.parent {
		if e := st.ending; e != nil && e.fault != nil && e.fault.err != nil {
			return e.fault.err
		}
	}
	return context.Canceled
}

func (r *run) onTime() {
	r.mu.Lock()
	r.armed = 0
	k := tick{do: passed, st: r.t.root}
	r.apply(&k)
	x := r.obey(true)
	r.mu.Unlock()
	r.work(x)
}

// end is called once, with the lock held, when the last record is written but not yet shown.
func (r *run) end() {
	e := r.t.root.ending
	switch e.kind {
	case RunFinished:
		r.out = e.event.payload
	case RunCancelled:
		r.err = fmt.Errorf("flow: run %s of %s: %w", r.id, r.c.name, &CancelError{e.fault.err})
	default:
		r.err = fmt.Errorf("flow: run %s of %s: %w", r.id, r.c.name, e.fault.err)
	}
	r.dismiss()
	if r.timer != nil {
		r.timer.Stop()
	}
	if r.unhook != nil {
		r.unhook()
	}
	if r.slot {
		<-r.c.slots
	}
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
	r.log.publish()
	switch {
	case r.keeper != nil: // who keeps the journal does it
	case len(r.t.root.sets) > 0:
		go r.close()
	default:
		close(r.done)
	}
}

// close lets those go on who wait for the end. It is called without the lock, because who handles what is logged may be anybody.
func (r *run) close() {
	for _, s := range r.t.root.sets {
		r.logger().Warn("events were collected and never used", "run", r.id, "step", s.s.name, "missing", r.t.root.lacks(s))
	}
	close(r.done)
}

func (r *run) logger() *slog.Logger {
	if l := r.c.cfg.Logger; l != nil {
		return l
	}
	return slog.Default()
}

func (r *run) wait(ctx context.Context) error {
	select {
	case <-r.done:
		return nil
	default:
	}
	select {
	case <-r.done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (r *run) cancel(cause error) {
	if cause == nil {
		cause = context.Canceled
	}
	r.control(tick{do: cancel, err: cause})
}

// control brings a tick from outside.
func (r *run) control(k tick) {
	r.mu.Lock()
	k.st = r.t.root
	if r.waits {
		r.ask(k)
		r.mu.Unlock()
		return
	}
	var c *Context
	if k.st.phase == running {
		r.apply(&k)
		c = r.obey(true)
	}
	r.mu.Unlock()
	if c != nil {
		go r.work(c)
	}
}

// ask keeps what is asked of a run that waits for its turn, which must not come meanwhile.
func (r *run) ask(k tick) {
	switch {
	case k.do == cancel:
		r.stdContext()
		r.stop(k.err)
	case k.do == resume && k.n > 0:
		r.early = append(r.early, k)
	default: // instead of what a debugger asked before
		sent := slices.DeleteFunc(r.early, func(k tick) bool { return k.do != arrived })
		r.early = slices.Insert(sent, 0, k)
	}
}
