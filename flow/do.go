package flow

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"weft/flow/internal/fold"
)

// A DoOption changes what [Do] does.
type DoOption interface{ applyDo(*doOptions) }

type doOption func(*doOptions)

func (o doOption) applyDo(d *doOptions) { o(d) }

type doOptions struct{ ask bool }

// AskIfInDoubt lets a person decide about a call that was cut off, instead of making it again: the
// step awaits a [Verdict], which it must declare with [Awaits], with a [Doubt] as the prompt.
func AskIfInDoubt() DoOption { return doOption(func(o *doOptions) { o.ask = true }) }

// A Doubt is the prompt of an await about a call that was cut off between its effect and the record
// of its result.
type Doubt struct {
	Text   string          `json:"text"`   // the question in words
	Key    string          `json:"key"`    // of the Do
	ID     string          `json:"id"`     // the idempotency key with which the call was made
	Schema json.RawMessage `json:"schema"` // of the reply, a Verdict
}

// A Verdict is the reply to a [Doubt].
type Verdict struct {
	Happened bool            `json:"happened"`         // the call took effect: it is not made again
	Result   json.RawMessage `json:"result,omitempty"` // what it returned, as JSON; none: the zero value
}

var verdictSchema = json.RawMessage(`{"type":"object","required":["happened"],"properties":{` +
	`"happened":{"type":"boolean","title":"Did it take effect?","default":false},` +
	`"result":{"title":"What it returned, as JSON"}}}`)

// Do makes a call with an effect on the outside, such as a payment, once. Its result is recorded,
// and is in the journal before Do returns it: like an event it must be a value that JSON can hold.
// After a retry or a restart, when the step is called again from the top, Do returns the recorded
// result and does not call fn. The key names the call within the execution; the second Do with one
// key, such as in a loop, is another call than the first.
//
// Every call has an idempotency key, which fn is given: it is the same whenever the call is made
// again, and different for every other call. If fn returns an error, the call is made again when
// the step is retried. If the attempt or the process ends while fn is under way, it is not known
// whether the call took effect: it is recorded as in doubt, and made again with the same
// idempotency key, or, with [AskIfInDoubt], a person is asked.
//
// If the run ends while fn is under way, such as by a cancel, the call is not made again, and its
// result is lost even if fn succeeds. To undo such a call in a clean-up step, fn first stores in
// the state, with [Update] or [Set], that it is about to make the call: see [Finally].
//
// Goroutines of one step that call Do at the same time need different keys, because calls under one
// key are told apart by their order.
func Do[T any](c *Context, key string, fn func(ctx context.Context, idempotencyKey string) (T, error), opts ...DoOption) (T, error) {
	var o doOptions
	for _, option := range opts {
		option.applyDo(&o)
	}
	if c.test() != nil {
		return fn(c, "test."+key)
	}
	var none T
	if err := c.run.c.keptType(reflect.TypeFor[T]()).problem; err != nil { // before the call takes effect
		return none, fmt.Errorf("flow: step %q: Do %q: its result: %w", c.step.Name, key, err)
	}
	d, err := c.beginDo(key, o)
	switch {
	case err != nil:
		return none, err
	case d.state.Done:
		return as[T](d.state.Result)
	}
	result, err := fn(c, d.state.ID)
	var v any = json.RawMessage("null")
	if err == nil {
		if any(result) != nil {
			v = result
		}
		bad := c.run.c.keepable(v)
		if bad == nil {
			_, bad = json.Marshal(v) // which may call a method of the user
		}
		if bad != nil { // the call stays in doubt
			return none, fmt.Errorf("flow: step %q: Do %q: its result cannot be recorded: %w", c.step.Name, key, bad)
		}
	}
	if ended := c.endDo(d, v, err); err == nil {
		err = ended
	}
	if err != nil {
		return none, err
	}
	return result, nil
}

// A doing is a call of [Do] that is under way or has ended, with its state.
type doing struct {
	key   string
	n     int
	state fold.CallState
}

// doName is the typ of a callName that counts calls of [Do]; see nth.
const doName = -2

// beginDo begins the next call with a key, unless its result is known. Its record is in the journal
// before fn is called.
func (c *Context) beginDo(key string, o doOptions) (*doing, error) {
	if typ := c.state.Workflow.IndexOf(reflect.TypeFor[Verdict]()); o.ask && !slices.Contains(c.step.Awaits, typ) {
		return nil, fmt.Errorf("flow: step %q: Do %q: AskIfInDoubt needs flow.Awaits[flow.Verdict]() on the step", c.step.Name, key)
	}
	r := c.run
	r.mu.Lock()
	d := &doing{key: key}
	counts := c.counts()
	if counts {
		d.n = c.nth(callName{key, doName})
		d.state = r.tree.CallState(r.now(), c.exec, key, d.n)
	}
	if d.state.Done || !counts || d.state.Doubted && o.ask {
		r.execute(false)
		r.mu.Unlock()
		switch {
		case !counts:
			return nil, c.ended()
		case d.state.Done:
			return d, nil
		}
		if err := c.askAbout(d); err != nil || d.state.Done {
			return d, err
		}
		r.mu.Lock()
		if !c.counts() {
			r.mu.Unlock()
			return nil, c.ended()
		}
	}
	d.state.Call = r.tree.StartCall(r.now(), c.exec, key, d.n)
	r.execute(false)
	written := r.length()
	r.mu.Unlock()
	return d, r.secure(written)
}

// askAbout asks a person about a call that is in doubt.
func (c *Context) askAbout(d *doing) error {
	text := fmt.Sprintf("Step %s was interrupted while it did %q. Did it take effect?", c.step.Name, d.key)
	key := fmt.Sprintf("in doubt: %s, %d, %d", d.key, d.n, d.state.Doubts)
	v, err := Await[Verdict](c, key, Doubt{text, d.key, d.state.ID, verdictSchema})
	if err != nil || !v.Happened {
		return err
	}
	if v.Result == nil {
		v.Result = json.RawMessage("null")
	}
	d.state.Result, d.state.Done = fold.Value{Raw: v.Result}, true
	return c.endDo(d, v.Result, nil)
}

// endDo records how a call ended, and returns when the record is in the journal. An attempt that no
// longer counts records nothing: the call is in doubt.
func (c *Context) endDo(d *doing, result any, failed error) error {
	r := c.run
	r.mu.Lock()
	if !c.counts() {
		r.mu.Unlock()
		r.tooLate("call", c.step)
		return c.ended()
	}
	r.tree.FinishCall(r.now(), c.exec, d.key, d.n, result, failed)
	r.execute(false)
	written := r.length()
	r.mu.Unlock()
	return r.secure(written)
}
