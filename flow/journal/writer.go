package journal

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"weft/flow"
)

// syncEvery is how much of a run a power loss may take.
const syncEvery = time.Second

// A Writer writes the journal of one run. It is a [flow.Journal]; give it to a run with [flow.Keep]
// and close it after the run.
type Writer struct {
	mu    sync.Mutex
	f     file
	chain uint32
	timer *time.Timer // of the next sync; nil when everything is synced
	err   error       // of a sync for which no call waited
	done  bool
}

type file interface {
	io.Writer
	Sync() error
	Close() error
}

var _ flow.Journal = (*Writer)(nil)

// begin writes the header of a new journal.
func begin(f file) (*Writer, error) {
	w := &Writer{f: f}
	doc, err := json.Marshal(header{formatName, Version})
	if err != nil {
		return nil, err
	}
	return w, w.line(doc)
}

func (w *Writer) line(doc []byte) error {
	chain, line := seal(w.chain, doc)
	if _, err := w.f.Write(line); err != nil {
		return err
	}
	w.chain = chain
	return nil
}

// Append writes a record, by one write.
func (w *Writer) Append(r flow.Record) error {
	doc, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("journal: record %d: %w", r.Seq, err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.done {
		return os.ErrClosed
	}
	if w.err != nil {
		return w.err
	}
	if err := w.line(doc); err != nil {
		w.err = fmt.Errorf("journal: record %d: %w", r.Seq, err) // nothing may follow half a line
		return w.err
	}
	if w.timer == nil {
		w.timer = time.AfterFunc(syncEvery, func() {
			w.mu.Lock()
			defer w.mu.Unlock()
			if w.timer != nil {
				w.err = w.flush()
			}
		})
	}
	return nil
}

// Sync returns when everything that was appended would survive a power loss.
func (w *Writer) Sync() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil || w.done {
		return w.err
	}
	return w.flush()
}

func (w *Writer) flush() error {
	if w.timer == nil {
		return nil
	}
	w.timer.Stop()
	w.timer = nil
	if err := w.f.Sync(); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}

// Close syncs and closes the file. Further records are refused.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.done {
		return nil
	}
	w.done = true
	err := w.err
	if err == nil {
		err = w.flush()
	} else if w.timer != nil {
		w.timer.Stop()
		w.timer = nil
	}
	if e := w.f.Close(); err == nil {
		err = e
	}
	return err
}
