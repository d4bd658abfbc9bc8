package index

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settleTime is how long files must be quiet before a change is read: editors write in several steps.
const settleTime = 200 * time.Millisecond

// longestSettle is how long files may go on changing before a change is read all the same.
const longestSettle = time.Second

// Watch keeps the index up to date with the directories until the context ends: it updates at once, and again whenever something below them changes.
// each is called after every update that found something new, could not embed, or failed; the watch goes on after a failure.
//
// An edit is searchable within a second. Where the system cannot tell of changes (a network drive, too many directories) an error that says so is given
// to each, once, and the directories are looked through every half minute instead.
func (x *Index) Watch(ctx context.Context, dirs []string, opts UpdateOptions, each func(*Report, error)) error {
	w := &watcher{x: x, dirs: dirs, opts: opts, each: each, watched: make(map[string]bool)}
	var err error
	if w.fs, err = fsnotify.NewWatcher(); err != nil {
		w.lost(err)
	} else {
		defer w.fs.Close()
	}
	w.follow()
	w.update(ctx)
	return w.run(ctx)
}

type watcher struct {
	x       *Index
	dirs    []string
	opts    UpdateOptions
	each    func(*Report, error)
	fs      *fsnotify.Watcher
	watched map[string]bool
	seen    []string // directories of the last update
	polls   bool     // not every directory can be watched
	trouble string   // what was last told to be wrong
}

// pollTime is how often directories are looked through that cannot be watched.
const pollTime = 30 * time.Second

func (w *watcher) run(ctx context.Context) error {
	quiet := time.NewTimer(time.Hour)
	quiet.Stop()
	defer quiet.Stop()
	poll := time.NewTicker(pollTime)
	defer poll.Stop()
	var events chan fsnotify.Event
	var errs chan error
	if w.fs != nil {
		events, errs = w.fs.Events, w.fs.Errors
	}
	var first time.Time
	changed := func() {
		now := time.Now()
		if first.IsZero() {
			first = now
		}
		quiet.Reset(max(0, min(settleTime, longestSettle-now.Sub(first))))
	}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case e, ok := <-events:
			if !ok {
				return nil
			}
			if e.Op == fsnotify.Chmod {
				continue // indexers and virus scanners touch attributes all the time
			}
			if e.Op.Has(fsnotify.Remove) || e.Op.Has(fsnotify.Rename) {
				delete(w.watched, e.Name) // a directory that comes back must be watched anew
			}
			changed() // a new directory is watched as soon as the update has listed it, unless its files are left out
		case <-errs: // the queue ran over, or something was lost: all is looked through again
			changed()
		case <-poll.C:
			if w.polls || w.trouble != "" { // a server may be back, another process may have ended
				w.update(ctx)
			}
		case <-quiet.C:
			first = time.Time{}
			w.update(ctx)
		}
	}
}

func (w *watcher) update(ctx context.Context) {
	for {
		r, err := w.x.Update(ctx, w.dirs, w.opts)
		if ctx.Err() != nil {
			return
		}
		w.tell(r, err)
		if r == nil {
			return
		}
		w.seen = r.dirs
		if !w.follow() {
			return
		}
		// What happened in a directory between its listing and its being watched would be missed: look once more.
	}
}

// tell reports what is new; the same error only once in a row.
func (w *watcher) tell(r *Report, err error) {
	trouble := ""
	switch {
	case err != nil:
		trouble = err.Error()
	case r.Embedding != nil:
		trouble = r.Embedding.Error()
	}
	again := trouble == w.trouble
	w.trouble = trouble
	if (trouble != "" && !again) || (r != nil && !r.Quiet()) {
		w.each(r, err)
	}
}

// follow watches the directories of the corpus. It reports whether one is new.
func (w *watcher) follow() (added bool) {
	if w.fs == nil {
		return false
	}
	for _, dir := range append(slices.Clone(w.dirs), w.seen...) {
		added = w.add(dir) || added
	}
	return added
}

func (w *watcher) add(dir string) (added bool) {
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	if w.watched[dir] || w.polls {
		return false
	}
	if err := w.fs.Add(dir); err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			w.lost(err)
		}
		return false
	}
	w.watched[dir] = true
	return true
}

func (w *watcher) lost(err error) {
	if w.polls {
		return
	}
	w.polls = true
	w.each(nil, fmt.Errorf("index: changes cannot be watched as they happen, they are looked for every %s: %w", pollTime, err))
}
