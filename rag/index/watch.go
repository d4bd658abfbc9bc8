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

// settleTime is how long files must be unchanged before they are read, because editors write in
// several steps.
const settleTime = 200 * time.Millisecond

// longestSettle is the maximum wait for files to settle (see settleTime) while they keep changing.
const longestSettle = time.Second

// After an update the watch rests for restShare times what an update of a single file costs, but at
// most for longestRest. So a file that is written all the time among many costs at most 1/(1 +
// restShare) of a processor.
const (
	restShare   = 19
	longestRest = 30 * time.Second
)

// Watch keeps the index up to date with the directories until the context ends. It updates at once,
// and again whenever something below them changes. each is called after every update that found
// changes, and when a failure or a warning of the report begins, changes or ends. The watch continues
// after a failure.
//
// A change is searchable within a second, or later if updates take long (see restShare). If the system cannot report changes (a network drive, too
// many directories), each is called once with an error, and the directories are scanned every half
// minute instead. If one of dirs is removed or replaced by another directory, this is noticed
// within half a minute.
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
	seen    []string // directories of the last update
	// roots describes dirs at the last update. An element is nil if the directory did not exist.
	roots []os.FileInfo
	// stale is set if watched directories may have moved or been replaced.
	stale   bool
	polls   bool      // not every directory can be watched
	unsure  bool      // something could not be read at the last update
	trouble string    // the problem reported last
	rested  time.Time // when the next update may begin because of changes
}

// pollTime is the interval at which directories that cannot be watched are scanned.
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
		quiet.Reset(w.wait(now, first))
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
				continue // indexers and virus scanners change attributes all the time
			}
			if w.watched[e.Name] {
				// Renaming a directory also moves its subdirectories, without events for them.
				w.stale = w.stale || e.Op.Has(fsnotify.Rename)
				if e.Op.Has(fsnotify.Remove) {
					delete(w.watched, e.Name) // a directory that reappears must be watched again
				}
			}
			// A new directory is watched once the update has listed it, unless its files are left
			// out.
			changed()
		// Events were lost, perhaps of a replaced directory. Scan everything again.
		case <-errs:
			w.stale = true
			changed()
		case <-poll.C:
			// An unreachable server may be back, or another process may have released the lock.
			if w.polls || w.unsure || w.trouble != "" || w.moved() {
				w.update(ctx)
			}
		case <-quiet.C:
			first = time.Time{}
			w.update(ctx)
		}
	}
}

// wait returns how long to wait, after a change, for the next update. first is when the first change
// since the last update was noticed.
func (w *watcher) wait(now, first time.Time) time.Duration {
	return max(0, min(settleTime, longestSettle-now.Sub(first)), w.rested.Sub(now))
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
		w.report(r, err)
		if r == nil {
			return
		}
		w.seen, w.unsure = r.dirs, r.unsure
		w.rested = time.Now().Add(min(restShare*r.cost, longestRest))
		if !w.follow() {
			return
		}
		// A change between the listing of a new directory and the start of its watch would be
		// missed, so update again.
	}
}

// report passes changes, problems and their ends to each. A problem that persists is reported only
// once.
func (w *watcher) report(r *Report, err error) {
	trouble := ""
	if err != nil {
		trouble = err.Error()
	} else {
		trouble = r.Warning()
	}
	changed := trouble != w.trouble
	w.trouble = trouble
	if changed || (r != nil && !r.Quiet()) {
		w.each(r, err)
	}
}

// rootInfo returns the current file information of dirs, for comparison with roots.
func (w *watcher) rootInfo() []os.FileInfo {
	roots := make([]os.FileInfo, len(w.dirs))
	for i, dir := range w.dirs {
		roots[i], _ = os.Stat(dir)
	}
	return roots
}

// moved reports whether dirs refer to other directories than at the last update. The system sends
// no event if a parent directory is renamed, a link is changed, or a drive is removed.
func (w *watcher) moved() bool {
	return !slices.EqualFunc(w.rootInfo(), w.roots, func(a, b os.FileInfo) bool {
		return a == nil && b == nil || a != nil && b != nil && os.SameFile(a, b)
	})
}

// begin watches everything again, because the system continues to watch a renamed directory and
// reports its events under the old name.
func (w *watcher) begin() {
	w.stale, w.roots = false, w.rootInfo()
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
