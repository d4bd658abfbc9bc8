package flow

import (
	"fmt"
	"reflect"
	"runtime/debug"
)

// work performs an execution and whatever this goroutine may go on with.
//
// It is handed the attempt's context and not the execution: by the time that it begins, the attempt may have been given up.
func (r *run) work(c *Context) {
	var called chan bool
	for c != nil {
		c = r.perform(c, &called)
	}
}

// perform calls one step after the other until there is nothing more to do or one does not return: a panic is a failure, and
// what to go on with after it is returned; so is runtime.Goexit, which takes the goroutine with it.
func (r *run) perform(c *Context, called *chan bool) (next *Context) {
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
		if next = r.finish(c, nil, &PanicError{p, string(debug.Stack())}); c.s.kind == fanOut {
			r.yielding(-1)
		}
		if exits {
			go r.work(next)
		}
	}()
	for c != nil {
		var out any
		var err error
		s := c.s
		if s.kind == fanOut {
			r.yielding(+1)
		}
		inStep = true
		if s.kind == fanOut {
			err = s.each(c, c.x.in, c.open, c.yield)
		} else {
			out, err = s.call(c, c.x.in)
		}
		inStep = false
		if c = r.finish(c, out, err); s.kind == fanOut {
			r.yielding(-1)
		}
		if c == nil {
			c = r.idle(called)
		}
	}
	return nil
}

// finish brings the end of an attempt to the fold.
func (r *run) finish(c *Context, out any, err error) *Context {
	typ := -1
	if err == nil && out != nil {
		out, typ, err = c.gives("gave", out)
	}
	refused := err != nil && c.s.refuses(err, c.attempt) // asked without the lock, because it may be anybody's
	x, at := c.x, r.now()                                // and so is the clock
	r.mu.Lock()
	c.over = true
	if x.ctx == c && x.status != isRunning { // another goroutine of the step awaits
		c.keep(out, err)
		r.mu.Unlock()
		return nil
	}
	if x.ctx != c {
		r.mu.Unlock()
		c.release()
		r.tooLate("result", c.s)
		return nil
	}
	switch {
	case err != nil:
	case typ >= 0 && len(c.st.c.types[typ].joins) > 0:
		err = x.stray(typ)
	case c.extra != nil:
		err = c.extra.fatal
	}
	x.ctx = nil
	if ev := (outEvent{payload: out, typ: int16(typ), step: -1}); err == nil && c.extra == nil && x.plain() {
		r.t.now = max(at, r.t.root.last)
		r.succeed(x, &ev)
	} else {
		r.apply(c.ending(x, ev, err, refused, at))
	}
	mine := r.obey(true)
	r.mu.Unlock()
	c.release()
	r.keeper.pressure(&r.log)
	return mine
}

// keep keeps what the step has returned until it no longer awaits. In finish itself the closure would cost every execution.
func (c *Context) keep(out any, err error) {
	c.extra.returned = func() { c.run().work(c.run().finish(c, out, err)) }
}

// ending is the tick with which an attempt ends.
func (c *Context) ending(x *exec, ev outEvent, err error, refused bool, at int64) *tick {
	if err != nil {
		return &tick{do: broke, refused: refused, x: x, st: c.st, at: at, err: err}
	}
	return &tick{do: returned, x: x, st: c.st, at: at, ev: ev, sends: c.sent()}
}

// gives returns the event that a step gave, and its type: nil if there is none. What the step did with it is for the error, of
// an event that is not declared; another attempt would not mend it.
func (c *Context) gives(did string, out any) (ev any, typ int, err error) {
	s := c.s
	if s.only >= 0 {
		return out, s.only, nil
	}
	types, t := c.st.c.types, reflect.TypeOf(out)
	for _, i := range s.outs {
		if types[i].rt == t {
			return out, i, nil
		}
	}
	return c.givesOther(did, out)
}

// givesOther is gives for a pointer, and for what is not declared.
func (c *Context) givesOther(did string, out any) (ev any, typ int, err error) {
	if v := deref(out); v == nil {
		return nil, -1, nil
	} else if reflect.TypeOf(v) != reflect.TypeOf(out) {
		return c.gives(did, v)
	}
	return nil, -1, &final{fmt.Errorf("step %q %s %T, an event that the workflow %s does not know", c.s.name, did, out, c.st.c.name)}
}

// stray reports an event that only a join takes, from an execution that is outside of the join's fan-out.
func (x *exec) stray(typ int) error {
	if t := x.st.c.types[typ]; len(t.takers) == 0 && !x.scope.joins(typ) {
		return &final{fmt.Errorf("step %q gave %s outside of the fan-out whose join takes it", x.s.name, t.name)}
	}
	return nil
}

// joins reports whether an event of the type reaches a join from within the scope.
func (sc *scope) joins(typ int) bool {
	for ; sc != nil; sc = sc.parent {
		if sc.typ == typ && typ >= 0 {
			return true
		}
	}
	return false
}

// tooLate is called without the lock, because who handles what is logged may be anybody.
func (r *run) tooLate(what string, s *step) {
	r.late.Add(1)
	r.logger().Debug("too late", "what", what, "run", r.id, "step", s.name)
}
