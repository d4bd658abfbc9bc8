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
	recs  []rec  // all its places; the slice itself never changes, because readers look at it
	used  int    // places taken, for the writer alone
}

const (
	smallChunk = 12
	largeChunk = 512
)

// place returns where the next record will stand. It may be written to, and counts only after add.
func (l *log) place() *rec {
	c := l.last
	if c == nil || c.used == len(c.recs) {
		c = l.grow()
	}
	return &c.recs[c.used]
}

// add makes what stands at the place of the next record a record.
func (l *log) add() {
	l.n++
	l.last.used++
}

func (l *log) grow() *chunk {
	if l.last == nil {
		l.head.recs = make([]rec, smallChunk)
		l.last = &l.head
		return l.last
	}
	c := &chunk{start: l.n, recs: make([]rec, min(4*len(l.last.recs), largeChunk))}
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
	for i >= c.start+uint64(len(c.recs)) {
		c = c.next
	}
	return c
}

// at returns the record with index i.
func (c *chunk) at(i uint64) *rec { return &c.recs[i-c.start] }
