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
	m.shell.open(&sourcePane{shell: m.shell, preview: sources.NewPreview(s)})
	return sources.Load(m.folders(), s)
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

// follow goes where the line of the details leads: to a document, to another execution, or into
// what is folded. From a source it leads into the editor.
func (m *explorer) follow() tea.Cmd {
	t, ok := m.inspector.details.Target()
	switch {
	case m.source() != nil:
		return m.edit()
	case m.shell.opened[detailPart] != nil: // no line is selected there
		return nil
	case ok && t.Path != "":
		for _, s := range m.conversation.sources() {
			if s.Path == t.Path && s.Line == t.Line {
				return m.look(s)
			}
		}
		return m.look(show.Source{Passage: show.Passage{Path: t.Path, Line: t.Line}})
	case ok && t.Execution != nil:
		m.timeline.chart.Select(t.Execution)
	case !m.inspector.details.Toggle():
		return m.shell.say("this line leads nowhere", false)
	}
	return nil
}

func (m *explorer) edit() tea.Cmd { return m.source().edit(m.folders()) }

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
	case m.source() != nil:
		return "edit"
	case m.shell.opened[detailPart] != nil:
		return ""
	}
	return "open"
}

func (m *explorer) timeLabel() string {
	if m.source() != nil {
		return ""
	}
	return "time"
}

func (m *explorer) noSource() string {
	if m.source() == nil {
		return "look at a source first"
	}
	return ""
}

func (m *explorer) noCopy() string {
	if m.source() == nil && m.conversation.text() == "" {
		return "there is no answer yet"
	}
	return ""
}
