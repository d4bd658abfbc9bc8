package explorer

import (
	"errors"

	tea "charm.land/bubbletea/v2"

	"weft/flow/show"
	"weft/ui/canvas"
	"weft/ui/conversation"
	"weft/ui/run"
)

// errCancelled is the cause of a run that a person cancels.
var errCancelled = errors.New("by you")

// startedMsg carries the run that answers a question, or the error with which it did not start.
type startedMsg struct {
	track *track
	run   Run
	err   error
}

// ask asks the question in the question line.
func (m *explorer) ask() tea.Cmd {
	q := m.question.line.take()
	if q == "" {
		return nil
	}
	return m.begin(m.runs.workflowName(), q, m.engine.Ask)
}

// begin shows a question and starts its run. ask is called outside of the event loop.
func (m *explorer) begin(w, q string, ask func(workflow, question string) (Run, error)) tea.Cmd {
	t := &track{workflow: w, title: q, exchange: &conversation.Exchange{}, asked: m.shell.now()}
	t.typewriter.on = m.runs.session.provider.Offline && !m.shell.speaker.on
	m.runs.add(t)
	m.conversation.ask(t)
	m.show(t)
	m.shell.closeDetail()
	return func() tea.Msg {
		r, err := ask(w, q)
		return startedMsg{t, r, err}
	}
}

// askOffline asks the question of a failed run again, without the model.
func (m *explorer) askOffline() tea.Cmd {
	t := m.runs.shown
	return m.begin(t.workflow, t.title, m.engine.(OfflineAsker).AskOffline)
}

// failed reports whether the selected question has failed.
func (m *explorer) failed() bool {
	t := m.runs.shown
	return t != nil && t.exchange != nil && (t.failed != nil || t.view(-1).Status() == run.Broken)
}

// askAgain asks the selected question again, of the same workflow.
func (m *explorer) askAgain() tea.Cmd {
	t := m.runs.shown
	return m.begin(t.workflow, t.title, m.engine.Ask)
}

// noAgain returns why the selected question cannot be asked again, or "".
func (m *explorer) noAgain() string {
	switch t := m.runs.shown; {
	case t == nil || t.exchange == nil:
		return "there is no question to ask again"
	case !t.over():
		return "the question is still being answered"
	}
	return ""
}

// againLabel names the command in the footer where the selected question has no complete answer.
func (m *explorer) againLabel() string {
	if t := m.runs.shown; t != nil && t.exchange != nil && (t.exchange.State == conversation.Failed || t.exchange.Warned) {
		return "ask again"
	}
	return ""
}

// askSuggested asks the selected question of the workflow that its answer suggests.
func (m *explorer) askSuggested() tea.Cmd {
	t := m.runs.shown
	return m.begin(t.exchange.Suggest, t.title, m.engine.Ask)
}

// suggests reports whether the answer to the selected question suggests another workflow.
func (m *explorer) suggests() bool {
	t := m.runs.shown
	return t != nil && t.exchange != nil && len(m.runs.graphOf(t.exchange.Suggest).Steps) > 0
}

func (m *explorer) suggestedLabel() string {
	if !m.suggests() {
		return ""
	}
	return "ask " + m.runs.shown.exchange.Suggest
}

// noSuggested returns why there is no other workflow to ask, or "".
func (m *explorer) noSuggested() string {
	if !m.suggests() {
		return "no other workflow would answer more completely"
	}
	return ""
}

// noOffline returns why the question cannot be asked again without the model, or "".
func (m *explorer) noOffline() string {
	switch _, can := m.engine.(OfflineAsker); {
	case !m.failed():
		return "no question has failed"
	case !can || m.runs.session.provider.Offline:
		return "there is no model to leave out"
	}
	return ""
}

// started handles the engine's reply to a question.
func (m *explorer) started(msg startedMsg) tea.Cmd {
	t := msg.track
	t.stale = true
	if t.failed = msg.err; t.failed == nil {
		m.watch(msg.run, t)
	}
	early := m.early
	m.early = nil
	for _, o := range early {
		m.announced(o)
	}
	return m.past.reload()
}

// watch starts to read and show the records of a run.
func (m *explorer) watch(r Run, t *track) {
	t.run = r
	if t.id == 0 {
		m.runs.add(t)
	}
	m.pump.watch(t.id, r)
}

// take applies a batch of the pump.
func (m *explorer) take(b batch) tea.Cmd {
	var cmds []tea.Cmd
	for _, p := range b {
		if p.ended {
			cmds = append(cmds, m.past.reload())
		}
		open, say := m.runs.apply(p)
		for _, o := range open {
			m.announced(o)
		}
		for _, n := range say {
			cmds = append(cmds, m.shell.say(n.Text, n.Level != "info"))
		}
	}
	return tea.Batch(append(cmds, m.form.ring())...)
}

// announced shows a run that the session has announced, unless it is shown as the run of a
// question.
func (m *explorer) announced(o show.Opened) {
	if m.runs.has(o.Run) {
		return
	}
	if m.runs.starting() {
		// This may be the run of a question whose Ask has not returned yet.
		m.early = append(m.early, o)
		return
	}
	r, ok := m.engine.Run(o.Run)
	if !ok {
		return
	}
	t := &track{workflow: o.Workflow, title: canvas.Line(o.Title), asked: m.shell.now()}
	if t.title == "" {
		t.title = t.workflow
	}
	m.watch(r, t)
	if o.Workflow == "index" {
		m.runs.index = t
	}
	if m.runs.shown == nil {
		m.show(t)
	}
}
