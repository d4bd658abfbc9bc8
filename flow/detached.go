package flow

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"time"
)

// NewContext returns a context with which a test can call a step by itself, without a workflow. State works; what the step
// emits and sends is kept for [Context.Emitted] and [Context.Sent]; an [Await] returns the first of the replies that has its
// type, and each counts once.
func NewContext(ctx context.Context, replies ...any) *Context {
	type start struct{}
	c := newCore("test", reflect.TypeFor[start](), reflect.TypeFor[detached](), Config{})
	s := c.add(&step{name: "test", kind: single, takes: []int{c.in}, gives: reflect.TypeFor[detached]()}, nil)
	c.resolve()
	r := newRun(ctx, c, nil)
	r.base = time.Now()
	r.baseNs = r.base.UnixNano()
	r.t.root.phase = running
	x := r.t.root.create(s, start{}, int16(c.in), 0, nil, 0, nil)
	x.status, x.attempt = isRunning, 1
	r.context(x)
	x.ctx.more().test = &detached{replies: replies}
	r.ctx, r.stop = context.WithCancelCause(ctx) // there is no run that is to be cancelled first
	return x.ctx
}

// detached is what a context without a run keeps.
type detached struct {
	mu      sync.Mutex
	sent    []any
	replies []any
}

// Sent returns what was sent with a context made by [NewContext].
func (c *Context) Sent() []any {
	d := c.testing()
	if d == nil {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.sent)
}

// Emitted returns what was emitted with a context made by [NewContext].
func (c *Context) Emitted() (all []any) {
	if c.testing() == nil {
		return nil
	}
	c.run().mu.Lock()
	defer c.run().mu.Unlock()
	for i := range c.run().log.n() {
		if p := c.run().log.find(nil, i).at(i); p.kind == EventEmitted {
			all = append(all, p.payload)
		}
	}
	return all
}

func (d *detached) send(ev any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sent = append(d.sent, ev)
}

func (d *detached) reply(t reflect.Type, p Prompt) (any, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, v := range d.replies {
		if reflect.TypeOf(v) == t {
			d.replies = append(d.replies[:i:i], d.replies[i+1:]...)
			return v, nil
		}
	}
	return nil, fmt.Errorf("flow: Await %q: NewContext was given no (further) reply of type %v", p.Key, t)
}
