package index

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"weft/rag/embed"
	"weft/rag/load"
)

const (
	batchChunks = 512                    // number of passages after which a batch of files is committed
	batchTime   = 100 * time.Millisecond // time after which a batch is committed
	// firstTime replaces batchTime for the first batch, so that questions soon find something.
	firstTime  = 20 * time.Millisecond
	syncTime   = time.Second           // maximum amount of work, as time, that a power loss may destroy
	reportTime = 50 * time.Millisecond // interval between progress reports

	// The log is folded into a new snapshot when it exceeds checkpointBytes and 1/checkpointShare
	// of the snapshot's size.
	checkpointBytes = 1 << 20
	checkpointShare = 4
)

// Update synchronises the index with the files in the directories. Files whose stamp (size, times,
// inode) is unchanged are not read, except a few that were not read for long. Files that are read but have the same content are not split and
// embedded again. Of a changed file, only new passages are embedded. Each file changes as a whole
// and becomes searchable within a tenth of a second.
//
// A directory in which no file is found any more, as below the mount point of a drive that is away,
// keeps its passages, and the report names it. A file that cannot be read is reported and does not
// stop the others. An error is a
// [*LockedError], a [*load.RootError], a write error, or the context's; files committed before the
// error stay committed. Concurrent calls run one at a time.
func (x *Index) Update(ctx context.Context, dirs []string, opts UpdateOptions) (*Report, error) {
	x.update.Lock()
	defer x.update.Unlock()
	if err := x.beginWriting(); err != nil {
		return nil, err
	}
	start := time.Now()
	if opts.Loader == nil {
		opts.Loader = load.New(load.Options{})
		defer opts.Loader.Close()
	}
	listing, rootErr := load.Scan(ctx, dirs, opts.Scan)
	if listing == nil {
		return nil, rootErr
	}
	u := &updating{x: x, opts: opts, listing: listing,
		report: &Report{Skipped: listing.Skipped, dirs: listing.Dirs}, synced: start}
	err := u.run(ctx)
	r := u.report
	if serr := x.settle(err == nil); err == nil {
		err = serr
	}
	r.Skipped = sortedByPath(r.Skipped)
	slices.SortStableFunc(r.Remarks, func(a, b Remark) int { return strings.Compare(a.Path, b.Path) })
	r.Files, r.Chunks = len(listing.Files)-u.failed+u.kept, x.View().Len()
	r.Took = time.Since(start)
	r.cost = u.listed + max(0, r.Took-u.listed-u.embedded)/time.Duration(max(1, r.Read))
	if err == nil && len(r.Emptied) == 0 {
		err = rootErr
	}
	return r, err
}

func sortedByPath(es []*load.Error) []*load.Error {
	es = slices.Clone(es)
	slices.SortStableFunc(es, func(a, b *load.Error) int { return strings.Compare(a.Path, b.Path) })
	return es
}

// An updating is the state of one call of Update.
type updating struct {
	x       *Index
	opts    UpdateOptions
	listing *load.Listing
	report  *Report
	failed  int
	kept    int // files that are not listed but may still exist

	gone     map[string]*file     // known files that are not listed any more
	byStamp  map[load.Stamp]*file // gone files by what moving a file leaves of its stamp
	byHash   map[key]*file        // gone files by content hash
	progress Progress
	reported time.Time
	synced   time.Time
	listed   time.Duration // that listing and comparing the files took
	embedded time.Duration // that embedding took
	tx       transaction
	pending  int // passages in tx
}

func (u *updating) run(ctx context.Context) error {
	todo := u.compare()
	u.listed = time.Since(u.synced)
	if err := u.read(ctx, todo); err != nil {
		return err
	}
	for path := range u.gone {
		u.tx.removes = append(u.tx.removes, path)
		u.report.Removed = append(u.report.Removed, path)
	}
	slices.Sort(u.tx.removes)
	slices.Sort(u.report.Removed)
	if err := u.flush(); err != nil {
		return err
	}
	u.reportProgress(true)
	// Embedding with a model may take long or be interrupted. Save first, so that the words need
	// not be analysed again.
	if !embed.IsLexical(u.x.Embedder()) {
		_ = u.x.settle(true) // a write error is reported at the end
	}
	began := time.Now()
	leftOut, err := u.x.embedMissing(ctx, func(done, total int) {
		u.progress.Embedded, u.progress.ToEmbed = done, total
		u.report.Embedded = done
		u.reportProgress(done == 0 || done == total)
	})
	u.embedded = time.Since(began)
	for _, e := range leftOut {
		u.fail(e)
		u.report.Added = slices.DeleteFunc(u.report.Added, func(path string) bool { return path == e.Path })
	}
	if err != nil && ctx.Err() == nil {
		u.report.Embedding, err = err, nil
	}
	return err
}

// slowKinds are the kinds of files that are read last: PDFium takes seconds to compile on first
// use, text recognition takes seconds for a page, transcription minutes. Other files do not wait
// for them.
var slowKinds = []string{"pdf", "picture", "recording"}

// compare returns the files that must be read, slow ones last, and determines which known files are
// gone.
func (u *updating) compare() []*work {
	x := u.x
	x.mu.Lock()
	defer x.mu.Unlock()
	u.progress.TotalFiles = len(u.listing.Files)
	u.progress.Skipped = len(u.listing.Skipped)
	var todo, slow, old []*work
	now := x.now()
	listed := make(map[string]bool, len(u.listing.Files))
	for _, e := range u.listing.Files {
		listed[e.Path] = true
		f := x.files[e.Path]
		if f != nil && f.stamp == e.Stamp && trusted(e.Stamp, f.checked) && !f.failedWithOther(x.Embedder().Name()) {
			if overdue(f, now) {
				old = append(old, &work{entry: e, known: f})
			} else {
				u.unchanged(f)
			}
			continue
		}
		if w := (&work{entry: e, known: f}); slices.Contains(slowKinds, e.Kind) {
			slow = append(slow, w)
		} else {
			todo = append(todo, w)
		}
	}
	u.gone = make(map[string]*file)
	u.byStamp = make(map[load.Stamp]*file)
	u.byHash = make(map[key]*file)
	unseen, emptied := u.unseen(), u.emptied()
	for path, f := range x.files {
		switch {
		case listed[path]:
		case unseen(path), emptied(path):
			if f.failure == "" {
				u.kept++
			}
		default:
			u.gone[path] = f
			u.byStamp[moved(f.stamp)] = f
			if f.failure == "" {
				u.byHash[f.hash] = f
			}
		}
	}
	return slices.Concat(todo, u.recheck(old), slow)
}

// passing reports whether a failure is temporary.
func passing(e *load.Error) bool {
	return e.Reason == load.Changed || e.Reason == load.Unreadable && e.Err != nil &&
		!errors.Is(e.Err, fs.ErrPermission)
}

// note adds the unread parts of an indexed file, and the remarks on it, to the report.
func (u *updating) note(f *file) {
	if len(f.notes) > 0 {
		u.report.Skipped = append(u.report.Skipped, &load.Error{Path: f.path, Reason: load.Partly,
			Detail: "is read, but: " + strings.Join(f.notes, "; ")})
	}
	if len(f.remarks) > 0 {
		u.report.Remarks = append(u.report.Remarks, Remark{f.path, strings.Join(f.remarks, "; ")})
	}
}

func (u *updating) fail(e *load.Error) {
	u.failed++
	u.progress.Skipped++
	u.report.Skipped = append(u.report.Skipped, e)
}

// take adds the result of reading a file to the transaction.
func (u *updating) take(w *work) {
	u.progress.Files++
	u.report.Read++
	u.progress.Bytes += w.entry.Stamp.Size
	u.report.Bytes += w.entry.Stamp.Size
	if w.failure != nil {
		u.fail(w.failure)
	}
	if w.touch != nil {
		u.report.Unchanged++
		u.tx.touches = append(u.tx.touches, w.touch)
		u.note(w.touch)
		return
	}
	if w.failure != nil {
		switch {
		case w.failure.Reason == load.Changed, passing(w.failure) && w.known != nil && w.known.failure == "":
			u.report.unsure = true // the indexed content stays until the file can be read
			return
		case w.failure.Reason == load.Vanished:
			if w.known != nil {
				u.gone[w.known.path] = w.known
			}
			return
		}
	}
	u.note(w.put.file)
	u.tx.puts = append(u.tx.puts, w.put)
	u.pending += len(w.put.passages)
	u.progress.Chunks += len(w.put.passages)
	switch old := u.renamed(w); {
	case old != nil: // in the same transaction, so the file is never missing or duplicated
		u.tx.removes = append(u.tx.removes, old.path)
		delete(u.gone, old.path)
		u.report.Renamed = append(u.report.Renamed, Rename{old.path, w.entry.Path})
	case w.known != nil:
		u.report.Changed = append(u.report.Changed, w.entry.Path)
	case w.failure == nil:
		u.report.Added = append(u.report.Added, w.entry.Path)
	}
}

// renamed returns the gone file that this one was renamed from, judged by its stamp or its content,
// or nil.
func (u *updating) renamed(w *work) *file {
	if w.known != nil || w.failure != nil {
		return nil
	}
	for _, old := range []*file{u.byStamp[moved(w.entry.Stamp)], u.byHash[w.put.file.hash]} {
		if old != nil && u.gone[old.path] == old {
			return old
		}
	}
	return nil
}

// flush commits the collected changes.
func (u *updating) flush() error {
	u.x.keepVectors(u.tx)
	err := u.x.commit(u.tx)
	u.tx, u.pending = transaction{}, 0
	if err != nil {
		return err
	}
	if time.Since(u.synced) > syncTime {
		u.synced = time.Now()
		return u.x.settle(false)
	}
	return nil
}

// settle makes committed changes durable. At the end of a phase (done) it also compacts the index,
// and writes a snapshot if the log has grown long.
func (x *Index) settle(done bool) error {
	if done {
		x.compact()
	}
	x.mu.Lock()
	d := x.disk
	if d == nil {
		defer x.mu.Unlock()
		if !done {
			return nil
		}
		return x.unwritten(x.writeErr)
	}
	grown := d.logSize - d.carried
	long := d.unsavedVectors || grown > checkpointBytes && grown > d.snapSize/checkpointShare
	if !done || !long {
		d.sync()
	}
	failed := d.failed
	if !done || !long && failed == nil {
		x.mu.Unlock()
		return nil
	}
	x.mu.Unlock()
	err := x.checkpoint()
	x.mu.Lock()
	defer x.mu.Unlock()
	return cmp.Or(x.unwritten(d.failed), err)
}

// unwritten returns the error for an index that cannot be written, or nil if err is nil.
func (x *Index) unwritten(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("index: %s cannot be written, all is kept in memory only and will be read again at the next start: %w", x.dir, err)
}

// reportProgress reports how far the update is. Unless now is set, it does nothing if the last
// report was a moment ago.
func (u *updating) reportProgress(now bool) {
	if u.opts.Progress == nil || (!now && time.Since(u.reported) < reportTime) {
		return
	}
	u.reported = time.Now()
	u.opts.Progress(u.progress)
}
