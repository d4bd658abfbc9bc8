package speech

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"weft/flow"
	"weft/flow/show"
	"weft/ui/canvas"
	"weft/ui/run"
	"weft/ui/status"
)

// StatusOf returns the status of a step at a moment.
func StatusOf(v run.View, s *run.Step) status.Status { return status.OfCount(s.Lane.Count(v)) }

// State describes what a step is doing at a moment, in one or a few words.
func State(v run.View, s *run.Step) string {
	is := StatusOf(v, s)
	if is == status.Pending {
		for _, e := range slices.Backward(v.Executions(s)) {
			if what := e.WaitsFor(v); what != "" {
				return is.SpokenFor(canvas.Line(what))
			}
		}
	}
	return is.Spoken()
}

// Status describes the status of a run.
func Status(v run.View) string { return status.OfRun(v.Status()).Spoken() }

// Step describes all that a row of the timeline shows of a step: its state, how far it is, how long
// and how often it ran, why it failed, its cause and the events that it sent.
func Step(v run.View, s *run.Step, now time.Time) string {
	state := State(v, s)
	parts := []string{canvas.Line(s.Name) + ": " + state}
	if p, ok := s.Progress(v); ok {
		parts = append(parts, progress(p, StatusOf(v, s))...)
	}
	c := s.Lane.Count(v)
	if busy := s.Lane.Until(v, v.Elapsed(now)).Busy; c.Started > 0 {
		parts = append(parts, Duration(busy))
	}
	if n := int(c.Started); n > 1 {
		parts = append(parts, number(n, "execution"))
		if r := int(c.In[run.Running]); r > 0 {
			parts = append(parts, fmt.Sprintf("%d of them %s", r, status.Running.Spoken()))
		}
	}
	if n := int(c.Failures); n > 0 {
		parts = append(parts, number(n, "failed attempt"))
	}
	es := v.Executions(s)
	if len(es) > 0 {
		parts = append(parts, causality(v, es[len(es)-1])...)
	}
	text := strings.Join(parts, ", ")
	if msg := Failure(v, s); msg != "" {
		text += ". Error: " + msg
	}
	return Sentence(text)
}

// Execution describes one execution of a step as Step describes the step.
func Execution(v run.View, e *run.Execution, now time.Time) string {
	n := len(v.Executions(e.Step))
	if n <= 1 {
		return Step(v, e.Step, now)
	}
	ph, _, end := e.Phase(v)
	is := status.OfPhase(ph, end)
	state := is.Spoken()
	if what := e.WaitsFor(v); is == status.Pending && what != "" {
		state = is.SpokenFor(canvas.Line(what))
	}
	parts := []string{fmt.Sprintf("%s, %d of %d: %s", canvas.Line(e.Step.Name), e.Number, n, state)}
	if p, ok := e.Progress(v); ok {
		parts = append(parts, progress(p, is)...)
	}
	var ran time.Duration
	for _, a := range e.Attempts(v, v.Elapsed(now)) {
		ran += a.Ended - a.Started - a.Waited
	}
	parts = append(parts, Duration(ran))
	return Sentence(strings.Join(append(parts, causality(v, e)...), ", "))
}

// progress describes how far a step or an execution is, by its latest report. It returns one part,
// or none once the step or execution has ended. What it waits for is left out, because its state
// says that.
func progress(p show.Progress, is status.Status) []string {
	if is != status.Running && is != status.Pending {
		return nil
	}
	text := ""
	switch {
	case p.Total > 0:
		text = fmt.Sprintf("%d of %d %s", p.Done, p.Total, p.Unit)
	case p.Done > 0:
		text = fmt.Sprintf("%d %s", p.Done, p.Unit)
	case is == status.Running:
		text = p.Message
	}
	if text = strings.TrimSpace(canvas.Line(text)); text == "" {
		return nil
	}
	return []string{text}
}

// causality describes what caused an execution and which events it sent.
func causality(v run.View, e *run.Execution) (parts []string) {
	if cs := e.Causes(v); len(cs) > 0 {
		parts = append(parts, "caused by "+canvas.Line(cs[len(cs)-1].Step.Name))
	} else {
		parts = append(parts, "caused by the start of the run")
	}
	said := map[string]bool{}
	var types []string
	for _, at := range e.Sent(v) {
		if t := canvas.Line(v.Record(at).Type); !said[t] && len(types) < 4 {
			said[t] = true
			types = append(types, t)
		}
	}
	if len(types) > 0 {
		parts = append(parts, "gives "+strings.Join(types, " and "))
	}
	return parts
}

// Failure returns the first line of the error with which a step failed last; "" unless an execution
// has failed for good or waits for its next attempt.
func Failure(v run.View, s *run.Step) string {
	c := s.Lane.Count(v)
	if c.Failed == 0 && c.In[run.Backoff] == 0 {
		return ""
	}
	fs := v.Failures()
	for i := len(fs) - 1; i >= max(0, len(fs)-1000); i-- {
		rec := v.Record(fs[i])
		if e := v.Execution(rec.Execution); e != nil && e.Step == s {
			first, _, _ := strings.Cut(strings.TrimSpace(rec.Error), "\n")
			return canvas.Line(first)
		}
	}
	return ""
}

// Run describes a run as a whole.
func Run(v run.View, now time.Time) string {
	if v.Position() == 0 {
		return "The run has not started."
	}
	text := fmt.Sprintf("Run of %s: %s, %s, %s", canvas.Line(v.Root().Name), Status(v),
		Duration(v.Elapsed(now)), number(len(v.Steps(v.Root())), "step"))
	if msg, _ := v.Error(); msg != "" {
		text += ". Error: " + canvas.Line(msg)
	}
	return Sentence(text)
}

// Steps describes every step of a run; sub-workflows follow the step that runs them.
func Steps(v run.View, now time.Time) (lines []string) {
	if v.Position() == 0 {
		return nil
	}
	const most = 200 // more lines are too long to listen to
	var add func(w *run.Workflow, within string)
	add = func(w *run.Workflow, within string) {
		for _, s := range v.Steps(w) {
			if len(lines) >= most {
				return
			}
			lines = append(lines, within+Step(v, s, now))
			for _, u := range v.Children(s) {
				in := fmt.Sprintf("In %s, %s %d", canvas.Line(s.Name), canvas.Line(u.Name), u.Parent.Number)
				if len(v.SubWorkflows(u.Parent)) > 1 {
					in += fmt.Sprintf(", attempt %d", u.Attempt)
				}
				add(u, in+": ")
			}
		}
	}
	add(v.Root(), "")
	return lines
}

// Instant describes the record at the moment of the view.
func Instant(v run.View) string {
	if v.Position() == 0 {
		return "Before the first event."
	}
	rec := v.Record(v.Position())
	what := strings.ReplaceAll(rec.Kind.String(), ".", " ")
	if rec.Step != "" {
		what = canvas.Line(rec.Step) + ", " + what
	}
	if rec.Type != "" && rec.Kind != flow.StepCancelled && rec.Kind != flow.StepFailed {
		what += " " + canvas.Line(rec.Type)
	}
	total := v.Run().Now()
	return Sentence(fmt.Sprintf("At %s of %s: %s", Duration(v.Time(v.Position())), Duration(total.Time(total.Position())), what))
}
