package flow

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"

	"weft/flow/internal/fold"
)

// A Journal keeps the records of a run beyond its process. Package flow/journal has one on disk.
//
// Begin is called once, before the run starts or continues. It returns the number of the last
// record that the journal has; 0: it has none. An error is returned to the caller of Start, Resume
// or Fork.
//
// Append is called with the records that follow, in groups, from one goroutine that is not the
// run's. It returns how many of them it has written. Sync returns when all that was written would
// survive a power loss; it may be called concurrently.
type Journal interface {
	Begin(Header) (have uint64, err error)
	Append([]Record) (n int, err error)
	Sync() error
}

// A Message is an event for a run, or the request to cancel it, from another process. See
// [Receiver].
type Message struct {
	Await   uint64          `json:"await,omitempty"` // the await that it answers; 0: any, see Run.Send
	Type    string          `json:"type,omitempty"`  // the stable name of its type; with an Await it may be left out
	Payload json.RawMessage `json:"payload,omitempty"`
	Cancel  string          `json:"cancel,omitempty"` // cancels the run for this cause; the other fields are empty
}

// MessageOf returns a message with an event of a workflow, as [Run.Send] takes it.
func MessageOf(wf Definition, ev any) (Message, error) {
	c := wf.core()
	c.resolve()
	ev = fold.Deref(ev)
	if ev == nil || c.IndexOf(reflect.TypeOf(ev)) < 0 {
		return Message{}, fmt.Errorf("flow: %s: Send: no step takes or awaits a %T", c.Name, ev)
	}
	raw, err := json.Marshal(ev)
	if err != nil {
		return Message{}, fmt.Errorf("flow: %s: Send: %w", c.Name, err)
	}
	return Message{Type: c.NameOf(reflect.TypeOf(ev)), Payload: raw}, nil
}

// A Receiver is a Journal through which other processes can send messages to the run. Receive is
// called once the run accepts events, with a function that delivers one. That function returns nil
// when the event is safe in the journal, and otherwise why the run did not accept it.
type Receiver interface {
	Receive(func(Message) error)
}

// A Header says of which run and workflow a journal is.
type Header struct {
	Run      string          `json:"run"`               // the run's identifier
	Workflow string          `json:"workflow"`          // the workflow's name
	Hash     string          `json:"hash,omitempty"`    // of Shape: the first 16 digits of its SHA-256
	Shape    json.RawMessage `json:"shape,omitempty"`   // the workflow's steps and event types
	Program  string          `json:"program,omitempty"` // name and version of the program
	Created  time.Time       `json:"created,omitzero"`  // when the journal was begun
	Parent   *Parent         `json:"parent,omitempty"`  // of a fork, or of a run from a snapshot

	// Labels are what the program that started the run noted about it: see [Labels].
	Labels map[string]string `json:"labels,omitempty"`
}

// A Parent is the run from which another run was forked or restored. The other run shares its past
// up to the record Seq.
type Parent struct {
	Run string `json:"run"`
	Seq uint64 `json:"seq"`
}

// ErrNotOwner is wrapped by the error of a journal that another process has taken over. It ends the
// run, whatever its options are.
var ErrNotOwner = errors.New("another process has taken over the run")

// A JournalError says that the journal of a run could not be written.
type JournalError struct {
	Run string
	Err error
}

func (e *JournalError) Error() string {
	return fmt.Sprintf("the journal of run %s cannot be written: %v", e.Run, e.Err)
}

// Unwrap returns the journal's error.
func (e *JournalError) Unwrap() error { return e.Err }
