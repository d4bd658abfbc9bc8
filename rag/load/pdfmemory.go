package load

import (
	"context"
	"runtime"

	"github.com/tetratelabs/wazero/experimental"
)

// pdfMemory bounds what the reader of PDF may take for one file, in bytes. The file itself is not in there: it is read where it lies.
const pdfMemory = 40 << 20

// withPDFMemory makes what is instantiated in a context keep its memory in a linearMemory.
func withPDFMemory(ctx context.Context) context.Context {
	return experimental.WithMemoryAllocator(ctx, experimental.MemoryAllocatorFunc(func(uint64, uint64) experimental.LinearMemory { return &linearMemory{} }))
}

// A linearMemory doubles where it must grow, and lets the garbage be collected before it becomes large: growing by a quarter, as slices do, leaves several
// times as much garbage behind in the moments that a hostile file takes to fill it.
type linearMemory struct{ buf []byte }

// Reallocate gives the memory another size; nil when there is no more.
func (m *linearMemory) Reallocate(size uint64) []byte {
	if size > pdfMemory {
		return nil
	}
	if size > uint64(cap(m.buf)) {
		room := uint64(pdfMemory)
		for room/2 >= size {
			room /= 2
		}
		if room >= pdfMemory/2 {
			runtime.GC()
		}
		grown := make([]byte, size, room)
		copy(grown, m.buf)
		m.buf = grown
	}
	m.buf = m.buf[:size]
	return m.buf
}

// Free leaves the memory to the garbage collector: a call that was killed may touch it until it notices.
func (m *linearMemory) Free() {}
