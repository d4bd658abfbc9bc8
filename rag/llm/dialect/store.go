package dialect

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"weft/rag/statefile"
)

// A Store keeps dialects in a file. It is safe for concurrent use, also by several processes: each
// change reads the file again and replaces it atomically, one process after the other. If two
// processes change the same model, the last one wins. A damaged file is reported, and kept beside the
// new one (see [statefile.KeepDamaged]).
type Store struct {
	path string
	now  func() time.Time
	mu   sync.Mutex
	open map[Model]*Dialect
	err  error
	tell func(error) // called with the first error; nil: it was called, or there is none
}

// A Model names a model at an endpoint.
type Model struct {
	Endpoint string `json:"endpoint"` // the base URL, without secrets
	Name     string `json:"model"`
}

// entry is a dialect in the file.
type entry struct {
	Model
	Facts map[Trait]Fact `json:"facts,omitempty"`
	Scale Scale          `json:"tokens"`
}

type file struct {
	Models []entry `json:"models"`
}

// NewStore returns a store for a file, which need not exist. It is written when a fact is learned.
// With an empty path, dialects are kept in memory only.
func NewStore(path string) *Store {
	return &Store{path: path, now: time.Now, open: map[Model]*Dialect{}}
}

// Dialect returns the dialect of a model. Calls for one model return the same dialect.
func (s *Store) Dialect(m Model) *Dialect {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d := s.open[m]; d != nil {
		return d
	}
	d := New()
	d.now = s.now
	f, err := s.read()
	s.failed(err)
	if i := slices.IndexFunc(f.Models, func(e entry) bool { return e.Model == m }); i >= 0 {
		if f.Models[i].Facts != nil {
			d.facts = f.Models[i].Facts
		}
		if f.Models[i].Scale.valid() {
			d.scale = f.Models[i].Scale
		}
	}
	d.save = func(d *Dialect) { s.write(entry{m, d.facts, d.scale}) }
	s.open[m] = d
	return d
}

// Reset removes all facts about an endpoint's models, or about all models if endpoint is "".
func (s *Store) Reset(endpoint string) error {
	// Lock order: Dialect.mu before Store.mu. s.mu is therefore released before a dialect is
	// locked.
	s.mu.Lock()
	open := maps.Clone(s.open)
	s.mu.Unlock()
	for m, d := range open {
		if endpoint == "" || m.Endpoint == endpoint {
			d.mu.Lock()
			d.facts, d.doubts, d.scale = map[Trait]Fact{}, map[Trait]int{}, Scale{}
			d.mu.Unlock()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := os.Stat(s.path); s.path == "" || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return s.change(func(models []entry) []entry {
		return slices.DeleteFunc(models, func(e entry) bool { return endpoint == "" || e.Endpoint == endpoint })
	})
}

// OnError sets a function that is called with the first error of reading or writing the file from now
// on. It must not call the store.
func (s *Store) OnError(tell func(error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tell = tell
}

// failed remembers the outcome of reading or writing the file. The caller holds s.mu.
func (s *Store) failed(err error) {
	if s.err = err; err != nil && s.tell != nil {
		s.tell(err)
		s.tell = nil
	}
}

// Err returns why the file could not be read or written, or nil.
func (s *Store) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

func (s *Store) read() (f file, err error) {
	if s.path == "" {
		return f, nil
	}
	raw, err := os.ReadFile(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return file{}, fmt.Errorf("what was learned about models cannot be read: %w", err)
	}
	if err := json.Unmarshal(raw, &f); err != nil {
		return file{}, fmt.Errorf("what was learned about models cannot be read: %w: it is learned again, and %s is kept as %s",
			err, s.path, filepath.Base(s.path)+statefile.DamagedSuffix)
	}
	return f, nil
}

// write puts an entry into the file and removes entries that have expired.
func (s *Store) write(e entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.path == "" {
		return
	}
	s.failed(s.change(func(models []entry) []entry {
		models = slices.DeleteFunc(models, func(old entry) bool { return old.Model == e.Model || s.isOld(old) })
		models = append(models, e)
		slices.SortFunc(models, func(a, b entry) int {
			return cmp.Or(cmp.Compare(a.Endpoint, b.Endpoint), cmp.Compare(a.Name, b.Name))
		})
		return models
	}))
}

// change replaces the entries in the file. A file that cannot be decoded counts as empty, and its
// content is kept beside it.
func (s *Store) change(entries func([]entry) []entry) error {
	err := statefile.Update(s.path, func(old []byte) ([]byte, error) {
		var f file
		if len(old) > 0 && json.Unmarshal(old, &f) != nil {
			f = file{}
			if err := statefile.KeepDamaged(s.path, old); err != nil {
				return nil, err
			}
		}
		f.Models = entries(f.Models)
		return json.MarshalIndent(f, "", " ")
	})
	if err != nil {
		return fmt.Errorf("what was learned about a model cannot be kept: %w", err)
	}
	return nil
}

// isOld reports whether all facts of an entry have expired. The token scale has no age of its own
// and is kept as long as any fact.
func (s *Store) isOld(e entry) bool {
	d := &Dialect{facts: e.Facts, now: s.now}
	return len(d.Facts()) == 0 && e.Scale.Observed == 0
}
