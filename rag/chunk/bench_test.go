package chunk_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"weft/rag/chunk"
	"weft/rag/load"
)

// BenchmarkSplit splits the manual's sample. The floor is a scan of its bytes for line ends.
func BenchmarkSplit(b *testing.B) {
	data, err := os.ReadFile("../../testdata/files/handbook.md")
	if err != nil {
		b.Fatal(err)
	}
	for kind, text := range map[string]string{"markdown": string(data), "text": string(data)} {
		b.Run(kind, func(b *testing.B) {
			doc := load.Document{Path: "a.md", Title: "a", Kind: kind, Text: strings.Repeat(text, 20)}
			b.SetBytes(int64(len(doc.Text)))
			for b.Loop() {
				chunk.Split(doc, chunk.Options{})
			}
			perOp := b.Elapsed() / time.Duration(b.N)
			began, n := time.Now(), 0
			for range 100 {
				for i := range len(doc.Text) {
					if doc.Text[i] == '\n' {
						n++
					}
				}
			}
			if floor := time.Since(began) / 100; n > 0 {
				b.ReportMetric(float64(perOp)/float64(floor), "x-floor")
			}
		})
	}
}
