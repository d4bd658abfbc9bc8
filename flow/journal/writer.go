package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"weft/flow"
)

// syncEvery is how often the file is synced, and so the most that a power loss may take.
const syncEvery = time.Second

// A Writer writes the journal of one run and owns it until it is closed. It is a [flow.Journal];
// give it to a run with [flow.Keep] and close it after the run.
type Writer struct {
	run   string    // that the journal is of; "": any
	path  string    // of the file; "": it is not on disk
	store *payloads // nil: large payloads stay in their lines
	box   *mailbox  // nil: the run gets nothing from other processes

	mu     sync.Mutex
	f      file
	begun  bool // has a header
	taken  bool // a run writes it
	head   flow.Header
	owner  Owner
	last   uint64 // the number of the last record
	chain  uint32
	size   int64       // of the file
	timer  *time.Timer // of the next sync; nil: everything is synced
	err    error       // nothing may be written any more
	done   bool
	buffer []byte

	syncing sync.Mutex
}

// A file is what a Writer needs of an *os.File.
type file interface {
	io.Writer
	Sync() error
	Stat() (os.FileInfo, error)
	Truncate(size int64) error
	Close() error
}

var _ flow.Journal = (*Writer)(nil)

// Header returns the journal's header, once its run has begun.
func (w *Writer) Header() flow.Header {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.head
}

// Begin writes the header of a new journal. A journal that already has a header must be of the same
// run.
func (w *Writer) Begin(h flow.Header) (have uint64, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.done:
		return 0, fmt.Errorf("journal: run %s: %w", w.run, os.ErrClosed)
	case w.err != nil:
		return 0, w.err
	case w.run != "" && h.Run != w.run:
		return 0, fmt.Errorf("journal: it is of run %s and not of %s; give the run the identifier of its journal", w.run, h.Run)
	case w.taken:
		return 0, fmt.Errorf("journal: %w: run %s is already written with this writer", ErrOwned, w.run)
	case w.begun:
		w.taken = true
		return w.last, nil
	}
	w.owner = w.owned(1)
	doc, err := json.Marshal(header{formatName, Version, h, &w.owner})
	if err != nil {
		return 0, fmt.Errorf("journal: header: %w", err)
	}
	chain, line := seal(0, doc, 0)
	if _, err := w.f.Write(line); err != nil {
		_ = w.f.Truncate(0) // what is left does not keep Create from trying again
		return 0, fmt.Errorf("journal: header: %w", err)
	}
	w.begun, w.taken, w.head, w.run, w.chain, w.size = true, true, h, h.Run, chain, int64(len(line))
	w.syncLater()
	return 0, nil
}

// Append writes records, by one write.
func (w *Writer) Append(group []flow.Record) (n int, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.done:
		return 0, os.ErrClosed
	case w.err != nil:
		return 0, w.err
	case !w.begun:
		return 0, errors.New("journal: a record before the header")
	}
	if w.err = w.stale(); w.err != nil {
		return 0, w.err
	}
	lines, chain := w.buffer[:0], w.chain
	if cap(lines) > 4<<20 {
		lines = nil
	}
	ends := make([]int, 0, len(group))
	var failed error
	for _, r := range group {
		start := len(lines)
		if w.last > 0 && r.Seq != w.last+uint64(len(ends))+1 {
			failed = fmt.Errorf("journal: record %d follows record %d", r.Seq, w.last+uint64(len(ends)))
		} else {
			lines, failed = w.encode(lines, r)
		}
		if failed != nil {
			lines = lines[:start]
			break
		}
		chain, lines = seal(chain, lines, start)
		ends = append(ends, len(lines))
	}
	w.buffer = lines
	if len(lines) > 0 {
		wrote, err := w.f.Write(lines)
		w.size += int64(wrote)
		if err != nil {
			for n < len(ends) && ends[n] <= wrote {
				n++
			}
			w.err = fmt.Errorf("journal: record %d: %w", group[n].Seq, err) // nothing may follow half a line
			return n, w.err
		}
		w.chain, w.last = chain, group[len(ends)-1].Seq
		w.syncLater()
	}
	w.err = failed
	return len(ends), failed
}

// owned returns this process as the owner.
func (w *Writer) owned(epoch int) Owner {
	o := thisProcess(epoch)
	if w.box != nil {
		o.Socket = w.box.socket
	}
	return o
}

// encode appends a record's JSON. The large parts of its payload are stored apart first.
func (w *Writer) encode(b []byte, r flow.Record) ([]byte, error) {
	if r.Payload == nil {
		return append(r.AppendFields(b), '}'), nil
	}
	raw, err := payloadOf(r)
	if err != nil {
		return b, fmt.Errorf("journal: record %d (%s): %w", r.Seq, r.Type, err)
	}
	if len(raw) >= largePart && w.store != nil {
		partial, err := w.store.split(w.run, raw)
		if err == nil {
			r.Payload = partial
			b, err = r.AppendJSON(b)
		}
		if err != nil {
			err = fmt.Errorf("journal: record %d: payload: %w", r.Seq, err)
		}
		return b, err
	}
	b = append(r.AppendFields(b), `,"payload":`...)
	return append(append(b, raw...), '}'), nil
}

// payloadOf returns a record's payload as JSON. A MarshalJSON method of the user may be called, and
// may panic.
func payloadOf(r flow.Record) (raw json.RawMessage, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &flow.PanicError{Value: p, Stack: string(debug.Stack())}
		}
	}()
	return r.CompactJSON()
}

// stale returns an error if another process has written the journal.
func (w *Writer) stale() error {
	st, err := w.f.Stat()
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	if st.Size() == w.size {
		return nil
	}
	stale := &StaleError{Run: w.run}
	if f, err := os.Open(w.path); err == nil {
		if owner := ownerOf(f); owner.Epoch > w.owner.Epoch {
			stale.Owner = owner
		}
		f.Close()
	}
	return stale
}

// syncLater arms the timer that syncs the file within syncEvery.
func (w *Writer) syncLater() {
	if w.timer == nil {
		w.timer = time.AfterFunc(syncEvery, func() { _ = w.Sync() }) // the next call returns its error
	}
}

// Sync returns when everything that was appended would survive a power loss.
func (w *Writer) Sync() error {
	w.syncing.Lock()
	defer w.syncing.Unlock()
	w.mu.Lock()
	pending := w.timer != nil
	if pending {
		w.timer.Stop()
		w.timer = nil
	}
	err := w.err
	if !pending || w.done || err != nil {
		w.mu.Unlock()
		return err
	}
	var parts []string
	if w.store != nil {
		parts, w.store.fresh = w.store.fresh, nil
	}
	w.mu.Unlock()
	if err = syncFiles(parts); err == nil { // records may be appended meanwhile
		err = w.f.Sync()
	}
	if err != nil {
		err = fmt.Errorf("journal: %w", err)
		w.mu.Lock()
		w.err = err
		w.mu.Unlock()
	}
	return err
}

// Close syncs and closes the file, which another process may own from then on. Further records are
// refused.
func (w *Writer) Close() error {
	w.leave()
	err := w.Sync()
	w.syncing.Lock()
	defer w.syncing.Unlock()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.done {
		return nil
	}
	w.done, w.buffer = true, nil
	if w.timer != nil {
		w.timer.Stop()
		w.timer = nil
	}
	if e := w.f.Close(); err == nil {
		err = e
	}
	return err
}
