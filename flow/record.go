package flow

import (
	"encoding/json"
	"fmt"
	"time"
)

// A Kind says what happened to a run. Its names (see String) are public, stable and part of the journal's format.
type Kind uint8

// The kinds of record. Each comment names the fields that are set beside Seq, Time, Run and Kind.
const (
	_             Kind = iota
	RunStarted         // the run begins; Step: the workflow's name; Event, Type, Payload: the start event; Cause: for a sub-workflow, the execution that runs it
	RunPaused          // a debugger holds the run; Step, Execution: the execution that a breakpoint stopped before it started, if one did
	RunResumed         // and lets it go on; Attempt: how many executions may start before it holds again (0: all). Type "restart": the run goes on in a new process; Due: since when its clocks have stood
	RunFinished        // last record: Event, Type, Payload: the stop event; Cause: the execution that gave it
	RunFailed          // last record: Error; Step and Cause: the execution that failed, if one did
	RunCancelled       // last record: Error: the cause that was given
	EventSent          // an event entered the run and is handed to every step that takes it; Event: its id; Cause: the execution that returned, yielded or sent it (0: from outside); Step: the one step it is meant for, if it was addressed; Index: its place in the fan-out that yielded it, from 1; Type, Payload. What an execution returns or sends is delivered when the execution finishes or awaits
	EventEmitted       // an event for readers only; Execution, Step, Attempt: who emitted it; Event: its id; Type, Payload
	StepQueued         // an execution waits for a worker; Execution, Step; Cause: the event that triggered it. Recorded only if it has to wait
	StepStarted        // an attempt begins, or goes on with a worker after an await, or begins again after a restart; Execution, Step, Worker, Attempt (both from 1); Cause: the event that triggered it
	StepFinished       // an attempt succeeded; Execution, Step, Worker, Attempt
	StepFailed         // an attempt failed; Execution, Step, Worker, Attempt; Error; Due: when the next attempt begins (zero: there is none); Payload: a Panic, if it was one; Type "run.failed": it is neither retried nor recovered
	StepCancelled      // an execution was given up because its scope or the run ended; Execution, Step; Error: why; Type: the kind of record that ends the run ("" if only a scope ended)
	AwaitOpened        // an execution waits for the world; Execution, Step; Event: the await's id; Type: the reply's type; Payload: a Prompt; Due: its timeout
	AwaitResolved      // the wait is over; Execution, Step; Event: the await's id; Cause: the event that resolved it (0: it timed out, see Error); Type, Payload: the reply
	ScopeOpened        // a fan-out begins; Execution, Step: the step that yields; Event: the scope's id
	ScopeClosed        // nothing of the fan-out is open any more; Event: the scope's id; Cause: the execution of the join that it started, if any
	StateChanged       // a commit to the run's state; Execution, Step, Attempt; Type: the key or the state's type; Payload: a merge patch (RFC 7386)
)

// A Record is one entry of a run's journal. A run is exactly the sequence of its records: its state is their fold, and whoever
// shows, stores, sends or resumes a run reads records and nothing else.
//
// Identifiers (Execution, Event, Cause) are small integers, unique within the journal, 0 meaning none. A sub-workflow's
// records stand in its parent's journal; their Run is the parent's followed by "/" and the execution that runs it.
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
	Payload   any       // the event's value; a json.RawMessage when it was read from disk or a network. Never to be changed
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
	Kind      Kind            `json:"kind"`
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

// MarshalJSON writes the record with the names of its fields in lower case, without those that are not set, and with times
// in UTC.
func (r Record) MarshalJSON() ([]byte, error) {
	j := recordJSON{r.Seq, r.Time.UTC(), r.Run, r.Kind, r.Step, r.Worker, r.Attempt, r.Execution, r.Event, r.Index, r.Cause, r.Type, nil, r.Error, nil}
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

// UnmarshalJSON reads what MarshalJSON wrote. The payload stays a json.RawMessage.
func (r *Record) UnmarshalJSON(b []byte) error {
	var j recordJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	*r = Record{Seq: j.Seq, Time: j.Time, Run: j.Run, Kind: j.Kind, Step: j.Step, Worker: j.Worker, Attempt: j.Attempt, Execution: j.Execution,
		Event: j.Event, Index: j.Index, Cause: j.Cause, Type: j.Type, Error: j.Error}
	if j.Payload != nil {
		r.Payload = j.Payload
	}
	if j.Due != nil {
		r.Due = *j.Due
	}
	return nil
}

var kindNames = [...]string{
	RunStarted: "run.started", RunPaused: "run.paused", RunResumed: "run.resumed",
	RunFinished: "run.finished", RunFailed: "run.failed", RunCancelled: "run.cancelled",
	EventSent: "event.sent", EventEmitted: "event.emitted",
	StepQueued: "step.queued", StepStarted: "step.started", StepFinished: "step.finished",
	StepFailed: "step.failed", StepCancelled: "step.cancelled",
	AwaitOpened: "await.opened", AwaitResolved: "await.resolved",
	ScopeOpened: "scope.opened", ScopeClosed: "scope.closed",
	StateChanged: "state.changed",
}

// String returns the kind's stable name, such as "step.started".
func (k Kind) String() string {
	if int(k) < len(kindNames) && kindNames[k] != "" {
		return kindNames[k]
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// MarshalText writes the kind's name.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads a kind's name; an unknown one is an error, because skipping a record would change the run.
func (k *Kind) UnmarshalText(b []byte) error {
	for i, n := range kindNames {
		if n != "" && n == string(b) {
			*k = Kind(i)
			return nil
		}
	}
	return fmt.Errorf("flow: unknown kind of record %q", b)
}
