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
	Waiting       // waits for a person or for an event from outside
	Pending       // has a worker, and reported that it waits for something it cannot speed up
	Ended
	phases
)

// An Outcome is how a phase of an execution ended.
type Outcome uint8

// The outcomes of a span.
const (
	Going     Outcome = iota // has not ended: the span is open, or another span follows
	Finished                 // the attempt succeeded
	Failed                   // the attempt failed
	Cancelled                // the execution was cancelled
)

// A Span is a stretch of time in which one execution stayed in one phase.
type Span struct {
	Execution *Execution
	Phase     Phase
	Attempt   int
	Worker    int // 0 where no worker is held
	From      int // position of the record that began it
	To        int // position of the record that ended it; 0 while it is open
	End       Outcome
}

// A Count holds how many executions are in each phase, and how the others ended.
type Count struct {
	In        [phases]int32 // by Phase; Idle and Ended stay 0
	Started   int32         // executions that have begun, ended or not
	Attempts  int32
	Finished  int32 // executions that succeeded
	Failed    int32 // executions that failed for good
	Failures  int32 // attempts that failed
	Cancelled int32
}

// Active reports whether any execution is at work, about to be, or waiting.
func (c Count) Active() bool { return c.Moves() || c.In[Waiting] > 0 }

// Moves reports whether any execution is at work or will be without a reply from outside.
func (c Count) Moves() bool { return c.In[Queued]+c.In[Running]+c.In[Backoff]+c.In[Pending] > 0 }

// countEnd counts how a phase ended: to is the phase that follows.
func (c *Count) countEnd(to Phase, end Outcome) {
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

// spend adds d to busy if an execution was running, or to rest if none was running and one waited
// for its next attempt. It returns both sums.
func (c *Count) spend(busy, rest, d time.Duration) (time.Duration, time.Duration) {
	switch {
	case c.In[Running] > 0:
		busy += d
	case c.In[Backoff] > 0:
		rest += d
	}
	return busy, rest
}

// A Lane is the work of a step, of a worker or of the whole run over time. It answers "how many at
// that time" and "how much in that stretch" in O(log n), so drawing a row costs about the same for
// ten and for 100,000 executions.
type Lane struct {
	spans   []int32       // indices in Run.spans, by time of beginning
	changes pages[change] // in order of time
	sums    pages[sums]   // until the time of each sumsInterval-th change, from the first
	until   sums          // until the last change
	done    []completion
	sketch  []sketch
}

// A change is the number of executions in each phase from a record on.
type change struct {
	at    int32
	peak  int32 // the most that have run at once so far
	t     time.Duration
	count Count
}

// sums holds how much work there was until some time.
type sums struct {
	time [phases]time.Duration // spent in each phase by all executions together
	busy time.Duration         // at least one was running
	rest time.Duration         // none was running and one was in back-off
}

// sumsInterval is how many changes lie between two sums that are kept. Those between them are added
// up when they are needed: kept with each change they would be a fifth of the memory of a long run.
const sumsInterval = 4

// add adds a time in which the counts did not change.
func (s *sums) add(c *Count, d time.Duration) {
	for p := Queued; p < Ended; p++ {
		s.time[p] += d * time.Duration(c.In[p])
	}
	s.busy, s.rest = c.spend(s.busy, s.rest, d)
}

// sumsUntil returns the sums until the time of a change, by its number from 0.
func (l *Lane) sumsUntil(k int) sums {
	s := *l.sums.at(k / sumsInterval)
	for i := k / sumsInterval * sumsInterval; i < k; i++ {
		c := l.changes.at(i)
		s.add(&c.count, l.changes.at(i+1).t-c.t)
	}
	return s
}

// shift records that an execution changed from one phase to another, and applies f, which may be
// nil, to the counts.
func (l *Lane) shift(at int, t time.Duration, from, to Phase, f func(*Count)) {
	var c *change
	n := l.changes.len()
	if n > 0 && int(l.changes.last().at) == at {
		c = l.changes.last()
	} else {
		var next change
		if n > 0 {
			next = *l.changes.last()
			l.until.add(&next.count, t-next.t)
		}
		if n%sumsInterval == 0 {
			l.sums.append(l.until)
		}
		next.at, next.t = int32(at), t
		l.changes.append(next)
		c = l.changes.last()
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

// upTo returns the number of changes at positions up to n.
func (l *Lane) upTo(n int) int {
	if k := l.changes.len(); k == 0 || int(l.changes.at(k-1).at) <= n {
		return k
	}
	return sort.Search(l.changes.len(), func(i int) bool { return int(l.changes.at(i).at) > n })
}
