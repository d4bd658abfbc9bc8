package explorer

import (
	tea "charm.land/bubbletea/v2"

	"weft/ui/canvas"
	"weft/ui/graph"
	"weft/ui/keys"
	"weft/ui/run"
	"weft/ui/speech"
	"weft/ui/theme"
)

// A graphPane shows the workflow of the shown run as a graph, with the progress of that run. Its
// selected step and that of the timeline are one: a step chosen in either is selected in both.
type graphPane struct {
	shell    *shell
	runs     *runs
	timeline *timelinePane
	graph    *graph.Model
	workflow string // the workflow that the graph shows

	seen *run.Step // the step that was selected in the timeline when it was last looked at
	said string    // the step that was announced last
}

func (p *graphPane) Part() part             { return detailPart }
func (p *graphPane) Scope() keys.Scope      { return keys.Inspector }
func (p *graphPane) Hints() []hint          { return p.shell.hints(keys.Inspector, keys.Anywhere) }
func (p *graphPane) Prompt() prompt         { return prompt{label: "graph: "} }
func (p *graphPane) SetTheme(t theme.Theme) { p.graph.SetTheme(t) }
func (p *graphPane) Empty() bool            { return p.runs.shown == nil }

// hint returns the word for the graph in the footer. A narrow screen has room for it in the timeline
// only: elsewhere it would take the place of keys that act there.
func (p *graphPane) hint() string {
	if p.shell.part() != timelinePart && p.shell.w < wideFooter {
		return ""
	}
	return "graph"
}

// wideFooter is how many cells a footer has in which every part of the screen can name the graph.
const wideFooter = 120

// open shows the graph: beside the timeline if there is room, otherwise over it.
func (p *graphPane) open() tea.Cmd {
	p.shell.openLarge(p)
	return nil
}

// Close leaves the sub-workflow that is open, or closes the graph.
func (p *graphPane) Close() bool {
	if !p.graph.Leave() {
		p.shell.close()
	}
	return true
}

// refresh updates the graph to the shown run and moment, and to the timeline's selection if that has
// changed.
func (p *graphPane) refresh() {
	name := p.runs.workflowShown()
	step, _ := p.timeline.chart.Selected()
	changed := p.workflow != name
	if changed {
		p.graph.SetGraph(p.runs.graphOf(name))
		p.workflow = name
	}
	p.graph.Show(p.timeline.chart.View(), p.shell.now())
	if changed || step != p.seen {
		p.graph.Reflect(step)
		p.seen = step
	}
}

// lead selects the graph's step in the timeline.
func (p *graphPane) lead() {
	step := p.graph.Selected()
	if step == nil {
		return
	}
	chart := p.timeline.chart
	if e := p.graph.Execution(); e != nil {
		chart.Select(e)
	} else if !chart.SelectPlanned(step.Name) {
		chart.SelectRun() // it never started
	}
	p.seen, _ = chart.Selected()
}

// Update handles clicks, of which a second one on a step does what enter does, and the wheel.
func (p *graphPane) Update(msg tea.Msg) (tea.Cmd, bool) {
	switch msg := msg.(type) {
	case tea.MouseClickMsg:
		in := p.shell.inside(p.shell.layout.detail)
		hit, again := p.graph.Click(msg.X-in.Min.X, msg.Y-in.Min.Y)
		if hit && again {
			return p.Follow(), true
		}
		p.lead()
		return nil, true
	case wheel:
		p.graph.Scroll(msg.dy)
		return nil, true
	}
	return nil, false
}

func (p *graphPane) Draw(c *canvas.Canvas, r canvas.Rect, focused bool) *tea.Cursor {
	p.graph.Draw(c, p.shell.box(c, r, "workflow · "+p.graph.Name(), focused))
	return nil
}

// Scroll selects another step.
func (p *graphPane) Scroll(by int) {
	p.graph.Move(by)
	p.lead()
}

func (p *graphPane) Page(direction int) {
	p.graph.Scroll(direction * max(p.shell.inside(p.shell.layout.detail).Dy()-1, 1))
}

func (p *graphPane) End(last bool) {
	if last {
		p.Scroll(1 << 20)
		return
	}
	p.Scroll(-1 << 20)
}

// Follow opens the sub-workflow that the selected step runs, or goes to the step's row in the
// timeline.
func (p *graphPane) Follow() tea.Cmd {
	if p.graph.Open() {
		p.graph.Reflect(p.seen)
		return nil
	}
	p.lead()
	if p.shell.layout.shape < wide || p.shell.speaker.on {
		p.shell.closeDetail()
	}
	p.shell.goTo(timelinePart)
	return nil
}

func (p *graphPane) NoFollow() string {
	if p.graph.Selected() == nil {
		return "no step is selected: up and down select one"
	}
	return ""
}

// Label names what enter and the arrow keys do in a graph.
func (p *graphPane) Label(command string) string {
	switch s := p.graph.Selected(); {
	case command == "scroll.up":
		return "step"
	case command != "follow" || s == nil:
		return ""
	case s.Graph != nil:
		return "open"
	}
	return "row"
}

// Speak announces all steps on arrival and when a sub-workflow is opened, and then the selected
// one.
func (p *graphPane) Speak(a arrival) {
	g, v := p.graph.Graph(), p.timeline.chart.View()
	what := p.graph.Name()
	step := p.graph.Selected()
	if step != nil {
		what += "\x00" + step.Name
	}
	if what == p.said && !a.new {
		return
	}
	moved := step != nil && !a.new
	p.said = what
	if moved {
		a.say(speech.GraphStep(*step, v, p.graph.Steps(step.Name)))
		return
	}
	a.say(speech.Graph(g, v, p.graph.Steps)...)
}
