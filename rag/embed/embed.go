// Package embed turns texts into vectors whose cosine measures similarity of meaning.
//
// The index embeds passages in batches and the retriever embeds questions, both with an [Embedder].
// [Hashed] needs no model, no network and no training. Embedders that use a model are supplied by
// other packages through the same interface.
package embed

import (
	"context"
	"fmt"
	"math"
)

// An Embedder computes vectors. It is safe for concurrent use.
type Embedder interface {
	// Name identifies the model. Vectors of embedders with different names or dimensions are never
	// compared.
	Name() string
	// Dims is the length of every vector, or 0 if it is unknown before the first call.
	Dims() int
	// Embed returns a vector of length Dims for each text, in order. Vectors need not be
	// normalised. A zero vector means that the text has no content.
	Embed(ctx context.Context, texts []string) ([][]float32, error)
}

// A QueryEmbedder is an Embedder that embeds questions differently from passages, as many models
// require.
type QueryEmbedder interface {
	Embedder
	EmbedQuery(ctx context.Context, text string) ([]float32, error)
}

// A Lexical embedder's vectors represent only the words of a text. They are too weak to be fused
// with keyword search at equal weight.
type Lexical interface {
	Lexical() bool
}

// A Keeper is an Embedder that keeps vectors, so that embedding the same text again costs nothing.
type Keeper interface {
	Embedder
	// Keep stores the vectors of texts that the caller is about to discard. It never fails: what
	// cannot be stored is computed again.
	Keep(texts []string, vectors [][]float32)
}

// IsLexical reports whether the embedder declares itself to be lexical.
func IsLexical(e Embedder) bool {
	l, ok := e.(Lexical)
	return ok && l.Lexical()
}

// Query embeds a question. The result is normalised, or nil if the text has no content.
func Query(ctx context.Context, e Embedder, text string) ([]float32, error) {
	var v []float32
	if q, ok := e.(QueryEmbedder); ok {
		w, err := q.EmbedQuery(ctx, text)
		if err != nil {
			return nil, err
		}
		v = w
	} else {
		vs, err := e.Embed(ctx, []string{text})
		if err != nil {
			return nil, err
		}
		if len(vs) != 1 {
			return nil, fmt.Errorf("embed: %s gave %d vectors for one text", e.Name(), len(vs))
		}
		v = vs[0]
	}
	if d := e.Dims(); d != 0 && len(v) != d {
		return nil, fmt.Errorf("embed: %s gave a vector of %d dimensions, not %d", e.Name(), len(v), d)
	}
	if !Normalize(v) {
		return nil, nil
	}
	return v, nil
}

// Normalize scales v to length 1 in place. If v has no direction, because it is zero (within the
// precision of float32) or contains NaN or infinity, Normalize returns false and leaves v
// unchanged.
func Normalize(v []float32) bool {
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	f := float32(1 / math.Sqrt(sum))
	if math.IsNaN(sum) || math.IsInf(sum, 0) || math.IsInf(float64(f), 0) {
		return false
	}
	for i := range v {
		v[i] *= f
	}
	return true
}
