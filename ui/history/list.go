package history

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"weft/flow"
	"weft/flow/journal"
)

// List returns all runs, the latest first, deleted ones included. Runs whose journal cannot be read
// are Unreadable.
func (s *Store) List() ([]Run, error) {
	entries, err := os.ReadDir(s.path)
	if err != nil {
		return nil, fmt.Errorf("history: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.index.refresh(filepath.Join(s.path, indexFile)); err != nil {
		s.index = index{runs: map[string]Run{}} // the journals say the same
	}
	marked, deleted, titles := map[string]bool{}, map[string]bool{}, map[string]string{}
	for _, e := range entries {
		name := e.Name()
		if id, ok := strings.CutSuffix(name, endingMark); ok {
			marked[id] = true
		} else if id, ok := strings.CutSuffix(name, endingDeleted); ok {
			deleted[id] = true
		} else if id, ok := strings.CutSuffix(name, endingTitle); ok {
			titles[id] = s.titleOf(id)
		}
	}
	runs := make([]Run, 0, len(entries))
	before := s.unended
	s.unended = map[string]unended{} // without journals that are gone
	var missing []Run
	for _, e := range entries {
		id, ok := strings.CutSuffix(e.Name(), journal.Suffix)
		if !ok || !e.Type().IsRegular() {
			continue
		}
		r, known := s.index.runs[id]
		if !known {
			if r, ok = s.summarise(id, before); !ok {
				continue
			}
			if r.Outcome.Ended() {
				missing = append(missing, r)
			}
		}
		r.Marked, r.Title = marked[id], titles[r.TalkID()]
		if deleted[id] {
			r.Deleted = s.deletedAt(id)
		}
		runs = append(runs, r)
	}
	s.repair(runs, missing)
	slices.SortFunc(runs, func(a, b Run) int { return cmp.Or(b.Started.Compare(a.Started), cmp.Compare(a.ID, b.ID)) })
	return runs, nil
}

// repair adds the runs to the index that are missing in it, and writes it again if most of its
// lines are damaged, replaced, or about runs that are gone.
func (s *Store) repair(runs, missing []Run) {
	stale := s.index.wasted + len(s.index.runs) + len(missing) - len(runs)
	if stale > len(runs)+100 || s.index.wasted > 0 && len(missing) > 0 {
		_ = s.rewrite(runs) // the next list tries again; this one is complete
		return
	}
	if len(missing) > 0 {
		_ = s.add(missing...)
	}
}

// rewrite replaces the index by one of the given runs. What another process adds meanwhile is lost,
// and read again from its journal.
func (s *Store) rewrite(runs []Run) error {
	f, err := os.CreateTemp(s.path, indexFile+"-*.part") // created with mode 0600
	if err != nil {
		return err
	}
	var lines []byte
	for _, r := range runs {
		if r.Outcome.Ended() {
			line, e := formatLine(r)
			err = errors.Join(err, e)
			lines = append(lines, line...)
		}
	}
	_, e := f.Write(lines)
	if err = errors.Join(err, e, f.Close()); err == nil {
		err = os.Rename(f.Name(), filepath.Join(s.path, indexFile))
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// An unended is the summary of a run that had not ended when its journal was read. It stays valid
// while the journal's size and time do not change, so that a list that is refreshed every second
// does not read an interrupted run of 100,000 records each time.
type unended struct {
	run   Run // without its owner, which changes while the journal does not
	bytes int64
	time  time.Time // when the journal was changed
}

// summarise returns the summary of a run, from those of the list before or from its journal. ok is
// false if it is gone or has not begun.
func (s *Store) summarise(id string, before map[string]unended) (r Run, ok bool) {
	path, err := s.dir.Path(id)
	if err != nil {
		return Run{ID: id, Outcome: Unreadable, Reason: err.Error()}, true
	}
	st, err := os.Stat(path) // before reading: the next list reads what is appended meanwhile
	if err != nil {
		return s.readSummary(id, path)
	}
	known, ok := before[id]
	if !ok || known.bytes != st.Size() || !known.time.Equal(st.ModTime()) {
		if r, ok = s.readSummary(id, path); !ok || r.Outcome.Ended() || r.Outcome == Unreadable {
			return r, ok
		}
		known = unended{r, st.Size(), st.ModTime()}
	}
	s.unended[id], r = known, known.run
	if owner, owned, err := s.dir.Owner(id); err == nil && owned {
		r.Owner = &owner
		if r.Outcome == Interrupted {
			r.Outcome = Running
		}
	}
	// The run of a journal without a record has just begun, or never began.
	return r, r.Records > 0 || r.Owner != nil
}

// readSummary reads the summary of a run from its journal at a path. ok is false if it is gone.
func (s *Store) readSummary(id, path string) (r Run, ok bool) {
	f, err := s.dir.Read(id)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return r, false
	case f == nil:
		f = &journal.File{}
	}
	r = Summarise(f.Header, f.Records)
	r.ID = id
	if st, err := os.Stat(path); err == nil {
		r.Bytes = st.Size()
		if r.Started.IsZero() {
			r.Started = st.ModTime()
		}
	}
	if err != nil {
		r.Outcome, r.Reason, r.Waits = Unreadable, err.Error(), nil
	}
	return r, true
}

// Find returns the run with an identifier, or the only one whose identifier begins with it; "last"
// is the latest one that is not deleted. The error wraps [ErrUnknown] if there is none.
func (s *Store) Find(id string) (Run, error) {
	runs, err := s.List()
	if err != nil {
		return Run{}, err
	}
	var found []Run
	for _, r := range runs {
		switch {
		case r.ID == id || id == "last" && r.Deleted.IsZero():
			return r, nil
		case id != "" && strings.HasPrefix(strings.ToLower(r.ID), strings.ToLower(id)):
			found = append(found, r)
		}
	}
	switch len(found) {
	case 0:
		return Run{}, fmt.Errorf("%w: %q; weft runs lists them", ErrUnknown, id)
	case 1:
		return found[0], nil
	}
	return Run{}, fmt.Errorf("%d runs begin with %q: give more of the identifier", len(found), id)
}

// Add adds a run that has ended to the index, from its records, those that a fork shares with its
// parent included or not. Without it the next list reads them from the journal. A run that has not
// ended is left out.
func (s *Store) Add(h flow.Header, records iter.Seq[flow.Record]) error {
	sum := newSummary(h)
	for r := range records {
		if h.Parent == nil || r.Seq > h.Parent.Seq { // the journal of a fork has its own records only
			sum.apply(r)
		}
	}
	r := sum.result()
	if !r.Outcome.Ended() {
		return nil
	}
	path, err := s.dir.Path(r.ID)
	if err != nil {
		return err
	}
	st, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("history: %w", err)
	}
	r.Bytes = st.Size()
	return s.add(r)
}
