package explorer

import (
	"fmt"
	"strings"
	"time"

	"weft/flow/show"
	"weft/ui/canvas"
	"weft/ui/conversation"
	"weft/ui/run"
	"weft/ui/speech"
	"weft/ui/status"
)

// runSaid records what was announced of a run.
type runSaid struct {
	seen    int // number of records that were announced
	steps   map[*run.Step]string
	held    string // the announced words for how the run is paused
	reading speech.Reading
	over    bool
}

// report announces the progress of a question since the last report: its steps, the complete
// sentences of its answer, and its end.
func (k *runSaid) report(t *track, now time.Time, keyOf func(command string) string, say func(...string)) {
	if k.steps == nil {
		k.steps, k.seen = map[*run.Step]string{}, -1
		say(speech.Sentence("Question for " + canvas.Line(t.workflow) + ": " + t.title))
	}
	if k.over || t.fold.Len() == k.seen && t.failed == nil && !t.ended {
		return
	}
	k.seen = t.fold.Len()
	v := t.view(-1)
	_, _, writer := v.Streaming()
	var last *run.Step // the step that wrote the text: its end is announced after the text
	for _, s := range v.Steps(v.Root()) {
		if writer != nil && writer.Step == s && speech.StatusOf(v, s) != status.Running {
			last = s
			continue
		}
		reportStep(v, s, k, now, say)
	}
	c := t.content(-1, now)
	say(k.reading.Next(c.Text, !c.Open && c.State != conversation.Failed)...)
	if held := heldWords(v); held != k.held {
		if k.held = held; held != "" {
			say(fmt.Sprintf("The run is %s. In the timeline %s continues it, %s starts one more step.", held, speech.Label(keyOf("pause")), speech.Label(keyOf("step.once"))))
		}
	}
	// While the run is idle, it is about to continue or to end: the step is announced then.
	if last != nil && !(c.Open && v.Status() == run.Working && standsStill(v)) {
		reportStep(v, last, k, now, say)
	}
	if c.State < conversation.Done {
		return
	}
	k.over = true
	if c.Meant != "" {
		say(speech.Sentence("Note: understood as: " + canvas.Line(c.Meant)))
	}
	for _, n := range c.Notes {
		say(speech.Sentence("Note: " + canvas.Line(n)))
	}
	for _, s := range c.Sources {
		say(sourceWords(s))
	}
	took := speech.Duration(c.Elapsed)
	switch c.State {
	case conversation.Done:
		text := "Done"
		if c.By != "" {
			text = "Answered " + c.Author()
		}
		if c.Abstained {
			text = "No answer"
		}
		say(fmt.Sprintf("%s from %s in %s.", text, speech.Number(len(c.Sources), "source"), took))
	case conversation.Failed:
		if t.failed != nil {
			say(speech.Sentence("Failed: " + c.Error))
			return
		}
		say(speech.Sentence("Failed after " + took + ": " + c.Error))
	case conversation.Interrupted:
		say(speech.Sentence("Interrupted after " + took + ": " + c.Error))
	case conversation.Cancelled:
		say(speech.Sentence("Cancelled after " + took + ": " + c.Error))
	}
}

// reportStep announces a step's new state, with its time if it has run. Waiting for a worker is not
// announced.
func reportStep(v run.View, s *run.Step, k *runSaid, now time.Time, say func(...string)) {
	is, state := speech.StatusOf(v, s), speech.State(v, s)
	if state == k.steps[s] || is == status.Queued {
		return
	}
	k.steps[s] = state
	if is == status.Running || is == status.Waiting || is == status.Pending {
		say("Step " + canvas.Line(s.Name) + ": " + state + ".")
		return
	}
	say("Step " + speech.Step(v, s, now))
}

func sourceWords(s show.Source) string {
	text := fmt.Sprintf("Source %d", s.N)
	if s.Cited {
		text += ", cited"
	}
	text += ": " + canvas.Line(s.Path)
	switch {
	case s.Line > 0 && s.EndLine > s.Line:
		text += fmt.Sprintf(", lines %d to %d", s.Line, s.EndLine)
	case s.Line > 0:
		text += fmt.Sprintf(", line %d", s.Line)
	case s.Place != "":
		text += ", " + canvas.Line(s.Place)
	}
	text += fmt.Sprintf(", score %.2f", s.Score)
	if s.Relevance != "" {
		text += ", " + canvas.Line(string(s.Relevance))
	}
	if s.Reason != "" {
		text += ", " + canvas.Line(s.Reason)
	}
	if len(s.Heading) > 0 {
		text += ", under " + canvas.Line(strings.Join(s.Heading, ", "))
	}
	return speech.Sentence(text)
}
