package explorer

import (
	"errors"

	tea "charm.land/bubbletea/v2"

	"weft/flow/show"
	"weft/ui/canvas"
	"weft/ui/conversation"
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
	if cmd, done, ok := m.slash.do(m.question.line.Value()); ok {
		if done {
			m.question.line.take()
		}
		return cmd
	}
	q := m.question.line.take()
	if q == "" {
		return nil
	}
	return m.begin(m.runs.workflowName(), q, m.engine.Ask)
}

// begin shows a question and starts its run. ask is called outside of the event loop.
func (m *explorer) begin(w, q string, ask func(workflow, question string) (Run, error)) tea.Cmd {
	t := &track{workflow: w, title: q, exchange: &conversation.Exchange{}, asked: m.shell.now(), opens: m.talk.asked()}
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
		before := m.runs.session.corpus.State
		open, say := m.runs.apply(p)
		if p.ended {
			cmds = append(cmds, m.past.reload(), m.compare.offer(m.runs.byNumber(p.track)))
		}
		if before == show.CorpusIndexing && m.runs.session.corpus.State == show.CorpusReady {
			cmds = append(cmds, m.again.offer())
		}
		for _, o := range open {
			m.announced(o)
		}
		for _, n := range say {
			cmds = append(cmds, m.shell.say(n.Text, n.Level != show.Info))
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
	if g, ok := r.(grapher); ok && len(m.runs.graphOf(o.Workflow).Steps) == 0 {
		t.graph = g.Graph()
	}
	m.watch(r, t)
	if o.Workflow == "index" {
		m.runs.index = t
	}
	if m.runs.shown == nil {
		m.show(t)
	}
}
