package index

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"weft/rag/embed"
	"weft/rag/load"
)

const (
	embedBatch   = 64 // texts per call
	embedWorkers = 2  // concurrent calls

	// snapshotOnly is the minimum number of texts whose vectors, if they are cheap to recompute,
	// are not written to the log but only to the next snapshot.
	snapshotOnly = 2048
)

// embedMissing embeds the texts that have no vector yet and writes the vectors to the log.
// progress, which may be nil, is called with the number of texts done and the total. The caller
// holds x.update.
//
// Vectors of a previous embedder serve until all passages have a new vector. Then the new vectors
// replace them all at once.
//
// Files with a text that makes the embedder panic are removed from the index and returned.
func (x *Index) embedMissing(ctx context.Context, progress func(done, total int)) (leftOut []*load.Error, err error) {
	target := x.target()
	v := x.view.Load()
	jobs := x.missing(v, target)
	if progress != nil {
		progress(0, len(jobs)) // signals that all words are searchable
	}
	logged := len(jobs) < snapshotOnly || !embed.IsLexical(x.Embedder())
	if !logged {
		x.mu.Lock()
		if x.disk != nil {
			x.disk.unsavedVectors = true
		}
		x.mu.Unlock()
	}
	var mu sync.Mutex
	done := 0
	panics := make(map[ID]error) // passages whose text makes the embedder panic
	// After a failure no new call starts, but running calls finish, because their vectors may have
	// cost money.
	group, unfailed := errgroup.WithContext(ctx)
	group.SetLimit(embedWorkers)
	for from := 0; from < len(jobs); from += embedBatch {
		batch := jobs[from:min(from+embedBatch, len(jobs))]
		group.Go(func() error {
			if err := unfailed.Err(); err != nil {
				return err
			}
			texts := make([]string, len(batch))
			for i, j := range batch {
				texts[i] = embedText(v.passages[j.ids[0]].Chunk)
			}
			vecs, causes, err := x.embedTexts(ctx, texts)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			var keys []key
			var kept [][]float32
			for i, j := range batch {
				if causes[i] != nil {
					for _, id := range j.ids {
						panics[id] = causes[i]
					}
					continue
				}
				vec := vecs[i]
				if d := x.Embedder().Dims(); d != 0 && len(vec) != d {
					return fmt.Errorf("index: %s gave a vector of %d dimensions, not %d",
						x.Embedder().Name(), len(vec), d)
				}
				if !embed.Normalize(vec) {
					continue // no content to embed: only the word search can find the passage
				}
				x.remember(j.key, j.ids[0])
				for _, id := range j.ids {
					if !target.set(id, vec) {
						return fmt.Errorf("index: %s gave vectors of %d and of %d dimensions",
							x.Embedder().Name(), len(vec), target.dims)
					}
				}
				keys, kept = append(keys, j.key), append(kept, vec)
			}
			if logged {
				x.logVectors(keys, kept)
			}
			done += len(batch)
			if progress != nil {
				progress(done, len(jobs))
			}
			return nil
		})
	}
	err = group.Wait()
	leftOut, commitErr := x.leaveOut(v, panics)
	if err = cmp.Or(err, commitErr); err != nil {
		return leftOut, err
	}
	x.promote(target)
	return leftOut, nil
}

// A job is a text to embed, with the passages that have it.
type job struct {
	key key
	ids []ID
}

// missing returns the texts without a vector, in document order. Passages that share their text
// with an embedded one first get its vector.
func (x *Index) missing(v *View, target *vectors) (jobs []*job) {
	if target.count(v.live) == v.count {
		return nil
	}
	var ids []ID
	for id := range v.passages {
		if id := ID(id); v.live.has(id) && target.get(id) == nil {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, v.compare)
	x.mu.Lock()
	defer x.mu.Unlock()
	byKey := make(map[key]*job)
	for _, id := range ids {
		k := v.passages[id].key
		if x.shareVector(target, k, id) {
			continue
		}
		if j, ok := byKey[k]; ok {
			j.ids = append(j.ids, id)
			continue
		}
		j := &job{k, []ID{id}}
		byKey[k] = j
		jobs = append(jobs, j)
	}
	return jobs
}

// remember records which passage has the vector of a text.
func (x *Index) remember(k key, id ID) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.byKey[k] = id
}

// target returns the set for new vectors: the view's set if it belongs to the current embedder, or
// else a separate one.
func (x *Index) target() *vectors {
	x.mu.Lock()
	defer x.mu.Unlock()
	v := x.view.Load()
	if v.vectors.matches(x.Embedder()) {
		x.next = nil // an earlier embedder's set, abandoned
		return v.vectors
	}
	if x.next == nil || !x.next.matches(x.Embedder()) {
		x.next = newVectors(x.Embedder().Name(), x.Embedder().Dims(), x.opts.Flat)
	}
	return x.next
}

// promote makes a complete set of new vectors the view's set.
func (x *Index) promote(target *vectors) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if target != x.next {
		return
	}
	v := x.view.Load().clone()
	v.vectors = target
	x.next = nil
	x.view.Store(v)
}

func (x *Index) logVectors(keys []key, vecs [][]float32) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.disk != nil && len(keys) > 0 {
		x.disk.append(encodeVectors(x.Embedder().Name(), keys, vecs))
	}
}

// keepVectors gives the vectors that a transaction discards to the embedder, if that can keep them:
// the texts may come back, when a branch is switched or a directory is mounted again.
func (x *Index) keepVectors(tx transaction) {
	keeper, ok := x.Embedder().(embed.Keeper)
	v := x.view.Load()
	if !ok || !v.vectors.matches(keeper) {
		return
	}
	stays := make(map[key]bool)
	discarded := slices.Clone(tx.removes)
	for _, p := range tx.puts {
		discarded = append(discarded, p.file.path)
		for _, ps := range p.passages {
			stays[ps.key] = true
		}
	}
	for _, path := range discarded {
		x.mu.Lock()
		f := x.files[path]
		x.mu.Unlock()
		if f == nil {
			continue
		}
		var texts []string
		var vecs [][]float32
		for _, id := range f.chunks {
			if vec := v.vectors.get(id); vec != nil && !stays[v.passages[id].key] {
				texts, vecs = append(texts, embedText(v.passages[id].Chunk)), append(vecs, vec)
			}
		}
		keeper.Keep(texts, vecs)
	}
}

// matches reports whether the set holds vectors of an embedder.
func (vs *vectors) matches(e embed.Embedder) bool {
	vs.mu.RLock()
	defer vs.mu.RUnlock()
	return vs.name == e.Name() && (vs.dims == 0 || e.Dims() == 0 || vs.dims == e.Dims())
}
