package run

import (
	"time"

	"weft/flow"
)

// move takes an execution into its next phase: it closes the open span with the outcome end, opens
// the next and updates the lanes of step, worker and run.
func (r *Run) move(e *Execution, to Phase, rec flow.Record, at int, end Outcome) {
	t := r.times[at-1]
	from, s := Idle, (*Span)(nil)
	if n := len(e.spans); n > 0 {
		s = r.spans.at(int(e.spans[n-1]))
		if s.To == 0 {
			from = s.Phase
		} else {
			from = Ended
		}
	}
	fresh := to == Running && rec.Kind == flow.StepStarted
	if from == Running && to == Running && !fresh || from == Ended && to != Running && to != Queued {
		return // the execution has already ended, for example if one that failed is cancelled
	}
	worker := 0
	if s != nil && s.To == 0 {
		s.To, s.End = at, end
		worker = s.Worker
	}
	if to != Ended {
		n := Span{Execution: e, Phase: to, From: at, Attempt: rec.Attempt}
		if s != nil && n.Attempt == 0 {
			n.Attempt = s.Attempt
		}
		if to == Running {
			if n.Worker = rec.Worker; n.Worker == 0 && s != nil {
				n.Worker = lastWorker(r, e)
			}
		}
		i := int32(r.spans.len())
		r.spans.append(n)
		e.spans = append(e.spans, i)
		e.Step.Lane.spans = append(e.Step.Lane.spans, i)
		if n.Worker > 0 {
			w := e.Step.worker(n.Worker, at)
			w.Lane.spans = append(w.Lane.spans, i)
		}
	}
	tally := func(c *Count) {
		if from == Idle {
			c.Started++
		}
		if from == Ended { // it continues after all: a retry without delay, or a resumed journal
			switch s.End {
			case Finished:
				c.Finished--
			case Failed:
				c.Failed--
			case Cancelled:
				c.Cancelled--
			}
		}
		if fresh && (s == nil || s.Attempt != rec.Attempt || from == Running || from == Ended) {
			c.Attempts++ // not the same attempt continuing after a wait
		}
		c.countEnd(to, end)
	}
	e.Step.Lane.shift(at, t, from, to, tally)
	r.moveWorker(e, worker, to, at, end)
	if !e.delegated {
		r.total.shift(at, t, from, to, tally)
		r.quiet(at)
	}
	if to == Ended && end != Cancelled {
		e.Step.Lane.complete(at, r.runningTime(e, at))
	}
}

// moveWorker updates the lanes of the workers when an execution moves: that of the worker held
// until now (0 if none) and that of the worker held from now on. If an execution ends without a
// worker, for example while it waits, the outcome counts for its last worker.
func (r *Run) moveWorker(e *Execution, held int, to Phase, at int, end Outcome) {
	t := r.times[at-1]
	outcome := func(c *Count) { c.countEnd(to, end) }
	if held > 0 {
		e.Step.worker(held, at).Lane.shift(at, t, Running, Idle, outcome)
	} else if n := lastWorker(r, e); n > 0 && to == Ended {
		e.Step.worker(n, at).Lane.shift(at, t, Idle, Idle, outcome)
	}
	if to != Running {
		return
	}
	now := r.spans.last()
	if now.Worker > 0 {
		resumed := r.hadWorker(e, now.Attempt, now.Worker)
		e.Step.worker(now.Worker, at).Lane.shift(at, t, Idle, Running, func(c *Count) {
			if !resumed {
				c.Started++
			}
		})
	}
}

// hadWorker reports whether an attempt of an execution had a worker before its last span.
func (r *Run) hadWorker(e *Execution, attempt, worker int) bool {
	for i := len(e.spans) - 2; i >= 0; i-- {
		s := r.spans.at(int(e.spans[i]))
		if s.Attempt != attempt {
			return false
		}
		if s.Worker == worker {
			return true
		}
	}
	return false
}

// adopt records a sub-workflow that an execution runs. Until the sub-workflow ends, the execution
// is left out of the run's total, because the sub-workflow's executions are counted instead.
func (r *Run) adopt(e *Execution, w *Workflow, at int) {
	e.children = append(e.children, w)
	e.Step.children = append(e.Step.children, w)
	if s := r.open(e); s != nil {
		w.Attempt = s.Attempt
		if !e.delegated {
			r.total.shift(at, r.times[at-1], s.Phase, Idle, nil)
		}
	}
	e.delegated = true
}

// reclaim puts an execution back into the run's total when the sub-workflow that it ran has ended:
// it may still wait for its next attempt, for example.
func (r *Run) reclaim(e *Execution, at int) {
	if e == nil || !e.delegated {
		return
	}
	e.delegated = false
	if s := r.open(e); s != nil {
		r.total.shift(at, r.times[at-1], Idle, s.Phase, nil)
		r.quiet(at)
	}
}

// open returns the open span of an execution; nil if there is none.
func (r *Run) open(e *Execution) *Span {
	if n := len(e.spans); n > 0 {
		if s := r.spans.at(int(e.spans[n-1])); s.To == 0 {
			return s
		}
	}
	return nil
}

// closeAll ends the spans that are still open when their workflow ends: a journal records nothing
// of a workflow after its end.
func (r *Run) closeAll(w *Workflow, k flow.Kind, at int) {
	for _, s := range w.steps {
		if s.Lane.changes.len() == 0 || !s.Lane.changes.last().count.Active() {
			continue
		}
		for i := len(s.execs) - 1; i >= 0; i-- {
			e := s.execs[i]
			if r.open(e) != nil {
				r.move(e, Ended, flow.Record{Kind: k}, at, Cancelled)
				if !s.Lane.changes.last().count.Active() {
					break
				}
			}
		}
	}
}

func lastWorker(r *Run, e *Execution) int {
	for i := len(e.spans) - 1; i >= 0; i-- {
		if w := r.spans.at(int(e.spans[i])).Worker; w > 0 {
			return w
		}
	}
	return 0
}

func (s *Step) worker(n, at int) *Worker {
	const most = 1024 // a larger number comes from a broken journal
	n = min(n, most)
	for len(s.workers) < n {
		s.workers = append(s.workers, &Worker{Step: s, Number: len(s.workers) + 1, first: at})
	}
	return s.workers[n-1]
}

// runningTime returns how long an execution had a worker, up to a position.
func (r *Run) runningTime(e *Execution, at int) (d time.Duration) {
	for _, i := range e.spans {
		if s := r.spans.at(int(i)); s.Phase == Running && s.From <= at {
			to := s.To
			if to == 0 || to > at {
				to = at
			}
			d += r.times[to-1] - r.times[s.From-1]
		}
	}
	return d
}
