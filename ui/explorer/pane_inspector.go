package explorer

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"weft/flow/show"
	"weft/ui/canvas"
	"weft/ui/inspect"
	"weft/ui/keys"
	"weft/ui/speech"
	"weft/ui/theme"
)

// An inspectorPane shows the details of the timeline's selection, at the shown moment.
type inspectorPane struct {
	shell    *shell
	runs     *runs
	timeline *timelinePane
	nav      navigator
	details  *inspect.Model

	said struct{ line, lines int } // the line that was announced last, and the number of lines then
}

func (p *inspectorPane) Part() part             { return detailPart }
func (p *inspectorPane) Scope() keys.Scope      { return keys.Inspector }
func (p *inspectorPane) Hints() []hint          { return p.shell.hints(keys.Inspector, keys.Anywhere) }
func (p *inspectorPane) Prompt() prompt         { return prompt{label: "details: "} }
func (p *inspectorPane) SetTheme(t theme.Theme) { p.details.SetTheme(t) }
func (p *inspectorPane) Empty() bool            { return p.runs.shown == nil }

// refresh updates the details to the timeline's selection. why explains why the run does not move;
// nil if it moves or the reason is not known.
func (p *inspectorPane) refresh(why []string) {
	chart := p.timeline.chart
	step, exec := chart.Selected()
	_, critical := chart.CriticalShare(exec)
	p.details.Lead(!p.shell.speaker.on) // for a screen reader, the cursor begins on the first line
	p.details.Show(inspect.Selection{View: chart.View(), Step: step, Execution: exec, Now: p.shell.now(), Critical: critical, Why: why})
}

// inspect gives the focus to the details: beside the timeline if there is room, otherwise over it.
func (p *inspectorPane) inspect() tea.Cmd {
	p.shell.openLarge(p)
	return nil
}

func (p *inspectorPane) Update(msg tea.Msg) (tea.Cmd, bool) {
	click, ok := msg.(tea.MouseClickMsg)
	if ok {
		in := p.shell.inside(p.shell.layout.detail)
		p.details.Click(click.X-in.Min.X, click.Y-in.Min.Y)
	}
	return nil, ok
}

func (p *inspectorPane) Draw(c *canvas.Canvas, r canvas.Rect, focused bool) *tea.Cursor {
	title := "run"
	if step, _ := p.timeline.chart.Selected(); step != nil {
		title = "step · " + step.Name
	}
	in := p.shell.box(c, r, title, focused)
	p.details.Focus(focused)
	p.details.Draw(c, in)
	return nil
}

func (p *inspectorPane) Scroll(by int) { p.details.Move(by) }

func (p *inspectorPane) Page(direction int) {
	p.details.Scroll(direction * max(p.shell.inside(p.shell.layout.detail).Dy()-1, 1))
}

func (p *inspectorPane) End(last bool) {
	if last {
		p.details.Move(1 << 20)
		return
	}
	p.details.Move(-1 << 20)
}

func (p *inspectorPane) Copy() (text, what string) {
	return p.details.Text(), "the details of the step"
}

func (p *inspectorPane) NoCopy() string { return p.runs.noRun() }

func (p *inspectorPane) NoFollow() string { return p.runs.noRun() }

// Follow opens the target of the cursor's line: a document, another execution, or a folded part.
func (p *inspectorPane) Follow() tea.Cmd {
	t, ok := p.details.Target()
	switch {
	case ok && t.Path != "":
		return p.nav.lookAt(show.Passage{Path: t.Path, Line: t.Line})
	case ok && t.Execution != nil:
		p.timeline.chart.Select(t.Execution)
	case !p.details.Toggle():
		return p.shell.say("this line leads nowhere", false)
	}
	return nil
}

// Leave gives the focus back if the timeline is visible beside the details.
func (p *inspectorPane) Leave() (tea.Cmd, bool) {
	beside := p.shell.layout.shape >= wide
	if beside {
		p.shell.focus.leave(detailPart)
	}
	return nil, beside
}

// Speak announces all lines on arrival, and then the cursor's line.
func (p *inspectorPane) Speak(a arrival) {
	lines, at := p.details.Lines()
	const most = 120
	switch added := len(lines) - p.said.lines; {
	case a.new:
		for _, l := range lines[:min(len(lines), most)] {
			if l = speech.Plain(l); l != "" {
				a.say(l)
			}
		}
		if n := len(lines) - most; n > 0 {
			a.say(fmt.Sprintf("And %s more.", speech.Number(n, "line")))
		}
		a.say("Up and down read it line by line, enter unfolds a line or goes where it leads.")
	case at != p.said.line:
		a.say(speech.Plain(lines[min(at, len(lines)-1)]))
	case added > 0: // the line was unfolded
		for _, l := range lines[min(at+1, len(lines)):min(at+1+added, len(lines))] {
			a.say(speech.Plain(l))
		}
	case added < 0:
		a.say("Folded.")
	}
	p.said.line, p.said.lines = at, len(lines)
}
