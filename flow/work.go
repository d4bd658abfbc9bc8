package flow

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
)

// work performs an execution and whatever this goroutine may go on with.
//
// It is handed the attempt's context and not the execution: by the time that it begins, the attempt may have been given up.
func (r *run) work(c *Context) {
	var ch chan *Context
	for c != nil {
		if c.s.kind == fanOut {
			r.yielding(+1)
		}
		s := c.s
		if c = r.perform(c); s.kind == fanOut {
			r.yielding(-1)
		}
		if c == nil {
			c = r.rest(&ch)
		}
	}
}

// rest lets a goroutine that has nothing to do wait for the next execution while a fan-out yields: to wake one costs less
// than to make one.
func (r *run) rest(ch *chan *Context) *Context {
	r.mu.Lock()
	if r.fanOuts == 0 || r.t.root.phase != running || len(r.resting) >= maxResting {
		r.mu.Unlock()
		return nil
	}
	if *ch == nil {
		*ch = make(chan *Context, 1)
	}
	r.resting = append(r.resting, *ch)
	r.mu.Unlock()
	runtime.Gosched() // an execution that comes meanwhile costs no sleep
	return <-*ch
}

const maxResting = 16

// yielding counts the fan-outs that are called.
func (r *run) yielding(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fanOuts += n; r.fanOuts == 0 {
		r.dismiss()
	}
}

// dismiss ends the goroutines that rest.
func (r *run) dismiss() {
	for _, ch := range r.resting {
		ch <- nil
	}
	r.resting = nil
}

// perform calls the step. A panic is a failure; so is runtime.Goexit, which takes the goroutine with it.
func (r *run) perform(c *Context) (mine *Context) {
	x := c.x
	returned := false
	defer func() {
		if returned {
			return
		}
		if p := recover(); p != nil {
			mine = r.finish(c, nil, &PanicError{p, string(debug.Stack())})
			return
		}
		next := r.finish(c, nil, &PanicError{"the step called runtime.Goexit", string(debug.Stack())})
		go r.work(next)
	}()
	var out any
	var err error
	if s := c.s; s.kind == fanOut {
		err = s.each(c, x.in, c.open, c.yield)
	} else {
		out, err = s.call(c, x.in)
	}
	returned = true
	return r.finish(c, out, err)
}

// finish brings the end of an attempt to the fold.
func (r *run) finish(c *Context, out any, err error) *Context {
	typ := -1
	if err == nil && out != nil {
		typ, err = c.gives(out)
	}
	c.release()
	x, at := c.x, r.now() // the clock is read without the lock
	r.mu.Lock()
	if x.ctx != c || x.status != isRunning {
		r.mu.Unlock()
		r.tooLate("result", c.s)
		return nil
	}
	switch {
	case err != nil:
	case typ >= 0:
		err = x.stray(typ)
	case c.extra != nil:
		err = c.extra.fatal
	}
	x.ctx = nil
	k := &r.tick
	k.do, k.x, k.st, k.at = broke, x, c.st, at
	if k.err != nil || err != nil {
		k.err = err
	}
	if err == nil {
		k.do, k.sends = returned, c.sent()
		k.ev.payload, k.ev.typ, k.ev.step = out, int16(typ), -1
	}
	r.apply(k)
	mine := r.obey(true)
	r.mu.Unlock()
	r.keeper.pressure(&r.log)
	return mine
}

// gives returns the type of the event that a step returned.
func (c *Context) gives(out any) (int, error) {
	s := c.s
	if s.only >= 0 {
		return s.only, nil
	}
	i := c.st.c.typeIndex(out, s.outs)
	if i < 0 || !slices.Contains(s.outs, i) {
		return 0, &final{fmt.Errorf("step %q gave %T, an event that the workflow %s does not know", s.name, out, c.st.c.name)}
	}
	return i, nil
}

// stray reports an event that only a join takes, from an execution that is outside of the join's fan-out.
func (x *exec) stray(typ int) error {
	if t := x.st.c.types[typ]; len(t.joins) > 0 && len(t.takers) == 0 && !x.scope.joins(typ) {
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

func (r *run) tooLate(what string, s *step) {
	r.late.Add(1)
	r.logger().Debug("too late", "what", what, "run", r.id, "step", s.name)
}
