package explorer

import (
	"fmt"
	"time"

	"weft/flow"
	"weft/ui/canvas"
	"weft/ui/run"
	"weft/ui/status"
	"weft/ui/units"
)

// standsStill reports whether a run has not ended and none of its steps is running.
func standsStill(v run.View) bool {
	switch v.Status() {
	case run.Paused, run.Blocked:
		return true
	case run.Working:
		return v.Total().Count(v).In[run.Running]+v.Total().Count(v).In[run.Pending] == 0
	}
	return false
}

// explainWords describes an explanation in sentences: what pauses the run, and what each of its
// parts waits for.
func explainWords(e flow.Explanation, now time.Time, key func(command string) string) []string {
	return explanation(e, false, now, key)
}

// explanation describes a run or a sub-workflow. If both are paused, only the run says so.
func explanation(e flow.Explanation, within bool, now time.Time, key func(command string) string) (lines []string) {
	say := func(format string, a ...any) { lines = append(lines, canvas.Line(fmt.Sprintf(format, a...))) }
	if e.Ended {
		return []string{"it has ended"}
	}
	if e.Paused && !within {
		say("%s: %s continues it, %s lets one more execution start", status.Paused.Word(), key("pause"), key("step.once"))
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
			say("%s: %d %s", s.Step, s.Running, status.Running.Word())
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
		for _, l := range explanation(*r, true, now, key) {
			say("in %s: %s", r.Run, l)
		}
	}
	if len(lines) == 0 && !(e.Paused && within) {
		say("nothing is queued, running or waited for: it is about to continue")
	}
	return lines
}

// heldAt returns the step before which a breakpoint holds a run, or "".
func heldAt(v run.View) string {
	for at := v.Position(); at > max(v.Position()-256, 0); at-- {
		switch rec := v.Record(at); rec.Kind {
		case flow.RunPaused:
			return canvas.Line(rec.Step)
		case flow.RunResumed:
			if !run.IsRestart(rec) {
				return ""
			}
		}
	}
	return ""
}

// heldWords returns in a few words why no step is running, for the line under the question.
func heldWords(v run.View) string {
	if v.Status() == run.Paused {
		if step := heldAt(v); step != "" {
			return status.Paused.Word() + " before " + step
		}
		return status.Paused.Word()
	}
	return ""
}
