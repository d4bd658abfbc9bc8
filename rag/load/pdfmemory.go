package load

import (
	"context"
	"sync"

	"github.com/tetratelabs/wazero/experimental"
)

const (
	// pdfMemory is how much memory PDFium may use for one document, in bytes, in addition to the
	// file.
	pdfMemory = 32 << 20

	// pdfPictureMemory replaces pdfMemory where pages are drawn: scans hold pictures of 9 million
	// pixels in colour.
	pdfPictureMemory = 256 << 20

	// maxPDFMemory bounds the memory of an instance in bytes, whatever the size of its document.
	maxPDFMemory = 1 << 30
)

// A pdfAllocator provides the memory of the instances of a runtime.
type pdfAllocator struct {
	mu    sync.Mutex
	limit int    // bytes of the next instance
	reuse bool   // closed instances never touch their memory again, so it can be reused
	spare []byte // the memory of a closed instance
	dirty int    // how much of spare was used
}

// context returns a context in which instances take their memory from the allocator.
func (a *pdfAllocator) context(ctx context.Context) context.Context {
	return experimental.WithMemoryAllocator(ctx,
		experimental.MemoryAllocatorFunc(func(_, _ uint64) experimental.LinearMemory {
			return &linearMemory{from: a, limit: a.limit}
		}))
}

// take returns size bytes with the capacity limit. Reserving the limit costs nothing, because
// untouched pages take no memory, while copying a growing memory would leave several times as much
// garbage.
func (a *pdfAllocator) take(size, limit int) []byte {
	a.mu.Lock()
	defer a.mu.Unlock()
	if buf := a.spare; cap(buf) >= limit {
		clear(buf[:a.dirty])
		a.spare = nil
		return buf[:size]
	}
	a.spare = nil
	return make([]byte, size, limit)
}

// A linearMemory is the memory of one instance.
type linearMemory struct {
	from  *pdfAllocator
	limit int
	buf   []byte
}

// Reallocate resizes the memory; it returns nil beyond the limit.
func (m *linearMemory) Reallocate(size uint64) []byte {
	if size > uint64(m.limit) {
		return nil
	}
	if m.buf == nil {
		m.buf = m.from.take(int(size), m.limit)
	}
	m.buf = m.buf[:size]
	return m.buf
}

// Free hands the memory to the next instance if the allocator may reuse it. Otherwise it is left to
// the garbage collector, because a call that was interrupted may still touch it.
func (m *linearMemory) Free() {
	if m.from.reuse {
		m.from.mu.Lock()
		m.from.spare, m.from.dirty = m.buf, len(m.buf)
		m.from.mu.Unlock()
	}
}
