package explorer

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"weft/flow"
	"weft/ui/canvas"
	"weft/ui/run"
	"weft/ui/units"
)

// An explained is what the engine has said of a run that stands still, after so many records.
type explained struct {
	track *track
	at    int
	what  flow.Explanation
	known bool
	asked bool // the answer is on its way
	loud  bool // somebody wants to be told
}

type explainedMsg struct {
	track *track
	at    int
	what  flow.Explanation
}

// still reports whether a run goes on and nothing of it is at work.
func still(v run.View) bool {
	switch v.Status() {
	case run.Paused, run.Blocked:
		return true
	case run.Working:
		return v.Total().Count(v).In[run.Running]+v.Total().Count(v).In[run.Pending] == 0
	}
	return false
}

// explainStill asks the engine why the run that is shown stands still, once after every record.
func (m *model) explainStill() tea.Cmd {
	t := m.shown
	if t == nil || t.run == nil || t.over() || !still(t.view(-1)) || m.why.track == t && m.why.at == t.fold.Len() {
		return nil
	}
	return m.explain(t)
}

func (m *model) explain(t *track) tea.Cmd {
	m.why = explained{track: t, at: t.fold.Len(), asked: true, loud: m.why.loud}
	at := m.why.at
	return func() tea.Msg { return explainedMsg{t, at, t.run.Explain()} }
}

func (m *model) explained(msg explainedMsg) {
	if msg.track != m.why.track || msg.at != m.why.at {
		return
	}
	m.why.what, m.why.known, m.why.asked = msg.what, true, false
	msg.track.stale = true
	if m.why.loud && m.reader.on {
		m.why.loud = false
		m.reader.read(m.w, m.whyLines()...)
	}
}

// whyLines says in words what was explained.
func (m *model) whyLines() []string {
	if !m.why.known {
		return nil
	}
	return explainWords(m.why.what, m.now(), m.keyOf)
}

// whyNow is why the run that is shown does not move, or nil: of the past nobody asks it, and what moves needs no reason.
func (m *model) whyNow() []string {
	t := m.shown
	if t == nil || m.why.track != t || t.over() || m.at() >= 0 || !still(t.view(-1)) && !m.why.loud {
		return nil
	}
	return m.whyLines()
}

// sayWhy shows the run as a whole in the inspector, where it is said.
func (m *model) sayWhy() tea.Cmd {
	m.panels.SelectRun()
	m.why.loud = true
	if m.reader.on {
		return m.explain(m.shown)
	}
	m.inspect()
	return m.explain(m.shown)
}

// explainWords says an explanation in sentences: what holds the run, and what each of its parts waits for.
func explainWords(e flow.Explanation, now time.Time, key func(command string) string) (lines []string) {
	say := func(format string, a ...any) { lines = append(lines, canvas.Line(fmt.Sprintf(format, a...))) }
	if e.Ended {
		return []string{"it has ended"}
	}
	if e.Paused {
		say("it is held: %s lets it go on, %s lets one more execution start", key("pause"), key("step.once"))
	}
	for _, s := range e.Steps {
		switch {
		case s.Queued > 0 && s.Free == 0:
			say("%s: %d wait for a worker, all of which are busy", s.Step, s.Queued)
		case s.Queued > 0 && e.Paused:
			say("%s: %s would start next", s.Step, counted(s.Queued, "execution"))
		case s.Queued > 0:
			say("%s: %d are about to start", s.Step, s.Queued)
		case s.Running > 0:
			say("%s: %d at work", s.Step, s.Running)
		}
	}
	for _, r := range e.Retries {
		say("%s tries again, attempt %d, in %s: %s", r.Step, r.Attempt, units.Duration(r.Due.Sub(now)), r.Error)
	}
	for _, j := range e.Joins {
		say("%s has %d and needs %s", j.Step, j.Have, j.Needs)
	}
	for _, a := range e.Awaits {
		text := fmt.Sprintf("%s waits for %s", a.Step, a.Type)
		if len(a.Match) > 0 && string(a.Match) != "{}" {
			text += " that matches " + string(a.Match)
		}
		if !a.Due.IsZero() {
			text += ", for " + units.Duration(a.Due.Sub(now)) + " more"
		}
		say("%s", text)
	}
	for _, r := range e.Runs {
		for _, l := range explainWords(*r, now, key) {
			if !strings.HasPrefix(l, "it is held") {
				say("in %s: %s", r.Run, l)
			}
		}
	}
	if len(lines) == 0 {
		say("nothing is queued, at work or waited for: it is about to go on")
	}
	return lines
}

// heldAt names the step before which a breakpoint holds a run, or "".
func heldAt(v run.View) string {
	for at := v.Position(); at > max(v.Position()-256, 0); at-- {
		switch rec := v.Record(at); rec.Kind {
		case flow.RunPaused:
			return canvas.Line(rec.Step)
		case flow.RunResumed:
			return ""
		}
	}
	return ""
}

// standing says in a few words why nothing is at work, for the line under the question.
func standing(v run.View) string {
	if v.Status() == run.Paused {
		if step := heldAt(v); step != "" {
			return "held before " + step
		}
		return "held"
	}
	return ""
}
