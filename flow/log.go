package flow

import "sync/atomic"

// A log is the records of a run in memory. It only grows, in chunks that are never moved, so that readers need no copy and
// no lock: what stands below the published length does not change any more.
type log struct {
	first         uint64 // the number of the first record
	head          chunk  // its places are first
	last          *chunk
	n             uint64 // records, including unpublished ones
	draft         rec
	firstPayloads [payloadBlock]any
	published     atomic.Uint64 // records that readers may see
	firstFacts    [smallChunk]fact
}

// A chunk keeps what holds no pointers apart from what does: most of a journal is then nothing that the garbage collector has
// to look at.
type chunk struct {
	start    uint64                                        // how many records stand before it
	next     *chunk                                        // set before a record of it is published
	facts    []fact                                        // all its places; the slice itself never changes, because readers look at it
	payloads [largeChunk / payloadBlock]*[payloadBlock]any // those of its records that have one, by fact.paid; a block is set before a record of it is published
	used     int                                           // places taken, for the writer alone
	paid     int                                           // payloads, for the writer alone
}

const (
	smallChunk   = 12
	largeChunk   = 252 // so that a byte can number the payloads, from 1
	payloadBlock = 12
)

// place returns where the next record is to be written. It counts only after add.
func (l *log) place() *rec { return &l.draft }

// add makes what was written a record.
func (l *log) add() {
	c := l.last
	if c == nil || c.used == len(c.facts) {
		c = l.grow()
	}
	f := &c.facts[c.used]
	*f = l.draft.fact
	if f.paid = 0; l.draft.payload != nil {
		block, i := c.paid/payloadBlock, c.paid%payloadBlock
		if c.payloads[block] == nil {
			c.payloads[block] = new([payloadBlock]any)
		}
		c.payloads[block][i] = l.draft.payload
		c.paid++
		f.paid = uint8(c.paid)
	}
	c.used++
	l.n++
}

func (l *log) grow() *chunk {
	c := &l.head
	if l.last == nil {
		c.facts, c.payloads[0] = l.firstFacts[:], &l.firstPayloads
	} else {
		size := min(4*len(l.last.facts), largeChunk)
		c = &chunk{start: l.n, facts: make([]fact, size)}
		l.last.next = c
	}
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
	for i >= c.start+uint64(len(c.facts)) {
		c = c.next
	}
	return c
}

// at returns the record with index i.
func (c *chunk) at(i uint64) rec {
	r := rec{fact: c.facts[i-c.start]}
	if p := int(r.paid) - 1; p >= 0 {
		r.payload = c.payloads[p/payloadBlock][p%payloadBlock]
	}
	return r
}
