package timeline

import (
	"fmt"
	"time"

	"weft/ui/run"
	"weft/ui/status"
	"weft/ui/units"
)

// execution sets the look of one execution.
func (l *look) execution(p *picture, r row) {
	b := p.brush
	th := b.th
	v, e := b.v, r.exec
	l.name = fmt.Sprintf("%s %d", e.Step.Name, e.Number)
	// as of the last record, so that the row keeps its name at every moment
	if h := p.model.hints.of(p.model.cursor.run.Now(), e); h != "" {
		l.name = fmt.Sprintf("%d %s", e.Number, h)
	}
	phase, _, end := e.Phase(v)
	l.idle = phase == run.Idle
	l.status, l.statusStyle = p.status(status.OfPhase(phase, end))
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
	if phase == run.Running {
		l.numberStyle = th.Running
	}
	if attempts > 1 {
		l.suffix, l.suffixStyle = "×"+count(attempts), th.Failed
	} else {
		l.asked(b, e)
	}
}

// attempt sets the look of one attempt of an execution that runs a sub-workflow.
func (l *look) attempt(p *picture, r row) {
	b := p.brush
	v, w := b.v, r.workflow
	l.name = fmt.Sprintf("attempt %d", w.Attempt)
	stands := w.Status(v)
	l.idle = stands == run.NotStarted
	l.status, l.statusStyle = p.status(status.OfRun(stands))
	if l.idle {
		return
	}
	from, to, ended := w.Span(v)
	if !ended {
		to = b.until
		phase, _, end := r.exec.Phase(v)
		l.status, l.statusStyle = p.status(status.OfPhase(phase, end))
	}
	b.parent(from, to)
	l.number = units.Duration(workedUntil(v, w, to) - from)
}
