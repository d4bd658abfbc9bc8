package flow

import (
	"context"
	"errors"
	"fmt"
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
	safe    atomic.Uint64 // and that a power loss would not take, as far as a caller asked
	barrier atomic.Uint64 // the last record that must be safe before the run acts on it
	oldest  atomic.Int64  // when the oldest record that is not written happened; 0: all are written
	dead    atomic.Bool

	mu      sync.Mutex
	cond    sync.Cond // something was written, or the journal is dead
	waiting int       // goroutines that wait for cond
	err     error
}

// openJournal lets the journal begin, or continue, before the run does. The run has no goroutine
// yet.
func (r *run) openJournal(parent *Parent) error {
	k := r.keeper
	if k == nil || r.tree.Over() {
		return nil
	}
	have, err := k.j.Begin(r.header(parent))
	if err != nil {
		return fmt.Errorf("flow: run %s of %s: %w", r.id, r.c.Name, err)
	}
	n := r.length()
	if have != 0 && have != n {
		return fmt.Errorf("flow: run %s of %s: the journal has %d records and the run %d: resume it from those of its journal, or keep it in a new one", r.id, r.c.Name, have, n)
	}
	if have == 0 && n > 0 {
		if parent == nil {
			r.tree.Originate(RunRestored, r.id, n)
		}
		n = r.length()
		reader := r.tree.Log.Reader()
		_, err := k.append([]Record{reader.Record(n - r.tree.Log.First - 1)})
		if err == nil {
			err = k.j.Sync()
		}
		if err != nil {
			return fmt.Errorf("flow: run %s of %s: %w", r.id, r.c.Name, err)
		}
	}
	k.have.Store(n)
	k.safe.Store(n)
	return nil
}

// receive lets events from other processes in.
func (r *run) receive() {
	if r.keeper == nil {
		return
	}
	if j, ok := r.keeper.j.(Receiver); ok {
		j.Receive(func(m Message) error {
			if m.Await != 0 {
				return r.reply(m.Await, m.Payload)
			}
			return r.sendJSON(m.Type, m.Payload)
		})
	}
}

// keep writes the journal until the run has ended.
func (r *run) keep() {
	k := r.keeper
	reader := r.tree.Log.Reader()
	group := make([]Record, 0, keepGroup)
	for n := k.have.Load(); ; {
		end := r.lastPublished()
		if n == end {
			if k.oldest.Store(0); r.lastPublished() == n && !r.await(context.Background(), n) {
				break
			}
			continue
		}
		if k.dead.Load() {
			n = end
			continue
		}
		for ; n < end && len(group) < keepGroup; n++ {
			group = append(group, reader.Record(n-r.tree.Log.First))
		}
		k.oldest.Store(group[0].Time.UnixNano())
		wrote, err := k.append(group)
		if err == nil && k.fsync {
			err = k.j.Sync()
		}
		r.kept(group[0].Seq-1+uint64(wrote), err)
		clear(group)
		group = group[:0]
	}
	if !k.dead.Load() {
		r.kept(k.have.Load(), k.j.Sync())
	}
	if err := r.keepErr(); err != nil && r.err == nil && (k.must || errors.Is(err, ErrNotOwner)) {
		r.out, r.err = nil, fmt.Errorf("flow: run %s of %s: %w", r.id, r.c.Name, err)
	}
	r.close()
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

// kept notes that the journal has the records up to the number seq, and why it has no further ones.
// It wakes the goroutines that wait for them.
func (r *run) kept(seq uint64, err error) {
	k := r.keeper
	k.have.Store(max(k.have.Load(), seq))
	if err != nil {
		r.journalFailed(err)
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.waiting > 0 {
		k.cond.Broadcast()
	}
}

// journalFailed gives the journal up. A run that must be kept ends before any goroutine that waits
// for the journal continues.
func (r *run) journalFailed(cause error) {
	k := r.keeper
	err := &JournalError{Run: r.id, Err: cause}
	fails := k.must || errors.Is(cause, ErrNotOwner)
	r.mu.Lock()
	if r.tree.Running() {
		if fails {
			r.tree.Abort(r.now(), err)
		} else if !k.dead.Load() {
			r.tree.Unkept(r.now(), err)
		}
		r.execute(false)
	}
	r.mu.Unlock()
	k.mu.Lock()
	first := k.err == nil
	if first {
		k.err = err
	}
	k.dead.Store(true)
	k.cond.Broadcast()
	k.mu.Unlock()
	if first {
		r.logger().Error("the journal cannot be written", "run", r.id, "the run fails", fails, "error", cause)
	}
}

func (r *run) keepErr() error {
	r.keeper.mu.Lock()
	defer r.keeper.mu.Unlock()
	return r.keeper.err
}

// lastPublished returns the number of the last record that readers may see.
func (r *run) lastPublished() uint64 { return r.tree.Log.First + r.published.Load() }

// published notes that there are records to be written. The run's lock is held.
func (k *keeper) published(t *fold.Tree) {
	if k != nil && k.oldest.Load() == 0 {
		k.oldest.CompareAndSwap(0, t.Last())
	}
}

// until waits until the journal has what a condition asks for, or is dead.
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

// hold makes a goroutine of the run wait for a journal that is far behind.
func (r *run) hold() {
	k := r.keeper
	if k == nil {
		return
	}
	k.until(func() bool {
		oldest := k.oldest.Load()
		return r.lastPublished() <= k.have.Load()+keepRecords && (oldest == 0 || r.now()-oldest < int64(keepTime))
	})
}

// gate waits until an attempt may begin or continue, as far as the journal is concerned. It reports
// whether the attempt still counts. The run's lock is not held.
func (r *run) gate(c *Context) bool {
	k := r.keeper
	if k == nil {
		return true
	}
	if k.sync {
		seq := r.lastPublished()
		k.until(func() bool { return k.have.Load() >= seq })
	}
	if b := k.barrier.Load(); b > k.safe.Load() {
		_ = r.secure(b) // an error has ended the run
	}
	if r.hold(); !k.dead.Load() {
		return true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return c.counts()
}

// mustBeSafe lets no attempt begin or continue before the record seq is safe. The run's lock is
// held.
func (k *keeper) mustBeSafe(seq uint64) {
	if k != nil {
		k.barrier.Store(max(k.barrier.Load(), seq))
	}
}

// secure returns when a record would survive a power loss: then what it says may be acted upon. An
// error means that the run has ended because of it; a run that goes on without its journal has
// none.
func (r *run) secure(seq uint64) error {
	k := r.keeper
	if k == nil || k.safe.Load() >= seq {
		return nil
	}
	k.until(func() bool { return k.have.Load() >= seq })
	if have := k.have.Load(); !k.dead.Load() {
		if err := k.j.Sync(); err != nil {
			r.journalFailed(err)
		} else {
			for old := k.safe.Load(); old < have && !k.safe.CompareAndSwap(old, have); old = k.safe.Load() {
			}
		}
	}
	if err := r.keepErr(); err != nil && (k.must || errors.Is(err, ErrNotOwner)) {
		return err
	}
	return nil
}
