package index

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"weft/rag/embed"
	"weft/rag/load"
)

// An Updating is an update of an index in parts, for callers that show or schedule the parts
// themselves; [Index.Update] performs all of them. The order of the calls is [Index.Begin],
// [Updating.Read] for each part of Reads, [Updating.FinishReading], [Updating.Embed] for each part
// of its result, and [Updating.Finish]. Read and Embed are safe for concurrent use.
//
// An Updating holds the lock of its index: no other update begins until Finish is called. Finish may
// be called at any time, and ends the update with what is done.
type Updating struct {
	x       *Index
	opts    UpdateOptions
	listing *load.Listing
	rootErr error
	began   time.Time
	listed  time.Duration // how long listing and comparing the files took
	reads   []*readPart
	timer   *time.Timer // commits what was read a while ago
	unload  func()      // closes the loader, if it is the update's own

	operations sync.WaitGroup // calls that are under way; calls is their number
	finish     sync.Once
	finishErr  error

	committing sync.Mutex // serialises flush
	synced     time.Time

	mu        sync.Mutex // guards the fields below
	ended     bool
	late      error // the error of flushLate
	report    *Report
	failed    int                  // files that are left out
	kept      int                  // files that are not listed but may still exist
	gone      map[string]*file     // known files that are not listed any more
	byStamp   map[load.Stamp]*file // gone files by the part of their stamp that a rename keeps
	byHash    map[key]*file        // gone files by content hash
	progress  Progress
	reported  time.Time
	tx        transaction
	pending   int           // passages in tx
	unread    int           // files that are still to be read
	readFrom  time.Time     // when reading began, moved forward by the idle time since
	embedding *embedding    // nil until FinishReading
	embedFrom time.Time     // when embedding began, moved forward in the same way
	calls     int           // how many calls are under way
	left      time.Time     // when the last call ended, if none is under way
	idle      time.Duration // time since Begin in which no call was under way
}

// Errors of calls in the wrong order.
var (
	errUpdateEnded = errors.New("index: this update has ended: begin another one")
	errUnread      = errors.New("index: parts of this update are not read yet")
)

// Begin begins an update in parts: it lists the files and compares them with the index. It waits
// until no other update of the index is under way, and if another process writes an index that is
// still empty, up to ten seconds for its first passages. The Updating must be finished; without one,
// the error is a [*LockedError], a [*load.RootError] or the context's. opts.Progress is not called.
func (x *Index) Begin(ctx context.Context, dirs []string, opts UpdateOptions) (*Updating, error) {
	x.update.Lock()
	begun := false
	defer func() {
		if !begun {
			x.update.Unlock()
		}
	}()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	err := x.beginWriting()
	var locked *LockedError
	if err != nil && (!errors.As(err, &locked) || x.View().Len() > 0) {
		return nil, err
	}
	start := time.Now()
	listing, rootErr := load.Scan(ctx, dirs, opts.Scan)
	if locked != nil && listing != nil && len(listing.Files) > 0 {
		err = x.awaitPassages(ctx)
	}
	if err != nil {
		return nil, err
	}
	if listing == nil {
		return nil, rootErr
	}
	u := &Updating{x: x, opts: opts, listing: listing, rootErr: rootErr, began: start, synced: start,
		report: &Report{Skipped: listing.Skipped, dirs: listing.Dirs}, unload: func() {}}
	if u.opts.Loader == nil {
		u.opts.Loader = load.New(load.Options{})
		u.unload = func() { u.opts.Loader.Close() }
	}
	u.reads = divideReads(u.compare())
	for _, part := range u.reads {
		u.unread += len(part.files)
	}
	u.readFrom = time.Now()
	u.left, u.listed = u.readFrom, u.readFrom.Sub(start)
	u.timer = time.AfterFunc(time.Hour, u.flushLate)
	begun = true
	return u, nil
}

// Progress returns how far the update is: after Begin, how many files have not changed.
func (u *Updating) Progress() Progress {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.progress
}

// enter begins an operation of the update, and reports whether the update has not ended.
func (u *Updating) enter() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.ended {
		return false
	}
	u.countIdle()
	u.calls++
	u.operations.Add(1)
	return true
}

// leave ends an operation of the update.
func (u *Updating) leave() {
	u.mu.Lock()
	u.calls--
	u.left = time.Now()
	u.mu.Unlock()
	u.operations.Done()
}

// countIdle leaves the time since the last call out of the duration of the current phase, if no
// call is under way: a caller that shows the parts may pause between them. The caller holds u.mu.
func (u *Updating) countIdle() {
	if u.calls > 0 {
		return
	}
	now := time.Now()
	gap := now.Sub(u.left)
	u.idle, u.left = u.idle+gap, now
	u.readFrom, u.embedFrom = u.readFrom.Add(gap), u.embedFrom.Add(gap)
}

// FinishReading ends the reading: it removes the files that are gone and commits the remaining
// changes, so that all words can be searched. It returns how many passages of different text need a
// vector, and in how many parts [Updating.Embed] embeds them. report is called with the progress.
func (u *Updating) FinishReading(report func(Progress)) (Unembedded, error) {
	if !u.enter() {
		return Unembedded{}, errUpdateEnded
	}
	defer u.leave()
	u.mu.Lock()
	if u.unread > 0 {
		u.mu.Unlock()
		return Unembedded{}, errUnread
	}
	removed := len(u.gone)
	for path := range u.gone {
		u.tx.removes = append(u.tx.removes, path)
		u.report.Removed = append(u.report.Removed, path)
	}
	slices.Sort(u.tx.removes)
	slices.Sort(u.report.Removed)
	u.mu.Unlock()
	if err := u.flush(); err != nil {
		return Unembedded{}, err
	}
	// Embedding with a model may take long or be interrupted. Save first, so that the words need
	// not be analysed again.
	if !embed.IsLexical(u.x.Embedder()) {
		_ = u.x.settle(true) // a write error is reported at the end
	}
	e := u.x.beginEmbedding()
	u.mu.Lock()
	defer u.mu.Unlock()
	u.embedding, u.embedFrom = e, time.Now()
	u.progress.ToEmbed = len(e.jobs)
	u.reportProgress(true, report) // from now on all words are searchable
	return Unembedded{Removed: removed, Texts: len(e.jobs), Parts: e.parts()}, nil
}

// Unembedded is what an update has to do when all files are read.
type Unembedded struct {
	Removed int   // files that are gone
	Texts   int   // passages of different text that have no vector
	Parts   []int // how many of them each part of the embedding has
}

// Embed embeds a part of the texts, numbered from 0. A failure of the embedder ends the embedding
// but not the update: Embed returns it as the cause, also for later parts, which do nothing. The
// error is that of the context, or of an update that has ended.
func (u *Updating) Embed(ctx context.Context, part int, report func(Progress)) (embedded Embedded, err error) {
	if !u.enter() {
		return embedded, errUpdateEnded
	}
	defer u.leave()
	u.mu.Lock()
	e := u.embedding
	u.mu.Unlock()
	if e == nil {
		return embedded, errUnread
	}
	for n := range e.callsOf(part) {
		done, err := e.call(ctx, n)
		if ctx.Err() != nil {
			return embedded, ctx.Err()
		}
		if err != nil {
			embedded.Failed = err
			return embedded, nil
		}
		embedded.Texts += done
		u.mu.Lock()
		u.progress.Embedded += done
		u.report.Embedded = u.progress.Embedded
		u.reportProgress(u.progress.Embedded == u.progress.ToEmbed, report)
		u.mu.Unlock()
	}
	return embedded, nil
}

// Embedded is the result of a part of the embedding.
type Embedded struct {
	Texts  int
	Failed error // why other texts of the part were not embedded; nil: all were
}

// Finish ends the update, releases the lock and returns the report. cause is the error that ended
// the update early; nil if all parts were performed. Calls that are under way finish first, so their
// contexts should have ended. Later calls of Finish return the same result.
func (u *Updating) Finish(cause error) (*Report, error) {
	u.finish.Do(func() {
		u.mu.Lock()
		u.ended = true
		u.countIdle()
		u.mu.Unlock()
		u.timer.Stop()
		u.operations.Wait()
		err := u.flush() // also of an update that ends early: what was read is kept
		u.finishErr = u.conclude(cmp.Or(cause, u.late, err))
		u.unload()
		u.x.update.Unlock()
	})
	return u.report, u.finishErr
}

// conclude completes the embedding, saves the index and completes the report. err is the error that
// ended the update early, or nil.
func (u *Updating) conclude(err error) error {
	r, embeddedIn := u.report, time.Duration(0)
	if e := u.embedding; e != nil {
		embeddedIn = time.Since(u.embedFrom)
		leftOut, failed := e.finish(err == nil)
		for _, f := range leftOut {
			u.fail(f)
			r.Added = slices.DeleteFunc(r.Added, func(path string) bool { return path == f.Path })
		}
		if err == nil {
			r.Embedding = failed
		}
	}
	if unsaved := u.x.settle(err == nil); err == nil {
		err = unsaved
	}
	r.Skipped = sortedByPath(r.Skipped)
	slices.SortStableFunc(r.Remarks, func(a, b Remark) int { return strings.Compare(a.Path, b.Path) })
	r.Files, r.Chunks = len(u.listing.Files)-u.failed+u.kept, u.x.View().Len()
	r.Took = time.Since(u.began)
	r.cost = u.listed + max(0, r.Took-u.listed-u.idle-embeddedIn)/time.Duration(max(1, r.Read))
	if err == nil && len(r.Emptied) == 0 {
		err = u.rootErr
	}
	return err
}

func sortedByPath(es []*load.Error) []*load.Error {
	es = slices.Clone(es)
	slices.SortStableFunc(es, func(a, b *load.Error) int { return strings.Compare(a.Path, b.Path) })
	return es
}

// flush commits the collected changes.
func (u *Updating) flush() error {
	u.committing.Lock()
	defer u.committing.Unlock()
	u.mu.Lock()
	tx := u.tx
	u.tx, u.pending = transaction{}, 0
	u.mu.Unlock()
	u.x.keepVectors(tx)
	if err := u.x.commit(tx); err != nil {
		return err
	}
	if time.Since(u.synced) > syncTime {
		u.synced = time.Now()
		return u.x.settle(false)
	}
	return nil
}

// flushLate commits the collected changes although they are few, some time after the first of them.
func (u *Updating) flushLate() {
	if !u.enter() {
		return
	}
	defer u.leave()
	if err := u.flush(); err != nil {
		u.mu.Lock()
		u.late = cmp.Or(u.late, err)
		u.mu.Unlock()
	}
}

// reportProgress reports how far the update is. Unless now is set, it does nothing if the last
// report was a moment ago. The caller holds u.mu.
func (u *Updating) reportProgress(now bool, report func(Progress)) {
	if !now && time.Since(u.reported) < reportTime {
		return
	}
	u.reported = time.Now()
	p := u.progress
	done, since, over := u.report.Read, u.readFrom, u.unread == 0
	if u.embedding != nil {
		done, since, over = p.Embedded, u.embedFrom, p.Embedded == p.ToEmbed
	}
	if took := u.reported.Sub(since); over || took > rateTime {
		p.Rate = float64(done) / max(took, time.Microsecond).Seconds()
	}
	report(p)
}
