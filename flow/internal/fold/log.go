package fold

// A Log is the records of a run in memory. It only grows, in chunks that are never moved. So a
// reader needs neither a copy nor a lock, as long as it reads only what the runtime has published:
// a record does not change once the next one was begun.
type Log struct {
	// The writer changes these with every record.
	last    *chunk
	room    []packedRecord // the places of last
	used    int            // how many of them are taken
	block   *payloadBlock  // the newest one of last
	paid    int            // payloads in last
	slab    []packedRecord // for further chunks: memory costs less in large pieces
	reused  *slabs         // the slabs that it is from; nil: slabs are not reused
	records [smallChunk]packedRecord

	// Readers use these.
	First    uint64   // how many records of the run are before this log, in a snapshot's past
	Pool     Pool     // memory to reuse; nil: none. See Recycle
	root     *runInfo // the run itself
	head     chunk    // its places are records
	blocks   [(smallChunk + 7) / 8]*payloadBlock
	payloads payloadBlock
}

// A chunk holds records, and apart from them their payloads. The records hold no pointers, so the
// garbage collector skips most of a journal.
type chunk struct {
	start    uint64          // how many records are before it
	next     *chunk          // set before a record of it is published
	records  []packedRecord  // at full length from the start, because readers use it without a lock
	payloads []*payloadBlock // indexed by packedRecord.payload; set before a record of it is published
}

type payloadBlock [8]any

const (
	smallChunk = 12
	largeChunk = 252 // so that a byte can number the payloads, from 1
)

// A packedRecord is a record in the log, in 32 bytes without a pointer; its payload is stored
// apart.
type packedRecord struct {
	at      int64 // nanoseconds since 1970
	exec    uint32
	event   uint32
	cause   uint32
	n       int32 // of an EventSent its place in the fan-out, of a RunResumed the permits, else the attempt
	worker  uint16
	step    int16 // -1: none
	typ     int16 // -1: none
	kind    Kind
	payload uint8 // the number of the record's payload in its chunk, from 1; 0: it has none
}

// An internalRecord is a record as the fold works with it, with small integers where a Record has
// names. Its payload is an event's value or, by kind, a *fault, a *Patch, a Prompt, a *foreign or
// restarted.
type internalRecord struct {
	packedRecord
	run   *runInfo // the sub-workflow's run that it belongs to; nil: the run itself
	due   int64    // nanoseconds since 1970; 0: nothing is due
	value any
}

// sub returns the execution that runs the record's sub-workflow; 0: it is a record of the run
// itself.
func (r *internalRecord) sub() uint32 {
	if r.run == nil {
		return 0
	}
	return r.run.sub
}

// A detached is the payload of the few records that have fields which do not fit into a
// packedRecord.
type detached struct {
	value any
	due   int64
	run   *runInfo
}

// A runInfo names a run to readers. It never changes.
type runInfo struct {
	id       string
	sub      uint32 // the execution that runs it; 0: none, it is the run itself
	workflow *Workflow
}

// A foreign is the payload of an emitted event from a journal: the fold passes it on unchanged.
type foreign struct {
	typ string
	raw []byte
}

// restarted is the payload of the RunResumed record with which a run continues in a new process.
type restarted struct{}

// add appends a record.
func (l *Log) add(r *internalRecord) {
	value := r.value
	if r.run != nil || r.due != 0 {
		value = &detached{r.value, r.due, r.run}
	}
	p := l.slot()
	*p = r.packedRecord
	p.payload = 0
	if value != nil {
		l.attach(p, value)
	}
}

// slot appends a record and returns it. The caller sets all of its fields, because the memory may
// hold a record of an earlier log.
func (l *Log) slot() *packedRecord {
	if l.used == len(l.room) {
		l.grow()
	}
	l.used++
	return &l.room[l.used-1]
}

// attach gives the last record its payload.
func (l *Log) attach(p *packedRecord, value any) {
	i := l.paid % len(l.block)
	if i == 0 && l.paid > 0 {
		l.block = l.newBlock()
		l.last.payloads[l.paid/len(l.block)] = l.block
	}
	l.block[i] = value
	l.paid++
	p.payload = uint8(l.paid)
}

func (l *Log) grow() {
	c := &l.head
	if l.last == nil {
		c.records, c.payloads = l.records[:], l.blocks[:]
		l.block = &l.payloads
	} else {
		const perBlock = len(payloadBlock{})
		size, n := min(4*len(l.room), largeChunk), l.Len()
		if len(l.slab) < size {
			l.slab = l.newSlab(size)
		}
		c = &chunk{
			start: n, records: l.slab[:size:size],
			payloads: make([]*payloadBlock, (size+perBlock-1)/perBlock),
		}
		l.slab = l.slab[size:]
		l.last.next = c
		l.block = l.newBlock()
	}
	c.payloads[0] = l.block
	l.last, l.room, l.used, l.paid = c, c.records, 0, 0
}

// Len returns the number of records in the log, without those before it.
func (l *Log) Len() uint64 {
	if l.last == nil {
		return 0
	}
	return l.last.start + uint64(l.used)
}
