// Package fold is the pure state machine of a run: what happens to a run goes in, records and
// commands come out. It has no goroutine, lock, channel or clock; a test holds that. Package flow
// gives it the time and what happens, performs the steps, and shows the records to readers.
//
// # Data
//
// A [Workflow] is a graph of [Step]s and event types, resolved once into tables, and then constant.
// A [Tree] is one run with its sub-workflows. Each of these has a [State]: which [Execution]s are
// open, which wait for a worker, which scopes of fan-outs, collects and awaits are open, the values
// that steps have set. The state holds nothing of the past. The past is in the [Log], as records of
// 32 bytes; a [Record] is the same with names, as readers, journals and other processes see it.
//
// A run's state is exactly the fold of its records: applying them one after the other to a new Tree
// ([Tree.Replay]) gives the same state as the run had. So a run can continue after any prefix of
// its journal, be forked at any record, and be tested by comparing the two.
//
// # How a tick passes through
//
// A tick is a call of a method of Tree with the time: [Tree.Begin], [Tree.Return], [Tree.Fail],
// [Tree.Yield], [Tree.Await], [Tree.Arrive], [Tree.Pass] and so on (tick.go).
//
//  1. The tick decides which records follow from it directly. For each kind of record a method
//     writes it to the log and calls the apply method that changes the state: start and
//     applyStarted, finish and applyFinished, and so on. The two stand together, and replay calls
//     the same apply method, having looked up by number what the tick has at hand. So there is one
//     implementation of each change, and it is as fast as a fused one.
//  2. What the step gave is routed (route.go): to new executions, to the scope that is joined
//     (scopes.go), to collects (collects.go) and awaits (replies.go).
//  3. The tree is drained (advance.go): as long as something follows from a state alone, such as
//     giving a free worker to an execution that waits or closing a scope, it is recorded too.
//     Because that is decided from the state alone, it also happens after a restart.
//  4. What the runtime has to do is left in [Tree.Commands]: start an attempt, end its context, let
//     a yield continue, end the run.
//
// # Files, from the bottom to the top
//
//   - The vocabulary: kind.go, record.go, errors.go, policy.go, workflow.go.
//   - The graph: joins.go, validate.go, resolve.go, graph.go, mermaid.go.
//   - All data of a run: log.go, state.go.
//   - Its parts: lists.go, timers.go, workers.go, executions.go, clock.go.
//   - Where events go: scopes.go, collects.go, replies.go, route.go.
//   - The kinds of record, each with its apply method: steps.go, awaits.go, runs.go, values.go and
//     patch.go.
//   - What follows, and from what: closing.go, advance.go, expire.go, tick.go.
//   - Records out and in: export.go, intern.go, fits.go, replay.go.
//   - Snapshots: snapshot.go, shape.go, take.go, restore.go.
//   - What the runtime reads: explain.go, view.go.
//
// # How to add a kind of record
//
// Name it in kind.go, and in flow/types.go for users. Write its method and its apply method where its
// execution, scope, await or run has the others, and call the apply method in replay.go. Say in
// fits.go when a journal may have it, and in intern.go and export.go what its payload is. Teach it to
// the oracle (oracle_test.go), and let the simulator cause it (sim_test.go): then it is replayed
// after every tick, and from a restart at any instant.
package fold
