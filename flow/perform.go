package flow

import (
	"fmt"
	"reflect"
	"runtime/debug"

	"weft/flow/internal/fold"
)

// perform performs an attempt, if c is not nil, and then the attempts that this goroutine can
// continue with.
//
// It is given the attempt's context and not the execution: by the time that it begins, the attempt
// may have been given up.
func (r *run) perform(c *Context) {
	var call chan bool // wakes this goroutine when it rests; see workerPool
	for c != nil {
		c = r.performUntilPanic(c, &call)
	}
}

// performUntilPanic calls one step after the other until there is nothing more to do, or a step
// panics. A panic fails the attempt; the attempt with which to continue is then returned. A call of
// runtime.Goexit fails the attempt too, and ends the goroutine.
func (r *run) performUntilPanic(c *Context, call *chan bool) (next *Context) {
	inStep := false
	defer func() {
		if !inStep {
			return
		}
		p := recover()
		exits := p == nil
		if exits {
			p = "the step called runtime.Goexit"
		}
		if next = r.finish(c, nil, &PanicError{Value: p, Stack: string(debug.Stack())}); c.step.Kind == fold.FanOutStep {
			r.countFanOuts(-1)
		}
		if exits {
			go r.perform(next)
		}
	}()
	for c != nil {
		var out any
		var err error
		s := c.step
		if r.keeper != nil && !r.gate(c) {
			if c = r.finish(c, nil, c.ended()); c == nil {
				c = r.idle(call)
			}
			continue
		}
		if s.Kind == fold.FanOutStep {
			r.countFanOuts(+1)
		}
		inStep = true
		if s.Kind == fold.FanOutStep {
			err = s.Body.(fanOutBody)(c, c.exec.In, c.open, c.yield)
		} else {
			out, err = s.Body.(stepBody)(c, c.exec.In)
		}
		inStep = false
		if c = r.finish(c, out, err); s.Kind == fold.FanOutStep {
			r.countFanOuts(-1)
		}
		if c == nil {
			c = r.idle(call)
		}
	}
	return nil
}

// finish passes the end of an attempt to the fold, and returns the attempt with which the goroutine
// continues.
func (r *run) finish(c *Context, out any, err error) *Context {
	typ := -1
	if err == nil && out != nil {
		out, typ, err = c.gave("gave", out)
	}
	// A user's policy and the clock are asked without the lock.
	var advice fold.Advice
	if err != nil {
		advice = c.step.Advice(err, int(c.attempt))
	}
	exec, now := c.exec, r.now()
	r.mu.Lock()
	c.returned = true
	if c.counts() && !exec.Running() { // another goroutine of the step awaits
		c.finishLater(out, err)
		r.mu.Unlock()
		return nil
	}
	if !c.counts() {
		r.mu.Unlock()
		c.release()
		r.tooLate("result", c.step)
		return nil
	}
	if m := c.extra.Load(); err == nil && m != nil && m.fatal != nil {
		err = m.fatal
		r.mu.Unlock()
		return r.finish(c, nil, err) // asks the policy, without the lock
	}
	switch {
	case err != nil:
	case typ >= 0 && len(c.state.Workflow.Types[typ].Joins) > 0:
		err = exec.Stray(typ)
	}
	exec.Host = nil
	if err != nil {
		r.tree.Fail(now, exec, err, advice)
	} else {
		r.tree.Return(now, exec, fold.Event{Payload: out, Type: int16(typ), To: -1}, c.sent())
	}
	mine := r.execute(true)
	r.mu.Unlock()
	c.release()
	return mine
}

// finishLater keeps what the step has returned until it no longer awaits. In finish itself the
// closure would cost every execution an allocation.
func (c *Context) finishLater(out any, err error) {
	c.extra.Load().finish = func() { c.run.perform(c.run.finish(c, out, err)) }
}

// gave returns the event that a step gave, and its type: nil and -1 if there is none. An event that
// is not declared is an error, which says what the step did with it and which no retry would mend.
func (c *Context) gave(did string, out any) (ev any, typ int, err error) {
	s := c.step
	if s.Only >= 0 && !s.OutValues {
		return out, s.Only, nil
	}
	t := reflect.TypeOf(out)
	for i, known := range s.OutTypes {
		if known != t {
			continue
		}
		if s.OutValues {
			if err := c.state.Workflow.Keepable(s.Outs[i], out); err != nil {
				return nil, -1, err
			}
		}
		return out, s.Outs[i], nil
	}
	return c.gaveOther(did, out)
}

// gaveOther is gave for a pointer, and for an event that is not declared.
func (c *Context) gaveOther(did string, out any) (ev any, typ int, err error) {
	if v := fold.Deref(out); v == nil {
		return nil, -1, nil
	} else if reflect.TypeOf(v) != reflect.TypeOf(out) {
		return c.gave(did, v)
	}
	return nil, -1, &fold.FinalError{
		Err: fmt.Errorf("step %q %s %T, an event that the workflow %s does not know", c.step.Name, did, out, c.state.Workflow.Name),
	}
}
