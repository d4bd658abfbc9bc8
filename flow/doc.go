// Package flow runs event-driven workflows: steps that take an event and give an event, wired by their types.
//
//	wf := flow.New[Question, Answer]("hello")
//	flow.Step(wf, "retrieve", func(ctx *flow.Context, q Question) (Passages, error) { … })
//	flow.Step(wf, "answer", func(ctx *flow.Context, p Passages) (Answer, error) { … })
//	answer, err := wf.Run(ctx, Question{"what is a workflow?"})
//
// Question is the start event and Answer the stop event; a run begins with the one and ends when a step gives the other.
// A step is an ordinary function, and its signature is its place in the graph. Events are values of named types that JSON can
// hold; once they are given they must not be changed.
//
// # What a step may take and give
//
// A step added with [Step] takes one event. It gives one; or, with a pointer, one or none (nil); or, with an interface, one of
// several: every event type of the workflow that implements the interface is a branch. A branch that leads back is a loop.
//
//	func(ctx *flow.Context, q Question) (Passages, error)
//	func(ctx *flow.Context, q Question) (*Passages, error)
//	func(ctx *flow.Context, q Question) (Route, error) // type Route interface{ route() }
//
// A step added with [Each] gives many, each a branch that is handled at once. A step added with [Join] takes all that came of
// them, in their order, when nothing of them is left to do. Nobody counts: a branch may give several events, or none.
//
//	func(ctx *flow.Context, q Question) iter.Seq2[Search, error]
//	func(ctx *flow.Context, all []Hits) (Answer, error)
//
// Events that do not come of one fan-out are taken together with [Collect2], [Collect3] and [CollectN]. A step may be a
// workflow: [Sub].
//
// # What a step can do meanwhile
//
// Its [Context] is a context.Context that ends when the step should. With it a step can show something to readers
// ([Context.Emit]), give further events ([Context.Send]), keep state ([Set], [Get], [Update], [State]), and wait for a person
// ([Await]).
//
// # When something fails
//
// A step that returns an error, panics, or runs out of its [Timeout] has failed. [Retry] says when it is tried again, and a
// step added with [Recover] may answer instead; otherwise the run fails with a [StepError] that wraps the last error.
//
// # Runs and their records
//
// A [Run] is exactly the sequence of its records: [Run.Records] yields them while they come, to any number of readers. All
// that is shown, stored or sent of a run is made of them, and from them a run can go on in another process
// ([Workflow.Resume]) or be forked at any point of its past ([Workflow.Fork]). [Keep] writes them to a journal; package
// flow/journal has one on disk, and package flow/trace makes spans of them. A [Snapshot] is the state alone.
//
// A run can be paused, stepped and asked why it does not move ([Run.Pause], [Run.StepOnce], [Run.Break], [Run.Explain]).
//
// Workflow.Check, which the first run does too, finds what is wrong with the graph as a whole. [Definition] and [Handle] are
// a workflow and a run for those who do not know their types, such as a screen or a server.
//
// The manual's page on the engine lists what is guaranteed, rule by rule.
package flow
