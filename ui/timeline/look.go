package timeline

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"weft/flow/show"
	"weft/ui/canvas"
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
func (m *Model) look(b *brush, r row) (l look) {
	th := &m.theme
	v := b.v
	l.numberStyle, l.suffixStyle, l.noteStyle = th.Muted, th.Muted, th.Muted
	switch r.kind {
	case plannedRow:
		l.name, l.idle = r.plan, true
		l.status, l.statusStyle = "·", th.Idle
	case workflowRow:
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
		l.status, l.statusStyle = m.status(status.OfRun(r.workflow.Status(v)))
	case stepRow:
		m.lookStep(b, r, &l)
	case executionRow:
		m.lookExecution(b, r, &l)
	case attemptRow:
		m.lookAttempt(b, r, &l)
	case workerRow:
		l.name = r.step.Name
		l.suffix = fmt.Sprintf("#%d", r.work.Number)
		if n := m.limit(r.step); n >= r.work.Number && m.labels() {
			l.whole = fmt.Sprintf("%s of %d", l.suffix, n)
		}
		b.lane(&r.work.Lane, r.step, r.work.Number)
		c := r.work.Lane.Count(v)
		l.idle = c.Started == 0
		l.status, l.statusStyle = m.status(status.OfCount(c))
		if c.In[run.Running] > 0 {
			l.numberStyle = th.Running
		}
		if !l.idle {
			if c.Started > 1 {
				times := " ×" + count(int(c.Started))
				l.suffix += times
				if l.whole != "" {
					l.whole += times
				}
			}
			l.number = units.Duration(r.work.Lane.Until(v, b.until).Busy)
		}
	}
	return l
}

func (m *Model) lookStep(b *brush, r row, l *look) {
	th := &m.theme
	v, s := b.v, r.step
	c := s.Lane.Count(v)
	l.name = s.Name
	l.idle = c.Started == 0
	l.status, l.statusStyle = m.status(status.OfCount(c))
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
		m.asked(b, v.Executions(s)[0], l)
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
	m.note(b, s, c, l)
	if l.note == "" && r.workflow != nil {
		l.note, l.noteStyle = m.question(v, r.workflow), m.theme.Faint
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
func (m *Model) question(v run.View, w *run.Workflow) string {
	if !m.labels() {
		return ""
	}
	return firstLine(w.Question(v))
}

// hint returns run.View.Label, cached, because every frame asks for it.
func (m *Model) hint(v run.View, e *run.Execution) string {
	h, known := m.hints[e]
	if !known {
		if len(m.hints) > 4096 {
			clear(m.hints)
		}
		h = firstLine(e.Label(v))
		m.hints[e] = h
	}
	return h
}

// note sets what a row waits for, how far it is, or the spread of its executions.
func (m *Model) note(b *brush, s *run.Step, c run.Count, l *look) {
	th := &m.theme
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
		m.pending(v, s, l)
	case c.In[run.Backoff] > 0:
		m.retrying(b, s, l)
	case c.In[run.Running] > 0:
		if p, ok := s.Progress(v); ok && !spreads(v, s) { // the line below says it otherwise
			l.note = progress(p)
		}
		es := v.Executions(s)
		if calls := es[len(es)-1].Calls(v); len(calls) > 0 {
			m.calling(b, s, calls[len(calls)-1], l)
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
func (m *Model) pending(v run.View, s *run.Step, l *look) {
	for _, e := range slices.Backward(v.Executions(s)) {
		p, ok := e.Progress(v)
		if !ok || p.Waits == "" {
			continue
		}
		l.note, l.brief = status.Pending.For(firstLine(p.Waits)), status.Pending.Short()
		if p.Total > 0 {
			l.note += ": " + progress(p)
		}
		l.noteStyle, l.urgent = m.theme.Queued, true
		return
	}
}

// calling sets the state of a step's request to a model, until the response begins.
func (m *Model) calling(b *brush, s *run.Step, c run.Call, l *look) {
	switch c.State {
	case show.CallQueued:
		l.note = "asks " + firstLine(c.Model)
	case show.CallRetry:
		m.retrying(b, s, l)
	}
}

// retrying counts down to the next attempt; the row below says why it is needed.
func (m *Model) retrying(b *brush, s *run.Step, l *look) {
	if again, ok := s.Retry(b.v, b.until); ok {
		l.note = "↻" + units.Duration(again.Left)
		l.brief, l.noteStyle, l.urgent = l.note, m.theme.Backoff, true
	}
}

// RetryText describes a retry in one line of at most w cells: the reason, then the attempt and when
// it begins. The reason is cut where there is not enough room.
func RetryText(r run.Retry, w int) string {
	tail := fmt.Sprintf(" · attempt %d", r.Attempt)
	if r.Most > 0 {
		tail += fmt.Sprintf(" of %d", r.Most)
	}
	if r.Left > 0 {
		tail += " in " + units.Duration(r.Left)
	}
	return canvas.Truncate(canvas.Line(r.Reason), max(w-canvas.Width(tail), 12)) + tail
}

// spreads reports whether a line below a step's row describes its executions.
func spreads(v run.View, s *run.Step) bool {
	return len(v.Executions(s)) >= spreadFrom && s.Lane.Peak(v) > 1
}

// spread describes how far the executions of a fan-out are and how long they take.
func spread(v run.View, s *run.Step) string {
	c, sp := s.Lane.Count(v), s.Lane.Spread(v)
	var text string
	switch {
	case c.Started == 0:
		return ""
	case c.Active():
		text = fmt.Sprintf("%d %s · %d %s", c.Finished, status.Done.Word(), c.In[run.Running], status.Running.Word())
		if n := c.In[run.Queued]; n > 0 {
			text += fmt.Sprintf(" · %d %s", n, status.Queued.Word())
		}
	}
	if peak := fmt.Sprintf("█ is %d at once", s.Lane.Peak(v)); text == "" {
		text = peak
	} else {
		text += " · " + peak
	}
	if sp.N > 0 {
		text += fmt.Sprintf(" · min %s · median %s · max %s", units.Duration(sp.Min), units.Duration(sp.Median), units.Duration(sp.Max))
	}
	if n := c.Failures - c.Failed; n > 0 {
		text += fmt.Sprintf(" · %d tried again", n)
	}
	if p, ok := s.Progress(v); ok && p.Total > 0 {
		text = progress(p) + " · " + text
	}
	return text
}

func progress(p show.Progress) string {
	text := p.Message
	switch {
	case p.Total > 0:
		text = fmt.Sprintf("%d/%d %s", p.Done, p.Total, p.Unit)
	case p.Done > 0:
		text = fmt.Sprintf("%d %s", p.Done, p.Unit)
	}
	if r := units.Rate(p.Rate); r != "" {
		text += ", " + r
	}
	return text
}

// prompt returns the prompt of an await in one line.
func prompt(v run.View, a *run.Await) string {
	var p map[string]any
	if json.Unmarshal(v.Run().JSON(a.Position), &p) != nil {
		return ""
	}
	switch asked := p["prompt"].(type) { // the prompt is a field of the engine's record of the wait
	case map[string]any:
		p = asked
	case string:
		return firstLine(asked)
	}
	for _, k := range []string{"title", "question", "text", "message", "prompt"} {
		if s, ok := p[k].(string); ok && s != "" {
			return firstLine(s)
		}
	}
	return ""
}

// asked sets how many requests to a model an execution made within one attempt, if more than one.
func (m *Model) asked(b *brush, e *run.Execution, l *look) {
	if n := e.Requests(b.v, b.until); n > 1 {
		l.suffix, l.suffixStyle = "×"+count(n), m.theme.Failed
	}
}

// status returns the glyph of a status, or a spinner if it is at work, and its style. What was at
// work when the run was interrupted is interrupted.
func (m *Model) status(s status.Status) (string, theme.Style) {
	if s.Moves() && m.at == 0 && m.run != nil && m.run.Now().Status() == run.Interrupted {
		s = status.Interrupted
	}
	if s.Moves() {
		return m.spinner(), s.Style(&m.theme)
	}
	return s.Cell(), s.Style(&m.theme)
}
