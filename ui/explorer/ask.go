package explorer

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"weft/flow/show"
	"weft/ui/answer"
	"weft/ui/canvas"
	"weft/ui/keys"
	"weft/ui/run"
)

// errCancelled is the cause that a run ends with when a person cancels it.
var errCancelled = errors.New("by you")

// startedMsg brings the run that answers a question, or why there is none.
type startedMsg struct {
	track uint64
	run   Run
	err   error
}

// ask asks the question that is typed. The engine is called outside of the loop.
func (m *model) ask() tea.Cmd {
	q := m.line.take()
	if q == "" {
		return nil
	}
	w := m.workflows[m.workflow].Name
	t := &track{workflow: w, title: q, exchange: &answer.Exchange{}, asked: m.now()}
	t.pace.on = m.session.provider.Offline && !m.reader.on
	m.adopt(t)
	m.talk.Exchanges = append(m.talk.Exchanges, t.exchange)
	m.talk.Follow()
	m.show(t)
	m.source, m.graphed = nil, false
	return func() tea.Msg {
		r, err := m.engine.Ask(w, q)
		return startedMsg{t.id, r, err}
	}
}

// started takes the engine's word.
func (m *model) started(msg startedMsg) tea.Cmd {
	t := m.byNumber(msg.track)
	if t == nil {
		return nil
	}
	t.stale = true
	if t.failed = msg.err; t.failed == nil {
		m.open(msg.run, t)
	}
	waiting := m.announcements
	m.announcements = nil
	for _, o := range waiting {
		m.announced(o)
	}
	return nil
}

func (m *model) byNumber(id uint64) *track {
	if id == 0 || id > uint64(len(m.tracks)) {
		return nil
	}
	return m.tracks[id-1]
}

// take applies what the pump brings.
func (m *model) take(b batch) tea.Cmd {
	var cmds []tea.Cmd
	for _, p := range b {
		t := m.byNumber(p.track)
		if t == nil {
			continue
		}
		if t == m.tracks[0] {
			for _, rec := range p.records {
				o, n := m.session.apply(rec)
				if o != nil {
					m.announced(*o)
				}
				if n != nil {
					cmds = append(cmds, m.say(n.Text, n.Level != "info"))
				}
			}
		} else {
			if t == m.index {
				for _, rec := range p.records {
					m.gauge.apply(rec)
					m.session.leftOut(rec)
				}
			}
			t.apply(p.records)
		}
		t.ended = t.ended || p.ended
	}
	return tea.Batch(append(cmds, m.bell())...)
}

// announced opens a run that the session has told of, unless a question has opened it already.
func (m *model) announced(o show.Opened) {
	if slices.ContainsFunc(m.tracks, func(t *track) bool { return t.run != nil && t.run.ID() == o.Run }) {
		return
	}
	if slices.ContainsFunc(m.tracks, func(t *track) bool { return t.run == nil && t.failed == nil }) {
		m.announcements = append(m.announcements, o) // it may be the run of a question, which the engine is about to return
		return
	}
	r, ok := m.engine.Run(o.Run)
	if !ok {
		return
	}
	t := &track{workflow: o.Workflow, title: canvas.Line(o.Title), asked: m.now()}
	if t.title == "" {
		t.title = t.workflow
	}
	m.open(r, t)
	if o.Workflow == "index" {
		m.index = t
	}
	if m.shown == nil {
		m.show(t)
	}
}

// show brings a run's timeline into view, at the present. Its form gets the keys if another form had them, or if nobody is typing.
func (m *model) show(t *track) {
	if m.shown == t {
		return
	}
	if t.asking != nil {
		t.asking.open = m.awaited() && m.formTyped() || m.idle()
	}
	if old := m.shown; old != nil {
		old.stale = true
	}
	m.shown = t
	m.panels.clearFilter()
	m.panels.SetRun(&t.fold, m.graphOf(t.workflow))
}

// running is the run that ctrl+c would cancel: the one that is shown, or the last that runs.
func (m *model) running() *track {
	if m.shown != nil && m.shown.exchange != nil && !m.shown.over() {
		return m.shown
	}
	for _, t := range slices.Backward(m.tracks) {
		if t.exchange != nil && !t.over() {
			return t
		}
	}
	return nil
}

func (m *model) interruptLabel() string {
	switch {
	case m.running() != nil:
		return "cancel"
	case m.line.Value() != "":
		return "clear"
	}
	return "quit"
}

// interrupt cancels what runs; with nothing running it clears the line, which history keeps; with nothing typed it quits.
func (m *model) interrupt() tea.Cmd {
	if t := m.running(); t != nil {
		r := t.run
		if r == nil {
			return m.say("the run has not started yet", true)
		}
		cancel := func() tea.Msg { r.Cancel(errCancelled); return nil }
		if i, n := m.ordinal(t); t != m.shown && n > 1 { // it cannot be seen
			return tea.Batch(cancel, m.say(fmt.Sprintf("run %d of %d is cancelled", i, n), false))
		}
		return cancel
	}
	if v := m.line.Value(); v != "" {
		m.line.remember(strings.TrimSpace(v))
		m.line.clear()
		m.focus = keys.Line
		return nil
	}
	return m.quitNow()
}

func (m *model) quitNow() tea.Cmd {
	m.quit = true
	return tea.Quit
}

// pause holds the run that is shown, or lets it go on. The controls are called outside of the loop, as everything of the engine.
func (m *model) pause() tea.Cmd {
	r, held := m.shown.run, m.shown.view(-1).Status() == run.Paused
	return func() tea.Msg {
		if held {
			r.Resume()
		} else {
			r.Pause()
		}
		return nil
	}
}

// held reports whether a debugger holds the run that is shown.
func (m *model) held() bool { return m.shown != nil && m.shown.view(-1).Status() == run.Paused }

func (m *model) pauseLabel() string {
	if m.held() {
		return "go on"
	}
	return ""
}

func (m *model) stepLabel() string {
	if m.held() {
		return "one step"
	}
	return ""
}

func (m *model) stepOnce() tea.Cmd {
	r := m.shown.run
	return func() tea.Msg { r.StepOnce(); return nil }
}
