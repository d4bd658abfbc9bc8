package flow

import (
	"context"
	"fmt"
	"runtime/debug"
)

// A Journal keeps the records of a run beyond its process. Append is called with one record after
// the other, from one goroutine that is not the run's. Sync returns when all that was appended is
// safe; it may be called concurrently.
type Journal interface {
	Append(Record) error
	Sync() error
}

// Keep writes a run's records to a journal while the run is under way. The run waits for a journal
// that is far behind. A journal that fails is given up and logged, and the run continues without it
// ([Run.JournalErr]). An event that is sent with [Run.Send] is safe in the journal when Send
// returns, and the whole run is when [Run.Wait] does.
//
// The journal of a resumed run gets only the records that come after those that it was resumed
// from.
func Keep(j Journal) RunOption {
	return runOption(func(r *run) {
		r.keeper = &keeper{j: j}
		r.keeper.cond.L = &r.keeper.mu
	})
}

// farBehind is how many records a journal may be behind before the run waits for it.
const farBehind = 4096

// keep writes the journal until the run has ended.
func (r *run) keep() {
	k := r.keeper
	for rec := range r.records(context.Background(), k.have.Load()) {
		if k.dead.Load() {
			continue
		}
		err := k.append(rec)
		if err == nil {
			k.have.Store(rec.Seq)
		}
		r.kept(rec.Seq, err)
	}
	if !k.dead.Load() {
		r.kept(k.have.Load(), k.j.Sync())
	}
	r.close()
}

// append hands a record to the journal. A user's method may make JSON of an event; that it panics
// must not end the program.
func (k *keeper) append(rec Record) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("record %d (%s): %w", rec.Seq, rec.Type, &PanicError{Value: p, Stack: string(debug.Stack())})
		}
	}()
	return k.j.Append(rec)
}

// kept notes that the journal has the record seq, or why it has not, and wakes the goroutines that
// wait for it.
func (r *run) kept(seq uint64, err error) {
	k := r.keeper
	if err != nil {
		r.logger().Error("the journal cannot be written; the run goes on without it", "run", r.id, "error", err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if err != nil {
		k.err = fmt.Errorf("flow: run %s: journal: %w", r.id, err)
		k.dead.Store(true)
	}
	if err != nil || k.waiting > 0 || seq%(farBehind/4) == 0 {
		k.cond.Broadcast()
	}
}

// sync waits until a record is safe.
func (k *keeper) sync(seq uint64) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.waiting++
	for k.have.Load() < seq && k.err == nil {
		k.cond.Wait()
	}
	k.waiting--
	if k.err != nil {
		return k.err
	}
	return k.j.Sync()
}

// hold makes a goroutine of the run wait for a journal that is far behind.
func (k *keeper) hold(r *run) {
	if k == nil {
		return
	}
	behind := func() bool {
		return r.tree.Log.First+r.published.Load() > k.have.Load()+farBehind && !k.dead.Load()
	}
	if !behind() {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for behind() {
		k.cond.Wait()
	}
}
