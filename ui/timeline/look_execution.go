package timeline

import (
	"fmt"
	"time"

	"weft/ui/run"
	"weft/ui/status"
	"weft/ui/units"
)

func (m *Model) lookExecution(b *brush, r row, l *look) {
	th := &m.theme
	v, e := b.v, r.exec
	l.name = fmt.Sprintf("%s %d", e.Step.Name, e.Number)
	// as of the last record, so that the row keeps its name at every moment
	if h := m.hint(m.run.Now(), e); h != "" {
		l.name = fmt.Sprintf("%d %s", e.Number, h)
	}
	p, _, end := e.Phase(v)
	l.idle = p == run.Idle
	l.status, l.statusStyle = m.status(status.OfPhase(p, end))
	if l.idle {
		return
	}
	if r.workflow != nil {
		from, to, ended := r.workflow.Span(v)
		if !ended {
			to = b.until
		}
		b.parent(from, to)
		b.between(e)
		l.number = units.Duration(workedUntil(v, r.workflow, to) - from)
		b.events(e.Sent(v))
		return
	}
	var ran time.Duration
	attempts := 0
	for s := range e.Spans(v) {
		b.span(s)
		if s.Phase == run.Running {
			to := b.until
			if s.To != 0 {
				to = v.Time(s.To)
			}
			ran += to - v.Time(s.From)
			attempts = max(attempts, s.Attempt)
		}
	}
	b.events(e.Sent(v))
	l.number = units.Duration(ran)
	if p == run.Running {
		l.numberStyle = th.Running
	}
	if attempts > 1 {
		l.suffix, l.suffixStyle = "×"+count(attempts), th.Failed
	} else {
		m.asked(b, e, l)
	}
}

// lookAttempt sets the look of one attempt of an execution that runs a sub-workflow.
func (m *Model) lookAttempt(b *brush, r row, l *look) {
	v, w := b.v, r.workflow
	l.name = fmt.Sprintf("attempt %d", w.Attempt)
	stands := w.Status(v)
	l.idle = stands == run.NotStarted
	l.status, l.statusStyle = m.status(status.OfRun(stands))
	if l.idle {
		return
	}
	from, to, ended := w.Span(v)
	if !ended {
		to = b.until
		p, _, end := r.exec.Phase(v)
		l.status, l.statusStyle = m.status(status.OfPhase(p, end))
	}
	b.parent(from, to)
	l.number = units.Duration(workedUntil(v, w, to) - from)
}

// between paints the times in which an execution that runs a sub-workflow waited for a worker or
// for its next attempt.
func (b *brush) between(e *run.Execution) {
	for s := range e.Spans(b.v) {
		if s.Phase == run.Queued || s.Phase == run.Backoff {
			b.span(s)
		}
	}
}
