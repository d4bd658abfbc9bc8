package retrieve

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"weft/rag/chunk"
	"weft/rag/embed"
	"weft/rag/index"
)

// BenchmarkSearch searches for whole questions, including reranking. The floor is chromem's vector
// query.
func BenchmarkSearch(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			r := zipfCorpus(b, n)
			ctx := context.Background()
			questions := []string{"how do I cancel w12 w40 w77?", "w300 and w8000", "what is w5 w900 w25 w1200 w61"}
			i := 0
			for b.Loop() {
				if _, err := r.Search(ctx, Query{Text: questions[i%len(questions)]}); err != nil {
					b.Fatal(err)
				}
				i++
			}
			each := b.Elapsed() / time.Duration(b.N)
			v := r.index.View()
			q, err := embed.Query(ctx, v.Embedder(), questions[0])
			if err != nil {
				b.Fatal(err)
			}
			begin := time.Now()
			const times = 10
			for range times {
				if _, err := v.Nearest(ctx, q, pool, nil); err != nil {
					b.Fatal(err)
				}
			}
			floor := time.Since(begin) / times
			b.ReportMetric(each.Seconds()/floor.Seconds(), "x-floor")
			b.ReportMetric(float64((each-floor).Microseconds())/1000, "ms-beside-vectors")
		})
	}
}

func zipfCorpus(b *testing.B, n int) *Retriever {
	random := rand.New(rand.NewPCG(4, 4))
	zipf := rand.NewZipf(random, 1.07, 3, 40_000)
	docs := make([]index.Document, n)
	for i := range docs {
		var t strings.Builder
		for range 190 {
			fmt.Fprintf(&t, "w%d ", zipf.Uint64())
		}
		p := fmt.Sprintf("d%02d/f%06d.md", i%50, i)
		docs[i] = index.Document{Path: p, Lang: "en", Chunks: []chunk.Chunk{{ID: p, Path: p, Text: t.String()}}}
	}
	x := index.New(embed.NewHashed(), index.Options{})
	if err := x.Put(context.Background(), docs); err != nil {
		b.Fatal(err)
	}
	return New(x, nil)
}
