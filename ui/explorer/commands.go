package explorer

import (
	tea "charm.land/bubbletea/v2"

	"weft/ui/keys"
	"weft/ui/run"
)

// A command is something that a person can do, by a key, in the palette and in the help.
type command struct {
	id    string // stable: settings name it
	on    []on
	short string                // for the footer; none: not there
	long  string                // for palette and help
	label func(m *model) string // a word for the footer that depends on what goes on, in place of short
	no    func(m *model) string // why it cannot be done now; nil or "": it can
	do    func(m *model) tea.Cmd
}

// on says where which keys call a command.
type on struct {
	scope keys.Scope
	keys  []string
}

func in(s keys.Scope, k ...string) on { return on{s, k} }

// commands lists everything that can be done, in the order in which the footer prefers them.
func commands() []command {
	const line, tl, talk, insp, any = keys.Line, keys.Timeline, keys.Conversation, keys.Inspector, keys.Anywhere
	return []command{
		{id: "ask", on: []on{in(line, "enter")}, short: "ask", long: "ask the question", no: (*model).noQuestion, do: (*model).ask},
		{id: "workflow.next", on: []on{in(line, "shift+tab")}, short: "workflow", long: "ask the next workflow", no: (*model).noWorkflows, do: (*model).nextWorkflow},
		{id: "select.up", on: []on{in(tl, "up", "k")}, short: "step", long: "select the row above", no: (*model).noRun, do: moveRow(-1)},
		{id: "select.down", on: []on{in(tl, "down", "j")}, long: "select the row below", no: (*model).noRun, do: moveRow(1)},
		{id: "inspect", on: []on{in(tl, "enter")}, short: "inspect", long: "read the selected step's input, output and events", no: (*model).noRun, do: (*model).inspect},
		{id: "scroll.up", on: []on{in(talk, "up", "k"), in(insp, "up", "k")}, short: "scroll", long: "scroll up", do: scroll(-1)},
		{id: "scroll.down", on: []on{in(talk, "down", "j"), in(insp, "down", "j")}, long: "scroll down", do: scroll(1)},
		{id: "follow", on: []on{in(insp, "enter")}, label: (*model).followLabel, long: "go where the line leads, or unfold it", no: (*model).noRun, do: (*model).follow},
		{id: "scrub.back", on: []on{in(tl, "left", "h"), in(insp, "left", "h")}, label: (*model).timeLabel, long: "go back by one event", no: (*model).noRun, do: scrub(-1)},
		{id: "scrub.forward", on: []on{in(tl, "right", "l"), in(insp, "right", "l")}, long: "go forward by one event", no: (*model).noRun, do: scrub(1)},
		{id: "scrub.back10", on: []on{in(tl, "shift+left", "H")}, long: "go back by ten events", no: (*model).noRun, do: scrub(-10)},
		{id: "scrub.forward10", on: []on{in(tl, "shift+right", "L")}, long: "go forward by ten events", no: (*model).noRun, do: scrub(10)},
		{id: "scrub.start", on: []on{in(tl, "home", "g")}, long: "go to the start of the run", no: (*model).noRun, do: (*model).scrubStart},
		{id: "scrub.end", on: []on{in(tl, "end", "G")}, long: "go to the last event", no: (*model).noRun, do: (*model).live},
		{id: "live", on: []on{in(tl, "space"), in(insp, "space")}, short: "live", long: "return to the present and follow it", no: (*model).noPast, do: (*model).live},
		{id: "zoom.in", on: []on{in(tl, "+", "=")}, short: "zoom", long: "zoom in around the cursor", no: (*model).noZoom, do: zoom(1)},
		{id: "zoom.out", on: []on{in(tl, "-", "_")}, long: "zoom out", no: (*model).noZoom, do: zoom(-1)},
		{id: "zoom.fit", on: []on{in(tl, "0")}, long: "fit the whole run", no: (*model).noZoom, do: (*model).zoomFit},
		{id: "zoom.step", on: []on{in(tl, "z")}, long: "zoom to the selected step", no: (*model).noZoom, do: (*model).zoomStep},
		{id: "filter", on: []on{in(tl, "/")}, short: "filter", long: "filter rows: step:rerank  type:Ranked  error  !inverse", no: (*model).noRun, do: (*model).filter},
		{id: "cause", on: []on{in(tl, "["), in(insp, "[")}, long: "go to what caused the selected execution", no: (*model).noRun, do: (*model).toCause},
		{id: "effect", on: []on{in(tl, "]"), in(insp, "]")}, long: "go to what it caused", no: (*model).noRun, do: (*model).toEffect},
		{id: "error", on: []on{in(tl, "e")}, long: "go to where the run failed", no: (*model).noFailure, do: (*model).toError},
		{id: "critical", on: []on{in(tl, "c")}, long: "mark the critical path", no: (*model).noRun, do: (*model).critical},
		{id: "workers", on: []on{in(tl, "w")}, long: "one row per worker, or per step", no: (*model).noRun, do: (*model).workers},
		{id: "unfold", on: []on{in(tl, "u")}, long: "unfold or fold the selected row", no: (*model).noRun, do: (*model).unfold},
		{id: "pause", on: []on{in(tl, "P"), in(talk, "P"), in(insp, "P")}, label: (*model).pauseLabel, long: "hold the run, or let it go on", no: (*model).noRunning, do: (*model).pause},
		{id: "step.once", on: []on{in(tl, "."), in(talk, "."), in(insp, ".")}, label: (*model).stepLabel, long: "let one more execution start, then hold", no: (*model).noRunning, do: (*model).stepOnce},
		{id: "why", on: []on{in(tl, "W"), in(talk, "W"), in(insp, "W")}, long: "say why nothing moves", no: (*model).noRunning, do: (*model).sayWhy},
		{id: "break", on: []on{in(tl, "b"), in(insp, "b")}, long: "breakpoint: stop before the selected step, or no longer", no: (*model).noBreaker, do: (*model).toggleBreak},
		{id: "breakpoints", on: []on{in(tl, "B"), in(insp, "B")}, long: "breakpoints: stop before a step, or at a type of event", no: (*model).noBreaker, do: (*model).pickBreak},
		{id: "fault", on: []on{in(tl, "F"), in(insp, "F")}, long: "fault: let the selected step fail or be slow on purpose", no: (*model).noFault, do: (*model).fault},
		{id: "page.up", on: []on{in(any, "pgup")}, long: "scroll up by a page", do: page(-1)},
		{id: "page.down", on: []on{in(any, "pgdown")}, long: "scroll down by a page", do: page(1)},
		{id: "top", on: []on{in(talk, "home", "g"), in(insp, "home", "g")}, long: "scroll to the top", do: (*model).toTop},
		{id: "bottom", on: []on{in(talk, "end", "G", "space"), in(insp, "end", "G")}, long: "scroll to the end and follow", do: (*model).toBottom},
		{id: "run.previous", on: []on{in(tl, "p"), in(talk, "p"), in(any, "alt+up")}, long: "show the run before", no: (*model).noOther, do: otherRun(-1)},
		{id: "run.next", on: []on{in(tl, "n"), in(talk, "n"), in(any, "alt+down")}, long: "show the run after", no: (*model).noOther, do: otherRun(1)},
		{id: "sources", on: []on{in(tl, "s"), in(talk, "s", "enter"), in(any, "ctrl+s")}, short: "sources", long: "choose a source to look at", no: (*model).noSources, do: (*model).pickSource},
		{id: "graph", on: []on{in(tl, "v"), in(talk, "v"), in(insp, "v")}, short: "graph", long: "show the workflow as a graph, and where the run is in it", do: (*model).showGraph},
		{id: "edit", on: []on{in(insp, "o"), in(talk, "o")}, short: "edit", long: "open the source in your editor, at its line", no: (*model).noSource, do: (*model).edit},
		{id: "full", on: []on{in(tl, "f"), in(talk, "f"), in(insp, "f")}, short: "full", long: "show this panel alone, and back", no: (*model).noPicture, do: (*model).toggleFull},
		{id: "copy", on: []on{in(tl, "y"), in(talk, "y"), in(insp, "y"), in(any, "ctrl+y")}, short: "copy", long: "copy the answer (its Markdown), or the source", no: (*model).noAnswer, do: (*model).copy},
		{id: "focus", on: []on{in(any, "tab")}, label: (*model).focusLabel, long: "go to the next part of the screen", do: focus(1)},
		{id: "back", on: []on{in(any, "esc"), in(insp, "q")}, label: (*model).backLabel, long: "close; leave the past; go between question and timeline", do: (*model).back},
		{id: "interrupt", on: []on{in(any, "ctrl+c")}, long: "cancel the run; else clear the line; else quit", label: (*model).interruptLabel, do: (*model).interrupt},
		{id: "palette", on: []on{in(any, "ctrl+p")}, short: "commands", long: "find a command", do: (*model).palette},
		{id: "help", on: []on{in(any, "f1"), in(tl, "?"), in(talk, "?"), in(insp, "?")}, short: "help", long: "all keys and signs", do: (*model).help},
		{id: "workflow", on: []on{in(any, "ctrl+o")}, long: "choose the workflow that is asked", no: (*model).noWorkflows, do: (*model).pickWorkflow},
		{id: "models", on: []on{in(any)}, long: "choose the models that answer, embed and rerank", no: (*model).noChoices, do: (*model).choices},
		{id: "theme", on: []on{in(any)}, long: "choose the theme", no: (*model).noTheme, do: (*model).pickTheme},
		{id: "focus.back", on: []on{in(tl, "shift+tab"), in(talk, "shift+tab"), in(insp, "shift+tab")}, long: "go to the part before", do: focus(-1)},
		{id: "type", on: []on{in(tl, "i"), in(talk, "i"), in(insp, "i")}, long: "go to the question line", do: (*model).toLine},
		{id: "history.older", on: []on{in(line, "up")}, long: "the question before", do: (*model).older},
		{id: "history.newer", on: []on{in(line, "down")}, long: "the question after", do: (*model).newer},
		{id: "index", on: []on{in(any)}, long: "watch the indexing", no: (*model).noIndex, do: (*model).watchIndex},
		{id: "reader", on: []on{in(any, "alt+r")}, long: "screen-reader mode: lines of text in place of a screen, and back", do: (*model).toggleReader},
		{id: "skipped", on: []on{in(tl, "x"), in(talk, "x"), in(any, "alt+x")}, long: "list the files that are left out, and why", no: (*model).noSkipped, do: (*model).showSkipped},
		{id: "suspend", on: []on{in(any, "ctrl+z")}, long: "suspend weft; fg brings it back", do: func(*model) tea.Cmd { return tea.Suspend }},
		{id: "redraw", on: []on{in(any, "ctrl+l")}, long: "draw the screen anew", no: (*model).noPicture, do: func(*model) tea.Cmd { return tea.ClearScreen }},
		{id: "eof", on: []on{in(line, "ctrl+d")}, long: "quit, when the line is empty", no: (*model).noEOF, do: (*model).quitNow},
		{id: "quit", on: []on{in(tl, "q"), in(talk, "q")}, short: "quit", long: "quit", do: (*model).quitNow},
	}
}

// bindings makes the map of keys.
func bindings(cs []command) keys.Map {
	var list []keys.Binding
	for _, c := range cs {
		for _, o := range c.on {
			list = append(list, keys.Binding{Command: c.id, Scope: o.scope, Keys: o.keys, Short: c.short, Long: c.long})
		}
	}
	return keys.New(list)
}

// CheckKeys returns why keys cannot be given to commands in place of the usual ones; nil if they can.
func CheckKeys(to map[string][]string) error {
	_, err := bindings(commands()).Remap(to)
	return err
}

// command finds a command by its name.
func (m *model) command(id string) *command {
	for i := range m.commands {
		if m.commands[i].id == id {
			return &m.commands[i]
		}
	}
	return nil
}

// blocked says why a command cannot be done now, or "".
func (m *model) blocked(c *command) string {
	if c.no == nil {
		return ""
	}
	return c.no(m)
}

// run does a command, or says why not.
func (m *model) run(id string) tea.Cmd {
	c := m.command(id)
	if c == nil {
		return nil
	}
	if why := m.blocked(c); why != "" {
		return m.say(why, true)
	}
	return c.do(m)
}

// doMsg asks for a command from outside of the keys.
type doMsg struct{ command string }

func (m *model) noQuestion() string {
	if m.line.Value() == "" {
		return "type a question first"
	}
	if len(m.workflows) == 0 {
		return "there is no workflow to ask"
	}
	return ""
}

func (m *model) noRun() string {
	if m.shown == nil {
		return "there is no run yet: ask a question"
	}
	return ""
}

func (m *model) noZoom() string {
	if why := m.noPicture(); why != "" {
		return why
	}
	return m.noRun()
}

func (m *model) noRunning() string {
	if m.shown == nil || m.shown.run == nil || m.shown.over() {
		return "the run is not going on"
	}
	return ""
}

func (m *model) noPast() string {
	if m.shown != nil && (m.at() >= 0 || !m.panels.Following()) {
		return ""
	}
	return "the present is shown already"
}

func (m *model) noFailure() string {
	if m.shown == nil || m.shown.view(-1).Status() != run.Broken && len(m.shown.view(-1).Failures()) == 0 {
		return "nothing has failed"
	}
	return ""
}

func (m *model) noOther() string {
	if len(m.tracks) < 3 {
		return "there is no other run"
	}
	return ""
}

func (m *model) noSources() string {
	if len(m.sourceList()) == 0 {
		return "there are no sources yet"
	}
	return ""
}

func (m *model) noSource() string {
	if m.source == nil {
		return "look at a source first"
	}
	return ""
}

func (m *model) noAnswer() string {
	if m.source == nil && m.answerText() == "" {
		return "there is no answer yet"
	}
	return ""
}

func (m *model) noWorkflows() string {
	if len(m.workflows) < 2 {
		return "there is no other workflow"
	}
	return ""
}

func (m *model) noIndex() string {
	if m.index == nil {
		return "nothing was indexed by this program"
	}
	return ""
}

func (m *model) noEOF() string {
	if m.line.Value() != "" {
		return "the line is not empty"
	}
	return ""
}
