package flow

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"

	"weft/flow/internal/fold"
)

// An AwaitOption changes how [Await] waits.
type AwaitOption interface{ applyAwait(*awaitOptions) }

type awaitOption func(*awaitOptions)

func (o awaitOption) applyAwait(a *awaitOptions) { o(a) }

type awaitOptions struct{ within time.Duration }

// Within bounds an [Await]: it returns [ErrAwaitTimeout] after d.
func Within(d time.Duration) AwaitOption {
	return awaitOption(func(a *awaitOptions) { a.within = d })
}

// Await shows a prompt to the run's readers, once, and waits for an event of type R that is sent to
// the run with [Run.Send] and has the same value in every field that is set in match. A zero match
// accepts any R. An R that came before it was awaited counts too; each counts once, in the order of
// arrival. R must be declared with [Awaits].
//
// While it waits, the execution has no worker, its timeout stands, and what it has sent before is
// delivered. The key names the wait within the execution. If the attempt fails later, or the
// process ends, the step is called again from the top, and an Await that was replied to returns the
// same reply at once: what the step does before it must bear being done twice.
//
// One goroutine of a step may await while others continue. What the step returns meanwhile counts
// when the wait is over.
func Await[P, R any](c *Context, key string, prompt P, match R, opts ...AwaitOption) (R, error) {
	var o awaitOptions
	for _, option := range opts {
		option.applyAwait(&o)
	}
	var none R
	p := Prompt{Key: key, Prompt: prompt}
	if !reflect.ValueOf(&match).Elem().IsZero() {
		p.Match = match
	}
	v, err := c.await(reflect.TypeFor[R](), p, o.within)
	if err != nil {
		return none, err
	}
	return v.(R), nil
}

func (c *Context) await(t reflect.Type, p Prompt, within time.Duration) (any, error) {
	if test := c.test(); test != nil {
		return test.Reply(t, p.Key)
	}
	typ := c.state.Workflow.IndexOf(t)
	if !slices.Contains(c.step.Awaits, typ) {
		return nil, fmt.Errorf("flow: step %q: Await: %v is not declared; add flow.Awaits[%v]() to the step", c.step.Name, t, t)
	}
	r := c.run
	r.mu.Lock()
	if !c.counts() {
		r.mu.Unlock()
		return nil, c.ended()
	}
	if c.extra != nil && c.extra.parked {
		r.mu.Unlock()
		return nil, fmt.Errorf("flow: step %q: Await %q: the execution awaits already; one goroutine of a step may", c.step.Name, p.Key)
	}
	if reply, err, ok := c.exec.Reply(p.Key); ok {
		r.mu.Unlock()
		return reply, err
	}
	reply := waker(&c.more().reply)
	now, due := r.now(), int64(0)
	if within > 0 {
		due = fold.Later(now, int64(within))
	}
	c.extra.parked = true
	r.tree.Await(now, c.exec, typ, p, due, c.sent())
	next := r.execute(true)
	r.mu.Unlock()
	if next != nil {
		go r.perform(next)
	}
	<-reply
	r.mu.Lock()
	defer r.mu.Unlock()
	c.extra.parked = false
	if finish := c.extra.finish; finish != nil {
		c.extra.finish = nil
		go finish()
	}
	if !c.counts() {
		return nil, c.ended()
	}
	v, err, _ := c.exec.Reply(p.Key)
	return v, err
}

// ended returns why an attempt no longer counts.
func (c *Context) ended() error {
	if s := c.std.Load(); s != nil {
		if cause := context.Cause(s); cause != nil && cause != errReturned {
			return cause
		}
	}
	return ErrEnded
}
