package eval

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"weft/rag/chunk"
	"weft/rag/embed"
	"weft/rag/index"
	"weft/rag/retrieve"
)

// A Result holds the metrics of a retriever on a collection, as means over the queries.
type Result struct {
	Collection string  `json:"collection"`
	Retriever  string  `json:"retriever"`
	NDCG10     float64 `json:"ndcg10"`
	Recall15   float64 `json:"recall15"`
	MRR10      float64 `json:"mrr10"`
	P50        float64 `json:"p50_ms"` // median latency of a query in milliseconds
	Queries    int     `json:"queries"`

	Delta float64 `json:"-"` // difference of nDCG@10 to the retriever named bm25
	P     float64 `json:"-"` // p-value of Delta (see Permutation); 1 for bm25 itself

	ndcg []float64 // by query
}

// A Retriever is something that ranks documents.
type Retriever struct {
	Name   string
	Search func(ctx context.Context, query string) ([]string, error) // best first, 15 or more if available
}

// Run measures retrievers on a collection. The retriever named "bm25", if there is one, is the
// baseline of the others. progress, which may be nil, is called before each retriever runs.
func Run(ctx context.Context, c *Collection, retrievers []Retriever, progress func(name string)) ([]Result, error) {
	var results []Result
	for _, r := range retrievers {
		if progress != nil {
			progress(r.Name)
		}
		res := Result{Collection: c.Name, Retriever: r.Name, Queries: len(c.Queries), P: 1}
		var times []time.Duration
		for _, q := range c.Queries {
			begin := time.Now()
			ranking, err := r.Search(ctx, q.Text)
			if err != nil {
				return nil, fmt.Errorf("eval: %s, query %s: %w", r.Name, q.ID, err)
			}
			times = append(times, time.Since(begin))
			n := NDCG(ranking, c.Qrels[q.ID], 10)
			res.ndcg = append(res.ndcg, n)
			res.NDCG10 += n
			res.Recall15 += Recall(ranking, c.Qrels[q.ID], 15)
			res.MRR10 += MRR(ranking, c.Qrels[q.ID], 10)
		}
		n := float64(len(c.Queries))
		res.NDCG10, res.Recall15, res.MRR10 = res.NDCG10/n, res.Recall15/n, res.MRR10/n
		slices.Sort(times)
		res.P50 = float64(times[len(times)/2].Microseconds()) / 1000
		results = append(results, res)
	}
	for _, base := range results {
		if base.Retriever != Baseline {
			continue
		}
		for i := range results {
			if r := &results[i]; r.Retriever != Baseline {
				r.Delta = r.NDCG10 - base.NDCG10
				r.P = Permutation(r.ndcg, base.ndcg)
			}
		}
	}
	return results, nil
}

// The names of the retrievers that every evaluation has.
const (
	Baseline = "bm25"    // BM25 with stems and stop words, title and text alike
	Default  = "default" // the retriever of the workflows
)

// Retrievers indexes a collection and returns the variants of the retriever, from the plainest to
// the one that the workflows use. A nil reranker means the lexical one.
func Retrievers(ctx context.Context, c *Collection, e embed.Embedder, reranker retrieve.Reranker) ([]Retriever, error) {
	plain, full, err := indexes(ctx, c, e)
	if err != nil {
		return nil, err
	}
	r := retrieve.New(full, reranker)
	hits := func(find func(context.Context, retrieve.Query) ([]retrieve.Hit, error)) func(context.Context, string) ([]string, error) {
		return func(ctx context.Context, q string) ([]string, error) {
			hs, err := find(ctx, retrieve.Query{Text: q})
			return ids(hs), err
		}
	}
	return []Retriever{
		{Baseline, hits(retrieve.New(plain, nil).Words)},
		{"vector", hits(r.Vector)},
		{"structure", hits(r.Structure)},
		{"keyword", hits(r.Keyword)},
		{"candidates", hits(r.Candidates)},
		{Default, func(ctx context.Context, q string) ([]string, error) {
			chosen, err := r.Candidates(ctx, retrieve.Query{Text: q})
			if err != nil {
				return nil, err
			}
			placed, err := r.Rerank(ctx, q, chosen, 0)
			ranking := ids(placed)
			for _, id := range ids(chosen) {
				if !slices.Contains(ranking, id) {
					ranking = append(ranking, id)
				}
			}
			return ranking, err
		}},
	}, nil
}

// indexes returns two indexes of a collection, in which each document is one passage: one of words
// alone that treats title and text alike, and one built as the program builds it.
func indexes(ctx context.Context, c *Collection, e embed.Embedder) (plain, full *index.Index, err error) {
	plain = index.New(none{}, index.Options{})
	full = index.New(e, index.Options{})
	var flat, titled []index.Document
	for _, d := range c.Docs {
		flat = append(flat, index.Document{Path: d.ID, Chunks: []chunk.Chunk{{ID: d.ID, Text: d.Title + "\n" + d.Text}}})
		ch := chunk.Chunk{ID: d.ID, Text: d.Text}
		if d.Title != "" {
			ch.Heading = strings.Split(d.Title, "\n")
		}
		titled = append(titled, index.Document{Path: d.ID, Chunks: []chunk.Chunk{ch}})
	}
	if err := plain.Put(ctx, flat); err != nil {
		return nil, nil, err
	}
	if err := full.Put(ctx, titled); err != nil {
		return nil, nil, err
	}
	return plain, full, nil
}

func ids(hits []retrieve.Hit) []string {
	out := make([]string, len(hits))
	for i, h := range hits {
		out[i] = h.ID
	}
	return out
}

// none is an embedder without vectors, for an index of words alone.
type none struct{}

func (none) Name() string { return "none" }
func (none) Dims() int    { return 1 }
func (none) Embed(_ context.Context, texts []string) ([][]float32, error) {
	vs := make([][]float32, len(texts))
	for i := range vs {
		vs[i] = []float32{0}
	}
	return vs, nil
}
