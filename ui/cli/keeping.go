package cli

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"weft/flow"
	"weft/flow/journal"
	"weft/ui/history"
)

// runsDir returns the directory of the kept runs.
func runsDir(st *settings) string { return filepath.Join(stateDir(st), "runs") }

// limit returns how long runs are kept.
func (s *settings) limit() history.Limit {
	return history.Limit{Age: s.RunsAge.value, Bytes: int64(s.RunsSize.value) << 20}
}

// errNotKept is the error of commands that need the store of runs where the session keeps none.
var errNotKept = errors.New("the runs cannot be opened")

// runKeeping is whether and where a session keeps its runs. Until keep is called, it keeps none.
type runKeeping struct {
	settings *settings
	keeper   func() *keeper // keeps runs; its result may be nil
	unkept   error          // why keeper returns nil; it may be read after a call of keeper
}

// newRunKeeping returns the keeping of a session that keeps no runs yet.
func newRunKeeping(st *settings) *runKeeping {
	return &runKeeping{settings: st, keeper: func() *keeper { return nil }, unkept: errNotKept}
}

// keep makes the session keep its runs from now on, unless the settings forbid it. If runs cannot
// be kept, tell is called once with the reason, and questions are still answered.
func (k *runKeeping) keep(tell func(error)) {
	k.keepIn(func() (*history.Store, error) { return history.Open(runsDir(k.settings)) }, tell)
}

// keepIn is keep with the store that open returns, which is called when the first run begins.
func (k *runKeeping) keepIn(open func() (*history.Store, error), tell func(error)) {
	if !k.settings.KeepRuns.value {
		return
	}
	var once sync.Once
	kept := &keeper{limit: k.settings.limit(), tell: func(err error) {
		once.Do(func() {
			tell(unkeptError(err))
		})
	}}
	k.keeper = sync.OnceValue(func() *keeper {
		var err error
		if kept.store, err = open(); err != nil {
			k.unkept = err
			kept.tell(err)
			return nil
		}
		// The path may be too long for a socket: runs cannot then be answered from another process.
		kept.listener, _ = kept.store.Journals().Listen()
		return kept
	})
}

// open returns the keeper, or the error that says why runs are not kept.
func (k *runKeeping) open() (*keeper, error) {
	if kept := k.keeper(); kept != nil {
		return kept, nil
	}
	return nil, k.unkept
}

// store returns the store of runs.
func (k *runKeeping) store() (*history.Store, error) {
	kept, err := k.open()
	if err != nil {
		return nil, err
	}
	return kept.store, nil
}

// A keeper keeps the runs of a session in the store of runs. A nil keeper keeps nothing.
type keeper struct {
	store    *history.Store
	listener io.Closer // takes replies that other processes send; nil: there are none
	limit    history.Limit
	tell     func(error) // called once, with the reason, if runs cannot be kept
	ending   sync.WaitGroup
}

// unkeptError says that runs are not kept, and why.
func unkeptError(err error) error {
	return fmt.Errorf("runs are not kept: %w; make room, or choose another directory with WEFT_STATE", reasonFirst(err))
}

// reasonFirst returns an error about a file with the reason before the path: a note on the screen
// may cut a long path, but not the reason.
func reasonFirst(err error) error {
	if file, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("%w: %s", file.Err, file.Path)
	}
	return err
}

// begin creates the journal of a new run, and returns the options that keep it. It returns nil if
// the run is not kept.
func (k *keeper) begin(labels map[string]string) (*journal.Writer, []flow.RunOption) {
	if k == nil {
		return nil, nil
	}
	id := strings.ToLower(rand.Text()[:10])
	w, err := k.store.Journals().Create(id)
	if err != nil {
		k.tell(err)
		return nil, nil
	}
	return w, []flow.RunOption{flow.ID(id), flow.Keep(&lateSync{Writer: w}), flow.Labels(labels)}
}

// A lateSync is a journal that is synced after the end of its run when it is closed, so that the
// answer does not wait for the disk. A power loss before that can take the end of the run, which
// can then be resumed.
type lateSync struct {
	*journal.Writer
	over atomic.Bool
}

// Append implements flow.Journal.
func (l *lateSync) Append(group []flow.Record) (n int, err error) {
	n, err = l.Writer.Append(group)
	switch last := group[len(group)-1]; last.Kind {
	case flow.RunFinished, flow.RunFailed, flow.RunCancelled:
		l.over.Store(err == nil && !strings.Contains(last.Run, "/"))
	}
	return n, err
}

// Sync implements flow.Journal.
func (l *lateSync) Sync() error {
	if l.over.Load() {
		return nil
	}
	return l.Writer.Sync()
}

// follow closes the journal of a run once the run has ended, and adds the run to the store's index.
func (k *keeper) follow(run flow.Handle, w *journal.Writer) {
	if w == nil {
		return
	}
	k.ending.Go(func() {
		<-run.Done()
		err := cmp.Or(run.JournalErr(), w.Close()) // both name what the disk said
		if err == nil {
			err = k.store.Add(w.Header(), run.Records(context.Background(), 0))
		}
		if err != nil {
			k.tell(err)
		}
	})
}

// discard removes the journal of a run that did not start.
func (k *keeper) discard(w *journal.Writer) {
	if w == nil {
		return
	}
	id := w.Header().Run
	w.Close()
	if id != "" {
		_ = k.store.Remove(id) // an empty journal is not listed
	}
}

// close waits until the journals of all runs, which must have ended, are closed.
func (k *keeper) close() {
	if k == nil {
		return
	}
	k.ending.Wait()
	if k.listener != nil {
		k.listener.Close()
	}
	if _, err := k.store.ExpireDaily(k.limit); err != nil {
		k.tell(err)
	}
}
