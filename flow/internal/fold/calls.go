package fold

import (
	"encoding/json"
	"strconv"
)

// A Call is the payload of a CallStarted record.
type Call struct {
	Key string `json:"key"`
	ID  string `json:"id"` // the idempotency key, the same whenever the call is made again
}

// call returns the execution's call with an identifier; nil: there is none.
func (d *details) call(id uint32) *call {
	if d != nil {
		for _, c := range d.calls {
			if c.id == id {
				return c
			}
		}
	}
	return nil
}

// nthCall returns the nth call with a key, from 0; nil: it was not made yet.
func (d *details) nthCall(key string, n int) *call {
	if d != nil {
		for _, c := range d.calls {
			if c.Key == key && c.n == n {
				return c
			}
		}
	}
	return nil
}

// startCall records that a call is made, for the first time or again.
func (x *Execution) startCall(key string, n int) *call {
	st := x.State
	c := x.extra.nthCall(key, n)
	id, name := uint32(0), Call{Key: key}
	if c != nil {
		id, name = c.id, c.Call
	} else {
		id = st.tree.newID()
		name.ID = st.RunID() + "." + strconv.FormatUint(uint64(x.ID), 10) + "." + strconv.Itoa(n) + "." + key
	}
	p := st.record(CallStarted, name)
	p.exec, p.step, p.n, p.event = x.ID, int16(x.Step.Index), x.attempt, id
	return x.applyCallStarted(id, name)
}

func (x *Execution) applyCallStarted(id uint32, name Call) *call {
	c := x.extra.call(id)
	if c == nil {
		n := 0
		if x.extra != nil {
			for _, other := range x.extra.calls {
				if other.Key == name.Key {
					n++
				}
			}
		}
		c = &call{id: id, Call: name, n: n}
		d := x.details()
		d.calls = append(d.calls, c)
	}
	c.status = callOpen
	return c
}

// record writes a record of an execution's call.
func (c *call) record(kind Kind, of *Execution, value any) {
	p := of.State.record(kind, value)
	p.exec, p.step, p.n, p.event = of.ID, int16(of.Step.Index), of.attempt, c.id
}

// finish records the result of an execution's call.
func (c *call) finish(of *Execution, result any) {
	c.record(CallFinished, of, result)
	c.applyFinished(result)
}

// fail records that an execution's call returned an error.
func (c *call) fail(of *Execution, err error) {
	c.record(CallFailed, of, &fault{err: err, text: TextOf(err)})
	c.applyFailed()
}

// doubt records that an execution's call was cut off.
func (c *call) doubt(of *Execution) {
	c.record(CallDoubted, of, nil)
	c.applyDoubted()
}

func (b *restorer) call(exec *Execution, o snapCall) {
	c := exec.applyCallStarted(o.ID, Call{o.Key, o.Name})
	c.doubts, c.status = o.Doubts, o.Status
	if raw, ok := o.Result.v.(json.RawMessage); o.Status == callDone || !ok || string(raw) != "null" {
		c.result = o.Result.v
	}
}

// A CallState is what is known of a call when its step makes it.
type CallState struct {
	Call
	Done    bool  // Result is the recorded one
	Result  Value // what it returned
	Doubted bool  // it was cut off: whether it took effect is not known
	Doubts  int   // how often it was
}

// CallState returns what is known of the execution's nth call with a key. One that an earlier
// attempt or process left under way is recorded as doubted.
func (t *Tree) CallState(now int64, exec *Execution, key string, n int) (s CallState) {
	c := exec.extra.nthCall(key, n)
	if c == nil {
		return s
	}
	if c.status == callOpen {
		t.tick(now)
		c.doubt(exec)
	}
	s = CallState{Call: c.Call, Done: c.status == callDone, Doubted: c.status == callDoubted, Doubts: c.doubts}
	if raw, ok := c.result.(json.RawMessage); ok {
		s.Result.Raw = raw
	} else {
		s.Result.V = c.result
	}
	return s
}

// StartCall lets an execution make its nth call with a key.
func (t *Tree) StartCall(now int64, exec *Execution, key string, n int) Call {
	t.tick(now)
	return exec.startCall(key, n).Call
}

// FinishCall ends the nth call with a key: with its result, or with an error. If the execution has
// no such call that is under way or doubted, FinishCall changes nothing.
func (t *Tree) FinishCall(now int64, exec *Execution, key string, n int, result any, err error) {
	c := exec.extra.nthCall(key, n)
	if c == nil || c.status == callDone || c.status == callFailed {
		return
	}
	t.tick(now)
	if err != nil {
		c.fail(exec, err)
	} else {
		c.finish(exec, result)
	}
}
