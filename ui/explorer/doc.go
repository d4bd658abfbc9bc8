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
//     closed, copied from and spoken; pane_graph.go for one that shows the run, with clicks, a
//     selection and another word for enter; pane_inspector.go for lines that lead somewhere.
//  3. Give it a place. A pane that is opened over the details, as a source is, returns detailPart
//     from Part and is shown by shell.open, or by shell.openLarge if it needs the whole of a narrow
//     screen, usually from a method in act.go; shell.close closes it. A part holds one opened pane
//     at a time. A pane with a place of its own is a new part in layout.go, set as shell.home in
//     newExplorer. One that covers everything is set as shell.overlay, as a list is.
//  4. If it lives as long as the explorer, make it a field of explorer, and add it to shell.lasting
//     in newExplorer: only what is listed there gets themes and reports news. A pane that is made
//     when it is opened needs neither.
//  5. If it shows the run, read it from timelinePane.chart.View, the run at the moment that the
//     timeline shows: time travel then works by itself, live runs too. What depends on that view,
//     such as a cursor that must stay within the rows, is brought up to date by a method refresh
//     that explorer.refresh calls after every message, and not in Draw or Speak, which change
//     nothing. graphPane is the example; such a pane is a field of explorer.
//  6. Add its commands to commandTable, with a no function that says why a command cannot be done
//     now: that puts them in footer, palette and help. The scope that Scope returns brings the
//     keys: keys.Inspector fits what is opened over the details, and brings those of time travel,
//     breakpoints and faults, which act on the run that is shown. A new scope is added to package
//     keys, where help finds it, and needs rows of its own for the keys that are expected
//     everywhere; a test names them. A command that is useful from the question line has a name in
//     slashNames too (slash.go).
//  7. Give every message that its commands bring a case in explorer.handle; a test says which has
//     none. A message for what is opened goes to the Update of that pane, as sources.Loaded does.
//  8. Test it: a scene in golden_test.go is drawn at every size and in every look, and read as the
//     screen reader does. Its run comes from script_test.go; playRag, the usual one, calls no
//     model. Add what the pane selects to explorer.selected in queries_test.go: random input then
//     checks that drawing and speaking leave it alone. If the pane shows what playRag does not
//     have, that check needs a test of its own.
//  9. Describe it: its keys in the table of docs/timeline.md and its commands in
//     docs/configuration.md, which are compared with commandTable, the new folder in the table of
//     docs/architecture.md, and a line in docs/changelog.md. The help and the palette list new
//     commands, so the goldens of these two scenes change: look at them after
//     "go test ./ui/explorer -update".
//
// # What is kept between sessions
//
// This package reads and writes no file of the person's own. What is kept comes in by Options and
// goes out by Result, as the questions that were asked do (History in both); ui/cli reads it before
// and writes it after, in the state directory (ui/cli/history.go is the example).
package explorer
