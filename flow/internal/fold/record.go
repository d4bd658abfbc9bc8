package fold

import (
	"encoding/json"
	"time"
)

// A Record is one entry of a run's journal. A run is exactly the sequence of its records: its state
// is their fold, and every reader, store, server or resumption works with records and nothing else.
//
// Identifiers (Execution, Event, Cause) are small integers, unique within the journal; 0 means
// none. The records of a sub-workflow are part of its parent's journal; their Run is the parent's,
// followed by "/" and the number of the execution that runs it.
type Record struct {
	Seq       uint64      // position in the journal: 1, 2, 3 …
	Time      time.Time   // when it happened; never before the record before it
	Run       string      // the run's identifier
	Kind      Kind        // what happened
	Step      string      // the step's name
	Worker    int         // the worker's number, from 1
	Attempt   int         // the attempt's number, from 1
	Attempts  int         // the most that the step's policy allows, if there is a next one; 0: any number
	Execution uint64      // one call of a step, with all its attempts
	Event     uint64      // an event, a scope or an await
	Index     int         // the place of an event in the fan-out that yielded it, from 1
	Cause     uint64      // what led to this record; see the kinds
	Type      string      // the stable name of the payload's type
	Payload   any         // the event's value, or a json.RawMessage if it was read; never changed
	Error     string      // what went wrong, for a reader
	Codes     []ErrorCode // the registered errors that it wraps, the outermost first
	Due       time.Time   // when something that this record announces will happen
}

// A Prompt is the payload of an AwaitOpened record: what is asked, and which replies count.
type Prompt struct {
	Key    string `json:"key"`
	Prompt any    `json:"prompt"`
	Match  Match  `json:"match,omitempty"` // fields that a reply must have; none: any reply counts
}

// A Nap is the payload of a SleepStarted record.
type Nap struct {
	Key string `json:"key"`
}

// UnmarshalJSON decodes a prompt; its Prompt and the values of its Match remain JSON.
func (p *Prompt) UnmarshalJSON(b []byte) error {
	var j struct {
		Key    string
		Prompt json.RawMessage
		Match  Match
	}
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	*p = Prompt{Key: j.Key, Prompt: j.Prompt, Match: j.Match}
	return nil
}

// stamp returns nanoseconds since 1970 as a time; 0 is the zero time.
func stamp(ns int64) time.Time {
	if ns == 0 {
		return time.Time{}
	}
	return time.Unix(0, ns)
}

func nanoseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}
