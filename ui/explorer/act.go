package explorer

import (
	"path/filepath"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"weft/flow/show"
	"weft/ui/form"
	"weft/ui/keys"
	"weft/ui/sources"
)

// key finds out what a key means here, and does it. What is typed goes to the line while it has the keys.
func (m *model) key(msg tea.KeyPressMsg) tea.Cmd {
	m.marked = selection{}
	m.note.text = ""
	m.skipPaces()
	if m.overlay != nil {
		return m.overlayUpdate(msg)
	}
	if m.panels.filtering && m.focus == keys.Timeline {
		if cmd, taken := m.panels.filterKey(msg); taken {
			return cmd
		}
	}
	b, found := m.keys.Find(msg.String(), m.focus, keys.Anywhere)
	m.leaving = m.leaving && b.Command == "back"
	if m.formTyped() {
		if !found || b.Scope != keys.Anywhere || b.Command == "back" || b.Command == "focus" {
			return m.formUpdate(msg)
		}
	} else if m.focus == keys.Line && found {
		switch {
		case b.Command == "history.older" && !m.line.older(), b.Command == "history.newer" && !m.line.newer():
			return m.line.update(msg)
		case b.Command == "history.older", b.Command == "history.newer":
			return nil
		case b.Command == "ask" && m.line.Value() == "":
			return nil
		case b.Command == "eof" && m.line.Value() != "":
			return m.line.update(msg)
		}
	}
	if found {
		return m.run(b.Command)
	}
	if m.focus == keys.Line {
		return m.line.update(msg)
	}
	return nil
}

// skipPaces shows what is held back for the eye: whoever presses a key does not want to wait.
func (m *model) skipPaces() {
	for _, t := range m.tracks {
		if t.paced {
			t.pace.skip()
			t.stale = true
		}
	}
}

func (m *model) paste(msg tea.PasteMsg) tea.Cmd {
	switch {
	case m.overlay != nil:
		return m.overlayUpdate(msg)
	case m.formTyped():
		return m.formUpdate(msg)
	}
	m.focus = keys.Line
	return m.line.update(msg)
}

func (m *model) formUpdate(msg tea.Msg) tea.Cmd {
	if m.asking.sent || m.now().Before(m.asking.guard) {
		return nil
	}
	out, cmd := m.asking.Update(msg)
	switch out {
	case form.Submitted:
		return m.reply()
	case form.Left:
		if !m.awaited() {
			m.dismiss()
			return nil
		}
		m.asking.open = false
		if m.focus = keys.Line; !m.layout.timeline.Empty() && m.shown != nil {
			m.focus = keys.Timeline
		}
	}
	return cmd
}

// older and newer are done by key, which knows whether the cursor moves within the text instead; these are for the palette.
func (m *model) older() tea.Cmd { m.line.older(); return nil }
func (m *model) newer() tea.Cmd { m.line.newer(); return nil }

// parts are the parts of the screen that can have the keys now, in the order of tab.
func (m *model) parts() []keys.Scope {
	ps := []keys.Scope{}
	if !m.layout.line.Empty() {
		ps = append(ps, keys.Line)
	}
	if !m.layout.timeline.Empty() && m.shown != nil {
		ps = append(ps, keys.Timeline)
	}
	if !m.layout.inspector.Empty() && (m.shown != nil || m.source != nil) {
		ps = append(ps, keys.Inspector)
	}
	if !m.layout.conversation.Empty() && len(m.talk.Exchanges) > 0 {
		ps = append(ps, keys.Conversation)
	}
	if len(ps) == 0 {
		ps = append(ps, keys.Line)
	}
	return ps
}

// keepFocus takes the keys away from a part that a smaller window has no room for: nobody would see what they do.
func (m *model) keepFocus() {
	if ps := m.parts(); !slices.Contains(ps, m.focus) {
		m.focus = ps[0]
		if slices.Contains(ps, keys.Timeline) {
			m.focus = keys.Timeline
		}
	}
}

func focus(by int) func(*model) tea.Cmd {
	return func(m *model) tea.Cmd {
		if m.asking != nil && !m.formTyped() {
			m.openForm() // what waits for the person comes first
			return nil
		}
		ps := m.parts()
		i := slices.Index(ps, m.focus)
		m.focus = ps[((i+by)%len(ps)+len(ps))%len(ps)]
		return nil
	}
}

func (m *model) focusLabel() string {
	if m.asking != nil {
		return "reply"
	}
	ps := m.parts()
	if len(ps) < 2 {
		return ""
	}
	i := slices.Index(ps, m.focus)
	switch ps[(i+1)%len(ps)] {
	case keys.Timeline:
		return "timeline"
	case keys.Conversation:
		return "answers"
	case keys.Inspector:
		return "details"
	}
	return "question"
}

func (m *model) backLabel() string {
	switch {
	case m.source != nil || m.graphed || m.full != noPanel:
		return "close"
	case m.panels.filtered() && m.focus == keys.Timeline:
		return "clear"
	case m.focus != keys.Line && m.at() >= 0:
		return "live"
	}
	return ""
}

// back undoes the last thing that is in the way, and never loses what was typed.
func (m *model) back() tea.Cmd {
	switch {
	case m.source != nil || m.graphed:
		m.source, m.graphed = nil, false
		m.leaveInspector()
	case m.panels.filtered() && m.focus == keys.Timeline:
		m.panels.clearFilter()
	case m.full != noPanel:
		m.full = noPanel
		m.leaveInspector()
	case m.layout.shape >= wide && m.focus == keys.Inspector && m.came != keys.Line:
		m.leaveInspector()
	case m.focus == keys.Timeline && m.at() >= 0:
		return m.live()
	case m.focus == keys.Line && m.shown != nil && !m.layout.timeline.Empty():
		if m.line.Value() != "" && !m.leaving { // whoever goes on typing must not give commands
			m.leaving = true
			return m.say("still in the question; "+m.keyOf("back")+" again leaves it, and the text stays", false)
		}
		m.focus, m.leaving = keys.Timeline, false
	default:
		m.focus = keys.Line
	}
	return nil
}

func (m *model) toLine() tea.Cmd {
	m.focus, m.full, m.source, m.graphed = keys.Line, noPanel, nil, false
	return nil
}

func (m *model) toggleFull() tea.Cmd {
	want := map[keys.Scope]panel{keys.Timeline: timelinePanel, keys.Conversation: conversationPanel, keys.Inspector: inspectorPanel}[m.focus]
	if m.full == want && m.layout.shape == wide || m.full == want && want != inspectorPanel {
		want = noPanel
	}
	m.full = want
	return nil
}

func scroll(by int) func(*model) tea.Cmd {
	return func(m *model) tea.Cmd { m.scrollBy(m.focus, by); return nil }
}

func page(dir int) func(*model) tea.Cmd {
	return func(m *model) tea.Cmd {
		switch {
		case m.focus == keys.Inspector:
			m.turnPage(dir)
		case m.focus == keys.Timeline && m.reader.on:
			m.panels.Move(dir * 10)
		case m.focus == keys.Timeline:
			m.panels.Scroll(dir * max(m.inside(m.layout.timeline).Dy()-2, 1))
		case m.reader.on:
			m.readOn(dir * 5)
		default:
			m.talk.Scroll(dir * m.talk.Page())
		}
		return nil
	}
}

// turnPage scrolls what is in the inspector's place by a page.
func (m *model) turnPage(dir int) {
	if m.source != nil {
		m.source.Scroll(dir * m.source.Page())
		return
	}
	m.panels.inspector.Scroll(dir * max(m.inside(m.layout.inspector).Dy()-1, 1))
}

// scrollBy scrolls the part of the screen that a scope stands for.
func (m *model) scrollBy(s keys.Scope, by int) {
	switch {
	case s == keys.Inspector && m.source != nil:
		m.source.Scroll(by)
	case s == keys.Inspector && m.graphed:
		m.panels.graph.Scroll(by)
	case s == keys.Inspector:
		m.panels.inspector.Move(by)
	case s == keys.Timeline:
		m.panels.Scroll(by)
	case m.reader.on:
		m.readOn(by)
	default:
		m.talk.Scroll(by)
	}
}

func (m *model) toTop() tea.Cmd {
	switch {
	case m.focus == keys.Inspector && m.source != nil:
		m.source.End(false)
	case m.focus == keys.Inspector:
		m.panels.inspector.Move(-1 << 20)
	case m.reader.on:
		m.readOn(-1 << 20)
	default:
		m.talk.Home()
	}
	return nil
}

func (m *model) toBottom() tea.Cmd {
	switch {
	case m.focus == keys.Inspector && m.source != nil:
		m.source.End(true)
	case m.focus == keys.Inspector:
		m.panels.inspector.Move(1 << 20)
	case m.reader.on:
		m.readOn(1 << 20)
	default:
		m.talk.End()
	}
	return nil
}

// otherRun shows the run before or after.
func otherRun(by int) func(*model) tea.Cmd {
	return func(m *model) tea.Cmd {
		list := m.tracks[1:]
		i := min(max(slices.Index(list, m.shown)+by, 0), len(list)-1)
		m.show(list[i])
		m.toExchange(list[i])
		return nil
	}
}

// toExchange scrolls the conversation to a run's question.
func (m *model) toExchange(t *track) {
	for i, e := range m.talk.Exchanges {
		if e == t.exchange {
			m.talk.Show(i)
		}
	}
}

func (m *model) watchIndex() tea.Cmd {
	m.show(m.index)
	m.focus, m.full = keys.Timeline, noPanel
	return nil
}

// sourceList are the sources of the answer that is shown, or of the last one.
func (m *model) sourceList() []show.Source {
	if m.shown != nil && m.shown.exchange != nil {
		return m.shown.exchange.Sources
	}
	if n := len(m.talk.Exchanges); n > 0 {
		return m.talk.Exchanges[n-1].Sources
	}
	return nil
}

func (m *model) answerText() string {
	if m.shown != nil && m.shown.exchange != nil {
		return m.shown.exchange.Markdown()
	}
	if n := len(m.talk.Exchanges); n > 0 {
		return m.talk.Exchanges[n-1].Markdown()
	}
	return ""
}

// look shows a source in its document.
func (m *model) look(s show.Source) tea.Cmd {
	m.source, m.graphed = sources.NewPreview(s), false
	m.enterInspector()
	if m.full != noPanel {
		m.full = inspectorPanel
	}
	return sources.Load(m.root(), s)
}

// root is the folder that the sources' paths are relative to.
func (m *model) root() string {
	dir := m.opt.Dir
	if dir == "" {
		dir = m.session.corpus.Dir
	}
	if rest, ok := strings.CutPrefix(dir, "~/"); ok {
		dir = filepath.Join(m.opt.getenv("HOME"), rest)
	}
	return dir
}

func (m *model) edit() tea.Cmd {
	cmd, err := sources.Editor(m.opt.env(), m.root(), m.source.Source)
	if err != nil {
		return m.say(err.Error(), true)
	}
	return tea.ExecProcess(cmd, func(err error) tea.Msg {
		if err != nil {
			return noteMsg{"the editor: " + err.Error(), true}
		}
		return nil
	})
}

func (m *model) nextWorkflow() tea.Cmd {
	m.workflow = (m.workflow + 1) % len(m.workflows)
	w := m.workflows[m.workflow]
	return m.say(w.Name+": "+w.Description, false)
}
