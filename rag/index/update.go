package index

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"weft/rag/chunk"
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
	r.Files, r.Chunks = len(listing.Files)-u.failed, x.View().Len()
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

	gone     map[string]*file     // known files that are not listed any more
	byStamp  map[load.Stamp]*file // those by what they looked like
	byHash   map[key]*file        // and by their text
	progress Progress
	reported time.Time
	synced   time.Time
	tx       transaction
	pending  int // passages in tx
}

// A work is a file to be read, and what became of it.
type work struct {
	entry   load.Entry
	known   *file // nil: new
	put     *put
	touch   *file
	failure *load.Error
	err     error // the context's
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
	for path, f := range x.files {
		if !listed[path] {
			u.gone[path] = f
			u.byStamp[f.stamp] = f
			if f.failure == "" {
				u.byHash[f.hash] = f
			}
		}
	}
	return append(todo, pdfs...)
}

// read reads files in parallel and commits them in batches as they come.
func (u *updating) read(ctx context.Context, todo []*work) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	jobs := make(chan *work)
	results := make(chan *work, 64)
	var workers sync.WaitGroup
	for range max(2, runtime.GOMAXPROCS(0)) {
		workers.Go(func() {
			for w := range jobs {
				u.load(ctx, w)
				results <- w
			}
		})
	}
	go func() {
		defer close(results)
		defer workers.Wait()
		defer close(jobs)
		for _, w := range todo {
			select {
			case jobs <- w:
			case <-ctx.Done():
				return
			}
		}
	}()
	defer func() { // let the workers go, whatever happened
		cancel()
		for range results {
		}
	}()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		select {
		case w, ok := <-results:
			if !ok {
				if err := ctx.Err(); err != nil {
					return err
				}
				return u.flush()
			}
			if w.err != nil {
				return w.err
			}
			begun := u.tx.empty()
			u.take(w)
			if begun && !u.tx.empty() {
				wait := batchTime
				if u.x.View().Len() == 0 {
					wait = firstTime
				}
				timer.Reset(wait)
			}
			if u.pending >= batchChunks {
				if err := u.flush(); err != nil {
					return err
				}
			}
			u.tell(false)
		case <-timer.C:
			if err := u.flush(); err != nil {
				return err
			}
		}
	}
}

// load reads a file and analyses it. It runs in several goroutines.
func (u *updating) load(ctx context.Context, w *work) {
	checked := time.Now().UnixNano()
	doc, err := u.opts.Loader.File(ctx, w.entry)
	f := &file{path: w.entry.Path, stamp: w.entry.Stamp, checked: checked}
	if err != nil {
		if ctx.Err() != nil {
			w.err = ctx.Err()
			return
		}
		if !errors.As(err, &w.failure) {
			w.failure = &load.Error{Path: f.path, Reason: load.Unreadable, Detail: err.Error(), Err: err}
		}
		f.failure = string(w.failure.Reason) + "\x00" + w.failure.Detail
		if w.failure.Reason == load.Unreadable {
			f.checked = 0 // permissions may change, however the file looks
		}
		if w.known != nil && w.known.failure == f.failure { // nothing has changed
			g := *w.known
			g.stamp, g.checked = f.stamp, f.checked
			w.touch = &g
			return
		}
		w.put = &put{file: f}
		return
	}
	f.title, f.kind, f.hash = doc.Title, doc.Kind, hashOf(&doc)
	if w.known != nil && w.known.failure == "" && w.known.hash == f.hash && w.known.title == f.title {
		g := *w.known
		g.stamp, g.checked = f.stamp, f.checked
		w.touch = &g
		return
	}
	chunks := chunk.Split(doc, u.opts.Chunks)
	if n := len(chunks); n > 0 && strings.TrimSpace(doc.Text[chunks[n-1].End:]) != "" {
		doc.Notes = append(doc.Notes, fmt.Sprintf("only the first %d passages of its text are indexed", n))
	}
	f.notes = strings.Join(doc.Notes, "; ")
	w.put = u.x.prepare(f, chunks)
}

// hashOf identifies what a document says and where, and what is missing.
func hashOf(d *load.Document) key {
	h := sha256.New()
	h.Write([]byte(d.Kind))
	var n [8]byte
	for _, m := range d.Marks {
		binary.LittleEndian.PutUint64(n[:], uint64(m.Offset))
		h.Write(n[:])
		h.Write([]byte(m.Place))
	}
	for _, note := range d.Notes {
		h.Write([]byte{0})
		h.Write([]byte(note))
	}
	h.Write([]byte{0})
	h.Write([]byte(d.Text))
	return key(h.Sum(nil)[:16])
}

// loadError gives back why a file could not be read.
func (f *file) loadError() *load.Error {
	reason, detail, _ := strings.Cut(f.failure, "\x00")
	return &load.Error{Path: f.path, Reason: load.Reason(reason), Detail: detail}
}

// note reports what is not read of a file that is.
func (u *updating) note(f *file) {
	if f.notes != "" {
		u.report.Skipped = append(u.report.Skipped, &load.Error{Path: f.path, Reason: load.Partly, Detail: "is read in part: " + f.notes})
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
		switch w.failure.Reason {
		case load.Changed: // what is known of it stays until it can be read in peace
			return
		case load.Vanished:
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
		x.mu.Unlock()
		return nil
	}
	long := (d.owed || d.logSize > checkpointBytes && d.logSize > d.snapSize/checkpointShare) && x.next == nil
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
	if d.failed != nil {
		return fmt.Errorf("index: %s cannot be written, all is kept in memory only and will be read again at the next start: %w", x.dir, d.failed)
	}
	return err
}

func (u *updating) tell(now bool) {
	if u.opts.Progress == nil || (!now && time.Since(u.reported) < reportTime) {
		return
	}
	u.reported = time.Now()
	u.opts.Progress(u.progress)
}
