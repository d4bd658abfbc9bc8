package run

import (
	"strings"
	"time"

	"weft/flow/show"
)

// A Try is one request to a language model. A step repeats a request that the server refused within
// one attempt, so an attempt can have several tries.
type Try struct {
	Number   int
	From, To time.Duration // To is 0 while it has not ended
	Failed   bool
	Reason   string        // why it failed, see Call.Why
	Next     time.Duration // when the next request is made; 0 if there is none
}

// Tries returns the requests that an execution made to language models, if it reported them one
// after the other. The reports of concurrent requests cannot be distinguished: the result is then
// nil.
func (e *Execution) Tries(v View) []Try {
	if len(e.calls) == 0 {
		return nil
	}
	var ts []Try
	open := false
	for _, c := range e.Calls(v) {
		switch c.State {
		case show.CallQueued:
			if open { // the attempt before ended without a report, or two calls run at once
				t := &ts[len(ts)-1]
				if t.To = e.failedBetween(v, t.From, c.When); t.To == 0 {
					return nil
				}
			}
			ts, open = append(ts, Try{Number: max(1, c.Attempt), From: c.When}), true
		case show.CallRetry:
			if !open {
				continue
			}
			t := &ts[len(ts)-1]
			t.To, t.Failed, t.Reason = max(c.When, t.From), true, c.Why()
			t.Next = t.To + max(0, time.Duration(c.WaitMS)*time.Millisecond)
			ts = append(ts, Try{Number: t.Number + 1, From: t.Next})
		case show.CallDone:
			if open {
				t := &ts[len(ts)-1]
				t.From = min(t.From, c.When)
				t.To, t.Failed, open = c.When, c.Reason != "" && c.Finish == "", false
				if t.Failed {
					t.Reason = c.Why()
				}
			}
		}
	}
	return ts
}

// failedBetween returns when an attempt failed between two times; 0 if none did.
func (e *Execution) failedBetween(v View, from, to time.Duration) time.Duration {
	for s := range e.Spans(v) {
		if s.To != 0 && s.Phase == Running && v.Time(s.To) >= from && v.Time(s.To) <= to {
			return v.Time(s.To)
		}
	}
	return 0
}

// Requests returns how many times an execution had made the same request by a time, at most: 1 if
// nothing had to be repeated. A repetition that is still to come does not count.
func (e *Execution) Requests(v View, at time.Duration) (n int) {
	for _, t := range e.Tries(v) {
		if t.From <= at {
			n = max(n, t.Number)
		}
	}
	return n
}

// Why returns the reason of a call without the endpoint, which is shown next to it.
func (c Call) Why() string {
	if c.Endpoint == "" {
		return c.Reason
	}
	return strings.TrimPrefix(strings.ReplaceAll(c.Reason, " at "+c.Endpoint, ""), c.Endpoint+" ")
}
