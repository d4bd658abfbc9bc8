package flow

import (
	"bytes"
	"encoding/json"
	"fmt"

	"weft/flow/internal/fold"
)

// open begins the scope of a fan-out, unless it is one that continues after a restart.
func (c *Context) open() {
	r := c.run
	r.mu.Lock()
	defer r.mu.Unlock()
	if !c.counts() || c.exec.FansOut() {
		return
	}
	r.tree.Open(r.now(), c.exec)
	r.execute(false)
}

// yield passes an event of a fan-out to the fold, and reports whether the sequence should continue.
// It blocks while too many branches wait for a worker.
func (c *Context) yield(v any) bool {
	r := c.run
	v, typ, err := c.gave("yielded", v)
	if err != nil {
		c.fail(err)
		return false
	}
	if v == nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		return c.counts()
	}
	now := r.now()
	r.mu.Lock()
	for c.counts() && !c.exec.MayYield() {
		m := c.more()
		room := waker(&m.room)
		m.blocked = true
		r.pool.stalled.Store(true)
		r.mu.Unlock()
		<-room
		now = r.now()
		r.mu.Lock()
		m.blocked = false
	}
	if !c.counts() {
		r.mu.Unlock()
		return false
	}
	m := c.more()
	m.again++
	if before, ok := c.exec.Yielded(m.again); ok {
		place := m.again
		r.mu.Unlock() // a user's method may make JSON of an event
		if !equal(before, v) {
			c.fail(fmt.Errorf("step %q is not deterministic at item %d: after the restart it yielded another event", c.step.Name, place))
			return false
		}
		return true
	}
	r.tree.Yield(now, c.exec, fold.Event{Payload: v, Type: int16(typ), To: -1})
	r.execute(false)
	counts := c.counts()
	r.mu.Unlock()
	r.hold()
	return counts
}

// fail lets the fan-out fail for good when its sequence has ended.
func (c *Context) fail(err error) {
	c.run.mu.Lock()
	defer c.run.mu.Unlock()
	if _, final := err.(*fold.FinalError); !final {
		err = &fold.FinalError{Err: err}
	}
	c.more().fatal = err
}

// equal reports whether two events have the same JSON in a journal.
func equal(a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}
