package fold

import (
	"errors"
	"fmt"
)

// A Kind says what happened to a run. Its names (see String) are public, stable and part of the
// journal's format. Its number is stored nowhere, so a new kind may be inserted anywhere.
type Kind uint8

// The kinds of record. Each comment names the fields that are set in addition to Seq, Time, Run
// and Kind.
const (
	_ Kind = iota

	// RunStarted is the first record of a run. Step: the workflow's name; Event, Type, Payload: the
	// start event; Cause: for a sub-workflow, the execution that runs it.
	RunStarted

	// RunPaused says that a debugger holds the run. Step, Execution: the execution that a
	// breakpoint stopped before it started, if one did.
	RunPaused

	// RunResumed says that a held run continues. Attempt: how many executions may start before it
	// is held again (0: all). With Type "restart" the run continues in a new process, which does not
	// end a hold; Attempt is then 0, and Due: since when its clocks have stood.
	RunResumed

	// RunFinished is the last record of a run that succeeded. Event, Type, Payload: the stop event;
	// Cause: the execution that gave it.
	RunFinished

	// RunFailed is the last record of a run that failed. Error; Step, Cause: the execution that
	// failed, if one did.
	RunFailed

	// RunCancelled is the last record of a run that was cancelled. Error: the cause that was given.
	RunCancelled

	// EventSent says that an event entered the run and is handed to every step that takes it.
	// Event: its id; Cause: the execution that returned, yielded or sent it (0: it came from
	// outside); Step: the one step it is meant for, if it was addressed; Index: its place in the
	// fan-out that yielded it, from 1; Type, Payload. What an execution returns or sends is
	// delivered when the execution finishes or awaits.
	EventSent

	// EventEmitted is an event for readers only. Execution, Step, Attempt: the attempt that emitted
	// it; Event: its id; Type, Payload.
	EventEmitted

	// StepQueued says that an execution waits for a worker; it is recorded only if it has to wait.
	// Execution, Step; Cause: the event that triggered it.
	StepQueued

	// StepStarted says that an attempt begins, or continues with a worker after an await, or begins
	// again after a restart. Execution, Step, Worker, Attempt (both from 1); Cause: the event that
	// triggered it.
	StepStarted

	// StepFinished says that an attempt succeeded. Execution, Step, Worker, Attempt.
	StepFinished

	// StepFailed says that an attempt failed. Execution, Step, Worker, Attempt; Error; Due: when
	// the next attempt begins (zero: there is none); Payload: a Panic, if it was one; Type
	// "run.failed": it is neither retried nor recovered.
	StepFailed

	// StepCancelled says that an execution was given up because its scope or the run ended.
	// Execution, Step; Error: why; Type: the kind of record that ends the run ("" if only a scope
	// ended); Cause: the execution whose sub-workflow ends, if it is not the whole run that does.
	StepCancelled

	// AwaitOpened says that an execution waits for an event from outside. Execution, Step; Event:
	// the await's id; Type: the reply's type; Payload: a Prompt; Due: its timeout.
	AwaitOpened

	// AwaitResolved says that such a wait is over. Execution, Step; Event: the await's id; Cause:
	// the event that resolved it (0: it timed out, see Error); Type, Payload: the reply.
	AwaitResolved

	// ScopeOpened says that a fan-out begins. Execution, Step: the step that yields; Event: the
	// scope's id.
	ScopeOpened

	// ScopeClosed says that nothing of a fan-out is open any more. Event: the scope's id; Cause:
	// the execution of the join that it started, if any.
	ScopeClosed

	// StateChanged is a commit to the run's state. Execution, Step, Attempt; Type: the key or the
	// state's type; Payload: a merge patch (RFC 7386).
	StateChanged

	kindCount // one more than the number of kinds; stays last
)

var kindNames = [kindCount]string{
	RunStarted: "run.started", RunPaused: "run.paused", RunResumed: "run.resumed",
	RunFinished: "run.finished", RunFailed: "run.failed", RunCancelled: "run.cancelled",
	EventSent: "event.sent", EventEmitted: "event.emitted",
	StepQueued: "step.queued", StepStarted: "step.started", StepFinished: "step.finished",
	StepFailed: "step.failed", StepCancelled: "step.cancelled",
	AwaitOpened: "await.opened", AwaitResolved: "await.resolved",
	ScopeOpened: "scope.opened", ScopeClosed: "scope.closed",
	StateChanged: "state.changed",
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
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// MarshalText writes the kind's name.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// An UnknownKindError says that a record is of a kind which this program does not know, and so was
// written by a newer one. Skipping the record would change the run.
type UnknownKindError struct{ Kind string }

// Error names the kind.
func (e *UnknownKindError) Error() string {
	return fmt.Sprintf("flow: unknown kind of record %q: it was written by a newer version", e.Kind)
}

// UnmarshalText reads a kind's name. An unknown one is an [*UnknownKindError].
func (k *Kind) UnmarshalText(b []byte) error {
	for i, n := range kindNames {
		if n != "" && n == string(b) {
			*k = Kind(i)
			return nil
		}
	}
	if len(b) == 0 {
		return errors.New("flow: the record has no kind")
	}
	return &UnknownKindError{string(b)}
}
