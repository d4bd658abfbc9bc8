package flow

import "sync/atomic"

// A log is the records of a run in memory. It only grows, in chunks that are never moved, so that readers need no copy and
// no lock: what stands below the published length does not change any more.
type log struct {
	first     uint64 // the number of the first record
	head      chunk
	last      *chunk
	n         uint64        // records, including unpublished ones
	published atomic.Uint64 // records that readers may see
}

type chunk struct {
	start uint64 // how many records stand before it
	next  *chunk // set before a record of it is published
	recs  []rec  // its capacity is fixed
}

const (
	smallChunk = 12
	largeChunk = 512
)

// push returns the place of a new record.
func (l *log) push() *rec {
	c := l.last
	if c == nil || len(c.recs) == cap(c.recs) {
		c = l.grow()
	}
	l.n++
	c.recs = c.recs[:len(c.recs)+1]
	return &c.recs[len(c.recs)-1]
}

func (l *log) grow() *chunk {
	if l.last == nil {
		l.head.recs = make([]rec, 0, smallChunk)
		l.last = &l.head
		return l.last
	}
	c := &chunk{start: l.n, recs: make([]rec, 0, min(4*cap(l.last.recs), largeChunk))}
	l.last.next = c
	l.last = c
	return c
}

// publish shows readers all records.
func (l *log) publish() { l.published.Store(l.n) }

// find returns the chunk that holds the record with index i, below the published length, from a chunk before it on (nil: the
// first).
func (l *log) find(c *chunk, i uint64) *chunk {
	if c == nil {
		c = &l.head
	}
	for i >= c.start+uint64(cap(c.recs)) {
		c = c.next
	}
	return c
}

// at returns the record with index i.
func (c *chunk) at(i uint64) *rec { return &c.recs[:cap(c.recs)][i-c.start] }
