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
	"weft/rag/workflows"
)

// buildIndex opens the index and brings it up to date, as a run of its own.
func (s *session) buildIndex() {
	fail := func(err error) {
		s.err, s.warned = err, err.Error()
		s.emit(show.Corpus{Dir: s.title(), State: show.CorpusFailed, Error: err.Error()})
	}
	defer close(s.built)
	defer s.found()
	dir, err := indexDir(s.settings, s.dirs)
	if err == nil {
		s.index, err = index.Open(dir, s.embedder(), index.Options{})
	}
	if err != nil {
		fail(err)
		close(s.opened)
		return
	}
	close(s.opened)
	if st := s.index.Status(); st.Rebuilt != "" {
		s.emit(show.Notice{Level: show.Warning, Text: "the index is built anew: " + st.Rebuilt})
	}
	if err := s.update("index " + s.title()); err != nil {
		fail(err)
		return
	}
	s.ready()
}

// ready tells that the corpus can be searched as a whole.
func (s *session) ready() {
	st := s.index.Status()
	s.emit(show.Corpus{Dir: s.title(), Files: st.Files, Chunks: st.Chunks, State: show.CorpusReady})
}

// watch keeps the index up to date with the documents for as long as the session lasts, and tells what changed. A directory without documents is watched
// too: who is told so puts some into it.
func (s *session) watch() {
	s.wg.Go(func() {
		<-s.built
		if s.index == nil || s.ctx.Err() != nil {
			return
		}
		err := s.index.Watch(s.ctx, s.dirs, s.reading(), func(r *index.Report, err error) {
			switch {
			case err != nil:
				s.warn(err.Error())
			case r.Embedding != nil:
				s.warn("passages are found by their words only: " + r.Embedding.Error())
			default:
				s.warn("")
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

// warn tells what is wrong with the index, once for as long as nothing else is.
func (s *session) warn(text string) {
	s.mu.Lock()
	again := s.warned == text
	s.warned = text
	s.mu.Unlock()
	if !again && text != "" {
		s.emit(show.Notice{Level: show.Warning, Text: text})
	}
}

// changes says in a few words what an update found.
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

// update brings the index up to date as a run of its own, and waits for it. An index that another process writes can still be searched.
func (s *session) update(title string) error {
	run, err := workflows.Index(s.index, s.reading()).Start(s.ctx, workflows.Directories{Dirs: s.dirs, Listed: s.listed})
	if err != nil {
		return err
	}
	s.keep(run)
	s.emit(show.Opened{Run: run.ID(), Workflow: "index", Title: title})
	for r := range run.Records(s.ctx, 0) {
		switch p, _ := r.Payload.(show.Progress); p.Phase {
		case show.PhaseRead:
			s.reached.Store(&p)
		case show.PhaseEmbed:
			s.reached.Store(&p)
			s.found() // what is still to come are vectors
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
	s.mu.Unlock()
	if got.Warning != "" && !said(p, got.Warning) {
		s.warn(got.Warning)
	}
	return nil
}

// reembed embeds all passages with the embedder that is chosen now. It returns at once; the vectors that are there serve until then.
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
		s.emit(show.Notice{Level: show.Info, Text: "all passages are embedded anew by " + e.Name() + "; the old vectors serve until then"})
		s.index.SetEmbedder(e)
		if err := s.update("embed by " + e.Name()); err != nil {
			s.emit(show.Notice{Level: show.Failure, Text: err.Error()})
			return
		}
		s.emit(show.Notice{Level: show.Info, Text: "all passages are embedded by " + e.Name()})
		s.ready()
	})
}

// cause takes from a run's error what a reader of the command line wants to know: what happened, and in which step.
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

// cacheDir is where weft keeps what it can make again.
func cacheDir(st *settings) (string, error) {
	if dir := st.Cache.value; dir != "" {
		return filepath.Abs(dir)
	}
	return filepath.Join(xdg.CacheHome, "weft"), nil
}

// reading says which files are read.
func (s *session) reading() index.UpdateOptions {
	o := s.settings.options
	return index.UpdateOptions{
		Loader: s.loader,
		Scan:   load.ScanOptions{Hidden: o.Hidden.value, Ignored: o.NoIgnore.value, Generated: o.Generated.value, Secrets: o.Secrets.value},
	}
}

// indexDir is where the index of the directories is kept. Which files are read is a part of what it is: an index that was made without secrets never
// holds one, whatever another process asks for at the same time, and nothing is embedded again because somebody looked at hidden files once.
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
		if on, ok := d.anyOption.(*option[bool]); ok && on.value && slices.Contains(st.inclusion(), d.anyOption) {
			all = append(all, d.key) // no absolute path is called that
		}
	}
	sum := sha256.Sum256([]byte(strings.Join(all, "\x00")))
	return filepath.Join(base, "index", hex.EncodeToString(sum[:8])), nil
}

// missing says that the corpus is not indexed as a whole yet.
func (s *session) missing() string {
	select {
	case <-s.words:
		return ""
	default:
		return fmt.Sprintf("the documents were still being indexed: %d passages could be searched", s.index.View().Len())
	}
}
