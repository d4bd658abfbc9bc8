package index

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"

	"weft/rag/embed"
	"weft/rag/load"
)

const (
	embedBatch = 64 // texts per call

	// embedParts limits the number of parts into which an update divides the embedding.
	embedParts = 256

	// snapshotOnly is the minimum number of texts whose vectors, if they are cheap to recompute,
	// are not written to the log but only to the next snapshot.
	snapshotOnly = 2048
)

// EmbedWorkers is how many calls of the embedder are made at once.
const EmbedWorkers = 2

// embedMissing embeds the texts that have no vector yet and writes the vectors to the log. The
// caller holds x.update.
//
// Files with a text that makes the embedder panic are removed from the index and returned.
func (x *Index) embedMissing(ctx context.Context) (leftOut []*load.Error, err error) {
	e := x.beginEmbedding()
	err = inParallel(ctx, EmbedWorkers, e.calls(), func(n int) error {
		_, err := e.call(ctx, n)
		return err
	})
	leftOut, failed := e.finish(err == nil)
	return leftOut, cmp.Or(err, failed)
}

// An embedding gives the texts that have no vector their vectors, in calls of the embedder that may
// be made concurrently, and writes them to the log.
//
// Vectors of a previous embedder serve until all passages have a new vector. Then the new vectors
// replace them all at once.
type embedding struct {
	x      *Index
	view   *View
	target *vectors
	jobs   []*job
	logged bool

	mu     sync.Mutex
	done   int          // jobs
	panics map[ID]error // passages whose text makes the embedder panic
	failed error        // of the first call that failed; no later call is made
}

// beginEmbedding begins to embed the texts that have no vector. Until finish is called, nothing may
// be committed. The caller holds x.update.
func (x *Index) beginEmbedding() *embedding {
	e := &embedding{x: x, target: x.target(), view: x.view.Load(), panics: make(map[ID]error)}
	e.jobs = x.missing(e.view, e.target)
	e.logged = len(e.jobs) < snapshotOnly || !embed.IsLexical(x.Embedder())
	if !e.logged {
		x.mu.Lock()
		if x.disk != nil {
			x.disk.unsavedVectors = true
		}
		x.mu.Unlock()
	}
	return e
}

// calls returns the number of calls of the embedder.
func (e *embedding) calls() int { return (len(e.jobs) + embedBatch - 1) / embedBatch }

// callsPerPart returns how many calls a part has, except the last one, which may have fewer.
func (e *embedding) callsPerPart() int { return max(1, (e.calls()+embedParts-1)/embedParts) }

// callsOf yields the numbers of the calls of a part.
func (e *embedding) callsOf(part int) iter.Seq[int] {
	return func(yield func(int) bool) {
		per := e.callsPerPart()
		for n := part * per; n < min((part+1)*per, e.calls()) && yield(n); n++ {
		}
	}
}

// parts returns how many texts each part has.
func (e *embedding) parts() []int {
	var parts []int
	per := e.callsPerPart() * embedBatch
	for from := 0; from < len(e.jobs); from += per {
		parts = append(parts, min(per, len(e.jobs)-from))
	}
	return parts
}

// call makes a call of the embedder, and returns how many texts were embedded. After a failure of a
// call no new call is made, but running calls finish, because their vectors may have cost money.
func (e *embedding) call(ctx context.Context, n int) (done int, err error) {
	batch := e.jobs[n*embedBatch : min((n+1)*embedBatch, len(e.jobs))]
	e.mu.Lock()
	err = cmp.Or(e.failed, ctx.Err())
	e.mu.Unlock()
	if err != nil {
		return 0, err
	}
	texts := make([]string, len(batch))
	for i, j := range batch {
		texts[i] = embedText(e.view.passages[j.ids[0]].Chunk)
	}
	vecs, causes, err := e.x.embedTexts(ctx, texts)
	e.mu.Lock()
	defer e.mu.Unlock()
	if err == nil {
		err = e.keep(batch, vecs, causes)
	}
	if err != nil {
		e.failed = cmp.Or(e.failed, err)
		return 0, err
	}
	e.done += len(batch)
	return len(batch), nil
}

// keep gives passages the vectors of their texts, or notes why the embedder panicked. The caller
// holds e.mu.
func (e *embedding) keep(batch []*job, vecs [][]float32, causes []error) error {
	var keys []key
	var kept [][]float32
	for i, j := range batch {
		if causes[i] != nil {
			for _, id := range j.ids {
				e.panics[id] = causes[i]
			}
			continue
		}
		vec, embedder := vecs[i], e.x.Embedder()
		if d := embedder.Dims(); d != 0 && len(vec) != d {
			return fmt.Errorf("index: %s gave a vector of %d dimensions, not %d", embedder.Name(), len(vec), d)
		}
		if !embed.Normalize(vec) {
			continue // no content to embed: only the word search can find the passage
		}
		e.x.remember(j.key, j.ids[0])
		for _, id := range j.ids {
			if !e.target.set(id, vec) {
				return fmt.Errorf("index: %s gave vectors of %d and of %d dimensions",
					embedder.Name(), len(vec), e.target.dims)
			}
		}
		keys, kept = append(keys, j.key), append(kept, vec)
	}
	if e.logged {
		e.x.logVectors(keys, kept)
	}
	return nil
}

// finish ends the embedding when no call is under way. If whole is set and every text was embedded,
// the new vectors serve from now on. It returns the files that are left out because a text makes the
// embedder panic, and why texts are not embedded.
func (e *embedding) finish(whole bool) ([]*load.Error, error) {
	leftOut, err := e.x.leaveOut(e.view, e.panics)
	if err = cmp.Or(e.failed, err); err == nil && whole && e.done == len(e.jobs) {
		e.x.promote(e.target)
	}
	return leftOut, err
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
