package explorer

import (
	"errors"
	"slices"

	tea "charm.land/bubbletea/v2"

	"weft/flow"
	"weft/ui/conversation"
	"weft/ui/history"
)

// A pastRuns opens the list of kept runs, and does what a person chooses there.
type pastRuns struct{ m *explorer }

// list lists the kept runs.
func (o *pastRuns) list() tea.Cmd {
	m := o.m
	h := m.engine.(Historian)
	p := &historyPane{shell: m.shell, historian: h, act: o.act, both: m.compare.of}
	m.shell.overlay = p
	return p.open()
}

// no returns why there is no list of kept runs, or "".
func (o *pastRuns) no() string {
	m := o.m
	if _, ok := m.engine.(Historian); !ok {
		return "the runs of this program are not kept"
	}
	return ""
}

// A keptRunMsg brings a kept run that is to be opened.
type keptRunMsg history.Run

// first returns a command that finds the kept run with an identifier, to be opened at the start; nil if
// there is no identifier.
func (o *pastRuns) first(id string) tea.Cmd {
	h, ok := o.m.engine.(Historian)
	if !ok || id == "" {
		return nil
	}
	return func() tea.Msg {
		runs, err := h.History()
		for _, r := range runs {
			if r.ID == id {
				return keptRunMsg(r)
			}
		}
		if err == nil {
			err = errors.New("there is no such run: " + id)
		}
		return noteMsg{err.Error(), true}
	}
}

// open opens a run of the history. A run that waits for the person and that no process owns is
// continued, so it shows the form for the reply.
func (o *pastRuns) open(r history.Run) tea.Cmd {
	if r.Outcome == history.Waiting && r.Owner == nil {
		return o.act(actContinue, r)
	}
	return o.act(actOpen, r)
}

// importRun lists the kept runs, and asks for the path of a file with a run.
func (o *pastRuns) importRun() tea.Cmd {
	list := o.list()
	p, _ := o.m.shell.overlay.(*historyPane) // list has opened it
	return tea.Batch(list, p.beginImport())
}

// noImport returns why no run can be imported, or "".
func (o *pastRuns) noImport() string {
	if _, ok := o.m.engine.(Importer); !ok {
		return "this program imports no runs"
	}
	return ""
}

// pass passes a message to the list of runs, if it is open.
func (o *pastRuns) pass(msg tea.Msg) tea.Cmd {
	m := o.m
	p, ok := m.shell.overlay.(*historyPane)
	if !ok {
		return nil
	}
	cmd, _ := p.Update(msg)
	return cmd
}

// reload reads the list of runs again, if it is open, because a run has begun or ended.
func (o *pastRuns) reload() tea.Cmd {
	m := o.m
	p, ok := m.shell.overlay.(*historyPane)
	if !ok {
		return nil
	}
	return p.load()
}

// act does something with a run of the history that concerns the rest of the screen, and
// closes the list.
func (o *pastRuns) act(what historyAct, r history.Run) tea.Cmd {
	m := o.m
	h := m.engine.(Historian)
	m.shell.overlay = nil
	switch what {
	case actAgain:
		return m.begin(o.askable(r.Workflow), r.Question, m.engine.Ask)
	case actExport:
		return o.exportOf(r.ID)
	case actFork:
		if _, ok := m.engine.(Forker); !ok {
			return m.shell.say("the runs of this program cannot be forked", true)
		}
		return m.forking.past(r)
	case actFollowUp:
		return o.followUp(r)
	case actEdit:
		m.question.line.SetValue(r.Question)
		return m.shell.toLine()
	}
	for _, t := range m.runs.others() {
		if t.run != nil && t.run.ID() == r.ID && (what == actOpen || !t.ended) {
			m.visit(t)
			return nil
		}
	}
	get := h.Past
	if what == actContinue {
		get = h.Resume
	}
	t := &track{workflow: r.Workflow, title: r.Question, exchange: &conversation.Exchange{}, asked: r.Started}
	if r.Parent != nil {
		t.parent = r.Parent.Run
	}
	m.runs.add(t)
	m.conversation.ask(t)
	m.show(t)
	m.shell.closeDetail()
	return func() tea.Msg {
		run, err := get(r.ID)
		return startedMsg{t, run, err}
	}
}

// followUp opens a run, and makes the next question a follow-up to it.
func (o *pastRuns) followUp(r history.Run) tea.Cmd {
	m := o.m
	c, ok := m.engine.(TalkContinuer)
	if !ok {
		return m.shell.say("questions do not refer to each other here", true)
	}
	m.talk.fresh = false
	open := o.act(actOpen, r)
	return tea.Batch(open, m.shell.toLine(), func() tea.Msg {
		if err := c.ContinueTalk(r.ID); err != nil {
			return noteMsg{err.Error(), true}
		}
		return noteMsg{"the next question continues this talk", false}
	})
}

// askable returns a workflow if it answers questions, and otherwise the one that answers the next
// question.
func (o *pastRuns) askable(workflow string) string {
	m := o.m
	if slices.ContainsFunc(m.runs.workflows, func(g flow.Graph) bool { return g.Name == workflow }) {
		return workflow
	}
	return m.runs.workflowName()
}
