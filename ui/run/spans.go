package run

import (
	"iter"
	"sort"
	"time"
)

// Spans returns the spans of an execution, in order, as known at this moment: a span that ends
// later is open.
func (e *Execution) Spans(v View) iter.Seq[Span] { return v.spans(e.spans, 0, len(e.spans)) }

// Spans returns the spans of the lane with the numbers i to j-1.
func (l *Lane) Spans(v View, i, j int) iter.Seq[Span] { return v.spans(l.spans, i, j) }

func (v View) spans(list []int32, i, j int) iter.Seq[Span] {
	return func(yield func(Span) bool) {
		for _, k := range list[max(i, 0):min(max(j, 0), len(list))] {
			s := *v.r.spans.at(int(k))
			if s.From > v.n {
				return
			}
			if s.To > v.n {
				s.To, s.End = 0, Going
			}
			if !yield(s) {
				return
			}
		}
	}
}

// Window returns the half-open range i, j of the spans that began from one time to another.
func (l *Lane) Window(v View, from, to time.Duration) (i, j int) {
	began := func(k int) int { return v.r.spans.at(int(l.spans[k])).From }
	n := sort.Search(len(l.spans), func(k int) bool { return began(k) > v.n })
	i = sort.Search(n, func(k int) bool { return v.r.times[began(k)-1] >= from })
	j = sort.Search(n, func(k int) bool { return v.r.times[began(k)-1] > to })
	return i, j
}

// Count returns how many executions of the lane are in each phase at this moment.
func (l *Lane) Count(v View) Count {
	if k := l.upTo(v.n); k > 0 {
		return l.changes.at(k - 1).count
	}
	return Count{}
}

// Peak returns the most executions that have run at once.
func (l *Lane) Peak(v View) int {
	if k := l.upTo(v.n); k > 0 {
		return int(l.changes.at(k - 1).peak)
	}
	return 0
}

// A Sum is the work on a lane from the start until some time.
type Sum struct {
	Count
	Time [phases]time.Duration // time spent in each Phase, all executions together
	Busy time.Duration         // at least one was running
	Rest time.Duration         // none was running, and at least one waited for its next attempt
}

// Until returns the sums until a time, which may lie after the last record of a live run. The
// difference of two Sums is the work between their times.
func (l *Lane) Until(v View, t time.Duration) Sum {
	k := l.upTo(v.n)
	k = sort.Search(k, func(i int) bool { return l.changes.at(i).t > t })
	if k == 0 {
		return Sum{}
	}
	c := l.changes.at(k - 1)
	s := l.sumsUntil(k - 1)
	s.add(&c.count, t-c.t)
	return Sum{Count: c.count, Time: s.time, Busy: s.busy, Rest: s.rest}
}

// Total returns the lane of the whole run.
func (v View) Total() *Lane { return &v.r.total }

// Attempt is one try of an execution.
type Attempt struct {
	Number  int
	Worker  int
	Queued  time.Duration // how long it waited for a worker before it began
	Started time.Duration
	Ended   time.Duration // if the attempt has not ended, the argument until
	Waited  time.Duration // for a person, for an event from outside, or pending
	Outcome Outcome       // Going while the attempt runs
	Error   string
	Due     time.Time // when the next attempt begins, if one was decided on
}

// Attempts returns the attempts of an execution; until is taken as the end of those that have not
// ended.
func (e *Execution) Attempts(v View, until time.Duration) []Attempt {
	var as []Attempt
	queued := time.Duration(0)
	for s := range e.Spans(v) {
		from, to := v.Time(s.From), until
		if s.To != 0 {
			to = v.Time(s.To)
		}
		n := len(as)
		switch {
		case s.Phase == Queued:
			queued += to - from
		case s.Phase == Running && (n == 0 || as[n-1].Number != s.Attempt || as[n-1].Outcome != Going):
			as = append(as, Attempt{Number: s.Attempt, Worker: s.Worker, Queued: queued, Started: from})
			queued = 0
		case (s.Phase == Waiting || s.Phase == Pending) && n > 0:
			as[n-1].Waited += to - from
		}
		if n = len(as); n > 0 && s.Phase != Queued && s.Phase != Backoff {
			as[n-1].Ended, as[n-1].Outcome = to, s.End
			if s.To != 0 && s.End == Failed {
				rec := v.Record(s.To)
				as[n-1].Error, as[n-1].Due = rec.Error, rec.Due
			}
		}
	}
	return as
}

// Phase returns what an execution is doing, the position since which it does, and how it ended if
// it has.
func (e *Execution) Phase(v View) (p Phase, since int, end Outcome) {
	for s := range e.Spans(v) {
		p, since, end = s.Phase, s.From, Going
		if s.To != 0 {
			p, since, end = Ended, s.To, s.End
		}
	}
	return p, since, end
}

// ended reports whether an execution has ended by this moment.
func (e *Execution) ended(v View) bool {
	p, _, _ := e.Phase(v)
	return p == Ended
}

// failed reports whether the attempt of an execution had failed by this moment.
func (e *Execution) failed(v View, attempt int) bool {
	for _, i := range e.spans {
		if s := v.r.spans.at(int(i)); s.Attempt == attempt && s.End == Failed && s.To != 0 && s.To <= v.n {
			return true
		}
	}
	return false
}

// HasFailed reports whether any attempt of an execution had failed by this moment.
func (e *Execution) HasFailed(v View) bool {
	for s := range e.Spans(v) {
		if s.To != 0 && s.End == Failed {
			return true
		}
	}
	return false
}
