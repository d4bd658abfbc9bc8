package index

import (
	"context"
	"fmt"
	"runtime"
	"strconv"
	"sync"

	"github.com/philippgille/chromem-go"
	"gonum.org/v1/gonum/blas/gonum"
)

// blockVectors is the number of vectors per block of memory.
const blockVectors = 1024

// vectors holds the vectors of one embedder by passage. They are stored in blocks of contiguous
// memory and in a chromem collection whose documents point into the blocks. Small collections
// answer queries through chromem. Beyond a size, and for queries with a scope, the blocks are
// scanned, because chromem's filters do not reduce its work and support only one field.
type vectors struct {
	name string
	flat int // number of passages at which queries scan the blocks

	mu     sync.RWMutex
	dims   int // 0 until known
	blocks [][]float32
	has    bitset
	docs   *chromem.Collection
}

func newVectors(name string, dims, flat int) *vectors {
	docs, err := chromem.NewDB().CreateCollection("passages", nil, noEmbedding)
	if err != nil {
		panic(err) // chromem fails only for an empty name
	}
	return &vectors{name: name, dims: dims, flat: flat, docs: docs}
}

func noEmbedding(context.Context, string) ([]float32, error) {
	return nil, fmt.Errorf("index: vectors are made in batches before they are added")
}

// set stores the vector of a passage, which must be normalised. It reports whether the vector has
// the right dimensions.
func (vs *vectors) set(id ID, v []float32) bool {
	vs.mu.Lock()
	defer vs.mu.Unlock()
	if vs.dims == 0 {
		vs.dims = len(v)
	}
	if len(v) != vs.dims || len(v) == 0 {
		return false
	}
	for int(id/blockVectors) >= len(vs.blocks) {
		vs.blocks = append(vs.blocks, nil)
	}
	block := &vs.blocks[id/blockVectors]
	if *block == nil {
		*block = make([]float32, blockVectors*vs.dims)
	}
	at := int(id%blockVectors) * vs.dims
	copy((*block)[at:at+vs.dims], v)
	vs.has.set(id)
	vs.document(id)
	return true
}

// document adds a passage's vector to the collection. It cannot fail: only an empty ID or vector is
// an error.
func (vs *vectors) document(id ID) {
	_ = vs.docs.AddDocument(context.Background(), chromem.Document{ID: docID(id), Embedding: vs.at(id)})
}

func docID(id ID) string { return strconv.FormatUint(uint64(id), 36) }

// get returns the vector of a passage, or nil.
func (vs *vectors) get(id ID) []float32 {
	vs.mu.RLock()
	defer vs.mu.RUnlock()
	return vs.at(id)
}

func (vs *vectors) at(id ID) []float32 {
	if !vs.has.has(id) {
		return nil
	}
	at := int(id%blockVectors) * vs.dims
	return vs.blocks[id/blockVectors][at : at+vs.dims : at+vs.dims]
}

// forget removes a passage from the collection. Its vector stays for older views until the index is
// compacted.
func (vs *vectors) forget(id ID) {
	vs.mu.Lock()
	defer vs.mu.Unlock()
	if vs.has.has(id) {
		_ = vs.docs.Delete(context.Background(), nil, nil, docID(id)) // cannot fail in memory
	}
}

// count returns how many of the passages have a vector.
func (vs *vectors) count(live bitset) int {
	vs.mu.RLock()
	defer vs.mu.RUnlock()
	return vs.has.common(live)
}

func (vs *vectors) nearest(ctx context.Context, v *View, q []float32, k int, in Scope) ([]Match, error) {
	vs.mu.RLock()
	defer vs.mu.RUnlock()
	if len(q) != vs.dims {
		if vs.dims == 0 {
			return nil, nil
		}
		return nil, fmt.Errorf("index: a question of %d dimensions cannot be compared with passages of %d (%s)", len(q), vs.dims, vs.name)
	}
	if k <= 0 {
		return nil, nil
	}
	if in == nil && v.count < vs.flat {
		return vs.chromem(ctx, v, q, k)
	}
	return vs.scan(ctx, v, q, k, in)
}

// chromem queries the collection, which may contain passages that the view does not know yet, and
// lack some that it still has. It therefore asks for more than k results and skips passages that
// are not in the view.
func (vs *vectors) chromem(ctx context.Context, v *View, q []float32, k int) ([]Match, error) {
	n := min(k+16, vs.docs.Count())
	if n <= 0 {
		return nil, nil
	}
	results, err := vs.docs.QueryEmbedding(ctx, q, n, nil, nil)
	if err != nil {
		return nil, fmt.Errorf("index: vector query: %w", err)
	}
	// chromem's workers race for the last places, so which of several equally near passages it
	// returns differs from call to call. If the tie reaches into the k that are wanted, all vectors
	// are compared.
	if len(results) == n && n < vs.docs.Count() && results[n-1].Similarity == results[min(k, n)-1].Similarity {
		return vs.scan(ctx, v, q, k, nil)
	}
	t := top{v: v, k: k}
	for _, r := range results {
		id, err := strconv.ParseUint(r.ID, 36, 32)
		if err == nil && int(id) < len(v.passages) {
			t.offer(ID(id), float64(r.Similarity))
		}
	}
	return t.sorted(), nil
}

// scan compares q with every vector, in parallel.
func (vs *vectors) scan(ctx context.Context, v *View, q []float32, k int, in Scope) ([]Match, error) {
	workers := min(runtime.GOMAXPROCS(0), len(vs.blocks))
	tops := make([]top, workers)
	var wg sync.WaitGroup
	for w := range workers {
		tops[w] = top{v: v, k: k, in: in}
		wg.Go(func() {
			for b := w; b < len(vs.blocks) && ctx.Err() == nil; b += workers {
				vs.scanBlock(b, q, &tops[w])
			}
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	all := top{v: v, k: k}
	for _, t := range tops {
		for _, m := range t.matches {
			all.offer(m.ID, m.Score)
		}
	}
	return all.sorted(), nil
}

func (vs *vectors) scanBlock(b int, q []float32, t *top) {
	block := vs.blocks[b]
	if block == nil {
		return
	}
	d := vs.dims
	for i := range blockVectors {
		id := ID(b*blockVectors + i)
		if int(id) >= len(t.v.passages) {
			return
		}
		if !vs.has.has(id) || !t.v.live.has(id) {
			continue
		}
		t.offer(id, Dot(q, block[i*d:(i+1)*d]))
	}
}

// Dot returns the scalar product of two vectors of equal length. For normalised vectors this is
// their cosine.
func Dot(a, b []float32) float64 {
	return float64(gonum.Implementation{}.Sdot(len(a), a, 1, b, 1))
}
