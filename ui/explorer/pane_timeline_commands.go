package explorer

import (
	tea "charm.land/bubbletea/v2"
)

// zoomFactor is the factor of one zoom.
const zoomFactor = 1.5

func (p *timelinePane) move(by int) func() tea.Cmd {
	return func() tea.Cmd { p.chart.Move(by); return nil }
}

func (p *timelinePane) scrub(by int) func() tea.Cmd {
	return func() tea.Cmd { p.chart.Scrub(by); return nil }
}

func (p *timelinePane) scrubStep(direction int) func() tea.Cmd {
	return func() tea.Cmd { p.chart.ScrubStep(direction); return nil }
}

func (p *timelinePane) zoom(by float64) func() tea.Cmd {
	return func() tea.Cmd { p.chart.Zoom(by); return nil }
}

func (p *timelinePane) toStart() tea.Cmd   { p.chart.Begin(); return nil }
func (p *timelinePane) toPresent() tea.Cmd { p.chart.Present(); return nil }
func (p *timelinePane) fit() tea.Cmd       { p.chart.Fit(); return nil }
func (p *timelinePane) zoomStep() tea.Cmd  { p.chart.ZoomToSelected(); return nil }
func (p *timelinePane) workers() tea.Cmd   { p.chart.Workers(); return nil }

func (p *timelinePane) critical() tea.Cmd {
	if p.chart.Critical() {
		return p.shell.say("marked: the steps that the end waited for; the inspector says each share", false)
	}
	return p.shell.say("the critical path is no longer marked", false)
}

func (p *timelinePane) unfold() tea.Cmd {
	if !p.chart.Toggle() {
		return p.shell.say("this row has nothing to unfold", true)
	}
	return nil
}

func (p *timelinePane) toCause() tea.Cmd {
	if !p.chart.Cause() {
		return p.shell.say("it was started from outside", false)
	}
	return nil
}

func (p *timelinePane) toEffect() tea.Cmd {
	if !p.chart.Effect() {
		return p.shell.say("it has caused nothing", false)
	}
	return nil
}

func (p *timelinePane) toFailure() tea.Cmd {
	if !p.chart.Failure() {
		return p.shell.say("nothing had failed at this moment", false)
	}
	return nil
}

// startFilter lets the person type a filter.
func (p *timelinePane) startFilter() tea.Cmd {
	p.shell.focus.to(timelinePart)
	p.filtering = true
	return p.filter.Focus()
}

// selectedStep returns the name of the selected step, whether it has started or not; "" if a run is
// selected, or a step of a run without a workflow, such as indexing.
func (p *timelinePane) selectedStep() string {
	if p.runs.shown == nil || p.runs.workflowShown() != p.runs.shown.workflow {
		return ""
	}
	if step, _ := p.chart.Selected(); step != nil {
		return step.Name
	}
	return p.chart.Planned()
}

func (p *timelinePane) noZoom() string {
	if why := p.shell.noPicture(); why != "" {
		return why
	}
	return p.runs.noRun()
}

func (p *timelinePane) noPast() string {
	if p.runs.shown != nil && (p.instant() >= 0 || !p.chart.Following()) {
		return ""
	}
	return "the present is shown already"
}
