package flow

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"
)

// A Context is what a step is given: the context of this attempt, which is done when the attempt no longer counts, and the
// way to the run. It is for the attempt only; what is done with it after the step has returned has no effect.
//
// To call a step in a test, make one with [NewContext].
type Context struct {
	x       *exec // of another call once this attempt is over: only to be looked at when x.ctx is this context, under run.mu
	s       *step
	st      *state
	std     atomic.Pointer[stdContext] // nil as long as nobody asks for it; set under run.mu
	extra   *contextExtra              // guarded by run.mu
	attempt int32
	over    bool // the step has returned; guarded by run.mu
}

func (c *Context) run() *run { return c.st.t.run }

// contextExtra is what few attempts need.
type contextExtra struct {
	reply    chan struct{} // tells who is parked to look again
	room     chan struct{} // and who is blocked
	parked   bool          // waits in Await
	blocked  bool          // waits in a fan-out's yield
	returned func()        // brings what the step has returned while one of its goroutines was parked
	updating atomic.Bool   // is in an Update
	again    uint32        // items of a fan-out that were yielded again after a restart, or anew
	sends    []outEvent
	fatal    error // of a fan-out: what the engine found wrong with what it yields
	test     *detached
}

func (c *Context) more() *contextExtra {
	if c.extra == nil {
		c.extra = &contextExtra{}
	}
	return c.extra
}

// A stdContext is the context that the standard library knows; most steps never need one.
type stdContext struct {
	context.Context
	cancel context.CancelCauseFunc
}

func (r *run) stdContext() context.Context {
	r.ctxMu.Lock()
	defer r.ctxMu.Unlock()
	if r.ctx == nil {
		// Only the run ends it: when the parent does, the run is cancelled first, so that no step can make a success of it.
		r.ctx, r.stop = context.WithCancelCause(context.WithoutCancel(r.parent))
		if r.stopped != nil {
			r.stop(r.stopped)
		}
	}
	return r.ctx
}

func (c *Context) standard() *stdContext {
	if s := c.std.Load(); s != nil {
		return s
	}
	c.run().mu.Lock()
	defer c.run().mu.Unlock()
	return c.lockedStandard()
}

func (c *Context) lockedStandard() *stdContext {
	if s := c.std.Load(); s != nil {
		return s
	}
	ctx, cancel := context.WithCancelCause(c.run().stdContext())
	c.std.Store(&stdContext{ctx, cancel})
	if c.over {
		cancel(errReturned)
	}
	return c.std.Load()
}

// cancel is called with run.mu held.
func (c *Context) cancel(cause error) {
	c.lockedStandard().cancel(cause)
	if m := c.extra; m != nil && m.parked {
		signal(m.reply)
	}
	if m := c.extra; m != nil && m.blocked {
		signal(m.room)
	}
}

// release frees what the context holds, after the step has returned.
func (c *Context) release() {
	if s := c.std.Load(); s != nil {
		s.cancel(errReturned)
	}
}

var errReturned = fmt.Errorf("flow: the step has returned: %w", context.Canceled)

// toWake returns a channel through which signal wakes one goroutine. Both are called with run.mu held.
func toWake(ch *chan struct{}) <-chan struct{} {
	if *ch == nil {
		*ch = make(chan struct{}, 1)
	}
	return *ch
}

func signal(ch chan<- struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}

// Deadline is that of the context that the run was started with.
func (c *Context) Deadline() (time.Time, bool) { return c.run().parent.Deadline() }

// Done is closed when the attempt no longer counts: the run has ended, the step's time is over, or its fan-out was given up.
func (c *Context) Done() <-chan struct{} { return c.standard().Done() }

// Err says whether Done is closed: it is context.DeadlineExceeded if a time is over, the step's or the run's, and
// context.Canceled otherwise. [context.Cause] says more, as it does of contexts made of this one, whose Err does not know.
func (c *Context) Err() error {
	s := c.standard()
	err := s.Err()
	if err != nil && errors.Is(context.Cause(s), context.DeadlineExceeded) {
		return context.DeadlineExceeded
	}
	return err
}

// Value returns what the context that the run was started with holds.
func (c *Context) Value(key any) any {
	if s := c.std.Load(); s != nil {
		return s.Value(key)
	}
	return c.run().parent.Value(key)
}

// RunID returns the run's identifier.
func (c *Context) RunID() string { return c.run().id }

// Attempt returns the number of this attempt, from 1.
func (c *Context) Attempt() int { return int(c.attempt) }

// StepName returns the name of the step that is called.
func (c *Context) StepName() string { return c.s.name }

// Logger returns the workflow's logger with the run and the step named in it. What is logged there is also emitted, as a [Log].
func (c *Context) Logger() *slog.Logger {
	return slog.New(&tee{ctx: c, next: c.run().logger().With("run", c.run().id, "step", c.s.name).Handler()})
}

// Emit shows an event to the run's readers, at once and whatever becomes of the attempt. No step gets it.
func (c *Context) Emit(ev any) {
	r, x := c.run(), c.x
	if ev = deref(ev); ev == nil {
		return
	}
	now := r.now()
	r.mu.Lock()
	if x.ctx != c {
		r.mu.Unlock()
		r.tooLate("emitted event", c.s)
		return
	}
	r.emit(x, ev, now)
	r.publish()
	r.mu.Unlock()
	r.keeper.pressure(&r.log)
}

// Send hands an event to every step that takes its type, when the step has succeeded or awaits: before what it returns, in
// the order of the calls. Nothing is sent by an attempt that fails. The type must be declared with [Sends]; what is not, or
// what only a join of another fan-out takes, is an error.
func (c *Context) Send(ev any) error { return c.sendTo("", ev) }

// SendTo is Send to one step.
func (c *Context) SendTo(step string, ev any) error { return c.sendTo(step, ev) }

func (c *Context) sendTo(to string, ev any) error {
	s, core := c.s, c.st.c
	ev = deref(ev)
	if ev == nil {
		return fmt.Errorf("flow: step %q: Send: a nil event", s.name)
	}
	if d := c.testing(); d != nil {
		d.send(ev)
		return nil
	}
	out, err := core.address(to, ev)
	if err != nil {
		return fmt.Errorf("step %q: %w", s.name, err)
	}
	if !slices.Contains(s.sends, int(out.typ)) {
		return fmt.Errorf("flow: step %q: Send: %T is not declared; add flow.Sends[%T]() to the step", s.name, ev, ev)
	}
	c.run().mu.Lock()
	if c.x.ctx != c {
		c.run().mu.Unlock()
		c.run().tooLate("send", s)
		return ErrEnded
	}
	defer c.run().mu.Unlock()
	if t := core.types[out.typ]; len(t.joins) > 0 && !c.x.scope.joins(int(out.typ)) && (len(t.takers) == 0 || out.step >= 0 && core.steps[out.step].kind == join) {
		return fmt.Errorf("flow: step %q: Send: %s is taken by a join, and this step is outside of its fan-out", s.name, t.name)
	}
	m := c.more()
	m.sends = append(m.sends, out)
	return nil
}

// testing returns what a context made by NewContext keeps; nil in a run.
func (c *Context) testing() *detached {
	c.run().mu.Lock()
	defer c.run().mu.Unlock()
	if c.extra == nil {
		return nil
	}
	return c.extra.test
}

// open begins the scope of a fan-out, unless it is one that goes on after a restart.
func (c *Context) open() {
	r, x := c.run(), c.x
	r.mu.Lock()
	defer r.mu.Unlock()
	if x.ctx != c || x.rare != nil && x.rare.scope != nil {
		return
	}
	r.apply(&tick{do: opened, st: c.st, x: x})
	r.obey(false)
}

// yield brings an event of a fan-out to the fold and reports whether the sequence should go on. It blocks while too many
// branches wait for a worker.
func (c *Context) yield(v any) bool {
	r, x := c.run(), c.x
	v, typ, err := c.gives("yielded", v)
	switch {
	case err != nil:
		r.mu.Lock()
		c.more().fatal = err
		r.mu.Unlock()
		return false
	case v == nil:
		r.mu.Lock()
		defer r.mu.Unlock()
		return x.ctx == c
	}
	at := r.now()
	r.mu.Lock()
	for {
		if x.ctx != c {
			r.mu.Unlock()
			return false
		}
		if s := c.s; s.limit == 0 || x.rare.scope.waiting < s.limit {
			break
		}
		wake := toWake(&c.more().room)
		c.extra.blocked = true
		r.mu.Unlock()
		<-wake
		at = r.now()
		r.mu.Lock()
		c.extra.blocked = false
	}
	m := c.more()
	m.again++
	if sc := x.rare.scope; m.again <= sc.yielded {
		n, before := m.again, sc.items[m.again-1]
		r.mu.Unlock() // what makes JSON of an event may be anybody's
		if equal(before, v) {
			return true
		}
		r.mu.Lock()
		m.fatal = &final{fmt.Errorf("step %q is not deterministic at item %d: after the restart it yielded another event", c.s.name, n)}
		r.mu.Unlock()
		return false
	}
	k := tick{do: yielded, at: at, st: c.st, x: x, ev: outEvent{payload: v, typ: int16(typ), step: -1}}
	r.apply(&k)
	r.obey(false)
	on := x.ctx == c
	r.mu.Unlock()
	r.keeper.pressure(&r.log)
	return on
}

// equal compares events by what a journal holds of them.
func equal(a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}
