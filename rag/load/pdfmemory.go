package load

import (
	"context"
	"sync"

	"github.com/tetratelabs/wazero/experimental"
)

const (
	// pdfMemory is what PDFium may take for one document, in bytes, beside the file itself.
	pdfMemory = 32 << 20

	// maxPDFMemory bounds the memory of an instance, whatever the size of its document.
	maxPDFMemory = 1 << 30
)

// A pdfAllocator gives the instances of a runtime their memory.
type pdfAllocator struct {
	mu    sync.Mutex
	limit int    // bytes of the next instance
	reuse bool   // an instance is not used any more once it is closed
	spare []byte // the memory of a closed instance
	dirty int    // how much of spare was used
}

// context makes what is instantiated in a context take its memory from the allocator.
func (a *pdfAllocator) context(ctx context.Context) context.Context {
	return experimental.WithMemoryAllocator(ctx, experimental.MemoryAllocatorFunc(func(_, _ uint64) experimental.LinearMemory {
		return &linearMemory{from: a, limit: a.limit}
	}))
}

// take gives memory of a size that can grow to a limit. Memory that is never touched costs nothing,
// whereas a memory that is moved when it grows leaves several times as much garbage behind.
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

// Reallocate gives the memory another size; nil when there is no more.
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

// Free keeps the memory for the next instance, or leaves it to the garbage collector: a call that
// was cut short may touch it until it notices.
func (m *linearMemory) Free() {
	if m.from.reuse {
		m.from.mu.Lock()
		m.from.spare, m.from.dirty = m.buf, len(m.buf)
		m.from.mu.Unlock()
	}
}
