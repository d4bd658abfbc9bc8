package flow

import "sync/atomic"

// A log is the records of a run in memory. It only grows, in chunks that are never moved, so that readers need no copy and
// no lock: what stands below the published length does not change any more.
type log struct {
	first     uint64 // the number of the first record
	chunks    atomic.Pointer[[]*chunk]
	last      *chunk
	n         uint64        // records, including unpublished ones
	published atomic.Uint64 // records that readers may see
}

type chunk struct {
	start uint64 // how many records stand before it
	recs  []rec  // its capacity is fixed
}

const (
	smallChunk = 12
	largeChunk = 510 // with its header in one size class of the allocator
)

// push returns the place of a new record.
func (l *log) push() *rec {
	if l.last == nil || len(l.last.recs) == cap(l.last.recs) {
		size := smallChunk
		if l.last != nil {
			size = min(4*cap(l.last.recs), largeChunk)
		}
		l.last = &chunk{start: l.n, recs: make([]rec, 0, size)}
		var all []*chunk
		if old := l.chunks.Load(); old != nil {
			all = *old
		}
		all = append(all, l.last)
		l.chunks.Store(&all)
	}
	l.n++
	l.last.recs = l.last.recs[:len(l.last.recs)+1]
	return &l.last.recs[len(l.last.recs)-1]
}

// publish shows readers all records.
func (l *log) publish() { l.published.Store(l.n) }

// find returns the chunk that holds the record with index i, below the published length.
func (l *log) find(i uint64) *chunk {
	all := *l.chunks.Load()
	lo, hi := 0, len(all)-1
	for lo < hi {
		mid := (lo + hi + 1) / 2
		if all[mid].start <= i {
			lo = mid
		} else {
			hi = mid - 1
		}
	}
	return all[lo]
}

// at returns the record with index i.
func (c *chunk) at(i uint64) *rec { return &c.recs[:cap(c.recs)][i-c.start] }
