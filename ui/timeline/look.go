package timeline

import (
	"fmt"
	"slices"
	"time"

	"weft/flow/show"
	"weft/ui/run"
	"weft/ui/status"
	"weft/ui/theme"
	"weft/ui/units"
)

// A look is the text of a row next to its bar.
type look struct {
	status      string
	statusStyle theme.Style
	name        string
	suffix      string // follows the name, such as ×128
	whole       string // the long form of suffix, used where there is room
	suffixStyle theme.Style
	number      string // how long the work of the row took
	numberStyle theme.Style
	note        string // text right of the bar, where there is room
	brief       string // short form of note
	noteStyle   theme.Style
	urgent      bool // brief replaces the number where there is no room for the note
	idle        bool // not started at this moment
}

// look paints the cells of a row and returns the text next to them.
func (p *picture) look(r row) (l look) {
	th := p.th
	l.numberStyle, l.suffixStyle, l.noteStyle = th.Muted, th.Muted, th.Muted
	switch r.kind {
	case plannedRow:
		l.name, l.idle = r.plan, true
		l.status, l.statusStyle = "·", th.Idle
	case workflowRow:
		l.run(p, r)
	case stepRow:
		l.step(p, r)
	case executionRow:
		l.execution(p, r)
	case attemptRow:
		l.attempt(p, r)
	case workerRow:
		l.worker(p, r)
	}
	return l
}

// run sets the look of the row of the run.
func (l *look) run(p *picture, r row) {
	b, v := p.brush, p.brush.v
	from, to, ended := r.workflow.Span(v)
	if !ended {
		to = b.until
	}
	b.parent(from, to)
	l.name = r.workflow.Name
	if v.Idle() {
		to = v.Time(v.Position()) // the clock of a run that waits for a person stands still
	}
	l.number = units.Duration(to - from)
	l.status, l.statusStyle = p.status(status.OfRun(r.workflow.Status(v)))
}

// worker sets the look of one worker of a step.
func (l *look) worker(p *picture, r row) {
	b, v := p.brush, p.brush.v
	l.name = r.step.Name
	l.suffix = fmt.Sprintf("#%d", r.work.Number)
	if n := p.model.plan.limit(r.step); n >= r.work.Number && b.labels {
		l.whole = fmt.Sprintf("%s of %d", l.suffix, n)
	}
	b.lane(&r.work.Lane, r.step, r.work.Number)
	c := r.work.Lane.Count(v)
	l.idle = c.Started == 0
	l.status, l.statusStyle = p.status(status.OfCount(c))
	if c.In[run.Running] > 0 {
		l.numberStyle = p.th.Running
	}
	if l.idle {
		return
	}
	if c.Started > 1 {
		times := " ×" + count(int(c.Started))
		l.suffix += times
		if l.whole != "" {
			l.whole += times
		}
	}
	l.number = units.Duration(r.work.Lane.Until(v, b.until).Busy)
}

// step sets the look of a step.
func (l *look) step(p *picture, r row) {
	b := p.brush
	th := b.th
	v, s := b.v, r.step
	c := s.Lane.Count(v)
	l.name = s.Name
	l.idle = c.Started == 0
	l.status, l.statusStyle = p.status(status.OfCount(c))
	if l.idle {
		return
	}
	until := b.until
	if r.workflow != nil {
		until = workedUntil(v, r.workflow, until)
	}
	if c.Attempts > 0 { // an execution that never had a worker has no running time
		l.number = units.Duration(s.Lane.Until(v, until).Busy)
	}
	if c.In[run.Running] > 0 {
		l.numberStyle = th.Running
	}
	switch {
	case c.Started > 1:
		l.suffix = "×" + count(int(c.Started))
	case c.Attempts > 1:
		l.suffix, l.suffixStyle = "×"+count(int(c.Attempts)), th.Failed
	default:
		l.asked(b, v.Executions(s)[0])
	}
	if r.workflow != nil && r.open {
		from, to, ended := r.workflow.Span(v)
		if !ended {
			to = b.until
		}
		b.parent(from, to)
		b.between(v.Executions(s)[0])
	} else {
		b.lane(&s.Lane, s, 0)
	}
	b.events(s.Sent(v))
	l.wait(b, s, c)
	if l.note == "" && r.workflow != nil {
		l.note, l.noteStyle = question(b, r.workflow), b.th.Faint
	}
}

// workedUntil returns the time until which a sub-workflow counts: its clock stops while it waits
// for a person, even if other steps work.
func workedUntil(v run.View, w *run.Workflow, until time.Duration) time.Duration {
	if since, still := w.WaitingSince(v); still {
		return since
	}
	return until
}

// question returns the question of a sub-workflow, where there is room for it.
func question(b *brush, w *run.Workflow) string {
	if !b.labels {
		return ""
	}
	return firstLine(w.Question(b.v))
}

// wait sets what a row waits for, how far it is, or the spread of its executions.
func (l *look) wait(b *brush, s *run.Step, c run.Count) {
	th := b.th
	v := b.v
	switch {
	case c.In[run.Waiting] > 0:
		l.note, l.brief, l.noteStyle = status.Waiting.Word(), status.Waiting.Short(), th.Waiting
		for _, a := range v.Awaiting() {
			if a.By.Step == s {
				if p := prompt(v, a); p != "" {
					l.note += ": " + p
				}
				break
			}
		}
	case c.In[run.Pending] > 0 && c.In[run.Running] == 0:
		l.pending(b, s)
	case c.In[run.Backoff] > 0:
		l.retrying(b, s)
	case c.In[run.Running] > 0:
		if p, ok := s.Progress(v); ok && !spreads(v, s) { // the line below says it otherwise
			l.note = progress(p)
		}
		es := v.Executions(s)
		if calls := es[len(es)-1].Calls(v); len(calls) > 0 {
			l.calling(b, s, calls[len(calls)-1])
		}
		if c.In[run.Queued] > 0 && c.Started < spreadFrom {
			l.note = fmt.Sprintf("%d %s, %d %s", c.In[run.Running], status.Running.Word(), c.In[run.Queued], status.Queued.Word())
		}
	case c.In[run.Queued] > 0 && v.Status() == run.Paused:
		l.note, l.brief, l.noteStyle, l.urgent = status.Paused.Word(), status.Paused.Word(), th.Now, true
	case c.In[run.Queued] > 0:
		l.note, l.brief = status.Queued.Word(), status.Queued.Word()
		l.noteStyle = th.Queued
	}
}

// pending sets what a step waits for, as it reported, and how far that is.
func (l *look) pending(b *brush, s *run.Step) {
	v := b.v
	for _, e := range slices.Backward(v.Executions(s)) {
		p, ok := e.Progress(v)
		if !ok || p.Waits == "" {
			continue
		}
		l.note, l.brief = status.Pending.For(firstLine(p.Waits)), status.Pending.Short()
		if p.Total > 0 {
			l.note += ": " + progress(p)
		}
		l.noteStyle, l.urgent = b.th.Queued, true
		return
	}
}

// calling sets the state of a step's request to a model, until the response begins.
func (l *look) calling(b *brush, s *run.Step, c run.Call) {
	switch c.State {
	case show.CallQueued:
		l.note = "asks " + firstLine(c.Model)
	case show.CallRetry:
		l.retrying(b, s)
	}
}

// retrying counts down to the next attempt; the row below says why it is needed.
func (l *look) retrying(b *brush, s *run.Step) {
	if again, ok := s.Retry(b.v, b.until); ok {
		l.note = "↻" + units.Duration(again.Left)
		l.brief, l.noteStyle, l.urgent = l.note, b.th.Backoff, true
	}
}

// asked sets how many requests to a model an execution made within one attempt, if more than one.
func (l *look) asked(b *brush, e *run.Execution) {
	if n := e.Requests(b.v, b.until); n > 1 {
		l.suffix, l.suffixStyle = "×"+count(n), b.th.Failed
	}
}
