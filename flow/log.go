package flow

import "sync/atomic"

// A log is the records of a run in memory. It only grows, in chunks that are never moved, so that readers need no copy and
// no lock: what stands below the published length does not change any more.
type log struct {
	n     uint64 // records, including unpublished ones
	last  *chunk
	used  int    // places taken in last
	paid  int    // payloads there
	slab  []fact // for further chunks: memory costs less in large pieces
	facts [smallChunk]fact

	// What readers look at stands apart from what the writer writes with every record.
	first     uint64        // the number of the first record
	published atomic.Uint64 // records that readers may see
	head      chunk         // its places are facts
	blocks    [(smallChunk + 7) / 8]*payloads
	payloads  payloads
}

// A chunk keeps what holds no pointers apart from what does: most of a journal is then nothing that the garbage collector has
// to look at.
type chunk struct {
	start    uint64      // how many records stand before it
	next     *chunk      // set before a record of it is published
	facts    []fact      // all its places; the slice itself never changes, because readers look at it
	payloads []*payloads // those of its records that have one, by fact.paid; one is set before a record of it is published
}

type payloads [8]any

const (
	smallChunk = 12
	largeChunk = 252 // so that a byte can number the payloads, from 1
)

// An aside is the payload of a record that has more to keep than a fact and a payload, which few have.
type aside struct {
	payload any
	due     int64
	sub     uint32
}

// add appends a record.
func (l *log) add(r *rec) {
	c := l.last
	if c == nil || l.used == len(c.facts) {
		c = l.grow()
	}
	payload := r.payload
	if r.sub != 0 || r.due != 0 {
		payload = &aside{payload, r.due, r.sub}
	}
	r.paid = 0
	if payload != nil {
		block, i := l.paid/len(payloads{}), l.paid%len(payloads{})
		if c.payloads[block] == nil {
			c.payloads[block] = new(payloads)
		}
		c.payloads[block][i] = payload
		l.paid++
		r.paid = uint8(l.paid)
	}
	c.facts[l.used] = r.fact
	l.used++
	l.n++
}

func (l *log) grow() *chunk {
	c := &l.head
	if l.last == nil {
		l.blocks[0] = &l.payloads
		c.facts, c.payloads = l.facts[:], l.blocks[:]
	} else {
		size := min(4*len(l.last.facts), largeChunk)
		if len(l.slab) < size {
			l.slab = make([]fact, size*int(1+min(l.n/largeChunk, 3)))
		}
		blocks := (size + len(payloads{}) - 1) / len(payloads{})
		c = &chunk{start: l.n, facts: l.slab[:size:size], payloads: make([]*payloads, blocks)}
		l.slab = l.slab[size:]
		l.last.next = c
	}
	l.last, l.used, l.paid = c, 0, 0
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
		r.payload = c.payloads[p/len(payloads{})][p%len(payloads{})]
		if a, ok := r.payload.(*aside); ok {
			r.payload, r.due, r.sub = a.payload, a.due, a.sub
		}
	}
	return r
}
