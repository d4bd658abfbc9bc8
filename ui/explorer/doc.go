// Package explorer is weft's screen: questions and answers, and the timeline of how each answer is
// made.
//
//	records ─▶ pump ─▶ explorer.Update ─▶ runs ─▶ panes ─▶ canvas or speech ─▶ Bubble Tea
//
// It knows runs only by their records and drives them through the Engine interface; nothing of
// documents or models is known here. Everything that takes time (asking, replying, rendering
// Markdown, reading a document) happens in commands, whose results come back as messages. The files
// form layers, the highest first, and refer to the same layer or to lower ones:
//
//	explorer.go, act.go, commands.go …  the one tea.Model; does what concerns several panes
//	pane_*.go                           what the parts of the screen show, each with its own state
//	shell.go, shell_*.go                layout, focus stack, keys, mouse, speech; knows pane.go
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
//  2. Write pane_NAME.go here: a type with the methods of pane, and those of the optional
//     interfaces of pane.go that make sense. Examples: pane_source.go for a pane that is opened,
//     closed, copied from and spoken; pane_inspector.go for clicks, a cursor and lines that lead
//     somewhere.
//  3. Give it a place. A pane that is opened over the details, as a source is, returns detailPart
//     from Part and is shown by shell.open, usually from a method in act.go; a part holds one
//     opened pane at a time. A pane with a place of its own is a new part in layout.go, set as
//     shell.home in newExplorer. One that covers everything is set as shell.overlay, as a list is.
//  4. If it lives as long as the explorer, make it a field of explorer, and add it to shell.lasting
//     in newExplorer: only what is listed there gets themes and reports news. A pane that is made
//     when it is opened needs neither.
//  5. Add its commands to commandTable, with a no function that says why a command cannot be done
//     now. The scope that Scope returns brings the keys: keys.Inspector fits what is opened over
//     the details, and brings those of time travel, breakpoints and faults, which act on the run
//     that is shown. A new scope is added to package keys, where help finds it, and needs rows of
//     its own for the keys that are expected everywhere; a test names them.
//  6. Give every message that its commands bring a case in explorer.handle; a test says which has
//     none. A message for what is opened goes to the Update of that pane, as sources.Loaded does.
//  7. Add what it selects to explorer.selected in queries_test.go, so that drawing and speaking are
//     held to change nothing, and its keys and commands to docs/timeline.md and
//     docs/configuration.md, which are compared with the table.
//
// # What is kept between sessions
//
// This package reads and writes no file of the person's own. What is kept comes in by Options and
// goes out by Result, as the questions that were asked do (History in both); ui/cli reads it before
// and writes it after, in the state directory (ui/cli/history.go is the example).
package explorer
