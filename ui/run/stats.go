package run

import (
	"math"
	"slices"
	"sort"
	"time"
)

// A completion is the end of one execution, with the shortest and the longest time so far.
type completion struct {
	at            int
	took          time.Duration
	shortest, max time.Duration
}

// A sketch is a histogram of all durations up to some completion: buckets of a sixteenth of an
// octave, from 1 µs to 2^32 µs.
type sketch [32 * 16]uint32

// sketchInterval is how many completions lie between two sketches.
const sketchInterval = 512

func bucket(d time.Duration) int {
	us := max(1, float64(d)/1e3)
	return min(len(sketch{})-1, int(math.Log2(us)*16))
}

func (l *Lane) complete(at int, took time.Duration) {
	c := completion{at, took, took, took}
	if n := len(l.done); n > 0 {
		c.shortest, c.max = min(took, l.done[n-1].shortest), max(took, l.done[n-1].max)
	}
	l.done = append(l.done, c)
	if n := len(l.done); n%sketchInterval == 0 {
		var s sketch
		if len(l.sketch) > 0 {
			s = l.sketch[len(l.sketch)-1]
		}
		for _, d := range l.done[n-sketchInterval:] {
			s[bucket(d.took)]++
		}
		l.sketch = append(l.sketch, s)
	}
}

// Spread describes the running times of executions that ended.
type Spread struct {
	N int
	// Median is exact for up to 512 executions, and beyond that to 4 %
	Min, Median, Max time.Duration
}

// Spread returns the running times of the executions of a step's lane that have ended by this
// moment.
func (l *Lane) Spread(v View) Spread {
	n := sort.Search(len(l.done), func(i int) bool { return l.done[i].at > v.n })
	if n == 0 {
		return Spread{}
	}
	s := Spread{N: n, Min: l.done[n-1].shortest, Max: l.done[n-1].max}
	if n <= sketchInterval {
		took := make([]time.Duration, n)
		for i := range took {
			took[i] = l.done[i].took
		}
		slices.Sort(took)
		s.Median = (took[(n-1)/2] + took[n/2]) / 2
		return s
	}
	h := l.sketch[n/sketchInterval-1]
	for _, d := range l.done[n/sketchInterval*sketchInterval : n] {
		h[bucket(d.took)]++
	}
	left := uint32(n / 2)
	for i, k := range h {
		if left < k {
			s.Median = time.Duration(math.Exp2((float64(i)+0.5)/16) * 1e3)
			break
		}
		left -= k
	}
	s.Median = min(max(s.Median, s.Min), s.Max)
	return s
}

// A Gap is a time in which no execution worked, was queued or waited to try again: the run is idle
// or waits for a person.
type Gap struct {
	From, To time.Duration
	Open     bool // the gap has not ended
}

// keepGaps is how many of the longest gaps are kept. Any further gap would be too small a share of
// the run to matter.
const keepGaps = 12

// quiet notes when the last execution stops working or the first one starts again, and keeps the
// longest gaps.
func (r *Run) quiet(at int) {
	c := r.total.changes.last().count
	silent := !c.Moves()
	switch {
	case silent && r.quietAt == 0:
		r.quietAt = at
	case !silent && r.quietAt != 0:
		g := Gap{From: r.times[r.quietAt-1], To: r.times[at-1]}
		r.quietAt = 0
		if g.To-g.From < time.Millisecond {
			return
		}
		if len(r.gaps) < keepGaps {
			r.gaps = append(r.gaps, g)
			return
		}
		least := 0
		for i, o := range r.gaps {
			if o.To-o.From < r.gaps[least].To-r.gaps[least].From {
				least = i
			}
		}
		if o := r.gaps[least]; g.To-g.From > o.To-o.From {
			r.gaps = append(slices.Delete(r.gaps, least, least+1), g)
		}
	}
}

// Gaps returns the longest gaps, unordered, including the one that is open. It covers all records
// and not only those up to a moment: the time axis must not change while the user travels along
// it. An open gap ends at until.
func (r *Run) Gaps(until time.Duration) []Gap {
	gs := slices.Clone(r.gaps)
	if r.quietAt != 0 && !r.Now().Ended() {
		from := r.times[r.quietAt-1]
		gs = append(gs, Gap{from, max(from, until), true})
	}
	return gs
}
