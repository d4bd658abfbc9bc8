package explorer

import (
	tea "charm.land/bubbletea/v2"

	"weft/flow"
)

// An explainer asks the engine why the shown run is idle, once after every record, and caches the
// answer.
type explainer struct {
	shell    *shell
	runs     *runs
	timeline *timelinePane

	track *track // the run that the explanation is about
	at    int    // number of the run's records when the engine was asked
	what  flow.Explanation
	known bool
	loud  bool // a person asked: the reason is shown even if the run moves
}

type explainedMsg struct {
	track *track
	at    int
	what  flow.Explanation
}

// refresh asks the engine if the shown run is idle and the reason is not known.
func (e *explainer) refresh() tea.Cmd {
	t := e.runs.shown
	if t == nil || t.run == nil || t.over() || !standsStill(t.view(-1)) || e.track == t && e.at == t.fold.Len() {
		return nil
	}
	return e.ask(t)
}

func (e *explainer) ask(t *track) tea.Cmd {
	e.track, e.at, e.known, e.what = t, t.fold.Len(), false, flow.Explanation{}
	run, at := t.run, e.at
	return func() tea.Msg { return explainedMsg{t, at, run.Explain()} }
}

// askLoudly asks again and announces the answer, because a person wants to know it.
func (e *explainer) askLoudly() tea.Cmd {
	e.loud = true
	return e.ask(e.runs.shown)
}

// explained stores the answer.
func (e *explainer) explained(msg explainedMsg) {
	if msg.track != e.track || msg.at != e.at {
		return
	}
	e.what, e.known = msg.what, true
	msg.track.stale = true
	if e.loud && e.shell.speaker.on {
		e.loud = false
		e.shell.read(e.lines()...)
	}
}

// lines returns the answer in sentences.
func (e *explainer) lines() []string {
	if !e.known {
		return nil
	}
	return explainWords(e.what, e.shell.now(), e.shell.keyOf)
}

// reason returns why the shown run does not move; nil if it moves, or if the past is shown.
func (e *explainer) reason() []string {
	t := e.runs.shown
	if t == nil || e.track != t || t.over() || e.timeline.instant() >= 0 || !standsStill(t.view(-1)) && !e.loud {
		return nil
	}
	return e.lines()
}
