// Package history keeps the runs of a person, so that they can be found, opened and continued after
// the program has ended.
//
// A [Store] is a folder of journals (package flow/journal), one for each run of every directory.
// What a list shows of a run is a [Run], a summary of its journal. Summaries of ended runs are kept
// in an index, which is only a cache: what is missing in it is read from the journals. What a
// person says about a run, such as that it is marked, is a file of its own beside the journal, so
// that several processes can say it at the same time and nothing has to be rewritten.
//
//	runs/
//	  k3f9….weft      a journal
//	  k3f9….mark      the run is marked: it never expires
//	  k3f9….deleted   the run is deleted, and removed for good a day later
//	  k3f9….title     the title of the talk that began with the run
//	  payloads/       large parts of payloads, shared by all runs
//	  index           summaries of ended runs, one a line
//
// Nothing here calls a model or reads a document.
package history

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"weft/flow"
	"weft/flow/journal"
)

// Names of labels in the header of a journal. See flow.Labels.
const (
	LabelQuestion  = "question"  // the question as typed
	LabelTalk      = "talk"      // the identifier of the first run of the conversation
	LabelDirectory = "directory" // absolute paths, separated as in PATH
	LabelModel     = "model"     // the model that answers; none: there was no model
	LabelProvider  = "provider"  // the name of the model's provider
	LabelOrigin    = "origin"    // the program whose agent has asked; none: a person
)

// UndoTime is how long a deleted run can be restored.
const UndoTime = 24 * time.Hour

// Endings of the names of files beside a journal.
const (
	endingMark    = ".mark"
	endingDeleted = ".deleted"
	endingTitle   = ".title"
)

// Errors that a program may want to distinguish with errors.Is.
var (
	ErrUnknown = errors.New("there is no such run")
	ErrMarked  = errors.New("the run is marked: remove its mark first")
)

// A Store is a folder of kept runs. Its methods may be called from any goroutine, and several
// processes may use the folder at the same time.
type Store struct {
	path string
	dir  *journal.Dir
	now  func() time.Time

	mu      sync.Mutex
	index   index
	unended map[string]unended // by the identifier of the run
}

// Open returns the store in a folder, which is created if there is none.
func Open(path string) (*Store, error) {
	dir, err := journal.Open(path)
	if err != nil {
		return nil, err
	}
	return &Store{path: path, dir: dir, now: time.Now}, nil
}

// Path returns the folder of the store.
func (s *Store) Path() string { return s.path }

// Journals returns the journals of the store.
func (s *Store) Journals() *journal.Dir { return s.dir }

// Read returns the records of a run, also if another process owns it. A run that was forked from
// another one begins with the records that it shares with it, if that one is still there.
func (s *Store) Read(id string) (*journal.File, error) {
	f, err := s.dir.Read(id)
	if err != nil || f.Header.Parent == nil || len(f.Records) == 0 || f.Records[0].Seq == 1 {
		return f, err
	}
	parent := f.Header.Parent
	if parent.Run == id { // it was compacted: its past is gone
		return f, nil
	}
	past, err := s.Read(parent.Run)
	if past == nil || err != nil || uint64(len(past.Records)) < parent.Seq || past.Records[0].Seq != 1 {
		return f, nil //nolint:nilerr // the fork can be shown without its past
	}
	shared := past.Records[:parent.Seq:parent.Seq]
	for i := range shared { // the identifier of a sub-workflow begins with that of its run
		shared[i].Run = id + strings.TrimPrefix(shared[i].Run, parent.Run)
	}
	f.Records = append(shared, f.Records...)
	return f, nil
}

// Records yields what [Store.Read] returns, without holding it. A line that cannot be read is an
// error, and the last that it yields.
func (s *Store) Records(id string) iter.Seq2[flow.Record, error] {
	return func(yield func(flow.Record, error) bool) {
		first := true
		for r, err := range s.dir.Records(id) {
			if first && err == nil && !s.shared(id, r, yield) {
				return
			}
			if first = false; !yield(r, err) {
				return
			}
		}
	}
}

// shared yields the records that a run shares with the one that it was forked from, if these are
// still there; first is the first record of its own. It returns false if yield did.
func (s *Store) shared(id string, first flow.Record, yield func(flow.Record, error) bool) bool {
	if first.Seq == 1 {
		return true
	}
	head, _, err := s.dir.Last(id)
	if err != nil || head.Parent == nil || head.Parent.Run == id {
		return true
	}
	parent := head.Parent
	if _, last, err := s.dir.Last(parent.Run); err != nil || last.Seq < parent.Seq {
		return true
	}
	for r, err := range s.Records(parent.Run) {
		if err != nil || r.Seq > parent.Seq {
			break // a fork can be shown without its past
		}
		r.Run = id + strings.TrimPrefix(r.Run, parent.Run)
		if !yield(r, nil) {
			return false
		}
	}
	return true
}

// Mark marks a run, so that it never expires, or removes the mark.
func (s *Store) Mark(id string, marked bool) error { return s.flag(id, endingMark, marked) }

// Delete deletes a run. Until [UndoTime] is over it can be restored; then it is removed for good.
// The error is [ErrMarked] for a marked run, and a journal.OwnedError for one that a process owns.
func (s *Store) Delete(id string) error {
	if s.isMarked(id) {
		return fmt.Errorf("history: %s: %w", id, ErrMarked)
	}
	if owner, owned, err := s.dir.Owner(id); err != nil {
		return s.unknown(id, err)
	} else if owned {
		return &journal.OwnedError{Run: id, Owner: owner}
	}
	return s.flag(id, endingDeleted, true)
}

func (s *Store) isMarked(id string) bool {
	_, err := os.Stat(filepath.Join(s.path, id+endingMark))
	return err == nil
}

// Restore takes back that a run was deleted.
func (s *Store) Restore(id string) error { return s.flag(id, endingDeleted, false) }

// Remove removes a run for good.
func (s *Store) Remove(id string) error {
	if err := s.dir.Remove(id); err != nil {
		return s.unknown(id, err)
	}
	return errors.Join(s.flag(id, endingMark, false), s.flag(id, endingDeleted, false), s.Rename(id, ""))
}

// flag adds or removes the file that says something about a run.
func (s *Store) flag(id, ending string, on bool) error {
	path, err := s.dir.Path(id)
	if err != nil {
		return err
	}
	file := strings.TrimSuffix(path, journal.Suffix) + ending
	if !on {
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("history: %w", err)
		}
		return nil
	}
	if _, err := os.Stat(path); err != nil {
		return s.unknown(id, err)
	}
	if err := s.create(file, s.now().UTC().Format(time.RFC3339Nano)+"\n"); err != nil {
		return fmt.Errorf("history: %w", err)
	}
	return nil
}

// create makes a small file, which is there with its whole content or, after an error, not at all: a
// run must not count as deleted if a person was told that it could not be.
func (s *Store) create(file, text string) error {
	part, err := os.CreateTemp(s.path, filepath.Base(file)+"-*.part") // with mode 0600
	if err != nil {
		return err
	}
	_, err = part.WriteString(text)
	if err = errors.Join(err, part.Close()); err == nil {
		err = os.Rename(part.Name(), file)
	}
	if err != nil {
		_ = os.Remove(part.Name()) // err has the cause
	}
	return err
}

func (s *Store) unknown(id string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("history: %w: %s", ErrUnknown, id)
	}
	return err
}

// IsDeleted reports whether a run is deleted. See [Store.Delete].
func (s *Store) IsDeleted(id string) bool {
	_, err := os.Stat(filepath.Join(s.path, id+endingDeleted))
	return err == nil
}

// deletedAt returns when a run was deleted, from the file that says so.
func (s *Store) deletedAt(id string) time.Time {
	name := filepath.Join(s.path, id+endingDeleted)
	text, err := os.ReadFile(name)
	if err != nil {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339Nano, strings.TrimSpace(string(text)))
	if err != nil { // the write was cut off
		if st, err := os.Stat(name); err == nil {
			return st.ModTime()
		}
		return s.now()
	}
	return at
}
