package load

import (
	"context"

	"github.com/tetratelabs/wazero/experimental"
)

// pdfMemory bounds what the reader of PDF may take for one file, in bytes. The file itself is not in there: it is read where it lies.
const pdfMemory = 32 << 20

// withPDFMemory makes what is instantiated in a context keep its memory in a linearMemory.
func withPDFMemory(ctx context.Context) context.Context {
	return experimental.WithMemoryAllocator(ctx, experimental.MemoryAllocatorFunc(func(uint64, uint64) experimental.LinearMemory { return &linearMemory{} }))
}

// A linearMemory is made as large as it may become: what of it is never touched costs nothing, and a memory that grows leaves several times as much
// garbage behind in the moments that a hostile file takes to fill it.
type linearMemory struct{ buf []byte }

// Reallocate gives the memory another size; nil when there is no more.
func (m *linearMemory) Reallocate(size uint64) []byte {
	if size > pdfMemory {
		return nil
	}
	if m.buf == nil {
		m.buf = make([]byte, size, pdfMemory)
	}
	m.buf = m.buf[:size]
	return m.buf
}

// Free leaves the memory to the garbage collector: a call that was killed may touch it until it notices.
func (m *linearMemory) Free() {}
