// Package explorer is weft's screen: questions and answers, and the timeline of how each answer is
// made.
//
//	records ─▶ pump ─▶ explorer.Update ─▶ runs ─▶ panes ─▶ canvas or speech ─▶ Bubble Tea
//
// It knows runs only by their records and drives them through the Engine interface; nothing of
// documents or models is known here. Everything that takes time (asking, replying, rendering
// Markdown, reading a document) happens in commands, whose results come back as messages. The files
// stand above one another, the highest first, and none refers to one above it:
//
//	explorer.go, act.go, commands.go …  the one tea.Model; does what concerns several panes
//	pane_*.go                           what the parts of the screen show, each with its own state
//	shell.go, shell_*.go                layout, focus stack, keys, mouse, speech; knows no pane
//	frames.go                           the one frame scheduler: decides when the screen is drawn
//	runs.go, track.go, session.go       what is known from records
//	layout.go, pump.go, engine.go …     pure layout, carrier of records, what the caller provides
//
// # Keys, mouse, speech
//
// Each part of the screen shows one pane at a time; the focus stack says which part has the keys. A
// key goes to the pane on top (pane.Update), and what means nothing to that is looked up in the one
// table of commands, which also makes footer, palette and help. Scrolling, copying, esc, clicks and
// the wheel are one dispatch each, by the optional interfaces of pane.go. The screen-reader mode is
// a second renderer of the same panes: pane.Speak in place of pane.Draw. What draws, speaks or says
// hints changes neither focus nor selection; only shell.arrange moves the keys by itself, when a
// part has no room any more.
//
// # How to add a pane
//
//  1. Put what it draws into a folder of its own under ui, as ui/graph is: a plain value with
//     SetSize or Draw over a canvas, which knows runs by run.View and nothing of this package.
//  2. Write pane_NAME.go here: a type with the methods of pane (pane_graph.go is the shortest
//     example), and those of the optional interfaces that make sense: scroller, copier, closer,
//     leaver, reporter.
//  3. Give it a place. A pane that is opened over the details, as a source is, returns detailPart
//     from Part and is shown by shell.open. A pane with a place of its own is a new part in
//     layout.go, set in newExplorer. One that covers everything is set as shell.overlay, as a list
//     is.
//  4. Add its keys to commandTable. Keys that count nowhere else want a new keys.Scope, which the
//     pane returns from Scope.
package explorer
