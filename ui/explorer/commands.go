package explorer

import (
	tea "charm.land/bubbletea/v2"

	"weft/ui/keys"
)

// commandTable returns all commands, in the order in which the footer prefers them. CheckKeys calls
// it with an explorer whose fields are nil: method values of pointers may be used here, but a
// function that is called here, such as m.debugger.whileHeld, must not read fields.
func commandTable(m *explorer) []command {
	const line, tl, talk, insp, any = keys.Line, keys.Timeline, keys.Conversation, keys.Inspector, keys.Anywhere
	return []command{
		{id: "ask", on: []where{by(line, "enter")}, short: "ask", long: "ask the question", no: m.question.noQuestion, do: m.ask},
		{id: "ask.again", on: []where{by(tl, "r"), by(talk, "r"), by(insp, "r"), by(any, "alt+a")}, label: m.againLabel, long: "ask the selected question again", first: m.failed, no: m.noAgain, do: m.askAgain},
		{id: "ask.suggested", on: []where{by(any, "alt+w")}, label: m.suggestedLabel, long: "ask the selected question of the workflow that answers each of its parts", first: m.suggests, no: m.noSuggested, do: m.askSuggested},
		{id: "ask.offline", on: []where{by(any, "alt+o")}, short: "answer offline", long: "ask the failed question again without the model", first: m.failed, no: m.noOffline, do: m.askOffline},
		{id: "workflow.next", on: []where{by(line, "shift+tab")}, short: "workflow", long: "switch to the next workflow", no: m.runs.noWorkflows, do: m.question.nextWorkflow},
		{id: "select.up", on: []where{by(tl, "up", "k")}, short: "step", long: "select the row above", no: m.runs.noRun, do: m.timeline.move(-1)},
		{id: "select.down", on: []where{by(tl, "down", "j")}, long: "select the row below", no: m.runs.noRun, do: m.timeline.move(1)},
		{id: "inspect", on: []where{by(tl, "enter")}, short: "inspect", long: "read the selected step's input, output and events", no: m.runs.noRun, do: m.inspector.inspect},
		{id: "scroll.up", on: []where{by(talk, "up", "k"), by(insp, "up", "k")}, short: "scroll", long: "scroll up", do: m.shell.scroll(-1)},
		{id: "scroll.down", on: []where{by(talk, "down", "j"), by(insp, "down", "j")}, long: "scroll down", do: m.shell.scroll(1)},
		{id: "follow", on: []where{by(insp, "enter")}, label: m.followLabel, long: "go where the line leads, or unfold it", no: m.noFollow, do: m.follow},
		{id: "scrub.back", on: []where{by(tl, "left", "h"), by(insp, "left", "h")}, label: m.timeLabel, long: "go back by one event", no: m.runs.noRun, do: m.timeline.scrub(-1)},
		{id: "scrub.forward", on: []where{by(tl, "right", "l"), by(insp, "right", "l")}, long: "go forward by one event", no: m.runs.noRun, do: m.timeline.scrub(1)},
		{id: "scrub.back10", on: []where{by(tl, "shift+left", "H")}, long: "go back by ten events", no: m.runs.noRun, do: m.timeline.scrub(-10)},
		{id: "scrub.forward10", on: []where{by(tl, "shift+right", "L")}, long: "go forward by ten events", no: m.runs.noRun, do: m.timeline.scrub(10)},
		{id: "scrub.start", on: []where{by(tl, "home", "g")}, long: "go to the start of the run", no: m.runs.noRun, do: m.timeline.toStart},
		{id: "scrub.end", on: []where{by(tl, "end", "G")}, long: "go to the last event", no: m.runs.noRun, do: m.timeline.toPresent},
		{id: "live", on: []where{by(tl, "space"), by(insp, "space")}, short: "live", long: "return to the present and follow it", no: m.timeline.noPast, do: m.timeline.toPresent},
		{id: "zoom.in", on: []where{by(tl, "+", "=")}, short: "zoom", long: "zoom in around the cursor", no: m.timeline.noZoom, do: m.timeline.zoom(1 / zoomFactor)},
		{id: "zoom.out", on: []where{by(tl, "-", "_")}, long: "zoom out", no: m.timeline.noZoom, do: m.timeline.zoom(zoomFactor)},
		{id: "zoom.fit", on: []where{by(tl, "0")}, long: "fit the whole run", no: m.timeline.noZoom, do: m.timeline.fit},
		{id: "zoom.step", on: []where{by(tl, "z")}, long: "zoom to the selected step", no: m.timeline.noZoom, do: m.timeline.zoomStep},
		{id: "filter", on: []where{by(tl, "/")}, short: "filter", long: "filter rows: step:rerank  type:Ranked  error  !inverse", no: m.runs.noRun, do: m.timeline.startFilter},
		{id: "cause", on: []where{by(tl, "["), by(insp, "[")}, long: "go to what caused the selected execution", no: m.runs.noRun, do: m.timeline.toCause},
		{id: "effect", on: []where{by(tl, "]"), by(insp, "]")}, long: "go to what it caused", no: m.runs.noRun, do: m.timeline.toEffect},
		{id: "error", on: []where{by(tl, "e")}, long: "go to where the run failed", no: m.runs.noFailure, do: m.timeline.toFailure},
		{id: "critical", on: []where{by(tl, "c")}, long: "mark the critical path", no: m.runs.noRun, do: m.timeline.critical},
		{id: "workers", on: []where{by(tl, "w")}, long: "one row per worker, or per step", no: m.runs.noRun, do: m.timeline.workers},
		{id: "unfold", on: []where{by(tl, "u")}, long: "unfold or fold the selected row", no: m.runs.noRun, do: m.timeline.unfold},
		{id: "pause", on: []where{by(tl, "P"), by(talk, "P"), by(insp, "P")}, label: m.debugger.whileHeld("continue"), long: "pause the run, or continue it", no: m.runs.noRunning, do: m.debugger.pause},
		{id: "step.once", on: []where{by(tl, "."), by(talk, "."), by(insp, ".")}, label: m.debugger.whileHeld("one step"), long: "let one more execution start, then pause", no: m.runs.noRunning, do: m.debugger.stepOnce},
		{id: "why", on: []where{by(tl, "W"), by(talk, "W"), by(insp, "W")}, long: "say why nothing moves", no: m.runs.noRunning, do: m.sayWhy},
		{id: "break", on: []where{by(tl, "b"), by(insp, "b")}, long: "breakpoint: set or remove it before the selected step", no: m.debugger.noBreaker, do: m.debugger.toggleBreak},
		{id: "breakpoints", on: []where{by(tl, "B"), by(insp, "B")}, long: "breakpoints: stop before a step, or at a type of event", no: m.debugger.noBreaker, do: m.debugger.pickBreak},
		{id: "fault", on: []where{by(tl, "F"), by(insp, "F")}, long: "fault: make the selected step fail or slow on purpose", no: m.debugger.noFault, do: m.debugger.fault},
		{id: "page.up", on: []where{by(any, "pgup")}, long: "scroll up by a page", do: m.shell.page(-1)},
		{id: "page.down", on: []where{by(any, "pgdown")}, long: "scroll down by a page", do: m.shell.page(1)},
		{id: "top", on: []where{by(talk, "home", "g"), by(insp, "home", "g")}, long: "scroll to the top", do: m.shell.end(false)},
		{id: "bottom", on: []where{by(talk, "end", "G", "space"), by(insp, "end", "G")}, long: "scroll to the end and follow", do: m.shell.end(true)},
		{id: "run.previous", on: []where{by(tl, "p"), by(talk, "p"), by(any, "alt+up")}, long: "show the previous run", no: m.runs.noOther, do: m.otherRun(-1)},
		{id: "run.next", on: []where{by(tl, "n"), by(talk, "n"), by(any, "alt+down")}, long: "show the next run", no: m.runs.noOther, do: m.otherRun(1)},
		{id: "sources", on: []where{by(tl, "s"), by(talk, "s", "enter"), by(any, "ctrl+s")}, short: "sources", long: "choose a source to open", no: m.conversation.noSources, do: m.conversation.pickSource},
		{id: "graph", on: []where{by(tl, "v"), by(talk, "v"), by(insp, "v")}, short: "graph", long: "show the workflow as a graph, and where the run is in it", do: m.showGraph},
		{id: "edit", on: []where{by(insp, "o"), by(talk, "o")}, short: "edit", long: "open the source in your editor, at its line", no: m.noEdit, do: m.edit},
		{id: "full", on: []where{by(tl, "f"), by(talk, "f"), by(insp, "f")}, short: "full", long: "show this panel alone, or all again", no: m.shell.noPicture, do: m.shell.toggleAlone},
		{id: "copy", on: []where{by(tl, "y"), by(talk, "y"), by(insp, "y"), by(any, "ctrl+y")}, short: "copy", long: "copy the answer (its Markdown), or the source", no: m.shell.noCopy, do: m.shell.copy},
		{id: "sources.all", on: []where{by(talk, "u"), by(any, "alt+u")}, long: "list all sources of the answer, or those that it cites", no: m.conversation.noSources, do: m.conversation.toggleSources},
		{id: "focus", on: []where{by(any, "tab")}, label: m.focusLabel, long: "go to the next part of the screen", do: m.focusNext(1)},
		{id: "back", on: []where{by(any, "esc"), by(insp, "q")}, label: m.backLabel, long: "close; leave the past; go between question and timeline", do: m.shell.back},
		{id: "interrupt", on: []where{by(any, "ctrl+c")}, long: "cancel the run, twice: quit; else clear the line; else quit", label: m.quitter.label, first: m.quitter.justCancelled, do: m.quitter.interrupt},
		{id: "palette", on: []where{by(any, "ctrl+p")}, short: "commands", long: "find a command", do: m.palette},
		{id: "help", on: []where{by(any, "f1"), by(tl, "?"), by(talk, "?"), by(insp, "?")}, short: "help", long: "all keys and signs", do: m.shell.help},
		{id: "history", on: []where{by(any, "ctrl+r")}, short: "history", long: "the runs of earlier sessions: open, continue, ask again", no: m.past.no, do: m.past.list},
		{id: "compare", on: []where{by(tl, "D"), by(talk, "D"), by(insp, "D")}, long: "compare the run with another one, another workflow or another model", no: m.compare.no, do: m.compare.pick},
		{id: "workflow", on: []where{by(any, "ctrl+o")}, long: "choose the workflow that answers", no: m.runs.noWorkflows, do: m.question.pickWorkflow},
		{id: "models", on: []where{by(any)}, long: "choose the models that answer, embed and rerank", no: m.noChoices, do: m.choices},
		{id: "theme", on: []where{by(any)}, long: "choose the theme", no: m.noTheme, do: m.pickTheme},
		{id: "focus.back", on: []where{by(tl, "shift+tab"), by(talk, "shift+tab"), by(insp, "shift+tab")}, long: "go to the previous part", do: m.focusNext(-1)},
		{id: "type", on: []where{by(tl, "i"), by(talk, "i"), by(insp, "i")}, long: "go to the question line", do: m.shell.toLine},
		{id: "history.older", on: []where{by(line, "up")}, long: "the previous question", do: m.question.older},
		{id: "history.newer", on: []where{by(line, "down")}, long: "the next question", do: m.question.newer},
		{id: "index", on: []where{by(any)}, long: "watch the indexing", no: m.runs.noIndex, do: m.watchIndex},
		{id: "reader", on: []where{by(any, "alt+r")}, long: "screen-reader mode: lines of text instead of a screen, on or off", do: m.toggleReader},
		{id: "skipped", on: []where{by(tl, "x"), by(talk, "x"), by(any, "alt+x")}, long: "list the files that are left out, and why", no: m.runs.noSkipped, do: m.showSkipped},
		{id: "suspend", on: []where{by(any, "ctrl+z")}, long: "suspend weft; fg brings it back", do: func() tea.Cmd { return tea.Suspend }},
		{id: "redraw", on: []where{by(any, "ctrl+l")}, long: "redraw the screen", no: m.shell.noPicture, do: func() tea.Cmd { return tea.ClearScreen }},
		{id: "eof", on: []where{by(line, "ctrl+d")}, long: "quit, when the line is empty", no: m.question.noEOF, do: m.shell.quitNow},
		{id: "quit", on: []where{by(tl, "q"), by(talk, "q")}, short: "quit", long: "quit; asks before it ends a run or the indexing", do: m.quitter.quit},
	}
}
