package flow

import "weft/flow/internal/fold"

// A Kind says what happened to a run. Its names, such as "step.started", are public, stable and
// part of the journal's format.
type Kind = fold.Kind

// Kinds returns all kinds of record.
func Kinds() []Kind { return fold.Kinds() }

// An UnknownKindError says that a run cannot be continued, because a record is of a kind which this
// program does not know, and so was written by a newer one.
type UnknownKindError = fold.UnknownKindError

// The kinds of record, and the fields that are set in addition to Seq, Time, Run and Kind.
const (
	// RunStarted is the first record. Step: the workflow's name; Event, Type, Payload: the start
	// event; Cause: for a sub-workflow, the execution that runs it.
	RunStarted = fold.RunStarted
	// RunPaused: a debugger holds the run. Step, Execution: what a breakpoint stopped, if one did.
	RunPaused = fold.RunPaused
	// RunResumed: a held run continues. Attempt: how many executions may start before it is held
	// again (0: all). With Type "restart" it continues in a new process, which does not end a hold;
	// Attempt is then 0, and Due: since when its clocks have stood.
	RunResumed = fold.RunResumed
	// RunSuspended: the run is put aside, until a RunResumed with Type "restart". Step: the workflow's
	// name; Type "waits": it only waited; Due: when something is due next.
	RunSuspended = fold.RunSuspended
	// RunFinished is the last record of a success. Event, Type, Payload: the stop event; Cause: the
	// execution that gave it.
	RunFinished = fold.RunFinished
	// RunFailed is the last record of a failure. Error; Step, Cause: the execution that failed.
	RunFailed = fold.RunFailed
	// RunCancelled is the last record after a cancel. Error: the cause that was given.
	RunCancelled = fold.RunCancelled
	// RunEnding: how the run will end is decided, while sub-workflows of it still clean up. Payload:
	// an Ending. Mostly another record says so: a StepFailed, a StepCancelled, the stop event.
	RunEnding = fold.RunEnding
	// CleanupStarted: nothing of the run is open any more, and its clean-up steps begin. Event: what
	// their executions have as their cause; Payload: an Ending.
	CleanupStarted = fold.CleanupStarted
	// EventSent: an event entered the run. Event: its id; Cause: the execution that gave it (0: it
	// came from outside); Step: the one step it is meant for, if it was addressed; Index: its place
	// in the fan-out that yielded it, from 1; Execution: the one whose await it answers, of a reply
	// that names an await; Type, Payload. What an execution returns or sends is
	// delivered when the execution finishes or awaits.
	EventSent = fold.EventSent
	// EventEmitted: an event for readers only. Execution, Step, Attempt; Event; Type, Payload.
	EventEmitted = fold.EventEmitted
	// StepQueued: an execution has to wait for a worker. Execution, Step; Cause: its event.
	StepQueued = fold.StepQueued
	// StepStarted: an attempt begins, or continues after an await, or begins again after a restart.
	// Execution, Step, Worker, Attempt (both from 1); Cause: its event.
	StepStarted = fold.StepStarted
	// StepFinished: an attempt succeeded. Execution, Step, Worker, Attempt.
	StepFinished = fold.StepFinished
	// StepFailed: an attempt failed. Execution, Step, Worker, Attempt; Error; Due: when the next
	// one begins (zero: there is none); Payload: a Panic, if it was one; Type "run.failed": it is
	// neither retried nor recovered.
	StepFailed = fold.StepFailed
	// StepCancelled: an execution was given up. Execution, Step; Error: why; Type: the kind of
	// record that ends the run ("" if only its scope ended); Cause: the execution whose sub-workflow
	// ends, if it is not the whole run that does.
	StepCancelled = fold.StepCancelled
	// AwaitOpened: an execution waits for an event from outside. Execution, Step; Event: the
	// await's id; Type: the reply's type; Payload: a Prompt; Due: its timeout.
	AwaitOpened = fold.AwaitOpened
	// AwaitResolved: the wait is over. Execution, Step; Event: the await's id; Cause: the event
	// that resolved it (0: it timed out, see Error); Type, Payload: the reply.
	AwaitResolved = fold.AwaitResolved
	// SleepStarted: an execution waits for an instant. Execution, Step; Event: the sleep's id;
	// Payload: a Nap; Due: the instant.
	SleepStarted = fold.SleepStarted
	// SleepEnded: the instant has come. Execution, Step; Event: the sleep's id.
	SleepEnded = fold.SleepEnded
	// CallStarted: a [Do] calls its function, or calls it again. Execution, Step, Attempt; Event: the
	// call's id, the same whenever it is made again; Payload: a Call.
	CallStarted = fold.CallStarted
	// CallFinished: the call returned, or a person said what it returned. Execution, Step, Attempt;
	// Event: the call's id; Payload: the result.
	CallFinished = fold.CallFinished
	// CallFailed: the call returned an error. Execution, Step, Attempt; Event: the call's id; Error.
	CallFailed = fold.CallFailed
	// CallDoubted: the call was cut off by the end of its attempt or process, and whether it took
	// effect is not known. Execution, Step, Attempt; Event: the call's id.
	CallDoubted = fold.CallDoubted
	// ScopeOpened: a fan-out begins. Execution, Step: the step that yields; Event: the scope's id.
	ScopeOpened = fold.ScopeOpened
	// ScopeClosed: nothing of the fan-out is open any more. Event: the scope's id; Cause: the
	// execution of the join that it started, if any.
	ScopeClosed = fold.ScopeClosed
	// StateChanged: a commit to the run's state. Execution, Step, Attempt; Type: the key or the
	// state's type; Payload: a JSON Patch (RFC 6902) with the operations add, replace and remove.
	// See [ApplyPatch].
	StateChanged = fold.StateChanged
	// RunForked is the first record of a fork's own, as RunRestored is of a run that continues from
	// a snapshot. Payload: an *Origin with the state that the run begins with, so that the
	// records from here on are enough to resume it.
	RunForked = fold.RunForked
	// RunRestored: see RunForked.
	RunRestored = fold.RunRestored
	// RunAdopted: another process writes the journal from here on. Payload: that process.
	RunAdopted = fold.RunAdopted
	// JournalFailed: the journal has no further records, and the run goes on without it. Error.
	JournalFailed = fold.JournalFailed
	// UnknownKind is the kind of a record that was read and whose kind this program does not know.
	// Payload: an Unknown.
	UnknownKind = fold.UnknownKind
)

type (
	// A Record is one entry of a run's journal: Seq, Time, Run, Kind, Step, Worker, Attempt,
	// Execution, Event, Index, Cause, Type, Payload, Error, Codes and Due, as far as its Kind sets them. A
	// run is exactly the sequence of its records. Identifiers (Execution, Event, Cause) are small
	// integers, unique within the journal; 0 means none. A Payload is the event's value, or a
	// json.RawMessage if the record was read from disk or a network; it must not be changed. The
	// records of a sub-workflow stand in its parent's journal; their Run is the parent's, followed
	// by "/" and the number of the execution that runs it.
	Record = fold.Record

	// A Prompt is the payload of an AwaitOpened record: what is asked, and which replies count.
	Prompt = fold.Prompt
	// A Nap is the payload of a SleepStarted record: the key of a [Sleep] or an [Until].
	Nap = fold.Nap
	// A Call is the payload of a CallStarted record: the key of a [Do], and the idempotency key of
	// the call.
	Call = fold.Call

	// An Origin is the payload of a RunForked or RunRestored record: Parent and Seq, the run and its
	// record from which the run continues, and the state at that record.
	Origin = fold.Origin

	// An Unknown is the payload of a record of UnknownKind: the name of its Kind, whether it is
	// Skippable, and its Payload. The records of a run that is resumed may be Skippable, and no
	// others; readers may show all.
	Unknown = fold.Unknown

	// A Partial is the payload of a record that was read without the parts of it that are stored
	// apart: the Payload with null for each of them, and the Blobs.
	Partial = fold.Partial
	// A Blob is such a part: where it is missing, the SHA256 of its JSON, and how many Bytes that has.
	Blob = fold.Blob

	// A Panic is the payload of a StepFailed record whose attempt panicked.
	Panic = fold.Panic

	// A Policy says which failures of a step are retried, how often and after which pause. Its zero
	// value retries nothing. See [Retry].
	Policy = fold.Policy

	// A Failure is what a recovery step takes: Step, Type, Input, Err, Attempts and Elapsed of the
	// execution that failed. See [Recover].
	Failure = fold.Failure

	// An Ending is what a clean-up step takes: how the run is going to end (Kind: RunFinished,
	// RunFailed or RunCancelled), and why (Err, nil for a success). See [Finally].
	Ending = fold.Ending

	// A Graph is a workflow as data, as the types of its steps tell it, or one run of it, with
	// counts.
	Graph = fold.Graph
	// A GraphStep is a node of a Graph.
	GraphStep = fold.GraphStep
	// An Edge of a Graph says that one step may give an event that another takes.
	Edge = fold.Edge

	// An Explanation says what a run is doing, and why what does not move does not.
	Explanation = fold.Explanation
	// A StepLoad is what waits for a step's workers and how many are free.
	StepLoad = fold.StepLoad
	// A RetryDue is an execution that waits for its next attempt.
	RetryDue = fold.RetryDue
	// A JoinWait is a join or a collect that waits for events.
	JoinWait = fold.JoinWait
	// An AwaitWait is an execution that waits for an event from outside.
	AwaitWait = fold.AwaitWait
	// A SleepWait is an execution that sleeps.
	SleepWait = fold.SleepWait
	// An OutsideWait is a type of event that a step takes from outside, whenever one comes.
	OutsideWait = fold.OutsideWait

	// An InvalidError is all that is wrong with a workflow's graph, as a list of Findings.
	InvalidError = fold.InvalidError
	// A Finding is one thing that is wrong: what it is, where, and how to mend it.
	Finding = fold.Finding
	// A StepError says that a run failed because a step failed for good. It wraps the error of the
	// last attempt.
	StepError = fold.StepError
	// A TimeoutError says that a run or a step took longer than it may. It wraps
	// [context.DeadlineExceeded].
	TimeoutError = fold.TimeoutError
	// An ErrorCode names a registered error in the record of a failure: its Code, and its fields
	// as JSON, Data, if it was registered by its type. See [RegisterError].
	ErrorCode = fold.ErrorCode
	// A StuckError says that nothing of a run is under way and no step gave the stop event.
	StuckError = fold.StuckError
	// A PanicError says that a step panicked, or left its goroutine by runtime.Goexit.
	PanicError = fold.PanicError
)

// ErrAwaitTimeout is what [Await] returns when its time is over.
var ErrAwaitTimeout = fold.ErrAwaitTimeout
