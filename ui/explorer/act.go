package explorer

import (
	"path/filepath"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"weft/flow/show"
	"weft/ui/sources"
)

// What follows are the acts that concern several panes.

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

// otherRun shows the run before or after.
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

func (m *explorer) showGraph() tea.Cmd {
	m.shell.open(m.graph)
	return nil
}

// look shows a source in its document.
func (m *explorer) look(s show.Source) tea.Cmd {
	p := &sourcePane{shell: m.shell, preview: sources.NewPreview(s), folders: m.folders()}
	m.shell.open(p)
	return sources.Load(p.folders, s)
}

// lookAt shows the place of a passage, as the source of the answer that it is, if it is one.
func (m *explorer) lookAt(p show.Passage) tea.Cmd {
	for _, s := range m.conversation.sources() {
		if s.Path == p.Path && s.Line == p.Line {
			return m.look(s)
		}
	}
	return m.look(show.Source{Passage: p})
}

// folders are the directories that hold the documents. An engine that was started without them
// names its only one in what it says of its corpus.
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

// follower is what the command follow is about: what was opened in the detail part, or else the
// details; nil where nothing can be followed there.
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
	switch {
	case m.follower() == nil:
		return "there is no line to follow in this panel"
	case m.shell.opened[detailPart] == nil:
		return m.runs.noRun()
	}
	return ""
}

// editable is the document that is looked at, or nil.
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

// sayWhy shows the run as a whole in the inspector, where it is said why it does not move.
func (m *explorer) sayWhy() tea.Cmd {
	m.timeline.chart.SelectRun()
	if !m.shell.speaker.on {
		m.inspector.inspect()
	}
	return m.why.askLoudly()
}

// toggleReader changes between the screen and lines of text.
func (m *explorer) toggleReader() tea.Cmd {
	cmd := m.shell.toggleSpeaker()
	if m.shell.speaker.on {
		m.runs.revealAll()
	}
	return cmd
}

// focusNext goes to the part of the screen that comes by parts after this one. What waits for the
// person comes first.
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
	return "open"
}

func (m *explorer) timeLabel() string {
	if m.editable() != nil {
		return ""
	}
	return "time"
}
