package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/adrg/xdg"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/index"
	"weft/rag/load"
	"weft/rag/overview"
	"weft/rag/workflows"
)

// buildIndex opens the index and updates it in a run of its own.
func (s *session) buildIndex() {
	fail := func(err error) {
		s.err, s.warned = err, err.Error()
		s.emit(show.Corpus{Dir: s.title(), State: show.CorpusFailed, Error: err.Error()})
	}
	defer close(s.built)
	defer s.wordsReady()
	dir, err := indexDir(s.settings, s.dirs)
	if err == nil {
		s.index, err = index.Open(dir, s.embedder(), index.Options{Opening: s.opening})
	}
	if err != nil {
		fail(err)
		close(s.opened)
		return
	}
	close(s.opened)
	_ = describeIndex(dir, s.settings, s.dirs) // a directory that cannot be written is reported by the update
	if st := s.index.Status(); st.Rebuilt != "" {
		s.emit(show.Notice{Level: show.Warning, Text: "the index is rebuilt: " + st.Rebuilt})
	} else if st.Chunks > 0 {
		s.emit(show.Corpus{Dir: s.title(), Files: st.Files, Chunks: st.Chunks, State: show.CorpusIndexing})
	}
	if err := s.update("index " + s.title()); err != nil {
		fail(err)
		return
	}
	s.ready()
}

// opening announces how many bytes of the index's log are read.
func (s *session) opening(done, total int64) {
	p := show.Progress{Message: "opening the index", Phase: show.PhaseOpen, Done: int(done / 1e6), Total: int(total / 1e6), Unit: "MB"}
	if total < 10e6 {
		p.Done, p.Total, p.Unit = int(done/1e3), int(max(total/1e3, 1)), "kB"
	}
	s.indexProgress.Store(&p)
	s.emit(p)
}

// ready announces that the whole corpus can be searched.
func (s *session) ready() {
	st := s.index.Status()
	s.emit(show.Corpus{Dir: s.title(), Files: st.Files, Chunks: st.Chunks, State: show.CorpusReady})
}

// suggestions is how many questions an overview suggests.
const suggestions = 3

// describe announces what the corpus holds, once all of it can be searched.
func (s *session) describe() {
	s.wg.Go(func() {
		<-s.built
		if s.index == nil || s.ctx.Err() != nil || s.index.View().Len() == 0 {
			return
		}
		o := overview.Of(s.index)
		o.Questions = overview.Questions(s.ctx, s.index, suggestions)
		s.emit(o)
	})
}

// watch keeps the index up to date with the documents until the session ends, and announces
// changes. A directory without documents is watched too, because the person may add some after
// being told that there are none.
func (s *session) watch() {
	s.wg.Go(func() {
		<-s.built
		if s.index == nil || s.ctx.Err() != nil {
			return
		}
		err := s.index.Watch(s.ctx, s.dirs, s.updateOptions(), func(r *index.Report, err error) {
			if err != nil {
				s.warn(err.Error())
			} else {
				s.mu.Lock()
				s.indexed.Warning, s.indexed.WordsOnly, s.indexed.Emptied = r.Warning(), r.Embedding != nil, r.Emptied
				s.mu.Unlock()
				s.warn(r.Warning())
			}
			if r != nil && !r.Quiet() {
				s.ready()
				s.emit(show.Notice{Level: show.Info, Text: changes(r)})
			}
		})
		if err != nil && s.ctx.Err() == nil {
			s.emit(show.Notice{Level: show.Warning, Text: err.Error()})
		}
	})
}

// warn announces a problem with the index, unless it is the one announced last.
func (s *session) warn(text string) {
	s.mu.Lock()
	again := s.warned == text
	s.warned = text
	s.mu.Unlock()
	if !again && text != "" {
		s.emit(show.Notice{Level: show.Warning, Text: text})
	}
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
func (s *session) update(title string) error {
	run, err := workflows.Index(s.index, s.updateOptions()).Start(s.ctx,
		workflows.Directories{Dirs: s.dirs, Listed: s.listed})
	if err != nil {
		return err
	}
	s.keep(run)
	s.emit(show.Opened{Run: run.ID(), Workflow: "index", Title: title})
	for r := range run.Records(s.ctx, 0) {
		switch p, _ := r.Payload.(show.Progress); p.Phase {
		case show.PhaseRead:
			s.indexProgress.Store(&p)
		case show.PhaseEmbed:
			s.indexProgress.Store(&p)
			s.wordsReady() // all words are indexed, and only vectors are missing
		}
	}
	got, err := run.Wait(s.ctx)
	var locked *index.LockedError
	if errors.As(err, &locked) {
		s.warn(locked.Error())
		return nil
	}
	if err != nil {
		return cause(err)
	}
	s.mu.Lock()
	p := s.provider
	s.indexed = got
	s.mu.Unlock()
	if got.Warning != "" && (len(got.Emptied) > 0 || !alreadyReported(p, got.Warning)) {
		s.warn(got.Warning)
	}
	return nil
}

// reembed embeds all passages with the current embedder. It returns at once; the old vectors are
// used until the new ones are complete.
func (s *session) reembed() {
	s.wg.Go(func() {
		select {
		case <-s.built:
		case <-s.ctx.Done():
			return
		}
		if s.index == nil {
			return
		}
		e := s.embedder()
		s.emit(show.Notice{Level: show.Info, Text: "all passages are embedded again by " + e.Name() + "; the old vectors are used until then"})
		s.index.SetEmbedder(e)
		if err := s.update("embed by " + e.Name()); err != nil {
			s.emit(show.Notice{Level: show.Failure, Text: err.Error()})
			return
		}
		s.emit(show.Notice{Level: show.Info, Text: "all passages are embedded by " + e.Name()})
		s.ready()
	})
}

// cause reduces a run's error to what the person needs to know: what happened, and in which step.
func cause(err error) error {
	var root *load.RootError
	var step *flow.StepError
	var late *flow.TimeoutError
	var cancelled *flow.CancelError
	switch {
	case errors.As(err, &root):
		return root
	case errors.As(err, &step):
		return fmt.Errorf("step %s failed: %w", step.Step, step.Err)
	case errors.As(err, &late):
		return late
	case errors.As(err, &cancelled) && cancelled.Cause != nil:
		return cancelled.Cause
	}
	return err
}

// cacheDir returns the directory of data that weft can regenerate.
func cacheDir(st *settings) (string, error) {
	if dir := st.Cache.value; dir != "" {
		return filepath.Abs(dir)
	}
	return ownDir("XDG_CACHE_HOME", xdg.CacheHome, cachePlace), nil
}

// updateOptions returns which files are read.
func (s *session) updateOptions() index.UpdateOptions {
	o := s.settings.options
	return index.UpdateOptions{
		Loader: s.loader,
		Scan: load.ScanOptions{Hidden: o.Hidden.value, Ignored: o.NoIgnore.value,
			Generated: o.Generated.value, Secrets: o.Secrets.value, Own: s.own, Pictures: o.OCR.value != "",
			Recordings: o.Transcribe.value != ""},
	}
}

// indexDir returns the directory of the index for the given directories. Its name depends on the
// inclusion settings. So an index that was built without secrets never contains any, even if
// another process includes them at the same time, and switching hidden files on once does not embed
// anything again.
func indexDir(st *settings, dirs []string) (string, error) {
	base, err := cacheDir(st)
	if err != nil {
		return "", err
	}
	var all []string
	for _, d := range dirs {
		abs, err := filepath.Abs(d)
		if err != nil {
			return "", fmt.Errorf("%s: %w", d, err)
		}
		if real, err := filepath.EvalSymlinks(abs); err == nil {
			abs = real
		}
		all = append(all, abs)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	for _, d := range st.describe() {
		if !slices.Contains(st.inclusion(), d.anyOption) {
			continue
		}
		// No key is an absolute path, so the two cannot be confused
		switch o := d.anyOption.(type) {
		case *option[bool]:
			if o.value {
				all = append(all, d.key)
			}
		case *option[string]:
			if o.value != "" {
				all = append(all, d.key+"="+o.value)
			}
		}
	}
	sum := sha256.Sum256([]byte(strings.Join(all, "\x00")))
	return filepath.Join(base, "index", hex.EncodeToString(sum[:8])), nil
}

// missing describes the documents that cannot be searched yet, or only in part. It is "" once all can
// be found, by their words and by the vectors of a model if there is one.
func (s *session) missing() string {
	select {
	case <-s.words:
	default:
		if p := s.indexProgress.Load(); p != nil && p.Phase == show.PhaseRead {
			return fmt.Sprintf("the documents were still being indexed: %d of %d files could be searched", p.Done, p.Total)
		}
		return fmt.Sprintf("the documents were still being indexed: %d passages could be searched",
			s.index.View().Len())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.indexed.WordsOnly || len(s.indexed.Emptied) > 0 {
		return s.indexed.Warning
	}
	return ""
}

// unread returns how many files should be in the index and are not: damaged, encrypted, too large and
// the like. Those that a rule leaves out are not counted, nor pictures and empty files.
func (s *session) unread() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, f := range s.indexed.Skipped {
		reason := load.Reason(f.Reason)
		if !f.ByRule && reason != load.Binary && reason != load.Empty && reason != load.Partly && reason != load.Special {
			n++
		}
	}
	return n
}
