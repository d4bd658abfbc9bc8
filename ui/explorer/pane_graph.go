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

// A graphPane shows the workflow of the shown run as a graph, with the progress of that run.
type graphPane struct {
	shell    *shell
	runs     *runs
	timeline *timelinePane
	graph    *graph.Model
	workflow string // the workflow that the graph shows
}

func (p *graphPane) Part() part             { return detailPart }
func (p *graphPane) Scope() keys.Scope      { return keys.Inspector }
func (p *graphPane) Hints() []hint          { return p.shell.hints(keys.Inspector, keys.Anywhere) }
func (p *graphPane) Prompt() prompt         { return prompt{label: "graph: "} }
func (p *graphPane) SetTheme(t theme.Theme) { p.graph.SetTheme(t) }
func (p *graphPane) Empty() bool            { return p.runs.shown == nil }
func (p *graphPane) Close() bool            { p.shell.close(detailPart); return true }

func (p *graphPane) Update(tea.Msg) (tea.Cmd, bool) { return nil, false }

func (p *graphPane) Draw(c *canvas.Canvas, r canvas.Rect, focused bool) *tea.Cursor {
	name := p.runs.workflowShown()
	in := p.shell.box(c, r, "workflow · "+name, focused)
	if p.workflow != name {
		p.graph.SetGraph(p.runs.graphOf(name))
		p.workflow = name
	}
	p.graph.Show(p.timeline.chart.View(), p.shell.now())
	p.graph.Draw(c, in)
	return nil
}

func (p *graphPane) Scroll(by int) { p.graph.Scroll(by) }

func (p *graphPane) Page(direction int) {
	p.graph.Scroll(direction * max(p.shell.inside(p.shell.layout.detail).Dy()-1, 1))
}

func (p *graphPane) End(last bool) {
	if last {
		p.graph.Scroll(1 << 20)
		return
	}
	p.graph.Scroll(-1 << 20)
}

func (p *graphPane) Speak(a arrival) {
	if !a.new {
		return
	}
	g, v := p.runs.graphOf(p.runs.workflowShown()), p.timeline.chart.View()
	if p.runs.shown == nil || p.runs.shown.workflow != g.Name {
		v = run.View{}
	}
	a.say(speech.Graph(g, v)...)
}
