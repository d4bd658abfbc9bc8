package embed

import (
	"context"
	"math"
	"sync"

	"weft/rag/analysis"
)

// Hashed embeds by feature hashing: words, pairs of neighbouring words and character n-grams each
// add to a signed component of the vector (Weinberger et al., Feature Hashing for Large Scale
// Multitask Learning, 2009). It is stateless and gives the same result on every machine. Its
// cosines compare wording and, through the n-grams, spelling, but not meaning.
type Hashed struct {
	an      *analysis.Analyzer
	scratch sync.Pool // *scratch
}

// Weights and sizes of the features. A word counts most, a pair refines it, and the n-grams of a
// word share one weight.
const (
	wordWeight  = 1.0
	pairWeight  = 0.5
	pieceWeight = 1.0
	pieceMin    = 3
	pieceMax    = 4
)

type scratch struct {
	tokens []analysis.Token
	counts map[uint64]float32
}

// NewHashed returns the offline embedder with 1024 dimensions.
func NewHashed() *Hashed {
	h := &Hashed{an: analysis.For(analysis.English)}
	h.scratch.New = func() any { return &scratch{counts: make(map[uint64]float32)} }
	return h
}

// Name returns "hashed-1024". A change of the features requires a new name.
func (h *Hashed) Name() string { return "hashed-1024" }

// hashedDims is a power of two, so that a hash selects its component without a division.
const hashedDims = 1024

// Dims returns 1024.
func (h *Hashed) Dims() int { return hashedDims }

// Lexical returns true.
func (h *Hashed) Lexical() bool { return true }

// Embed returns normalised vectors. A text without words yields a zero vector.
func (h *Hashed) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	s := h.scratch.Get().(*scratch)
	defer h.scratch.Put(s)
	all := make([]float32, len(texts)*hashedDims)
	out := make([][]float32, len(texts))
	for i, t := range texts {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		out[i] = all[i*hashedDims : (i+1)*hashedDims : (i+1)*hashedDims]
		h.embed(s, out[i], t)
	}
	return out, nil
}

func (h *Hashed) embed(s *scratch, v []float32, text string) {
	clear(s.counts)
	s.tokens = h.an.Append(s.tokens[:0], text)
	var before uint64
	for _, t := range s.tokens {
		if t.Stop || t.Kind == analysis.Character {
			continue
		}
		w := t.Hash
		s.counts[w]++
		if t.Kind == analysis.Whole || t.Kind == analysis.Value {
			continue
		}
		if before != 0 {
			add(v, analysis.HashPair(before, w), pairWeight)
		}
		before = w
	}
	// The weight of a word grows with the logarithm of its count, so that one repeated word does
	// not dominate.
	for _, t := range s.tokens {
		if t.Stop || t.Kind == analysis.Character {
			continue
		}
		w := t.Hash
		n := s.counts[w]
		if n == 0 {
			continue // already added
		}
		s.counts[w] = 0
		f := float32(1 + math.Log(float64(n)))
		add(v, w, wordWeight*f)
		pieces(v, t.Term, f)
	}
	Normalize(v)
}

// pieces adds the character n-grams of a word with its ends marked. Together they have the weight
// of one word.
func pieces(v []float32, term string, f float32) {
	var buf [64]byte
	if len(term) > len(buf)-2 {
		return
	}
	b := append(append(append(buf[:0], '^'), term...), '$')
	n := 0
	for size := pieceMin; size <= pieceMax; size++ {
		n += max(0, len(b)-size+1)
	}
	if n == 0 {
		return
	}
	w := f * pieceWeight / float32(math.Sqrt(float64(n)))
	for size := pieceMin; size <= pieceMax; size++ {
		mask := uint64(1)<<(8*size) - 1
		k := uint64(0)
		for i, c := range b {
			if k = (k<<8 | uint64(c)) & mask; i+1 >= size {
				add(v, analysis.Mix(uint64(size)<<(8*size)|k), w)
			}
		}
	}
}

// add adds weight to the component that a hash selects. The hash also selects the sign, so that
// collisions cancel out on average.
func add(v []float32, hash uint64, weight float32) {
	if hash>>63 != 0 {
		weight = -weight
	}
	v[hash%hashedDims] += weight
}
