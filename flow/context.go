package flow

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"weft/flow/internal/detach"
	"weft/flow/internal/fold"
	"weft/flow/internal/schema"
)

// standard returns the run's context. Only the run ends it: when the context of the caller ends,
// the run is suspended or cancelled first, so that a step cannot see the end and give the stop
// event.
func (r *run) standard() context.Context {
	r.ctxMu.Lock()
	defer r.ctxMu.Unlock()
	if r.ctx == nil {
		r.ctx, r.stop = context.WithCancelCause(context.WithoutCancel(r.parent))
		if r.stopped != nil {
			r.stop(r.stopped)
		}
	}
	return r.ctx
}

func (c *Context) standard() *standardContext {
	if s := c.asked(); s != nil {
		return s
	}
	c.run.mu.Lock()
	defer c.run.mu.Unlock()
	return c.lockedStandard()
}

// asked returns the attempt's standard-library context; nil if none has been needed yet.
func (c *Context) asked() *standardContext {
	if m := c.extra.Load(); m != nil {
		return m.std.Load()
	}
	return nil
}

func (c *Context) lockedStandard() *standardContext {
	if s := c.asked(); s != nil {
		return s
	}
	ctx, cancel := context.WithCancelCause(c.run.standard())
	s := &standardContext{ctx, cancel}
	c.more().std.Store(s)
	if c.returned {
		cancel(errReturned)
	}
	return s
}

// cancel ends the attempt. The run's lock is held.
func (c *Context) cancel(cause error) {
	c.lockedStandard().cancel(cause)
	m := c.extra.Load()
	if m.parked {
		wake(m.reply)
	}
	if m.blocked {
		wake(m.room)
	}
}

// release frees what the context holds, after the step has returned.
func (c *Context) release() {
	if s := c.asked(); s != nil {
		s.cancel(errReturned)
	}
}

var errReturned = fmt.Errorf("flow: the step has returned: %w", context.Canceled)

// waker returns the channel on which a goroutine waits until wake is called. Both are called with
// run.mu held.
func waker(ch *chan struct{}) <-chan struct{} {
	if *ch == nil {
		*ch = make(chan struct{}, 1)
	}
	return *ch
}

func wake(ch chan<- struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}

// Deadline is when the attempt's time will be over: the step's, the run's, or that of the context
// that the run was started with, whichever comes first. It moves later while a clock is stopped,
// such as while the execution awaits.
func (c *Context) Deadline() (time.Time, bool) {
	at, ok := c.run.parent.Deadline()
	c.run.mu.Lock()
	defer c.run.mu.Unlock()
	if !c.counts() {
		return at, ok
	}
	if due := c.exec.Deadline(); due != 0 {
		if own := c.run.base.Add(time.Duration(due - c.run.baseNs)); !ok || own.Before(at) {
			return own, true
		}
	}
	return at, ok
}

// Done is closed when the attempt no longer counts: the run has ended, the step's time is over, or
// its fan-out was given up.
func (c *Context) Done() <-chan struct{} { return c.standard().Done() }

// Err is nil until Done is closed: then it is context.DeadlineExceeded if a time is over, the
// step's or the run's, and context.Canceled otherwise. [context.Cause] says more, also of contexts
// made from this one, whose Err does not know.
func (c *Context) Err() error {
	s := c.standard()
	err := s.Err()
	if err != nil && errors.Is(context.Cause(s), context.DeadlineExceeded) {
		return context.DeadlineExceeded
	}
	return err
}

type contextKey struct{}

// FromContext returns the Context of the step that a context was made from, such as with
// [context.WithTimeout], so that a helper which takes a [context.Context] can emit and log. It
// reports false if there is none.
func FromContext(ctx context.Context) (*Context, bool) {
	c, ok := ctx.Value(contextKey{}).(*Context)
	return c, ok
}

// Value returns the value for key in the context with which the run was started.
func (c *Context) Value(key any) any {
	if key == any(contextKey{}) {
		return c
	}
	if s := c.asked(); s != nil {
		return s.Value(key)
	}
	return c.run.parent.Value(key)
}

// RunID returns the run's identifier.
func (c *Context) RunID() string { return c.run.id }

// Attempt returns the number of this attempt, from 1.
func (c *Context) Attempt() int { return int(c.attempt) }

// StepName returns the name of the step that is called.
func (c *Context) StepName() string { return c.step.Name }

// Emit shows an event to the run's readers, at once, also if the attempt fails later. No step gets
// it. An event that JSON cannot hold, such as one with a number that is not finite, is not shown,
// and fails the attempt when the step returns.
func (c *Context) Emit(ev any) {
	r := c.run
	var err error
	if !c.alwaysWritable(ev) {
		if ev = fold.Deref(ev); ev == nil {
			return
		}
		err = c.writable(ev)
	}
	now := r.now()
	r.mu.Lock()
	if !c.counts() {
		r.mu.Unlock()
		r.tooLate("emitted event", c.step)
		return
	}
	m := c.extra.Load()
	if err != nil && m != nil && m.test != nil {
		r.mu.Unlock()
		panic(fmt.Sprintf("flow: step %q: Emit: %v", c.step.Name, err)) // there is no run that could fail
	}
	if err != nil {
		c.more().fatal = fmt.Errorf("flow: %s: Emit: %w", r.c.Name, err)
		r.mu.Unlock()
		return
	}
	r.tree.Emit(now, c.exec, ev)
	if m != nil && m.test != nil {
		m.test.Emit(ev)
	}
	r.publish()
	r.mu.Unlock()
	r.hold()
}

// A writableType is the check for values of a type that readers are shown.
type writableType struct {
	typ    reflect.Type
	values *schema.Values // nil: JSON can hold all of them
}

// alwaysWritable reports whether ev has the type of the event that was emitted last, and JSON can
// hold all values of that type. Such an event is not a pointer, and not nil.
func (p *place) alwaysWritable(ev any) bool {
	known := p.shown.Load()
	return known != nil && known.values == nil && known.typ == reflect.TypeOf(ev)
}

// writable returns why JSON cannot hold an event that is emitted. The event is not a pointer.
func (p *place) writable(ev any) error {
	known := p.shown.Load()
	if t := reflect.TypeOf(ev); known == nil || known.typ != t { // a step mostly emits one type
		known = p.run.c.writableType(t)
		p.shown.Store(known)
	}
	return known.problem(ev)
}

func (c *core) writableType(t reflect.Type) *writableType {
	known, ok := c.shown.Load(t)
	if !ok {
		known, _ = c.shown.LoadOrStore(t, &writableType{t, schema.WritableOf(t)})
	}
	return known.(*writableType)
}

// problem returns why JSON cannot hold v, which has the type w.
func (w *writableType) problem(v any) error {
	if w.values == nil {
		return nil
	}
	return w.values.Problem(v)
}

// Send hands an event to every step that takes its type, when the step has succeeded or awaits:
// before what it returns, in the order of the calls. Nothing is sent by an attempt that fails. The
// type must be declared with [Sends]. An event that is not declared, or that only a join of another
// fan-out takes, is an error.
func (c *Context) Send(ev any) error { return c.sendTo("", ev) }

// SendTo is Send to one step.
func (c *Context) SendTo(step string, ev any) error { return c.sendTo(step, ev) }

func (c *Context) sendTo(to string, payload any) error {
	s, r := c.step, c.run
	payload = fold.Deref(payload)
	if payload == nil {
		return fmt.Errorf("flow: step %q: Send: a nil event", s.Name)
	}
	if test := c.test(); test != nil {
		test.Send(payload)
		return nil
	}
	ev, err := c.state.Workflow.Address(to, payload)
	if err != nil {
		return fmt.Errorf("step %q: %w", s.Name, err)
	}
	if !slices.Contains(s.Sends, int(ev.Type)) {
		return fmt.Errorf("flow: step %q: Send: %T is not declared; add flow.Sends[%T]() to the step", s.Name, payload, payload)
	}
	r.mu.Lock()
	if !c.counts() {
		r.mu.Unlock()
		r.tooLate("send", s)
		return ErrEnded
	}
	defer r.mu.Unlock()
	if w := c.state.Workflow; w.JoinOnly(ev) && !c.exec.Reaches(int(ev.Type)) {
		return fmt.Errorf("flow: step %q: Send: %s is taken by a join, and this step is outside of its fan-out", s.Name, w.Types[ev.Type].Name)
	}
	m := c.more()
	m.sends = append(m.sends, ev)
	return nil
}

// sent returns what the attempt has sent. The run's lock is held, or the step has returned.
func (c *Context) sent() []fold.Event {
	if m := c.extra.Load(); m != nil {
		return m.sends
	}
	return nil
}

// test returns the recorder of a context without a run; nil in a run.
func (c *Context) test() *detach.Recorder {
	c.run.mu.Lock()
	defer c.run.mu.Unlock()
	if m := c.extra.Load(); m != nil {
		return m.test
	}
	return nil
}
