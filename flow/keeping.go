package flow

import (
	"context"
	"errors"
	"fmt"
)

// openJournal calls Begin of the journal, before the run begins or continues. The run has no
// goroutine yet.
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

// receive lets a run accept events from other processes, through its journal.
func (k *keeper) receive(r *run) {
	if k == nil {
		return
	}
	if j, ok := k.j.(Receiver); ok {
		j.Receive(func(m Message) error {
			switch {
			case m.Cancel != "":
				return r.cancelled(m.Cancel)
			case m.Await != 0:
				return r.replyFrom(m)
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
	if err := k.failure(); err != nil && r.err == nil && (k.must || errors.Is(err, ErrNotOwner)) {
		r.out, r.err = nil, fmt.Errorf("flow: run %s of %s: %w", r.id, r.c.Name, err)
	}
	r.close()
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

// journalFailed stops using the journal after an error. With [FailWithJournal] the run ends before
// any goroutine that waits for the journal continues.
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

// failure returns the error that has ended the use of the journal, or nil.
func (k *keeper) failure() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.err
}

// lastPublished returns the number of the last record that readers may see.
func (r *run) lastPublished() uint64 { return r.tree.Log.First + r.published.Load() }

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

// gate waits until the journal allows an attempt to begin or continue: with [Sync], until all
// records before are written. It reports whether the attempt still counts. The run's lock is not
// held.
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

// secure waits until a record would survive a power loss, so that the run may act on it. It returns
// an error if the journal's failure has ended the run, and nil if the run continues without its
// journal.
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
	if err := k.failure(); err != nil && (k.must || errors.Is(err, ErrNotOwner)) {
		return err
	}
	return nil
}
