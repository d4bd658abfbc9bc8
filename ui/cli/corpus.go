package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"weft/flow/show"
	"weft/rag/chunk"
	"weft/rag/index"
	"weft/rag/load"
	"weft/rag/overview"
	"weft/rag/workflows"
	"weft/ui/history"
)

// A corpus holds the directories of a session and their index, which is built and updated in the
// background.
type corpus struct {
	ctx      context.Context // of the session
	settings *settings
	emit     func(any)
	wg       *sync.WaitGroup // of the session
	models   *models         // embeds passages
	runs     *liveRuns       // where the runs are added that index
	problems *problems

	dirs []string
	own  []string // weft's directories, which are not documents: cache and state
	// misplaced says where weft's files are if that is not where they are expected.
	misplaced string
	loader    *load.Loader
	// patience is how long questions wait for the index.
	patience patience
	// listed limits how many of the left-out files are listed. 0 means the default.
	listed int

	opened chan struct{} // closed when index or err is set
	// words is closed when the whole corpus can be found by its words, or err is set.
	words chan struct{}
	// built is closed when the corpus is indexed, vectors included, or err is set.
	built         chan struct{}
	wordsReady    func()    // closes words
	indexingSince time.Time // when indexing began
	wordsReadyAt  time.Time // when words was closed
	index         *index.Index
	// indexProgress is how far indexing is: first in bytes of the existing index that are opened,
	// then in files, and at the end in passages.
	indexProgress atomic.Pointer[show.Progress]
	// err is why there is nothing to search. Read it only after opened or built is closed.
	err error

	mu      sync.Mutex
	indexed show.Indexed // the result of the last update of the index
}

// newCorpus returns the corpus of a session, without directories. The texts of PDF files are kept
// in cache.
func newCorpus(s *session, cache string) *corpus {
	st := s.settings
	c := &corpus{
		ctx: s.ctx, settings: st, emit: s.emit, wg: &s.wg, models: s.models, runs: s.runs, problems: s.problems,
		own:    ownPlaces(cache, stateDir(st)),
		opened: make(chan struct{}), words: make(chan struct{}), built: make(chan struct{}),
		loader: load.New(load.Options{CacheDir: filepath.Join(cache, "pdf"),
			Generated: st.Generated.value, Secrets: st.Secrets.value,
			OCR: st.OCR.value, Transcribe: st.Transcribe.value}),
	}
	c.wordsReady = sync.OnceFunc(func() { c.wordsReadyAt = time.Now(); close(c.words) })
	return c
}

// close releases the index. The session's goroutines must have ended.
func (c *corpus) close() {
	c.loader.Close()
	if c.index != nil {
		c.index.Close()
	}
}

// open starts indexing the session's corpus.
func (c *corpus) open(dirs []string) {
	c.dirs, c.indexingSince = dirs, time.Now()
	if c.misplaced = misplaced(c.settings, dirs); c.misplaced != "" {
		c.emit(show.Notice{Level: show.Warning, Text: c.misplaced})
	}
	c.emit(show.Corpus{Dir: c.title(), State: show.CorpusIndexing})
	c.wg.Go(c.build)
}

// title returns the names of the directories. The current directory is given by its absolute path,
// because "." means nothing on the screen.
func (c *corpus) title() string {
	names := slices.Clone(c.dirs)
	for i, d := range names {
		if abs, err := filepath.Abs(d); err == nil && filepath.Clean(d) == "." {
			names[i] = abs
		}
	}
	return strings.Join(names, ", ")
}

// build opens the index and updates it in a run of its own.
func (c *corpus) build() {
	fail := func(err error) {
		c.err = err
		c.problems.note(err.Error())
		c.emit(show.Corpus{Dir: c.title(), State: show.CorpusFailed, Error: err.Error()})
	}
	defer close(c.built)
	defer c.wordsReady()
	dir, err := indexDir(c.settings, c.dirs)
	if err == nil {
		c.index, err = index.Open(dir, c.models.embedder(), index.Options{Opening: c.opening})
	}
	if err != nil {
		fail(err)
		close(c.opened)
		return
	}
	close(c.opened)
	_ = describeIndex(dir, c.settings, c.dirs) // a directory that cannot be written is reported by the update
	if st := c.index.Status(); st.Rebuilt != "" {
		c.emit(show.Notice{Level: show.Warning, Text: "the index is rebuilt: " + st.Rebuilt})
	} else if st.Chunks > 0 {
		c.emit(show.Corpus{Dir: c.title(), Files: st.Files, Chunks: st.Chunks, State: show.CorpusIndexing})
	}
	if err := c.update("index " + c.title()); err != nil {
		fail(err)
		return
	}
	c.ready()
}

// opening announces how many bytes of the index's log are read.
func (c *corpus) opening(done, total int64) {
	p := show.Progress{Message: "opening the index", Phase: show.PhaseOpen, Done: int(done / 1e6), Total: int(total / 1e6), Unit: "MB"}
	if total < 10e6 {
		p.Done, p.Total, p.Unit = int(done/1e3), int(max(total/1e3, 1)), "kB"
	}
	c.indexProgress.Store(&p)
	c.emit(p)
}

// directory returns the directories as kept runs name them.
func (c *corpus) directory() string { return history.Directory(c.dirs) }

// ready announces that the whole corpus can be searched.
func (c *corpus) ready() {
	st := c.index.Status()
	c.emit(show.Corpus{Dir: c.title(), Files: st.Files, Chunks: st.Chunks, State: show.CorpusReady})
}

// suggestions is how many questions an overview suggests.
const suggestions = 3

// describe announces what the corpus holds, once all of it can be searched.
func (c *corpus) describe() {
	c.wg.Go(func() {
		<-c.built
		if c.index == nil || c.ctx.Err() != nil || c.index.View().Len() == 0 {
			return
		}
		o := overview.Of(c.index)
		o.Questions = overview.Questions(c.ctx, c.index, suggestions)
		c.emit(o)
	})
}

// watch keeps the index up to date with the documents until the session ends, and announces
// changes. A directory without documents is watched too, because the person may add some after
// being told that there are none.
func (c *corpus) watch() {
	c.wg.Go(func() {
		<-c.built
		if c.index == nil || c.ctx.Err() != nil {
			return
		}
		err := c.index.Watch(c.ctx, c.dirs, c.updateOptions(), func(r *index.Report, err error) {
			if err != nil {
				c.problems.warn(err.Error())
			} else {
				c.mu.Lock()
				c.indexed.Warning, c.indexed.WordsOnly, c.indexed.Emptied = r.Warning(), r.Embedding != nil, r.Emptied
				c.mu.Unlock()
				c.problems.warn(r.Warning())
			}
			if r != nil && !r.Quiet() {
				c.ready()
				c.emit(show.Notice{Level: show.Info, Text: changes(r)})
			}
		})
		if err != nil && c.ctx.Err() == nil {
			c.emit(show.Notice{Level: show.Warning, Text: err.Error()})
		}
	})
}

// changes summarises an update's report for a notice.
func changes(r *index.Report) string {
	say := func(what string, paths []string) string {
		if len(paths) == 1 {
			return paths[0] + " " + what
		}
		return fmt.Sprintf("%d files %s", len(paths), what)
	}
	var parts []string
	for _, c := range []struct {
		what  string
		paths []string
	}{{"is new", r.Added}, {"changed", r.Changed}, {"is gone", r.Removed}} {
		if len(c.paths) > 0 {
			parts = append(parts, say(c.what, c.paths))
		}
	}
	for _, m := range r.Renamed {
		parts = append(parts, m.From+" is now "+m.To)
	}
	return strings.Join(parts, ", ") + ": searchable"
}

// update updates the index in a run of its own, and waits for it. If another process is writing the
// index, update warns and returns nil, because the index can still be searched.
func (c *corpus) update(title string) error {
	run, err := workflows.Index(c.index, c.updateOptions()).Start(c.ctx,
		workflows.Directories{Dirs: c.dirs, Listed: c.listed})
	if err != nil {
		return err
	}
	c.runs.add(run)
	c.emit(show.Opened{Run: run.ID(), Workflow: "index", Title: title})
	for r := range run.Records(c.ctx, 0) {
		switch p, _ := r.Payload.(show.Progress); p.Phase {
		case show.PhaseRead:
			c.indexProgress.Store(&p)
		case show.PhaseEmbed:
			c.indexProgress.Store(&p)
			c.wordsReady() // all words are indexed, and only vectors are missing
		}
	}
	got, err := run.Wait(c.ctx)
	var locked *index.LockedError
	if errors.As(err, &locked) {
		c.problems.warn(locked.Error())
		return nil
	}
	if err != nil {
		return cause(err)
	}
	p, _ := c.models.current()
	c.mu.Lock()
	c.indexed = got
	c.mu.Unlock()
	if got.Warning != "" && (len(got.Emptied) > 0 || !alreadyReported(p, got.Warning)) {
		c.problems.warn(got.Warning)
	}
	return nil
}

// reembed embeds all passages with the current embedder. It returns at once; the old vectors are
// used until the new ones are complete.
func (c *corpus) reembed() {
	c.wg.Go(func() {
		select {
		case <-c.built:
		case <-c.ctx.Done():
			return
		}
		if c.index == nil {
			return
		}
		e := c.models.embedder()
		c.emit(show.Notice{Level: show.Info, Text: "all passages are embedded again by " + e.Name() + "; the old vectors are used until then"})
		c.index.SetEmbedder(e)
		if err := c.update("embed by " + e.Name()); err != nil {
			c.emit(show.Notice{Level: show.Failure, Text: err.Error()})
			return
		}
		c.emit(show.Notice{Level: show.Info, Text: "all passages are embedded by " + e.Name()})
		c.ready()
	})
}

// updateOptions returns which files are read.
func (c *corpus) updateOptions() index.UpdateOptions {
	o := c.settings.options
	return index.UpdateOptions{
		Loader: c.loader,
		Scan: load.ScanOptions{Hidden: o.Hidden.value, Ignored: o.NoIgnore.value,
			Generated: o.Generated.value, Secrets: o.Secrets.value, Own: c.own, Pictures: o.OCR.value != "",
			Recordings: o.Transcribe.value != ""},
	}
}

// missing describes the documents that cannot be searched yet, or only in part. It is "" once all
// can be found, by their words and by the vectors of a model if there is one.
func (c *corpus) missing() string {
	select {
	case <-c.words:
	default:
		if p := c.indexProgress.Load(); p != nil && p.Phase == show.PhaseRead {
			return fmt.Sprintf("the documents were still being indexed: %d of %d files could be searched", p.Done, p.Total)
		}
		return fmt.Sprintf("the documents were still being indexed: %d passages could be searched",
			c.index.View().Len())
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.indexed.WordsOnly || len(c.indexed.Emptied) > 0 {
		return c.indexed.Warning
	}
	return ""
}

// unread returns how many files should be in the index and are not: damaged, encrypted, too large
// and the like. Those that a rule leaves out are not counted, nor pictures and empty files.
func (c *corpus) unread() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, f := range c.indexed.Skipped {
		reason := load.Reason(f.Reason)
		if !f.ByRule && reason != load.Binary && reason != load.Empty && reason != load.Partly && reason != load.Special {
			n++
		}
	}
	return n
}

// unsaved says why the index could not be written; "": it was.
func (c *corpus) unsaved() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.indexed.Unsaved
}

// embedding returns the name of the model that embeds the passages; "" while the index is not open.
func (c *corpus) embedding() string {
	select {
	case <-c.opened:
		if c.index != nil {
			return c.index.Embedder().Name()
		}
	default:
	}
	return ""
}

// paths returns the paths of the documents that can be searched, sorted.
func (c *corpus) paths() []string {
	select {
	case <-c.opened:
	default:
		return nil // the index is not open yet
	}
	if c.index == nil {
		return nil
	}
	seen := map[string]bool{}
	c.index.View().Each(func(_ index.ID, passage *chunk.Chunk) { seen[passage.Path] = true })
	return slices.Sorted(maps.Keys(seen))
}
