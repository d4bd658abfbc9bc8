package explorer

import (
	"path/filepath"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"weft/flow/show"
	"weft/ui/sources"
)

// The methods below are the actions that concern several panes.

// show brings a run's timeline into view, at the present.
func (m *explorer) show(t *track) {
	if m.runs.shown == t {
		return
	}
	m.form.shows(t)
	if old := m.runs.shown; old != nil {
		old.stale = true
	}
	m.runs.shown = t
	m.timeline.show(t)
}

// visit shows a run, and its question in the conversation.
func (m *explorer) visit(t *track) {
	m.show(t)
	m.conversation.scrollTo(t)
}

// otherRun returns a command that shows the previous (by is -1) or the next (1) run.
func (m *explorer) otherRun(by int) func() tea.Cmd {
	return func() tea.Cmd {
		list := m.runs.others()
		m.visit(list[min(max(slices.Index(list, m.runs.shown)+by, 0), len(list)-1)])
		return nil
	}
}

func (m *explorer) watchIndex() tea.Cmd {
	m.show(m.runs.index)
	m.shell.goTo(timelinePart)
	return nil
}

// look shows a source in its document.
func (m *explorer) look(s show.Source) tea.Cmd {
	p := &sourcePane{shell: m.shell, preview: sources.NewPreview(s), folders: m.folders()}
	m.shell.open(p)
	return sources.Load(p.folders, s)
}

// lookAt shows a passage in its document. If the passage is a source of the answer, it is shown as
// that source.
func (m *explorer) lookAt(p show.Passage) tea.Cmd {
	for _, s := range m.conversation.sources() {
		if s.Path == p.Path && s.Line == p.Line {
			return m.look(s)
		}
	}
	return m.look(show.Source{Passage: p})
}

// folders returns the directories that hold the documents. If the engine was started without any,
// it is the directory that the engine reports for its corpus.
func (m *explorer) folders() sources.Folders {
	if f := m.shell.opt.Folders; f != nil {
		return f
	}
	dir := m.runs.session.corpus.Dir
	if rest, ok := strings.CutPrefix(dir, "~/"); ok {
		dir = filepath.Join(m.shell.opt.getenv("HOME"), rest)
	}
	return sources.Folders{"": dir}
}

// follower returns the pane that the command follow acts on: the opened pane in the detail part,
// else the details; nil if nothing there can be followed.
func (m *explorer) follower() follower {
	p := m.shell.opened[detailPart]
	if p == nil {
		p = m.inspector
	}
	f, _ := p.(follower)
	return f
}

func (m *explorer) follow() tea.Cmd { return m.follower().Follow() }

func (m *explorer) noFollow() string {
	if m.follower() == nil {
		return "there is no line to follow in this panel"
	}
	return m.follower().NoFollow()
}

// editable returns the pane with the document that is open, or nil.
func (m *explorer) editable() editable {
	e, _ := m.shell.opened[detailPart].(editable)
	return e
}

func (m *explorer) edit() tea.Cmd { return m.editable().Edit() }

func (m *explorer) noEdit() string {
	if m.editable() == nil {
		return "open a source first"
	}
	return ""
}

// sayWhy selects the run, so that the inspector shows why it does not move.
func (m *explorer) sayWhy() tea.Cmd {
	m.timeline.chart.SelectRun()
	if !m.shell.speaker.on {
		m.inspector.inspect()
	}
	return m.why.askLoudly()
}

// toggleReader switches between the screen and the screen-reader mode.
func (m *explorer) toggleReader() tea.Cmd {
	cmd := m.shell.toggleSpeaker()
	if m.shell.speaker.on {
		m.runs.revealAll()
	}
	return cmd
}

// focusNext moves the focus by a number of parts. A form that waits for the person comes first.
func (m *explorer) focusNext(by int) func() tea.Cmd {
	return func() tea.Cmd {
		if m.form.front != nil && !m.form.typed() {
			m.form.enter()
			return nil
		}
		m.shell.focus.to(m.shell.beside(by))
		return nil
	}
}

func (m *explorer) focusLabel() string {
	next := m.shell.beside(1)
	switch {
	case m.form.front != nil:
		return "reply"
	case next == m.shell.part():
		return ""
	}
	return [parts]string{timelinePart: "timeline", conversationPart: "answers", detailPart: "details", linePart: "question"}[next]
}

func (m *explorer) backLabel() string {
	switch {
	case m.shell.opened[detailPart] != nil || m.shell.alone != noPart:
		return "close"
	case m.timeline.filtered() && m.shell.part() == timelinePart:
		return "clear"
	case m.shell.part() != linePart && m.timeline.instant() >= 0:
		return "live"
	}
	return ""
}

func (m *explorer) followLabel() string {
	switch {
	case m.editable() != nil:
		return "edit"
	case m.follower() == nil:
		return ""
	}
	return label(m.shell, "follow", "open")()
}

func (m *explorer) timeLabel() string {
	if m.editable() != nil {
		return ""
	}
	return "time"
}
