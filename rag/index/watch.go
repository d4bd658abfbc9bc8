package index

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
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
// to each, once, and the directories are looked through every half minute instead. That another directory stands in the place of one of dirs, or none,
// is noticed within half a minute.
func (x *Index) Watch(ctx context.Context, dirs []string, opts UpdateOptions, each func(*Report, error)) error {
	return newWatcher(x, dirs, opts, each).run(ctx)
}

func newWatcher(x *Index, dirs []string, opts UpdateOptions, each func(*Report, error)) *watcher {
	return &watcher{x: x, dirs: dirs, opts: opts, each: each, poll: pollTime, stale: true}
}

type watcher struct {
	x       *Index
	dirs    []string
	opts    UpdateOptions
	each    func(*Report, error)
	poll    time.Duration
	fs      *fsnotify.Watcher
	watched map[string]bool
	seen    []string      // directories of the last update
	roots   []os.FileInfo // what stood where the corpus is at the last update; nil for what did not
	stale   bool          // what is watched may stand elsewhere now, and something else in its place
	polls   bool          // not every directory can be watched
	unsure  bool          // something could not be read at the last update
	trouble string        // what was last told to be wrong
}

// pollTime is how often directories are looked through that cannot be watched.
const pollTime = 30 * time.Second

func (w *watcher) run(ctx context.Context) error {
	defer func() {
		if w.fs != nil {
			w.fs.Close()
		}
	}()
	w.update(ctx)
	quiet := time.NewTimer(time.Hour)
	quiet.Stop()
	defer quiet.Stop()
	poll := time.NewTicker(w.poll)
	defer poll.Stop()
	var first time.Time
	changed := func() {
		now := time.Now()
		if first.IsZero() {
			first = now
		}
		quiet.Reset(max(0, min(settleTime, longestSettle-now.Sub(first))))
	}
	for {
		var events chan fsnotify.Event
		var errs chan error
		if w.fs != nil {
			events, errs = w.fs.Events, w.fs.Errors
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case e := <-events:
			if e.Op == fsnotify.Chmod {
				continue // indexers and virus scanners touch attributes all the time
			}
			if w.watched[e.Name] {
				w.stale = w.stale || e.Op.Has(fsnotify.Rename) // and so are the directories in it, of which nothing is told
				if e.Op.Has(fsnotify.Remove) {
					delete(w.watched, e.Name) // a directory that comes back must be watched anew
				}
			}
			changed() // a new directory is watched as soon as the update has listed it, unless its files are left out
		case <-errs: // the queue ran over, or something was lost, perhaps that a directory is another one: all is looked through again
			w.stale = true
			changed()
		case <-poll.C:
			if w.polls || w.unsure || w.trouble != "" || w.moved() { // a server may be back, another process may have ended
				w.update(ctx)
			}
		case <-quiet.C:
			first = time.Time{}
			w.update(ctx)
		}
	}
}

func (w *watcher) update(ctx context.Context) {
	if w.stale || w.moved() {
		w.begin()
	}
	for {
		r, err := w.x.Update(ctx, w.dirs, w.opts)
		if ctx.Err() != nil {
			return
		}
		w.tell(r, err)
		if r == nil {
			return
		}
		w.seen, w.unsure = r.dirs, r.unsure
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

// stand tells what stands where the corpus is.
func (w *watcher) stand() []os.FileInfo {
	roots := make([]os.FileInfo, len(w.dirs))
	for i, dir := range w.dirs {
		roots[i], _ = os.Stat(dir)
	}
	return roots
}

// moved reports whether that is something else than at the last update. The system does not tell when a directory above is renamed, a link is set to
// another directory, or a drive is taken out.
func (w *watcher) moved() bool {
	return !slices.EqualFunc(w.stand(), w.roots, func(a, b os.FileInfo) bool {
		return a == nil && b == nil || a != nil && b != nil && os.SameFile(a, b)
	})
}

// begin watches everything anew: the system goes on watching a directory under whatever name it has now, and tells of it by its old one.
func (w *watcher) begin() {
	w.stale, w.roots = false, w.stand()
	if w.polls {
		return
	}
	if w.fs != nil {
		w.fs.Close()
	}
	w.watched = make(map[string]bool)
	var err error
	if w.fs, err = fsnotify.NewWatcher(); err != nil {
		w.fs = nil
		w.lost(err)
	}
	w.follow()
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
