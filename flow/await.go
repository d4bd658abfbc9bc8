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

type awaitOptions struct {
	within time.Duration
	where  []whereField
}

type whereField struct {
	name  string
	value any
}

// Within bounds an [Await]: it returns [ErrAwaitTimeout] d after it began to wait. That instant is
// recorded and does not move: it passes also while no process owns the run.
func Within(d time.Duration) AwaitOption {
	return awaitOption(func(a *awaitOptions) { a.within = d })
}

// Where limits which events answer an [Await]: the field, by its Go name or its JSON name, must
// have this value. The zero value is a value like any other. With several Wheres all must hold.
// Where does not apply to a [Run.Reply], which names its await.
func Where(field string, is any) AwaitOption {
	return awaitOption(func(a *awaitOptions) { a.where = append(a.where, whereField{field, is}) })
}

// Await shows a prompt to the run's readers, once, and waits for a reply: an event of type R, which
// must be declared with [Awaits].
//
// A reply that names the await ([Run.Reply]) answers it alone. An event that is sent without a name
// ([Run.Send]) answers every open await of its type whose [Where] it fits; one that no await and no
// step took when it came is kept for the first such await that opens. The start event does not
// count as a reply.
//
// While it waits, the execution has no worker, the clock of its timeout is stopped, and what it has
// sent before is delivered. The key names the wait within the execution; the second Await with one
// key, such as in a loop, is another wait than the first. If the attempt fails later, or the
// process ends, the step is called again from the top, and an Await that was answered returns the
// same reply at once: what the step does before it must bear being done twice.
//
// One goroutine of a step may await while others continue. If the step returns meanwhile, its
// result counts once the wait is over. A second Await or [Sleep] of the same execution, before the
// first is over, is an error. To wait for several replies at the same time, fan out with [Each] and
// await one reply in each branch: each branch is an execution of its own, and [Where] selects its
// reply.
//
//	reply, err := flow.Await[Approval](ctx, "approval", item,
//		flow.Where("Index", item.Index), flow.Within(24*time.Hour))
//	if errors.Is(err, flow.ErrAwaitTimeout) { … }
func Await[R any](c *Context, key string, prompt any, opts ...AwaitOption) (R, error) {
	var o awaitOptions
	for _, option := range opts {
		option.applyAwait(&o)
	}
	var none R
	p := Prompt{Key: key, Prompt: prompt}
	for _, w := range o.where {
		if p.Match == nil {
			p.Match = fold.Match{}
		}
		if err := p.Match.Add(reflect.TypeFor[R](), w.name, w.value); err != nil {
			return none, fmt.Errorf("flow: step %q: Await %q: Where: %w", c.step.Name, key, err)
		}
	}
	if prompt != nil {
		if err := c.run.c.writableType(reflect.TypeOf(prompt)).problem(prompt); err != nil {
			return none, fmt.Errorf("flow: step %q: Await %q: the prompt: %w", c.step.Name, key, err)
		}
	}
	v, err := c.await(reflect.TypeFor[R](), p, o.within)
	if err != nil {
		return none, err
	}
	return v.(R), nil
}

func (c *Context) await(t reflect.Type, p Prompt, within time.Duration) (any, error) {
	if test := c.test(); test != nil {
		return test.Reply(t, p.Key, func(v any) bool { return p.Match.Fits(t, v) })
	}
	typ := c.state.Workflow.IndexOf(t)
	if !slices.Contains(c.step.Awaits, typ) {
		return nil, fmt.Errorf("flow: step %q: Await: %v is not declared; add flow.Awaits[%v]() to the step", c.step.Name, t, t)
	}
	return c.park(typ, p, func(now int64) int64 {
		if within <= 0 {
			return 0
		}
		return fold.Later(now, int64(within))
	})
}

// park waits for an event of a type (-1: for none) until the instant that dueAt returns when the
// wait begins (0: without limit).
func (c *Context) park(typ int, p Prompt, dueAt func(now int64) int64) (any, error) {
	if c.step.Kind == fold.CleanupStep {
		return nil, fmt.Errorf("flow: step %q: %q: a clean-up step does not await or sleep", c.step.Name, p.Key)
	}
	r := c.run
	r.mu.Lock()
	if !c.counts() {
		r.mu.Unlock()
		return nil, c.ended()
	}
	m := c.more()
	if m.parked {
		first := m.parkedAs
		r.mu.Unlock()
		return nil, fmt.Errorf("flow: step %q: %q: a goroutine of this execution already waits, for %q, and only one may; "+
			"to wait for several replies at the same time, fan out with flow.Each and await one reply in each branch", c.step.Name, p.Key, first)
	}
	n := c.nth(callName{p.Key, typ})
	if reply, err, ok := c.exec.Reply(p.Key, typ, n); ok {
		r.mu.Unlock()
		return reply, err
	}
	reply := waker(&m.reply)
	now := r.now()
	m.parked, m.parkedAs = true, p.Key
	if typ < 0 {
		r.tree.Sleep(now, c.exec, p.Key, dueAt(now), c.sent())
	} else {
		r.tree.Await(now, c.exec, typ, p, dueAt(now), c.sent())
	}
	next := r.execute(true)
	hold := m.hold
	r.mu.Unlock()
	if hold != nil {
		hold.give()
	}
	if next != nil {
		go r.perform(next)
	}
	<-reply
	if hold != nil {
		hold.take(c)
	}
	r.gate(c)
	r.mu.Lock()
	defer r.mu.Unlock()
	m.parked = false
	if finish := m.finish; finish != nil {
		m.finish = nil
		go finish()
	}
	if !c.counts() {
		return nil, c.ended()
	}
	v, err, _ := c.exec.Reply(p.Key, typ, n)
	return v, err
}

// nth counts the calls of the attempt with one name, from 0. The run's lock is held.
func (c *Context) nth(name callName) int {
	m := c.more()
	if m.calls == nil {
		m.calls = map[callName]int{}
	}
	m.calls[name]++
	return m.calls[name] - 1
}

// ended returns why an attempt no longer counts.
func (c *Context) ended() error {
	if s := c.asked(); s != nil {
		if cause := context.Cause(s); cause != nil && cause != errReturned {
			return cause
		}
	}
	return ErrEnded
}
