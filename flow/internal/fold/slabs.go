package fold

const (
	slabSize = 4 * largeChunk
	maxSlabs = 64 // that are kept, with 2 MB
)

// A Pool keeps what is put into it, or some of it, and gives it back. It is a sync.Pool, which this
// package does not import.
type Pool interface {
	Get() any // nil: it has none
	Put(any)
}

// A slabs is memory for records that one log after the other uses.
type slabs struct {
	all  [][]packedRecord
	used int
}

// newSlab returns memory for some chunks, the next of which has the given size.
func (l *Log) newSlab(size int) []packedRecord {
	if l.Pool == nil || size < largeChunk { // most runs are short
		return make([]packedRecord, min(size*int(1+l.Len()/largeChunk), slabSize))
	}
	if l.reused == nil {
		if l.reused, _ = l.Pool.Get().(*slabs); l.reused == nil {
			l.reused = new(slabs)
		}
	}
	return l.reused.next()
}

// next returns a slab, with the records of an earlier log.
func (s *slabs) next() []packedRecord {
	if s.used == len(s.all) {
		s.all = append(s.all, make([]packedRecord, slabSize))
	}
	s.used++
	return s.all[s.used-1]
}

// Recycle leaves the log's memory to the logs of other runs with the same Pool. Nothing may read the
// log from then on.
func (l *Log) Recycle() {
	s := l.reused
	if s == nil {
		return
	}
	pool := l.Pool
	l.Pool, l.reused, l.slab, l.room = nil, nil, nil, l.room[:l.used]
	kept := min(len(s.all), maxSlabs)
	clear(s.all[kept:])
	s.all, s.used = s.all[:kept], 0
	pool.Put(s)
}
