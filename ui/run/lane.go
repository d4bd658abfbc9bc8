package run

import (
	"sort"
	"time"

	"weft/flow"
)

// A Phase is what an execution is doing.
type Phase uint8

// The phases of an execution, in no fixed order: it may run, wait and run again.
const (
	Idle    Phase = iota
	Queued        // waits for a worker
	Running       // has a worker
	Backoff       // failed and will try again
	Waiting       // waits for a human or for the world
	Pending       // has a worker, and waits for what it cannot hasten, as it said
	Ended
	phases
)

// An Outcome is how a phase of an execution ended.
type Outcome uint8

// The outcomes of a span.
const (
	Going     Outcome = iota // it goes on, in this span or in the next
	Finished                 // the attempt succeeded
	Failed                   // the attempt failed
	Cancelled                // the execution was given up
)

// A Span is a time in which one execution stayed in one phase.
type Span struct {
	Execution *Execution
	Phase     Phase
	Attempt   int
	Worker    int // 0 where no worker is held
	From      int // position of the record that began it
	To        int // position of the record that ended it; 0 while it is open
	End       Outcome
}

// Count tells how many executions are in each phase, and what became of the others.
type Count struct {
	In        [phases]int32 // by Phase; Idle and Ended stay 0
	Started   int32         // executions that are or were
	Attempts  int32
	Finished  int32 // executions
	Failed    int32 // executions that failed for good
	Failures  int32 // attempts that failed
	Cancelled int32
}

// Active reports whether anybody does or awaits anything.
func (c Count) Active() bool { return c.Moves() || c.In[Waiting] > 0 }

// Moves reports whether anything goes on without a person.
func (c Count) Moves() bool { return c.In[Queued]+c.In[Running]+c.In[Backoff]+c.In[Pending] > 0 }

// became counts what became of an attempt.
func (c *Count) became(to Phase, end Outcome) {
	switch end {
	case Finished:
		c.Finished++
	case Failed:
		c.Failures++
		if to == Ended {
			c.Failed++
		}
	case Cancelled:
		c.Cancelled++
	}
}

// spend adds a time to that in which somebody ran, or to that in which it was only waited for the next attempt.
func (c *Count) spend(busy, rest, d time.Duration) (time.Duration, time.Duration) {
	switch {
	case c.In[Running] > 0:
		busy += d
	case c.In[Backoff] > 0:
		rest += d
	}
	return busy, rest
}

// A Lane is the work of a step, of a worker or of the whole run over time. It answers "how many, at that time" and "how much,
// in that stretch" in the logarithm of its length, so that drawing a row costs the same for ten and for 100,000 executions.
type Lane struct {
	spans   []int32       // indices in Run.spans, by time of beginning
	changes pages[change] // by time
	done    []completion
	sketch  []sketch
}

type change struct {
	at    int
	t     time.Duration
	count Count
	sum   [phases]time.Duration // time spent in each phase by all executions together, until t
	busy  time.Duration         // time in which at least one was running, until t
	rest  time.Duration         // time in which none was running and at least one was to try again, until t
	peak  int32                 // the most that ran at once so far
}

// shift records that an execution went from one phase to another.
func (l *Lane) shift(at int, t time.Duration, from, to Phase, f func(*Count)) {
	var c *change
	if n := l.changes.len(); n > 0 && l.changes.last().at == at {
		c = l.changes.last()
	} else {
		var next change
		if n > 0 {
			next = *l.changes.last()
		}
		l.changes.append(next)
		c = l.changes.last()
		dt := t - c.t
		for p := Queued; p < Ended; p++ {
			c.sum[p] += dt * time.Duration(c.count.In[p])
		}
		c.busy, c.rest = c.count.spend(c.busy, c.rest, dt)
		c.at, c.t = at, t
	}
	if from != Idle && from != Ended {
		c.count.In[from]--
	}
	if to != Idle && to != Ended {
		c.count.In[to]++
	}
	if f != nil {
		f(&c.count)
	}
	c.peak = max(c.peak, c.count.In[Running])
}

// move takes an execution into its next phase.
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
		return // an end that was already known, such as the cancel of what has failed
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
		if from == Ended { // it goes on after all: a retry without delay, or a resumed journal
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
			c.Attempts++ // and not the same attempt going on after a wait
		}
		c.became(to, end)
	}
	e.Step.Lane.shift(at, t, from, to, tally)
	r.moveWorker(e, worker, to, at, end)
	if !e.stands {
		r.total.shift(at, t, from, to, tally)
		r.quiet(at)
	}
	if to == Ended && end != Cancelled {
		e.Step.Lane.complete(at, r.ran(e, at))
	}
}

// moveWorker is what the move of an execution means for its worker: the one that it held until now, if it held any, and the one that it
// holds from now on. What becomes of an execution that holds none, as when it waits, is told of its last.
func (r *Run) moveWorker(e *Execution, held int, to Phase, at int, end Outcome) {
	t := r.times[at-1]
	outcome := func(c *Count) { c.became(to, end) }
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
		goesOn := r.hadWorker(e, now.Attempt, now.Worker)
		e.Step.worker(now.Worker, at).Lane.shift(at, t, Idle, Running, func(c *Count) {
			if !goesOn {
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

// adopt takes note of a sub-workflow that an execution runs. Until that ends, the execution only stands for it: its work is counted below.
func (r *Run) adopt(e *Execution, w *Workflow, at int) {
	e.children = append(e.children, w)
	e.Step.children = append(e.Step.children, w)
	if s := r.open(e); s != nil {
		w.Attempt = s.Attempt
		if !e.stands {
			r.total.shift(at, r.times[at-1], s.Phase, Idle, nil)
		}
	}
	e.stands = true
}

// own counts what an execution does for itself again, such as to wait for its next attempt, when the sub-workflow that it ran has ended.
func (r *Run) own(e *Execution, at int) {
	if e == nil || !e.stands {
		return
	}
	e.stands = false
	if s := r.open(e); s != nil {
		r.total.shift(at, r.times[at-1], Idle, s.Phase, nil)
		r.quiet(at)
	}
}

// open returns the span of an execution that goes on, nil if there is none.
func (r *Run) open(e *Execution) *Span {
	if n := len(e.spans); n > 0 {
		if s := r.spans.at(int(e.spans[n-1])); s.To == 0 {
			return s
		}
	}
	return nil
}

// closeAll ends what a journal left open when its workflow ended: after the end nothing is recorded any more.
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
	const most = 1024 // a number beyond is not a place, it is a broken journal
	n = min(n, most)
	for len(s.workers) < n {
		s.workers = append(s.workers, &Worker{Step: s, Number: len(s.workers) + 1, first: at})
	}
	return s.workers[n-1]
}

// ran is the time that an execution had a worker, up to a position.
func (r *Run) ran(e *Execution, at int) (d time.Duration) {
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

// upTo returns the number of changes at positions up to n.
func (l *Lane) upTo(n int) int {
	if k := l.changes.len(); k == 0 || l.changes.at(k-1).at <= n {
		return k
	}
	return sort.Search(l.changes.len(), func(i int) bool { return l.changes.at(i).at > n })
}
