package run

import (
	"time"

	"weft/flow"
)

// A View is a run at a moment: after its first n records, and possibly some time after the last
// of them. Making one is cheap. The values that its methods return are shared and must not be
// changed.
type View struct {
	r *Run
	n int
	t time.Duration // the moment, if it lies between two records
}

// Run returns the run itself; nil for the zero View.
func (v View) Run() *Run { return v.r }

// Position returns n, the number of records that the view covers.
func (v View) Position() int { return v.n }

// Live reports whether the view covers all records that the run has.
func (v View) Live() bool { return v.r == nil || v.n == v.r.records.len() }

// Record returns the record at a position from 1 to Position.
func (v View) Record(at int) flow.Record { return v.r.records.at(at - 1) }

// Time returns when the record at a position was made, as a duration since the start of the run.
func (v View) Time(at int) time.Duration {
	if v.r == nil || at < 1 || len(v.r.times) == 0 {
		return 0
	}
	return v.r.times[min(at, len(v.r.times))-1]
}

// Start returns the wall-clock time at which the run began.
func (v View) Start() time.Time {
	if v.r == nil {
		return time.Time{}
	}
	return v.r.start
}

// Elapsed returns how long the run has been running: until now if the view is live and the run has
// not ended, otherwise until the moment of the view.
func (v View) Elapsed(now time.Time) time.Duration {
	t := v.Time(v.n)
	if v.t > 0 {
		return max(t, v.t)
	}
	if v.n > 0 && v.Live() && !v.Ended() && !v.r.interrupted && !now.IsZero() {
		t = max(t, now.Sub(v.r.start))
	}
	return t
}

// ActiveTime is like Elapsed, but does not count the time during which no execution works because a
// person has to reply or a debugger holds the run.
func (v View) ActiveTime(now time.Time) time.Duration {
	if v.Idle() {
		return v.Time(v.n)
	}
	return v.Elapsed(now)
}

// Idle reports whether an unfinished run has no execution at work, because it waits for a person
// or a debugger holds it.
func (v View) Idle() bool {
	switch v.Status() {
	case Blocked:
		return true
	case Paused:
		c := v.r.total.Count(v)
		return c.In[Running]+c.In[Backoff]+c.In[Pending] == 0
	}
	return false
}

// Failures returns the positions of all failures.
func (v View) Failures() []int { return v.r.failures[:upTo(v.r.failures, v.n, position)] }

// Events returns how many events were sent and emitted so far.
func (v View) Events() int {
	if v.r == nil {
		return 0
	}
	return upTo(v.r.sent, v.n, position) + upTo(v.r.notes, v.n, position)
}
