package explorer

import (
	"fmt"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"weft/flow"
	"weft/flow/show"
	"weft/ui/canvas"
	"weft/ui/graph"
	"weft/ui/inspect"
	"weft/ui/keys"
	"weft/ui/sources"
	"weft/ui/theme"
	"weft/ui/timeline"
)

// panels are the timeline and what belongs to it: its filter, and the inspector of what is selected in it.
type panels struct {
	*timeline.Model
	inspector *inspect.Model
	graph     *graph.Model
	filter    textinput.Model
	filtering bool   // the filter is being typed
	graphed   string // the workflow that the graph shows
}

func newPanels(t theme.Theme) panels {
	p := panels{Model: timeline.New(t), filter: textinput.New()}
	p.filter.Prompt = ""
	p.inspector, p.graph = inspect.New(t), graph.New(t)
	return p
}

// setTheme changes the look of all.
func (p *panels) setTheme(t theme.Theme) {
	p.SetTheme(t)
	p.inspector.SetTheme(t)
	p.graph.SetTheme(t)
}

// filtered reports whether a filter hides rows.
func (p *panels) filtered() bool { return p.filter.Value() != "" }

func (p *panels) clearFilter() {
	p.filter.SetValue("")
	p.filter.Blur()
	p.filtering = false
	p.Filter(nil)
}

// filterKey takes a key while the filter is typed; taken is false for keys that go on to mean what they always do.
func (p *panels) filterKey(msg tea.KeyPressMsg) (cmd tea.Cmd, taken bool) {
	switch msg.String() {
	case "enter":
		p.filtering = false
		p.filter.Blur()
		return nil, true
	case "esc":
		p.clearFilter()
		return nil, true
	case "up", "down", "ctrl+c", "ctrl+z", "ctrl+p", "f1", "tab":
		return nil, false
	}
	p.filter, cmd = p.filter.Update(msg)
	p.Filter(parseFilter(p.filter.Value()))
	return cmd, true
}

// at is the position that is shown, or -1 for the present.
func (m *model) at() int {
	if m.panels.Live() {
		return -1
	}
	return m.panels.View().Position()
}

// graphOf is the graph of a workflow, empty if it is not one of those that are asked.
func (m *model) graphOf(workflow string) flow.Graph {
	for _, w := range m.workflows {
		if w.Name == workflow {
			return w
		}
	}
	return flow.Graph{Name: workflow}
}

// showGraph shows the workflow of the run that is shown, or else the one that is asked, as a graph.
func (m *model) showGraph() tea.Cmd {
	m.source, m.graphed = nil, true
	m.enterInspector()
	if m.full != noPanel {
		m.full = inspectorPanel
	}
	return nil
}

// workflowShown is the workflow that the graph is of: that of the run that is shown, or, where that is none that can be asked, such
// as indexing, the one that is.
func (m *model) workflowShown() string {
	if m.shown != nil && len(m.graphOf(m.shown.workflow).Steps) > 0 {
		return m.shown.workflow
	}
	return m.workflowName()
}

func moveRow(by int) func(*model) tea.Cmd {
	return func(m *model) tea.Cmd { m.panels.Move(by); return nil }
}

func scrub(by int) func(*model) tea.Cmd {
	return func(m *model) tea.Cmd { m.panels.Scrub(by); return nil }
}

// zoomStep is the factor of one zoom.
const zoomStep = 1.5

func zoom(dir int) func(*model) tea.Cmd {
	return func(m *model) tea.Cmd {
		f := zoomStep
		if dir > 0 {
			f = 1 / zoomStep
		}
		m.panels.Zoom(f)
		return nil
	}
}

func (m *model) scrubStart() tea.Cmd { m.panels.Begin(); return nil }
func (m *model) live() tea.Cmd       { m.panels.Present(); return nil }
func (m *model) zoomFit() tea.Cmd    { m.panels.Fit(); return nil }
func (m *model) zoomStep() tea.Cmd   { m.panels.ZoomToSelected(); return nil }
func (m *model) workers() tea.Cmd    { m.panels.Workers(); return nil }

func (m *model) critical() tea.Cmd {
	if m.panels.Critical() {
		return m.say("marked: the steps that the end waited for; the inspector says each share", false)
	}
	return m.say("the critical path is no longer marked", false)
}

func (m *model) unfold() tea.Cmd {
	if !m.panels.Toggle() {
		return m.say("this row has nothing to unfold", true)
	}
	return nil
}

func (m *model) toCause() tea.Cmd {
	if !m.panels.Cause() {
		return m.say("it was started from outside", false)
	}
	return nil
}

func (m *model) toEffect() tea.Cmd {
	if !m.panels.Effect() {
		return m.say("it has started nothing", false)
	}
	return nil
}

func (m *model) toError() tea.Cmd {
	if !m.panels.Failure() {
		return m.say("nothing had failed at this instant", false)
	}
	return nil
}

// filter begins to type a filter.
func (m *model) filter() tea.Cmd {
	m.focus, m.panels.filtering = keys.Timeline, true
	return m.panels.filter.Focus()
}

// inspect reads the selected step: beside the timeline where there is room, over it otherwise.
func (m *model) inspect() tea.Cmd {
	m.source, m.graphed = nil, false
	m.enterInspector()
	if m.layout.shape < wide || m.full != noPanel {
		m.full = inspectorPanel
	}
	return nil
}

// enterInspector gives the keys to what stands in the inspector's place, and remembers who had them.
func (m *model) enterInspector() {
	if m.focus != keys.Inspector {
		m.came = m.focus
	}
	m.focus = keys.Inspector
}

// leaveInspector gives them back.
func (m *model) leaveInspector() {
	if m.focus == keys.Inspector {
		m.focus = m.came
	}
}

func (m *model) followLabel() string {
	if m.source != nil {
		return "edit"
	}
	if m.graphed {
		return ""
	}
	return "open"
}

func (m *model) timeLabel() string {
	if m.source != nil {
		return ""
	}
	return "time"
}

// drawTimeline shows the run that is shown.
func (m *model) drawTimeline(c *canvas.Canvas, r canvas.Rect) {
	title := "timeline"
	if m.shown != nil && m.layout.boxed {
		title += " · " + canvas.Truncate(m.shown.workflow, 20)
		if i, n := m.ordinal(m.shown); i > 0 && n > 1 {
			title += fmt.Sprintf(" · run %d of %d", i, n)
		}
		if at := m.at(); at >= 0 {
			title += fmt.Sprintf(" · record %d of %d", at, m.shown.fold.Len())
		}
	}
	in := m.box(c, r, title, keys.Timeline)
	if in != r {
		in.Max.X-- // its durations stand clear of the border
	}
	m.panels.SetNow(m.now())
	m.panels.Draw(c, in)
	if _, rows, _ := m.panels.Place(); rows <= 1 && m.panels.filtered() && in.Dy() > 2 { // the run's own row always stays
		c.TextN(in.Min.X+1, in.Min.Y+2, in.Dx()-2, "nothing matches; "+m.keyOf("back")+" clears the filter", m.theme.Muted)
	}
	if p := &m.panels; (p.filtering || p.filtered()) && m.layout.boxed {
		s := " / " + p.filter.Value() + " "
		n := c.TextN(r.Min.X+2, r.Max.Y-1, r.Dx()-4, s, m.theme.Match)
		if p.filtering && m.overlay == nil {
			m.cursor = cursor(r.Min.X+min(2+n-1, 5+canvas.Width(string([]rune(p.filter.Value())[:p.filter.Position()]))), r.Max.Y-1)
		}
	}
}

// ordinal says which of the questions' runs one is, counted from 1, and how many there are; 0 if it is none of them.
func (m *model) ordinal(of *track) (i, n int) {
	for _, t := range m.tracks {
		if t.exchange == nil {
			continue
		}
		if n++; t == of {
			i = n
		}
	}
	return i, n
}

// drawInspector shows a source that is looked at, the workflow's graph, or what is selected in the timeline.
func (m *model) drawInspector(c *canvas.Canvas, r canvas.Rect) {
	if m.source != nil {
		where := sources.Where(m.source.Source.Passage)
		in := m.box(c, r, where, keys.Inspector)
		if !m.layout.boxed { // there is no border that says it
			c.TextN(in.Min.X, in.Min.Y, in.Dx(), where, m.theme.Heading)
			in.Min.Y++
		}
		m.source.Draw(c, in, &m.theme)
		return
	}
	if m.graphed {
		name := m.workflowShown()
		in := m.box(c, r, "workflow · "+name, keys.Inspector)
		if m.panels.graphed != name {
			m.panels.graph.SetGraph(m.graphOf(name))
			m.panels.graphed = name
		}
		m.panels.graph.Show(m.panels.View(), m.now())
		m.panels.graph.Draw(c, in)
		return
	}
	step, _ := m.panels.Selected()
	title := "run"
	if step != nil {
		title = "step · " + step.Name
	}
	in := m.box(c, r, title, keys.Inspector)
	m.panels.inspector.Focus(m.focus == keys.Inspector)
	m.panels.inspector.Draw(c, in)
}

// reveal tells the inspector what is selected in the timeline, and when.
func (m *model) reveal() {
	step, exec := m.panels.Selected()
	_, critical := m.panels.CriticalShare(exec)
	m.panels.inspector.Lead(!m.reader.on) // who listens hears the first line first
	m.panels.inspector.Show(inspect.Selection{View: m.panels.View(), Step: step, Execution: exec, Now: m.now(), Critical: critical, Why: m.whyNow()})
}

// follow goes where the inspector's line leads: to a document, to another execution, or into what is folded.
func (m *model) follow() tea.Cmd {
	t, ok := m.panels.inspector.Target()
	switch {
	case m.source != nil:
		return m.edit()
	case ok && t.Path != "":
		for _, s := range m.sourceList() {
			if s.Path == t.Path && s.Line == t.Line {
				return m.look(s)
			}
		}
		return m.look(show.Source{Passage: show.Passage{Path: t.Path, Line: t.Line}})
	case ok && t.Execution != nil:
		m.panels.Select(t.Execution)
	case !m.panels.inspector.Toggle():
		return m.say("this line leads nowhere", false)
	}
	return nil
}
