package run

import (
	"slices"
	"strings"
	"time"

	"weft/flow/show"
)

// A Retry is the time between a failed attempt of an execution and the end of the next one's first
// request. It is either the engine's back-off between two attempts of the step, or a request to a
// model that is repeated within one attempt.
type Retry struct {
	By      *Execution
	Reason  string        // why the last attempt failed, in one line
	Attempt int           // number of the next attempt, from 1
	Most    int           // how many attempts are made at most; 0 if that is not known
	Left    time.Duration // until the next attempt begins; 0 once it has begun
}

// retriesLookedAt limits how many executions of a step are searched for a retry.
const retriesLookedAt = 64

// Retry returns the retry of the execution of a step that began last, at a time since the start of
// the run. ok is false if none of them is tried again.
func (s *Step) Retry(v View, at time.Duration) (r Retry, ok bool) {
	if c := s.Lane.Count(v); c.In[Backoff]+c.In[Running] == 0 {
		return r, false
	}
	es := v.Executions(s)
	for _, e := range slices.Backward(es[max(0, len(es)-retriesLookedAt):]) {
		if r, ok = e.retry(v, at); ok {
			return r, true
		}
	}
	return r, false
}

// Retrying returns the first retry among the steps of a workflow and of its sub-workflows.
func (w *Workflow) Retrying(v View, at time.Duration) (r Retry, ok bool) {
	for _, s := range v.Steps(w) {
		if !s.Lane.Count(v).Active() {
			continue
		}
		if r, ok = s.Retry(v, at); ok {
			return r, true
		}
		for _, inner := range v.Children(s) {
			if inner.Status(v) < Succeeded {
				if r, ok = inner.Retrying(v, at); ok {
					return r, true
				}
			}
		}
	}
	return r, false
}

// retry returns the retry of one execution.
func (e *Execution) retry(v View, at time.Duration) (r Retry, ok bool) {
	switch p, since, _ := e.Phase(v); p {
	case Backoff:
		rec := v.Record(since)
		reason, _, _ := strings.Cut(rec.Error, "\n")
		return Retry{
			By: e, Reason: reason, Attempt: rec.Attempt + 1, Most: rec.Attempts,
			Left: max(0, rec.Due.Sub(v.Start().Add(at))),
		}, true
	case Running:
		calls := e.Calls(v)
		if len(calls) == 0 {
			return r, false
		}
		c := calls[len(calls)-1]
		if c.State != show.CallRetry {
			return r, false
		}
		reason, _, _ := strings.Cut(c.Why(), "\n")
		wait := time.Duration(c.WaitMS) * time.Millisecond
		return Retry{By: e, Reason: reason, Attempt: max(1, c.Attempt) + 1, Most: c.Attempts, Left: max(0, wait-(at-c.When))}, true
	}
	return r, false
}
