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
	// RunPaused: a debugger holds the run. Step, Execution: the execution that a breakpoint
	// stopped, if one did.
	RunPaused = fold.RunPaused
	// RunResumed: a held run continues. Attempt: how many executions may start before it is held
	// again (0: all). With Type "restart" it continues in a new process, which does not end a hold;
	// Attempt is then 0, and Due: when its clocks were stopped.
	RunResumed = fold.RunResumed
	// RunSuspended: the run is put aside, until a RunResumed with Type "restart". Step: the
	// workflow's name; Type "waits": it was released because it only waited; Due: when it is due to
	// continue, if at a known time; Payload: a Suspension, if it waits for replies.
	RunSuspended = fold.RunSuspended
	// RunFinished is the last record of a success. Event, Type, Payload: the stop event; Cause: the
	// execution that gave it.
	RunFinished = fold.RunFinished
	// RunFailed is the last record of a failure. Error; Step, Cause: the execution that failed.
	RunFailed = fold.RunFailed
	// RunCancelled is the last record after a cancel. Error: the cause that was given.
	RunCancelled = fold.RunCancelled
	// RunEnding: it is decided how the run will end, but sub-workflows still clean up. Payload: an
	// Ending. It is written only if no StepFailed, StepCancelled or stop event already shows the
	// decision.
	RunEnding = fold.RunEnding
	// CleanupStarted: nothing of the run is open any more, and its clean-up steps begin. Event: what
	// their executions have as their cause; Payload: an Ending.
	CleanupStarted = fold.CleanupStarted
	// EventSent: an event entered the run. Event: its id; Cause: the execution that gave it (0: it
	// came from outside); Step: the one step it is meant for, if it was addressed; Index: its place
	// in the fan-out that yielded it, from 1; Execution: for a reply that names an await, the
	// execution that awaits; Type, Payload. What an execution returns or sends is delivered when
	// the execution finishes or awaits.
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
	// one begins (zero: there is none), with Attempts: how many the step's policy allows (0: any
	// number); Payload: a Panic, if it was one; Type "run.failed": it is neither retried nor
	// recovered.
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
	// Record.JSON returns the patch; the payload's Go type is not exported. See [ApplyPatch].
	StateChanged = fold.StateChanged
	// RunForked is the first record of a fork's own, as RunRestored is of a run that continues from
	// a snapshot. Payload: an *Origin with the state that the run begins with, so that the
	// records from here on are enough to resume it.
	RunForked = fold.RunForked
	// RunRestored: see RunForked.
	RunRestored = fold.RunRestored
	// RunAdopted: another process writes the journal from here on. Payload: that process.
	RunAdopted = fold.RunAdopted
	// JournalFailed: the journal could not be written and has no further records; the run continues
	// without it. Error.
	JournalFailed = fold.JournalFailed
	// UnknownKind is the kind of a record that was read and whose kind this program does not know.
	// Payload: an Unknown.
	UnknownKind = fold.UnknownKind
)

type (
	// A Record is one entry of a run's journal; its Kind says which fields are set. A run is
	// exactly the sequence of its records. Identifiers (Execution, Event, Cause) are small
	// integers, unique within the journal; 0 means none. The records of a sub-workflow are part of
	// its parent's journal; their Run is the parent's, followed by "/" and the number of the
	// execution that runs it. The method JSON() (json.RawMessage, error) returns the payload as
	// JSON.
	//
	//	Seq       uint64      // position in the journal: 1, 2, 3 …
	//	Time      time.Time   // when it happened; never before the record before it
	//	Run       string      // the run's identifier
	//	Kind      Kind        // what happened
	//	Step      string      // the step's name
	//	Worker    int         // the worker's number, from 1
	//	Attempt   int         // the attempt's number, from 1
	//	Attempts  int         // the most that the step's policy allows, if there is a next one; 0: any number
	//	Execution uint64      // one call of a step, with all its attempts
	//	Event     uint64      // an event, a scope or an await
	//	Index     int         // the place of an event in the fan-out that yielded it, from 1
	//	Cause     uint64      // what led to this record; see the kinds
	//	Type      string      // the stable name of the payload's type
	//	Payload   any         // the event's value, or a json.RawMessage if it was read; never changed
	//	Error     string      // what went wrong, for a reader
	//	Codes     []ErrorCode // the registered errors that it wraps, the outermost first
	//	Due       time.Time   // when something that this record announces will happen
	Record = fold.Record

	// A Prompt is the payload of an AwaitOpened record: what is asked, and which replies count.
	//
	//	Key    string
	//	Prompt any
	//	Match  Match // fields that a reply must have; none: any reply counts
	Prompt = fold.Prompt
	// A Suspension is the payload of the RunSuspended record of a run that only waits for replies:
	// its open Awaits, also those of sub-workflows.
	//
	//	Awaits []AwaitWait
	Suspension = fold.Suspension
	// A Nap is the payload of a SleepStarted record: the key of a [Sleep] or an [Until].
	//
	//	Key string
	Nap = fold.Nap
	// A Call is the payload of a CallStarted record: the key of a [Do], and the idempotency key of
	// the call.
	//
	//	Key string
	//	ID  string // the idempotency key, the same whenever the call is made again
	Call = fold.Call

	// An Origin is the payload of a RunForked or RunRestored record: Parent and Seq, the run and its
	// record from which the run continues, and the state at that record.
	//
	//	Parent string // the identifier of the run whose state it is
	//	Seq    uint64 // the last record of that run which the state includes
	Origin = fold.Origin

	// An Unknown is the payload of a record of UnknownKind: the name of its Kind, whether it is
	// Skippable, and its Payload. The records of a run that is resumed may be Skippable, and no
	// others; readers may show all.
	//
	//	Kind      string          // the name in the journal
	//	Skippable bool            // the run is the same without the record
	//	Payload   json.RawMessage // nil: it has none
	Unknown = fold.Unknown

	// A Partial is the payload of a record that was read without the parts of it that are stored
	// apart: the Payload with null for each of them, and the Blobs.
	//
	//	Payload json.RawMessage // with null for each of them
	//	Blobs   []Blob
	Partial = fold.Partial
	// A Blob is a part of a payload that is stored apart from its record, in a file named by its
	// SHA256.
	//
	//	At     int    // byte offset in the payload's JSON of the null in its place
	//	SHA256 string // of its JSON, in hexadecimal digits
	//	Bytes  int64  // of its JSON
	Blob = fold.Blob

	// A Panic is the payload of a StepFailed record whose attempt panicked.
	//
	//	Value string
	//	Stack string
	Panic = fold.Panic

	// A Policy says which failures of a step are retried, how often and after which pause. Its zero
	// value retries nothing. See [Retry].
	//
	//	Attempts int              // in all; 0: as many as Elapsed allows, or 1 if that is not set either
	//	Elapsed  time.Duration    // no attempt begins later than this after the first; 0: no such limit
	//	Delay    time.Duration    // before the second attempt
	//	Factor   float64          // by which the pause grows each time; 0: 1, the same pause
	//	Max      time.Duration    // the longest pause; 0: any
	//	Jitter   float64          // the random share of the pause, 0 to 1; fixed by run, execution and attempt
	//	If       func(error) bool // which failures; nil: all. It must be quick and must not call the run
	//	PauseOf  func(error) time.Duration // what an error asks for, such as Retry-After, up to Max; 0: nothing
	Policy = fold.Policy

	// A Failure is what a recovery step takes: Step, Type, Input, Err, Attempts and Elapsed of the
	// execution that failed. See [Recover].
	//
	//	Step     string // the step that failed
	//	Type     string // the stable name of the input's type
	//	Input    any    // the event that it was called with; for a join or a collect, all of them
	//	Err      error  // of the last attempt
	//	Attempts int
	//	Elapsed  time.Duration // since the first attempt began
	Failure = fold.Failure

	// An Ending is what a clean-up step takes: how the run is going to end (Kind: RunFinished,
	// RunFailed or RunCancelled), and why (Err, nil for a success). See [Finally].
	//
	//	Kind Kind  // RunFinished, RunFailed or RunCancelled
	//	Err  error // why; nil for a success
	Ending = fold.Ending

	// A Graph is a workflow as data, derived from the types of its steps. The Graph of a run also
	// has counts. Graph.Mermaid draws it.
	//
	//	Name        string
	//	Description string
	//	Start       string // the stable name of the start event
	//	Stop        string // and of the stop event
	//	Steps       []GraphStep
	//	Edges       []Edge
	Graph = fold.Graph
	// A GraphStep is a node of a Graph.
	//
	//	Name        string
	//	Description string
	//	Kind        string // step, each, join, collect, recover or workflow
	//	Workers     int
	//	Takes       []string // event types, by their stable names
	//	Gives       []string // what it may return
	//	Sends       []string // what it may send
	//	Awaits      []string // the replies that it may wait for
	//	External    []string // what it takes from outside
	//	Covers      []string // for recover: the steps whose failures it takes
	//	Graph       *Graph   // for workflow: its graph, unless this one is within it
	//	Count       int      // in the graph of a run: the executions that started
	GraphStep = fold.GraphStep
	// An Edge of a Graph says that one step may give an event that another takes.
	//
	//	From  string
	//	Event string
	//	To    string
	//	Kind  string
	//	Count int // in the graph of a run: the events that went this way
	Edge = fold.Edge

	// An Explanation says what a run is doing, and for each part that makes no progress, what it
	// waits for. Its String method says it in words.
	//
	//	Run       string
	//	Ended     bool
	//	Paused    bool
	//	Suspended bool
	//	Cleans    bool       // its end is decided, and its clean-up steps are under way
	//	Steps     []StepLoad // those with executions
	//	Retries   []RetryDue
	//	Joins     []JoinWait
	//	Awaits    []AwaitWait
	//	Sleeps    []SleepWait
	//	Outside   []OutsideWait  // what steps take from outside
	//	Runs      []*Explanation // sub-workflows
	Explanation = fold.Explanation
	// A StepLoad says how many executions of a step are queued and running, and how many workers
	// are free.
	//
	//	Step    string
	//	Queued  int
	//	Running int
	//	Free    int
	StepLoad = fold.StepLoad
	// A RetryDue is an execution that waits for its next attempt.
	//
	//	Step      string
	//	Execution uint64
	//	Attempt   int // the next one
	//	Attempts  int // that the policy allows; 0: any number
	//	Due       time.Time
	//	Error     string // of the last one
	RetryDue = fold.RetryDue
	// A JoinWait is a join or a collect that waits for events.
	//
	//	Step  string
	//	Have  int
	//	Needs string
	JoinWait = fold.JoinWait
	// An AwaitWait is an execution that waits for an event from outside.
	//
	//	ID        uint64 // what Run.Reply names
	//	Step      string
	//	Execution uint64
	//	Key       string
	//	Prompt    any             // the question; after a restart a json.RawMessage
	//	Type      string          // of the reply
	//	Match     json.RawMessage // the fields that it must have
	//	Since     time.Time       // when the prompt was shown
	//	Due       time.Time       // when its time is over; zero: never
	AwaitWait = fold.AwaitWait
	// A SleepWait is an execution that sleeps.
	//
	//	Step      string
	//	Execution uint64
	//	Key       string
	//	Due       time.Time
	SleepWait = fold.SleepWait
	// An OutsideWait is a type of event that a step takes from outside, whenever one comes.
	//
	//	Step string
	//	Type string
	OutsideWait = fold.OutsideWait

	// An InvalidError is all that is wrong with a workflow's graph, as a list of Findings.
	//
	//	Workflow string
	//	Findings []Finding
	InvalidError = fold.InvalidError
	// A Finding is one thing that is wrong: what it is, where, and how to mend it.
	//
	//	What, Where, Mend string
	Finding = fold.Finding
	// A StepError says that a run failed because a step failed for good. It wraps the error of the
	// last attempt.
	//
	//	Step     string
	//	Event    string // the type of the event that the step was called with
	//	Attempts int
	//	Err      error
	StepError = fold.StepError
	// A TimeoutError says that a run or a step took longer than it may. It wraps
	// [context.DeadlineExceeded].
	//
	//	Step   string // "" for the run
	//	Limit  time.Duration
	//	Active []string // for the run: the steps that were under way
	TimeoutError = fold.TimeoutError
	// An ErrorCode names a registered error in the record of a failure: its Code, and its fields
	// as JSON, Data, if it was registered by its type. See [RegisterError].
	//
	//	Code string
	//	Data json.RawMessage // of an error that is registered by its type: its fields
	ErrorCode = fold.ErrorCode
	// A StuckError says that nothing of a run is under way and no step gave the stop event.
	//
	//	Stop    string   // the type of the stop event
	//	Missing []string // the events for which collects still wait
	StuckError = fold.StuckError
	// A PanicError says that a step panicked, or left its goroutine by runtime.Goexit.
	//
	//	Value any
	//	Stack string
	PanicError = fold.PanicError
)

// ErrAwaitTimeout is what [Await] returns when its time is over.
var ErrAwaitTimeout = fold.ErrAwaitTimeout
