package flow

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"time"
)

// A Prompt is the payload of an AwaitOpened record: what is asked, and which replies count.
type Prompt struct {
	Key    string `json:"key"`
	Prompt any    `json:"prompt"`
	Match  any    `json:"match,omitempty"`
}

// UnmarshalJSON reads a prompt whose parts stay JSON.
func (p *Prompt) UnmarshalJSON(b []byte) error {
	var j struct {
		Key           string
		Prompt, Match json.RawMessage
	}
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	*p = Prompt{Key: j.Key, Prompt: j.Prompt}
	if j.Match != nil {
		p.Match = j.Match
	}
	return nil
}

// An AwaitOption changes how [Await] waits.
type AwaitOption func(*awaitOptions)

type awaitOptions struct{ within time.Duration }

// Within bounds an [Await]: it returns [ErrAwaitTimeout] after d.
func Within(d time.Duration) AwaitOption { return func(a *awaitOptions) { a.within = d } }

// Await shows a prompt to the run's readers, once, and waits for the world: for an event of type R that is sent to the run
// with [Run.Send] and in which every field that is set in match is the same. A zero match is content with any R. An R that
// came before it was awaited counts too; each counts once, in the order of arrival. R must be declared with [Awaits].
//
// While it waits, the execution has no worker, its timeout stands, and what it has sent before is delivered. The key names
// the wait within the execution. If the attempt fails later, or the process ends, the step is called again from the top, and
// an Await that was replied to returns the same reply at once: what the step does before it must bear being done twice.
//
// One goroutine of a step may await while others go on. What the step returns meanwhile counts when the wait is over.
func Await[P, R any](c *Context, key string, prompt P, match R, opts ...AwaitOption) (R, error) {
	var o awaitOptions
	for _, f := range opts {
		f(&o)
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
	r, x := c.run(), c.x
	typ, ok := c.st.c.byType[t]
	if d := c.testing(); d != nil {
		return d.reply(t, p)
	}
	if !ok || !slices.Contains(c.s.awaits, typ) {
		return nil, fmt.Errorf("flow: step %q: Await: %v is not declared; add flow.Awaits[%v]() to the step", c.s.name, t, t)
	}
	r.mu.Lock()
	if x.ctx != c {
		r.mu.Unlock()
		return nil, c.ended()
	}
	if c.extra != nil && c.extra.parked {
		r.mu.Unlock()
		return nil, fmt.Errorf("flow: step %q: Await %q: the execution awaits already; one goroutine of a step may", c.s.name, p.Key)
	}
	if a := x.awaited(p.Key); a != nil {
		v, err := a.result()
		r.mu.Unlock()
		return v, err
	}
	wake := toWake(&c.more().reply)
	k := tick{do: awaiting, st: c.st, x: x, sends: c.sent(), ev: outEvent{typ: int16(typ)}, ask: &p}
	if within > 0 {
		k.due = later(r.now(), int64(within))
	}
	c.extra.parked = true
	r.apply(&k)
	next := r.obey(true)
	r.mu.Unlock()
	if next != nil {
		go r.work(next)
	}
	<-wake
	r.mu.Lock()
	defer r.mu.Unlock()
	c.extra.parked = false
	if f := c.extra.returned; f != nil {
		c.extra.returned = nil
		go f()
	}
	if x.ctx != c {
		return nil, c.ended()
	}
	return x.awaited(p.Key).result()
}

func (c *Context) sent() []outEvent {
	if c.extra == nil {
		return nil
	}
	return c.extra.sends
}

// awaited returns the execution's await of that key, if it has been replied to or its time was over.
func (x *exec) awaited(key string) *await {
	if x.rare == nil {
		return nil
	}
	for _, a := range x.rare.awaits {
		if a.key == key && !a.open {
			return a
		}
	}
	return nil
}

func (a *await) result() (any, error) {
	if a.fault != nil {
		return nil, a.fault.err
	}
	return a.reply, nil
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
