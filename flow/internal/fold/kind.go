package fold

import (
	"encoding/json"
	"errors"
	"fmt"
)

// A Kind says what happened to a run. Its names (see String) are public, stable and part of the
// journal's format. Its number is stored nowhere, so a new kind may be inserted anywhere.
type Kind uint8

// The kinds of record. The constants of package flow say which fields each sets (flow/types.go).
const (
	_ Kind = iota

	RunStarted     // the first record of a run
	RunEnding      // how the run will end is decided
	CleanupStarted // nothing of the run is open any more: its clean-up steps begin
	RunPaused      // a debugger holds the run
	RunResumed     // a debugger ends a hold, or the run continues in a new process
	RunSuspended   // it is put aside, until a RunResumed
	RunFinished    // the last record of a success
	RunFailed      // the last record of a failure
	RunCancelled   // the last record after a cancel

	EventSent    // an event goes to the steps that take it
	EventEmitted // an event for readers only

	StepQueued    // an execution has to wait for a worker
	StepStarted   // an attempt begins, or continues after an await or a restart
	StepFinished  // an attempt succeeded
	StepFailed    // an attempt failed
	StepCancelled // an execution was given up

	AwaitOpened   // an execution waits for an event from outside
	AwaitResolved // the wait is over

	SleepStarted // an execution waits for an instant
	SleepEnded   // the instant has come

	CallStarted  // an effect on the outside is made, or made again
	CallFinished // it returned
	CallFailed   // it returned an error
	CallDoubted  // it was cut off

	ScopeOpened // a fan-out begins
	ScopeClosed // nothing of a fan-out is open any more

	StateChanged // a commit to the run's values

	RunForked     // a run begins with the past of another one
	RunRestored   // a run begins with the state of a snapshot
	RunAdopted    // another process writes the journal from here on
	JournalFailed // the journal has no further records

	kindCount // one more than the number of kinds; stays last
)

// UnknownKind is the kind of a record that was read and whose kind this program does not know. Its
// payload is an [Unknown].
const UnknownKind Kind = 255

var kindNames = [kindCount]string{
	RunStarted: "run.started", RunPaused: "run.paused", RunResumed: "run.resumed",
	RunSuspended: "run.suspended",
	RunEnding:    "run.ending", CleanupStarted: "cleanup.started",
	RunFinished: "run.finished", RunFailed: "run.failed", RunCancelled: "run.cancelled",
	EventSent: "event.sent", EventEmitted: "event.emitted",
	StepQueued: "step.queued", StepStarted: "step.started", StepFinished: "step.finished",
	StepFailed: "step.failed", StepCancelled: "step.cancelled",
	AwaitOpened: "await.opened", AwaitResolved: "await.resolved",
	SleepStarted: "sleep.started", SleepEnded: "sleep.ended",
	CallStarted: "call.started", CallFinished: "call.finished",
	CallFailed: "call.failed", CallDoubted: "call.doubted",
	ScopeOpened: "scope.opened", ScopeClosed: "scope.closed",
	StateChanged: "state.changed",
	RunForked:    "run.forked", RunRestored: "run.restored",
	RunAdopted: "run.adopted", JournalFailed: "journal.failed",
}

// Skippable reports whether a run continues in the same way without the records of a kind: they
// change nothing that decides which records follow. They are written with a mark, so that a program
// that does not know the kind can still resume the run. It refuses a run with any other record of a
// kind that it does not know.
func (k Kind) Skippable() bool { return k == RunAdopted || k == JournalFailed }

// begins reports whether a record of the kind may be the first one of a run.
func (k Kind) begins() bool { return k == RunStarted || k == RunForked || k == RunRestored }

// An Unknown is the payload of a record of UnknownKind.
type Unknown struct {
	Kind      string          // the name in the journal
	Skippable bool            // the run is the same without the record
	Payload   json.RawMessage // nil: it has none
}

// MarshalJSON writes the payload.
func (u Unknown) MarshalJSON() ([]byte, error) {
	if u.Payload == nil {
		return []byte("null"), nil
	}
	return u.Payload, nil
}

// Kinds returns all kinds of record.
func Kinds() []Kind {
	all := make([]Kind, 0, kindCount-1)
	for k := Kind(1); k < kindCount; k++ {
		all = append(all, k)
	}
	return all
}

// String returns the kind's stable name, such as "step.started".
func (k Kind) String() string {
	if k < kindCount && kindNames[k] != "" {
		return kindNames[k]
	}
	if k == UnknownKind {
		return "unknown"
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// MarshalText writes the kind's name.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// An UnknownKindError says that a run cannot be continued, because a record is of a kind which this
// program does not know, and so was written by a newer one. Skipping the record would change the
// run.
type UnknownKindError struct{ Kind string }

// Error names the kind.
func (e *UnknownKindError) Error() string {
	return fmt.Sprintf("flow: unknown kind of record %q: it was written by a newer version", e.Kind)
}

// UnmarshalText reads a kind's name. An unknown one is an [*UnknownKindError].
func (k *Kind) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		return errors.New("flow: the record has no kind")
	}
	if known, ok := kindsByName[string(b)]; ok {
		*k = known
		return nil
	}
	return &UnknownKindError{string(b)}
}

var kindsByName = func() map[string]Kind {
	all := make(map[string]Kind, kindCount)
	for _, k := range Kinds() {
		all[k.String()] = k
	}
	return all
}()
