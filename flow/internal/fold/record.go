package fold

import (
	"encoding/json"
	"fmt"
	"time"
)

// A Record is one entry of a run's journal. A run is exactly the sequence of its records: its state
// is their fold, and every reader, store, server or resumption works with records and nothing else.
//
// Identifiers (Execution, Event, Cause) are small integers, unique within the journal; 0 means
// none. The records of a sub-workflow stand in its parent's journal; their Run is the parent's,
// followed by "/" and the number of the execution that runs it.
type Record struct {
	Seq       uint64    // position in the journal: 1, 2, 3 …
	Time      time.Time // when it happened; never before the record before it
	Run       string    // the run's identifier
	Kind      Kind      // what happened
	Step      string    // the step's name
	Worker    int       // the worker's number, from 1
	Attempt   int       // the attempt's number, from 1
	Execution uint64    // one call of a step, with all its attempts
	Event     uint64    // an event, a scope or an await
	Index     int       // the place of an event in the fan-out that yielded it, from 1
	Cause     uint64    // what led to this record; see the kinds
	Type      string    // the stable name of the payload's type
	Payload   any       // the event's value, or a json.RawMessage if it was read; never changed
	Error     string    // what went wrong, for a reader
	Due       time.Time // when something will happen that was decided now
}

// JSON returns the payload as JSON: null where there is none.
func (r Record) JSON() (json.RawMessage, error) {
	switch p := r.Payload.(type) {
	case nil:
		return json.RawMessage("null"), nil
	case json.RawMessage:
		return p, nil
	}
	b, err := json.Marshal(r.Payload)
	if err != nil {
		return nil, fmt.Errorf("flow: record %d: payload %s as JSON: %w", r.Seq, r.Type, err)
	}
	return b, nil
}

// recordJSON is a record as it is written: the journal's line, the stream's event.
type recordJSON struct {
	Seq       uint64          `json:"seq"`
	Time      time.Time       `json:"time"`
	Run       string          `json:"run"`
	Kind      string          `json:"kind"`
	Step      string          `json:"step,omitempty"`
	Worker    int             `json:"worker,omitempty"`
	Attempt   int             `json:"attempt,omitempty"`
	Execution uint64          `json:"execution,omitempty"`
	Event     uint64          `json:"event,omitempty"`
	Index     int             `json:"index,omitempty"`
	Cause     uint64          `json:"cause,omitempty"`
	Type      string          `json:"type,omitempty"`
	Payload   json.RawMessage `json:"payload,omitempty"`
	Error     string          `json:"error,omitempty"`
	Due       *time.Time      `json:"due,omitempty"`
}

// MarshalJSON writes the record with the names of its fields in lower case, without those that are
// not set, and with times in UTC.
func (r Record) MarshalJSON() ([]byte, error) {
	j := recordJSON{
		Seq: r.Seq, Time: r.Time.UTC(), Run: r.Run, Kind: r.Kind.String(), Step: r.Step, Worker: r.Worker,
		Attempt: r.Attempt, Execution: r.Execution, Event: r.Event, Index: r.Index, Cause: r.Cause,
		Type: r.Type, Error: r.Error,
	}
	if r.Payload != nil {
		p, err := r.JSON()
		if err != nil {
			return nil, err
		}
		j.Payload = p
	}
	if !r.Due.IsZero() {
		due := r.Due.UTC()
		j.Due = &due
	}
	return json.Marshal(j)
}

// UnmarshalJSON reads what MarshalJSON wrote. The payload stays a json.RawMessage. Of a record that
// is right but for a kind which this program does not know, it sets all other fields and returns an
// [*UnknownKindError].
func (r *Record) UnmarshalJSON(b []byte) error {
	var j recordJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	*r = Record{
		Seq: j.Seq, Time: j.Time, Run: j.Run, Step: j.Step, Worker: j.Worker,
		Attempt: j.Attempt, Execution: j.Execution, Event: j.Event, Index: j.Index, Cause: j.Cause,
		Type: j.Type, Error: j.Error,
	}
	if j.Payload != nil {
		r.Payload = j.Payload
	}
	if j.Due != nil {
		r.Due = *j.Due
	}
	return r.Kind.UnmarshalText([]byte(j.Kind))
}

// A Prompt is the payload of an AwaitOpened record: what is asked, and which replies count.
type Prompt struct {
	Key    string `json:"key"`
	Prompt any    `json:"prompt"`
	Match  Match  `json:"match,omitempty"` // fields that a reply must have; none: any reply counts
}

// UnmarshalJSON reads a prompt whose parts stay JSON.
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
