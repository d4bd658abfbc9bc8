package fold

const (
	slabSize  = 4 * largeChunk
	maxSlabs  = 64 // slabs that are kept for reuse: 2 MB
	maxBlocks = maxSlabs * slabSize / len(payloadBlock{})
)

// A Pool holds values for reuse, and may drop any of them. The runtime gives it a sync.Pool, which
// this package does not import.
type Pool interface {
	Get() any // nil: the pool is empty
	Put(any)
}

// A slabs is memory for records and payloads that one log after the other uses.
type slabs struct {
	records    [][]packedRecord
	blocks     []*payloadBlock
	usedSlabs  int
	usedBlocks int
}

// newSlab returns memory for some chunks, the next of which has the given size. It may hold records
// of an earlier log.
func (l *Log) newSlab(size int) []packedRecord {
	if l.Pool == nil || size < largeChunk { // most runs are short
		return make([]packedRecord, min(size*int(1+l.Len()/largeChunk), slabSize))
	}
	if l.reused == nil {
		if l.reused, _ = l.Pool.Get().(*slabs); l.reused == nil {
			l.reused = new(slabs)
		}
	}
	s := l.reused
	if s.usedSlabs == len(s.records) {
		s.records = append(s.records, make([]packedRecord, slabSize))
	}
	s.usedSlabs++
	return s.records[s.usedSlabs-1]
}

// newBlock returns an empty block of payloads.
func (l *Log) newBlock() *payloadBlock {
	s := l.reused
	if s == nil {
		return new(payloadBlock)
	}
	if s.usedBlocks == len(s.blocks) {
		s.blocks = append(s.blocks, new(payloadBlock))
	}
	s.usedBlocks++
	return s.blocks[s.usedBlocks-1]
}

// Recycle leaves the log's memory to the logs of other runs with the same Pool. Nothing may read the
// log from then on.
func (l *Log) Recycle() {
	s, pool := l.reused, l.Pool
	if s == nil {
		return
	}
	l.Pool, l.reused, l.slab, l.room = nil, nil, nil, l.room[:l.used]
	for _, b := range s.blocks[:s.usedBlocks] {
		clear(b[:])
	}
	s.records, s.usedSlabs = atMost(maxSlabs, s.records), 0
	s.blocks, s.usedBlocks = atMost(maxBlocks, s.blocks), 0
	pool.Put(s)
}

// atMost returns the first n elements of a list, and drops the others.
func atMost[T any](n int, all []T) []T {
	if len(all) <= n {
		return all
	}
	clear(all[n:])
	return all[:n]
}
