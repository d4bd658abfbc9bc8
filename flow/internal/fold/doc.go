// Package fold is the pure state machine of a run: what happens to a run is its input, records and
// commands are its output. It has no goroutine, lock, channel or clock, which a test checks.
// Package flow gives it the input and the time, performs the steps, and shows the records to
// readers.
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
// # What happens in a tick
//
// A tick is a call of a method of Tree with the time: [Tree.Begin], [Tree.Return], [Tree.Fail],
// [Tree.Yield], [Tree.Await], [Tree.Arrive], [Tree.Pass] and so on (tick.go).
//
//  1. The tick decides which records follow from it directly. For each kind of record a method
//     writes it to the log and calls the apply method that changes the state: start and
//     applyStarted, finish and applyFinished, and so on. The two are next to each other in the
//     source. Replay calls the same apply method, after it has looked up by their numbers the
//     execution, await or scope that the tick has at hand. So there is one implementation of each
//     change, and it is as fast as a fused one.
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
//   - The vocabulary: kind.go, record.go, errors.go, codes.go, policy.go, ending.go, workflow.go.
//   - The graph: joins.go, validate.go, resolve.go, describe.go, graph.go, mermaid.go.
//   - All data of a run: log.go, slabs.go, state.go.
//   - Its parts: lists.go, timers.go, workers.go, call.go, executions.go, clock.go.
//   - Where events go: match.go, scopes.go, collects.go, replies.go, route.go.
//   - The kinds of record, each with its apply method: steps.go, awaits.go, calls.go, runs.go,
//     cleanup.go, suspend.go, values.go and patch.go.
//   - What follows, and from what: closing.go, advance.go, expire.go, tick.go.
//   - Records out and in: codec.go, export.go, intern.go, fits.go, replay.go.
//   - Snapshots: snapshot.go, shape.go, take.go, restore.go, origin.go.
//   - What the runtime reads: explain.go, view.go.
//
// # How to add a kind of record
//
// A new kind is for something that changes a run's state. What a workflow only shows is an emitted
// event. Files without a folder are in this package. In this order:
//
//  1. The name. kind.go: the constant, anywhere before kindCount, its name, and whether it is
//     Skippable. flow/types.go: the constant for users, with the fields that it sets, and an alias
//     for the type of its payload. flow/testdata/kinds.txt: a line with the name.
//     docs/journal.md: a row. The version of the journal stays (see journal.Version).
//  2. The state. state.go: the fields that the record changes; and for each of them snapshot.go,
//     take.go and restore.go, as a field that may be left out. A field of details also has to be
//     in the condition of restore.go under which an execution gets details, and one that is about
//     the attempt in Execution.forget. The tests compare snapshots, live, replayed and restored:
//     state that is not in take.go and restore.go is checked by nothing.
//  3. The record. Its method and its apply method are side by side, in the file with the other
//     kinds about an execution, an await or a run: steps.go, awaits.go, runs.go, scopes.go,
//     values.go. They are methods of the part that the record is about, such as an await, a call
//     or a scope, where there is one.
//  4. Who calls the method. tick.go, if the runtime says when it happens; advance.go, if it follows
//     from a state alone. A tick is a method of Tree, and a test limits the methods of a type; Tree
//     and Execution have about as many as they may. Move one to the part that it is about first.
//  5. Out and in. fits.go: when a journal may have the record; a kind about an execution is there
//     twice, in the list of fits and as a case of executionFits. intern.go and export.go: what its
//     payload and its type are. replay.go: the call of the apply method.
//  6. The tests of this package. oracle_test.go: what the record must agree with. sim_test.go: let
//     the simulator cause it. planted_test.go: a mistake that the oracle must find, a snapshot
//     that forgets the new state, and new seeds in rareBugs, because every schedule has changed.
//     Then a random run is compared with the replay of its records after every tick
//     (shadow_test.go), and continues from a crash at any instant (sim_test.go).
//  7. The runtime, if users cause it. From outside of the run: flow/run.go, the method of Handle
//     and Run; flow/runtime.go and flow/send.go, the request, and what becomes of it while the run
//     waits for its turn. From within a step: a method of Context as Emit (flow/context.go), which
//     does nothing once the attempt no longer counts, or a function as flow.Do; and what it
//     does in a test without a run (flow/internal/detach, flow/flowtest).
//  8. The rule. docs/engine.md: a rule with the next number, in the section where it belongs.
//     flow/rules_*_test.go: a test that carries the number.
//  9. The readers, each of which ignores a kind that it does not know, so no test misses it there:
//     ui/run/run.go (what the screen knows of a run: timeline, inspector and most of the rest draw
//     that), ui/run/runtest (journals for the tests of the screen), ui/inspect/sections.go,
//     ui/speech/run.go (the screen reader), ui/cli/plain.go, ui/cli/runs_show.go, ui/history/run.go
//     (the list of runs), rag/mcpserver/follow.go (what agents are told), flow/trace (spans, from
//     which OTLP, Chrome and Mermaid are written), and flow/serve/project.go (the events of HTTP).
//     A search for flow.EventEmitted finds those that read the records themselves.
package fold
