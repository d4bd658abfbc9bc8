package run

import (
	"sort"
	"time"

	"weft/flow"
	"weft/flow/show"
)

// PositionAt returns the position of the last record at or before a time, at least 1 if there are
// records.
func (r *Run) PositionAt(t time.Duration) int {
	n := sort.Search(len(r.times), func(i int) bool { return r.times[i] > t })
	return max(n, min(1, len(r.times)))
}

// Step returns the position of the next record (dir 1) or the previous one (dir -1) that changes
// the screen noticeably: of the deltas of a stream, which come by the hundred, the last one of each
// tenth of a second.
func (r *Run) Step(from, dir int) int {
	return r.next(from, dir, func(at int) bool { return !r.isDelta(at) || r.closesGroup(at) })
}

// StepBoundary returns the position of the next record (dir 1) or the previous one (dir -1) with
// which an execution of a step starts or ends, or the run ends.
func (r *Run) StepBoundary(from, dir int) int {
	return r.next(from, dir, func(at int) bool {
		switch r.records.kind(at - 1) {
		case flow.StepStarted, flow.StepFinished, flow.StepFailed, flow.RunFinished, flow.RunFailed, flow.RunCancelled:
			return true
		}
		return false
	})
}

// next returns the first position after from, in a direction, at which a condition holds, or the
// last one in that direction.
func (r *Run) next(from, dir int, holds func(at int) bool) int {
	for at := from + dir; at >= 1 && at <= r.records.len(); at += dir {
		if holds(at) {
			return at
		}
	}
	if dir < 0 {
		return min(1, r.records.len())
	}
	return r.records.len()
}

// groupSpan is the time within which the deltas of a stream form one group.
const groupSpan = 100 * time.Millisecond

func (r *Run) isDelta(at int) bool {
	return r.records.kind(at-1) == flow.EventEmitted && r.records.at(at-1).Type == show.TypeDelta
}

// closesGroup reports whether the delta at a position is the last one of its group.
func (r *Run) closesGroup(at int) bool {
	return at == r.records.len() || !r.isDelta(at+1) || r.times[at]/groupSpan != r.times[at-1]/groupSpan
}
