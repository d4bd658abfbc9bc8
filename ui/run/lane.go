package run

import (
	"sort"
	"time"
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

// upTo returns the number of changes at positions up to n.
func (l *Lane) upTo(n int) int {
	if k := l.changes.len(); k == 0 || int(l.changes.at(k-1).at) <= n {
		return k
	}
	return sort.Search(l.changes.len(), func(i int) bool { return int(l.changes.at(i).at) > n })
}
