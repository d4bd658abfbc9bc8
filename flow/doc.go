// Package flow runs event-driven workflows: steps that take an event and give an event, wired by their types.
//
//	wf := flow.New[Question, Answer]("hello")
//	flow.Step(wf, "retrieve", func(ctx *flow.Context, q Question) (Passages, error) { … })
//	flow.Step(wf, "answer", func(ctx *flow.Context, p Passages) (Answer, error) { … })
//	answer, err := wf.Run(ctx, Question{"what is a workflow?"})
//
// Question is the start event and Answer the stop event; a run begins with the one and ends when a step gives the other.
// A step is an ordinary function: what it takes and what it returns is its place in the graph.
package flow
