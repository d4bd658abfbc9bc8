// Package flow runs event-driven workflows: steps that take an event and give an event, wired by
// their types.
//
//	wf := flow.New[Question, Answer]("hello")
//	flow.Step(wf, "retrieve", func(ctx *flow.Context, q Question) (Passages, error) { … })
//	flow.Step(wf, "answer", func(ctx *flow.Context, p Passages) (Answer, error) { … })
//	answer, err := wf.Run(ctx, Question{"what is a workflow?"})
//
// Question is the start event and Answer the stop event: a run begins with the one and ends when a
// step gives the other. A step is an ordinary function, and its signature is its place in the
// graph. Events are values of named types that JSON can hold; once given they must not be changed.
//
// # What a step may take and give
//
// A step added with [Step] takes one event. It gives one; or, with a pointer, one or none (nil);
// or, with an interface, one of several: every event type of the workflow that implements the
// interface is a branch. A branch that leads back is a loop.
//
//	func(ctx *flow.Context, q Question) (Passages, error)
//	func(ctx *flow.Context, q Question) (*Passages, error)
//	func(ctx *flow.Context, q Question) (Route, error) // type Route interface{ route() }
//
// A step added with [Each] gives many, each of which is a branch that is handled at once. A step
// added with [Join] takes all events that came of the branches, in the order of the branches, once
// no branch has anything open. No step has to count: a branch may give several events, or none.
//
//	func(ctx *flow.Context, q Question) iter.Seq2[Search, error]
//	func(ctx *flow.Context, all []Hits) (Answer, error)
//
// Events that do not come of one fan-out are taken together with [Collect2], [Collect3] and
// [CollectN]. A step may be a workflow: [Sub].
//
// Its [Context] is a context.Context that ends when the attempt no longer counts. With it a step
// shows events to readers ([Context.Emit]), gives further events ([Context.Send]), keeps state
// ([Set], [Get], [Update], [State]), waits for a person ([Await]), sleeps for days ([Sleep],
// [Until]), and makes a call with an effect on the outside once ([Do]). [Retry] and [Timeout] bound
// its attempts, [Workers] says how many executions run at once, and a [Limit] is shared by several
// steps. A step added with [Recover] may answer for one that has failed, and one added with
// [Finally] cleans up when the run ends.
//
//	flow.Step(wf, "fetch", fetch, flow.Workers(8), flow.Timeout(time.Minute),
//		flow.Retry(flow.Policy{Attempts: 3, Delay: time.Second, Factor: 2}))
//
// # Runs and their records
//
// A [Run] is exactly the sequence of its records: [Run.Records] yields them as they come, to any
// number of readers. All that is shown, stored or sent of a run is made of them. [Keep] writes them
// to a journal; package flow/journal has one on disk, package flow/host keeps all runs of a folder
// and holds in memory only those that have something to do, package flow/trace makes spans of
// records, and package flow/show has types of events that screens know how to draw. A run can be
// paused, stepped and asked why it does not move ([Run.Pause], [Run.StepOnce],
// [Run.SetBreakpoints], [Run.Explain]). [Definition] and [Handle] are a workflow and a run for
// programs that do not know their types, such as a screen or a server.
//
// # Ordering
//
// The records of a run are totally ordered, and every reader sees them in this order, without gaps
// and with times that never go back. The record of the stop event, of the error or of the cancel is
// the last one.
//
// Events that an execution sends are delivered in the order of the calls, before the event that it
// returns. Executions of a step start in the order in which their events were delivered. If the
// step has one worker they also run in this order; with several workers they run concurrently and
// end in any order. A retry that is due, and an execution whose await was answered, start before
// those that are queued. There is no order between different steps, except that of cause and
// effect.
//
// A join gets its events in the order of the yields, whatever the order of their arrival. Changes
// of the state are applied one after the other.
//
// # Delivery
//
// Within one process an event is delivered exactly once to every step that takes its type. What an
// execution sends and returns is delivered when it succeeds or awaits, and not at all if its
// attempt fails; what it emits and the changes that it makes to the state take effect at once. A
// join is called once for each fan-out. An event from outside that nothing takes or awaits yet is
// kept for the first await that it fits. A reply that names an await ([Run.Reply]) answers it
// alone. [Run.Send] returns nil when the event is in the run, and on disk if the run is kept in a
// journal; for a run that waits for its turn the event is kept until the turn has come.
//
// The queue of a step has no limit, but a fan-out's yield blocks while far more of its branches
// wait than the next step has workers. Readers never slow a run down, and memory grows with its
// records. A run waits for its journal only when that is 1,024 records or 50 ms behind.
//
// # What survives what
//
// A step's error, panic or timeout: the attempt is retried by its policy, then recovered, then
// fails the run with a [StepError] that wraps the last error. Other runs are not affected.
//
// The end of the process: a run that was kept in a journal continues with [Workflow.Resume], and
// one of which a [Snapshot] was taken with [Workflow.ResumeFrom]. Executions that had finished are
// not called again. Executions that were under way start again from the top, so a step may be
// called more than once for one event: its effects on the outside must bear that, or be made with
// [Do]. An Await that was answered returns its reply again at once. Queues, scopes, collects,
// awaits, budgets and due times of retries and awaits are restored; the clocks of timeouts do not
// run while no process owns the run. A run can also be forked at any record ([Workflow.Fork]); the
// original is not touched.
//
// A crash at any instant: the journal on disk loses at most the last 50 ms and 1,024 records, and
// resuming does that work again; with [Sync] it loses no record of a step that has finished; a
// power failure takes at most the last second. Replies and other events from outside are never lost
// once [Run.Send] has returned. Any prefix of a journal can be resumed. If the disk fails, the run
// continues without its journal, and [Run.JournalErr] says so; or it fails, with [FailWithJournal].
//
// Two processes: a journal that is being written has one owner, and a second process is refused
// until the owner has closed it or ended.
//
// A new version of the program: a renamed type or step is declared with [Name] or [Formerly], a
// renamed field with the tag flow:"formerly=OLDNAME". New fields have their zero value, unless the
// tag flow:"required" forbids it. Any other change of steps, event types or fields is refused, with
// what differs; see [Past].
//
// The end of the context of [Workflow.Start] suspends a run that is kept in a journal, as
// [Run.Suspend] does: it continues with [Workflow.Resume]. Any other run is cancelled.
//
// A cancel ([Run.Cancel]) or the run's timeout: nothing survives. It reaches every step and
// sub-workflow, and is neither retried nor recovered. A step that ignores its context cannot delay
// the end; its result is dropped. Steps that were added with [Finally] are called before the end,
// however the run ends.
//
// # What is API
//
// The API is what go doc shows of the packages flow, flow/journal, flow/host, flow/show, flow/trace
// and flow/flowtest, and the names and JSON of the kinds of record, which other programs read.
// Packages in folders named internal are not; an alias of a type in one of them is API, with the
// fields and methods of that type.
//
// Options are functions, and the type of each says what it configures: a [WorkflowOption] a
// workflow ([New]), a [StepOption] a step, a [RunOption] one run, an [AwaitOption] one await; an
// [Option] a workflow and a step alike. These types, [Definition] and [Handle] are implemented by
// this package alone and may grow.
//
// The manual's page on the engine lists these guarantees rule by rule, each with the test that
// proves it. Package flow/flowtest helps to test a step by itself. The examples in the files
// example_test.go and samples_*_test.go are whole workflows, such as approvals of many items, map
// and reduce, and a saga.
package flow
