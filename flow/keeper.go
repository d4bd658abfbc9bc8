package flow

import (
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"weft/flow/internal/fold"
)

// How far a run may be ahead of its journal.
const (
	keepRecords = 1024
	keepTime    = 50 * time.Millisecond
)

// keepGroup is how many records are written at once, at most.
const keepGroup = 256

// A keeper writes the journal of a run.
type keeper struct {
	j     Journal
	sync  bool // a step begins only when all before is written
	fsync bool // after each group
	must  bool // a journal that fails ends the run

	have    atomic.Uint64 // the number of the last record that is written
	safe    atomic.Uint64 // the number of the last record that is known to survive a power loss
	barrier atomic.Uint64 // the last record that must be safe before the run acts on it
	oldest  atomic.Int64  // when the oldest record that is not written happened; 0: all are written
	dead    atomic.Bool

	mu      sync.Mutex
	cond    sync.Cond // something was written, or the journal is dead
	waiting int       // goroutines that wait for cond
	err     error
}

// append hands records to the journal. A user's method may make JSON of an event; that it panics
// must not end the program.
func (k *keeper) append(group []Record) (n int, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &PanicError{Value: p, Stack: string(debug.Stack())}
		}
	}()
	return k.j.Append(group)
}

// published notes that there are records to be written. The run's lock is held.
func (k *keeper) published(t *fold.Tree) {
	if k != nil && k.oldest.Load() == 0 {
		k.oldest.CompareAndSwap(0, t.Last())
	}
}

// until waits until a condition about the journal holds, or the journal is dead.
func (k *keeper) until(enough func() bool) {
	if enough() || k.dead.Load() {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.waiting++
	for !enough() && !k.dead.Load() {
		k.cond.Wait()
	}
	k.waiting--
}

// mustBeSafe lets no attempt begin or continue before the record seq is safe. The run's lock is
// held.
func (k *keeper) mustBeSafe(seq uint64) {
	if k != nil {
		k.barrier.Store(max(k.barrier.Load(), seq))
	}
}
