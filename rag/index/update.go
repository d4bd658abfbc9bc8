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
	// racy is how much older than the moment of reading a file's time stamp must be to be trusted: a second write within the same tick of the file
	// system's clock does not show. Two seconds is the coarsest tick in use (FAT).
	racy = 2 * time.Second

	batchChunks = 512                    // passages after which a batch of files is committed
	batchTime   = 100 * time.Millisecond // time after which it is
	firstTime   = 20 * time.Millisecond  // time after which the first one is, so that questions find something soon
	syncTime    = time.Second            // how much a power loss may take
	reportTime  = 50 * time.Millisecond  // how often progress is reported

	// The log is folded into a new snapshot when it has grown to this size and to a share of the snapshot's.
	checkpointBytes = 1 << 20
	checkpointShare = 4
)

// Update makes the index agree with the files in the directories. Files that look the same as before (size, time, inode) are not read; files that are
// read and say the same are not cut and embedded again; of a changed file only new passages are embedded. Each file changes as a whole, and becomes
// searchable within a tenth of a second.
//
// A file that cannot be read is reported and does not stop the others. An error is a [*LockedError], a [*load.RootError], one of writing, or the
// context's; what was committed before it stays. One update runs at a time; others wait.
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
	u := &updating{x: x, opts: opts, listing: listing, report: &Report{Skipped: listing.Skipped, dirs: listing.Dirs}, synced: start}
	err := u.run(ctx)
	r := u.report
	if serr := x.settle(err == nil); err == nil {
		err = serr
	}
	r.Skipped = sortedByPath(r.Skipped)
	r.Files, r.Chunks = len(listing.Files)-u.failed+u.kept, x.View().Len()
	r.Took = time.Since(start)
	if err == nil {
		err = rootErr
	}
	return r, err
}

func sortedByPath(es []*load.Error) []*load.Error {
	es = slices.Clone(es)
	slices.SortStableFunc(es, func(a, b *load.Error) int { return strings.Compare(a.Path, b.Path) })
	return es
}

// An updating is one run of Update.
type updating struct {
	x       *Index
	opts    UpdateOptions
	listing *load.Listing
	report  *Report
	failed  int
	kept    int // files that are not listed, and not gone for sure

	gone     map[string]*file     // known files that are not listed any more
	byStamp  map[load.Stamp]*file // those by what they looked like
	byHash   map[key]*file        // and by their text
	progress Progress
	reported time.Time
	synced   time.Time
	tx       transaction
	pending  int // passages in tx
}

func (u *updating) run(ctx context.Context) error {
	todo := u.compare()
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
	u.tell(true)
	if !embed.IsLexical(u.x.Embedder()) { // a model may take long, and be cut short: words should not have to be analysed again then
		_ = u.x.settle(true) // what cannot be written is told at the end
	}
	err := u.x.embedMissing(ctx, func(done, total int) {
		u.progress.Embedded, u.progress.ToEmbed = done, total
		u.report.Embedded = done
		u.tell(done == 0 || done == total)
	})
	if err != nil && ctx.Err() == nil {
		u.report.Embedding, err = err, nil
	}
	return err
}

// compare finds the files that must be read, and those that are gone.
// PDFs come last: their reader takes seconds to compile at its first use, for which nothing else should wait.
func (u *updating) compare() []*work {
	x := u.x
	x.mu.Lock()
	defer x.mu.Unlock()
	u.progress.TotalFiles = len(u.listing.Files)
	u.progress.Skipped = len(u.listing.Skipped)
	var todo, pdfs []*work
	listed := make(map[string]bool, len(u.listing.Files))
	for _, e := range u.listing.Files {
		listed[e.Path] = true
		f := x.files[e.Path]
		if f != nil && f.stamp == e.Stamp && e.Stamp.ModTime < f.checked-int64(racy) {
			u.progress.Files++
			u.report.Unchanged++
			if f.failure != "" {
				u.fail(f.loadError())
			}
			u.note(f)
			continue
		}
		if w := (&work{entry: e, known: f}); e.Kind == "pdf" {
			pdfs = append(pdfs, w)
		} else {
			todo = append(todo, w)
		}
	}
	u.gone = make(map[string]*file)
	u.byStamp = make(map[load.Stamp]*file)
	u.byHash = make(map[key]*file)
	unseen := u.unseen()
	for path, f := range x.files {
		switch {
		case listed[path]:
		case unseen(path):
			if f.failure == "" {
				u.kept++
			}
		default:
			u.gone[path] = f
			u.byStamp[f.stamp] = f
			if f.failure == "" {
				u.byHash[f.hash] = f
			}
		}
	}
	return append(todo, pdfs...)
}

// unseen tells of a file that is not listed whether it may be there all the same: the system could not say, because a server was away for a moment or
// too many files were open. Such a file stays as it is known. What may not be read any more does not.
func (u *updating) unseen() func(path string) bool {
	files, dirs := make(map[string]bool), []string{}
	for _, s := range u.listing.Skipped {
		switch {
		case !passing(s):
		case s.Dir:
			dirs = append(dirs, s.Path+"/")
		default:
			files[s.Path] = true
		}
	}
	u.report.unsure = len(files)+len(dirs) > 0
	return func(path string) bool {
		return files[path] || slices.ContainsFunc(dirs, func(d string) bool { return strings.HasPrefix(path, d) })
	}
}

// passing reports whether a failure says something about the moment, and not about what could not be read.
func passing(e *load.Error) bool {
	return e.Reason == load.Changed || e.Reason == load.Unreadable && e.Err != nil && !errors.Is(e.Err, fs.ErrPermission)
}

// loadError gives back why a file could not be read.
func (f *file) loadError() *load.Error {
	reason, detail, _ := strings.Cut(f.failure, "\x00")
	return &load.Error{Path: f.path, Reason: load.Reason(reason), Detail: detail}
}

// note reports what is not read of a file that is.
func (u *updating) note(f *file) {
	if f.notes != "" {
		u.report.Skipped = append(u.report.Skipped, &load.Error{Path: f.path, Reason: load.Partly, Detail: "is read, but: " + f.notes})
	}
}

func (u *updating) fail(e *load.Error) {
	u.failed++
	u.progress.Skipped++
	u.report.Skipped = append(u.report.Skipped, e)
}

// take puts a read file into the transaction.
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
			u.report.unsure = true // what is known of it stays until it can be read in peace
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
	case old != nil: // in the same transaction: the file is never there twice, nor missing
		u.tx.removes = append(u.tx.removes, old.path)
		delete(u.gone, old.path)
		u.report.Renamed = append(u.report.Renamed, Rename{old.path, w.entry.Path})
	case w.known != nil:
		u.report.Changed = append(u.report.Changed, w.entry.Path)
	case w.failure == nil:
		u.report.Added = append(u.report.Added, w.entry.Path)
	}
}

// renamed returns the file that is gone and that this one was: it looks the same on disk, or says the same.
func (u *updating) renamed(w *work) *file {
	if w.known != nil || w.failure != nil {
		return nil
	}
	for _, old := range []*file{u.byStamp[w.entry.Stamp], u.byHash[w.put.file.hash]} {
		if old != nil && u.gone[old.path] == old {
			return old
		}
	}
	return nil
}

// flush commits what was collected.
func (u *updating) flush() error {
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

// settle makes what was committed last; when a phase is done and the log has grown long, it becomes a snapshot.
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
		return x.unwritten(x.unkept)
	}
	grown := d.logSize - d.carried
	long := d.owed || grown > checkpointBytes && grown > d.snapSize/checkpointShare
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

// unwritten tells why nothing is kept, if so.
func (x *Index) unwritten(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("index: %s cannot be written, all is kept in memory only and will be read again at the next start: %w", x.dir, err)
}

func (u *updating) tell(now bool) {
	if u.opts.Progress == nil || (!now && time.Since(u.reported) < reportTime) {
		return
	}
	u.reported = time.Now()
	u.opts.Progress(u.progress)
}
