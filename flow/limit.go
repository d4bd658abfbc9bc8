package flow

import (
	"context"
	"fmt"
	"sync"

	"weft/flow/internal/fold"
)

// Limit is an option that several steps share, also of several workflows: the functions of all steps
// that were added with it run at most n at once, in all runs of this process. A call that must wait
// has a worker of its step, and its time counts for the step's [Timeout]. While a step waits, in
// [Await] or [Sleep], others may run.
//
//	model := flow.Limit(2) // the server takes two requests at a time
//	flow.Step(wf, "draft", draft, model)
//	flow.Step(wf, "judge", judge, model)
func Limit(n int) StepOption {
	if n < 1 {
		panic(fmt.Sprintf("flow: Limit(%d): at least 1", n))
	}
	slots := make(chan struct{}, n)
	return stepOption(func(w *fold.Workflow, s *fold.Step) {
		switch body := s.Body.(type) {
		case stepBody:
			s.Body = stepBody(func(c *Context, in any) (any, error) {
				h, err := c.hold(slots)
				if err != nil {
					return nil, err
				}
				defer h.end()
				return body(c, in)
			})
		case fanOutBody:
			s.Body = fanOutBody(func(c *Context, in any, open func(), yield func(any) bool) error {
				h, err := c.hold(slots)
				if err != nil {
					return err
				}
				defer h.end()
				return body(c, in, open, yield)
			})
		default:
			panic(fmt.Sprintf("flow: %s: step %q: Limit: it has no function; give the limit to the steps of the sub-workflow", w.Name, s.Name))
		}
	})
}

// A limitHold is a slot of a [Limit] that an attempt has, or waits for.
type limitHold struct {
	slots chan struct{}

	mu       sync.Mutex
	held     bool
	returned bool // the step has; it needs no slot any more
}

// hold waits for a slot.
func (c *Context) hold(slots chan struct{}) (*limitHold, error) {
	h := &limitHold{slots: slots}
	if !h.take(c) {
		return nil, context.Cause(c)
	}
	if c.test() == nil {
		c.run.mu.Lock()
		c.more().hold = h
		c.run.mu.Unlock()
	}
	return h, nil
}

// take waits for a slot, and reports whether there is one: there is none when the attempt ends.
func (h *limitHold) take(c *Context) bool {
	select {
	case h.slots <- struct{}{}:
	case <-c.Done():
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.held = !h.returned; !h.held { // another goroutine of the step has waited
		<-h.slots
	}
	return true
}

// give gives the slot up while the attempt waits for something else.
func (h *limitHold) give() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.held {
		h.held = false
		<-h.slots
	}
}

// end gives the slot up for good.
func (h *limitHold) end() {
	h.mu.Lock()
	h.returned = true
	h.mu.Unlock()
	h.give()
}
