// Package vectorstore keeps the vectors that models have computed, so that a text is sent to a model only
// once. One store serves all indexes: it finds a vector by the model, its number of dimensions and
// the text. Therefore an index that is built again, a directory that was renamed or mounted again
// and a branch that was switched back need no embedding.
//
// A store can be deleted at any time, and it never makes an embedding fail: what it cannot read is
// computed again, and what it cannot write is not kept.
package vectorstore

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"weft/rag/embed"
)

// A Store is a directory of vectors. It is safe for concurrent use, also by several processes.
type Store struct {
	dir  string
	tell func(error)
	now  func() time.Time
	open func(name string) (file, error)

	mu     sync.Mutex
	models map[string]*shelf // by the name of their directory
}

// New returns the store in a directory, which is created when the first vector is kept. tell is
// called once, with the first error because of which vectors are not kept or not found.
func New(dir string, tell func(error)) *Store {
	var once sync.Once
	return &Store{dir: dir, now: time.Now, open: openFile, models: map[string]*shelf{},
		tell: func(err error) { once.Do(func() { tell(err) }) }}
}

// Embedder returns an embedder that looks for a vector in the store before it asks e, and keeps what
// e returns. Questions are not kept. An embedder that needs no model is returned as it is, because
// computing its vectors is as fast as reading them.
func (s *Store) Embedder(e embed.Embedder) embed.Embedder {
	if embed.IsLexical(e) {
		return e
	}
	k := &keeping{Embedder: e, store: s}
	if q, ok := e.(embed.QueryEmbedder); ok {
		return &keepingQueries{k, q}
	}
	return k
}

// keeping is an embedder with a store.
type keeping struct {
	embed.Embedder
	store *Store
	dims  atomic.Int64 // of the vectors that the embedder has returned; 0: none yet
}

// keepingQueries is an embedder with a store whose questions are embedded differently from passages.
type keepingQueries struct {
	*keeping
	queries embed.QueryEmbedder
}

// EmbedQuery implements [embed.QueryEmbedder].
func (k *keepingQueries) EmbedQuery(ctx context.Context, text string) ([]float32, error) {
	return k.queries.EmbedQuery(ctx, text)
}

// Embed implements [embed.Embedder].
func (k *keeping) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	found := make([][]float32, len(texts))
	shelf := k.shelf(k.known())
	keys := keysOf(texts)
	if shelf != nil {
		shelf.find(keys, found)
	}
	var missing []string
	var missingKeys []key
	for i, text := range texts {
		if found[i] == nil {
			missing, missingKeys = append(missing, text), append(missingKeys, keys[i])
		}
	}
	if len(missing) == 0 {
		return found, nil
	}
	computed, err := k.Embedder.Embed(ctx, missing)
	if err != nil {
		return nil, err
	}
	if len(computed) != len(missing) {
		return nil, fmt.Errorf("embed: %s gave %d vectors for %d texts", k.Name(), len(computed), len(missing))
	}
	if shelf == nil && len(computed[0]) > 0 {
		k.dims.Store(int64(len(computed[0])))
		shelf = k.shelf(len(computed[0]))
	}
	if shelf != nil {
		shelf.keep(missingKeys, computed)
	}
	for i := range found {
		if found[i] == nil {
			found[i], computed = computed[0], computed[1:]
		}
	}
	return found, nil
}

// Keep implements [embed.Keeper].
func (k *keeping) Keep(texts []string, vectors [][]float32) {
	if len(texts) == 0 || len(texts) != len(vectors) {
		return
	}
	if shelf := k.shelf(len(vectors[0])); shelf != nil {
		shelf.keep(keysOf(texts), vectors)
	}
}

// known returns the length of the embedder's vectors, or 0 if it is not known yet.
func (k *keeping) known() int {
	if d := k.Dims(); d > 0 {
		return d
	}
	return int(k.dims.Load())
}

// shelf returns the vectors of the embedder's model, or nil if dims is not known.
func (k *keeping) shelf(dims int) *shelf {
	if dims <= 0 || dims > maxDims {
		return nil
	}
	s := k.store
	name := shelfName(k.Name(), dims)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.models[name] == nil {
		s.models[name] = &shelf{dir: filepath.Join(s.dir, name), model: k.Name(), dims: dims,
			now: s.now, tell: s.fail, openFile: s.open, root: s.dir}
	}
	return s.models[name]
}

// maxDims limits the size of a record. No model comes near it.
const maxDims = 1 << 16

func (s *Store) fail(err error) {
	s.tell(fmt.Errorf("%w; vectors are not kept for later in %s, and may be computed again", cause(err), s.dir))
}

// shelfName returns the directory of a model's vectors. A model's name can hold any character, so a
// hash of it is used.
func shelfName(model string, dims int) string {
	sum := sha256.Sum256([]byte(model))
	return fmt.Sprintf("%x-%d", sum[:8], dims)
}

// A key identifies a text.
type key [16]byte

func keysOf(texts []string) []key {
	keys := make([]key, len(texts))
	for i, t := range texts {
		sum := sha256.Sum256([]byte(t))
		keys[i] = key(sum[:16])
	}
	return keys
}

// usable reports whether a vector has the right length and a direction. Others are not kept, because
// the model may give a better one the next time.
func usable(v []float32, dims int) bool {
	if len(v) != dims {
		return false
	}
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	return sum > 0 && !math.IsNaN(sum) && !math.IsInf(sum, 0)
}

// period names the part of a store that holds what was used in a month.
func period(t time.Time) string { return t.UTC().Format("2006-01") }

// periodEnd returns when a period ends. ok is false if the name is not one of a period.
func periodEnd(name string) (end time.Time, ok bool) {
	t, err := time.Parse("2006-01", name)
	return t.AddDate(0, 1, 0), err == nil
}

// dimsOf returns the dimensions in the name of a shelf.
func dimsOf(name string) (int, bool) {
	if len(name) < 18 || name[16] != '-' {
		return 0, false
	}
	dims, err := strconv.Atoi(name[17:])
	return dims, err == nil && dims > 0 && dims <= maxDims
}

// cause returns the innermost error without the operation and the path, which the message of a store
// has already.
func cause(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}
