// Package embed turns texts into vectors whose cosine says how near they are in meaning.
//
// The index embeds passages in batches, the retriever embeds questions; both go through an [Embedder]. [Hashed] needs no model, no network and no
// training; a model's vectors are supplied from outside through the same interface.
package embed

import (
	"context"
	"fmt"
	"math"
)

// An Embedder makes vectors. It may be used by several goroutines at once.
type Embedder interface {
	// Name identifies the model: vectors of embedders with different names or dimensions are never compared.
	Name() string
	// Dims is the length of every vector; 0 if it is not known before the first call.
	Dims() int
	// Embed returns a vector of length Dims for each text, in order. A vector need not be normalised; a zero vector says that the text has no content.
	Embed(ctx context.Context, texts []string) ([][]float32, error)
}

// A QueryEmbedder is an Embedder whose questions are embedded differently from its passages, as many models want it.
type QueryEmbedder interface {
	Embedder
	EmbedQuery(ctx context.Context, text string) ([]float32, error)
}

// A Lexical embedder's vectors hold no more than the words of the text. Such a list is too weak to be fused with keywords on equal terms.
type Lexical interface {
	Lexical() bool
}

// IsLexical reports whether the embedder says of itself that it only knows words.
func IsLexical(e Embedder) bool {
	l, ok := e.(Lexical)
	return ok && l.Lexical()
}

// Query embeds a question. The result is normalised; it is nil if the text has no content.
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

// Normalize scales v to length 1 in place. It returns false, and leaves v alone, if v has no direction: it is zero, as far as a float32 can tell, or holds
// NaN or infinity.
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
