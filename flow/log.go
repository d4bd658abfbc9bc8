package flow

import "sync/atomic"

// A log is the records of a run in memory. It only grows, in chunks that are never moved, so that readers need no copy and
// no lock: what stands below the published length does not change any more.
type log struct {
	last  *chunk
	room  []fact    // the places of last
	used  int       // of these, how many are taken
	block *payloads // the newest one of last
	paid  int       // payloads in last
	slab  []fact    // for further chunks: memory costs less in large pieces
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
	payload, sub := r.payload, r.sub
	if r.due != 0 {
		payload, sub = &aside{payload, r.due, r.sub}, 0
	}
	f := l.slot(sub, payload)
	r.paid = f.paid
	*f = r.fact
}

// slot appends a record that has a payload, if it is not nil, and returns its empty fact to be filled.
func (l *log) slot(sub uint32, payload any) *fact {
	if sub != 0 {
		payload = &aside{payload: payload, sub: sub}
	}
	if l.used == len(l.room) {
		l.grow()
	}
	f := &l.room[l.used]
	l.used++
	if payload != nil {
		i := l.paid % len(l.block)
		if i == 0 && l.paid > 0 {
			l.block = new(payloads)
			l.last.payloads[l.paid/len(l.block)] = l.block
		}
		l.block[i] = payload
		l.paid++
		f.paid = uint8(l.paid)
	}
	return f
}

func (l *log) grow() {
	c := &l.head
	if l.last == nil {
		c.facts, c.payloads = l.facts[:], l.blocks[:]
		l.block = &l.payloads
	} else {
		size, n := min(4*len(l.room), largeChunk), l.n()
		if len(l.slab) < size {
			l.slab = make([]fact, size*int(1+min(n/largeChunk, 3)))
		}
		c = &chunk{start: n, facts: l.slab[:size:size], payloads: make([]*payloads, (size+len(payloads{})-1)/len(payloads{}))}
		l.slab = l.slab[size:]
		l.last.next = c
		l.block = new(payloads)
	}
	c.payloads[0] = l.block
	l.last, l.room, l.used, l.paid = c, c.facts, 0, 0
}

// n returns the number of records, including unpublished ones.
func (l *log) n() uint64 {
	if l.last == nil {
		return 0
	}
	return l.last.start + uint64(l.used)
}

// publish shows readers all records.
func (l *log) publish() { l.published.Store(l.n()) }

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
