package index

import (
	"context"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/philippgille/chromem-go"

	"weft/rag/chunk"
	"weft/rag/embed"
)

// prose generates text of Zipf-distributed words, as in natural text.
type prose struct {
	random *rand.Rand
	zipf   *rand.Zipf
}

func newProse(seed uint64) *prose {
	r := rand.New(rand.NewPCG(seed, 7))
	return &prose{r, rand.NewZipf(r, 1.07, 3, 40_000)}
}

func (p *prose) text(words int) string {
	var b strings.Builder
	for i := range words {
		n := p.zipf.Uint64()
		for range 2 + n%3 {
			b.WriteByte("bcdfglmnprstv"[n%13])
			b.WriteByte("aeiou"[n/13%5])
			n = n*2654435761>>3 + 1
		}
		if i%17 == 16 {
			b.WriteByte('.')
		}
		b.WriteByte(' ')
	}
	return b.String()
}

// benchFiles writes files of one passage each, with old time stamps.
func benchFiles(b testing.TB, n int) string {
	dir := b.TempDir()
	p := newProse(1)
	for i := range n {
		sub := filepath.Join(dir, fmt.Sprintf("d%02d", i%50))
		os.MkdirAll(sub, 0o755)
		if err := os.WriteFile(filepath.Join(sub, fmt.Sprintf("f%05d.md", i)), []byte(fmt.Sprintf("# Note %d\n\n%s\n", i, p.text(190))), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	agedBy(b, dir, 60)
	return dir
}

// benchDocuments returns documents of one passage each.
func benchDocuments(n int) []Document {
	p := newProse(2)
	docs := make([]Document, n)
	for i := range docs {
		path := fmt.Sprintf("d%02d/f%06d.md", i%50, i)
		docs[i] = Document{Path: path, Lang: "en", Chunks: []chunk.Chunk{{ID: path, Heading: []string{fmt.Sprint("Note ", i)}, Text: p.text(190), Line: 1, EndLine: 9}}}
	}
	return docs
}

// random384 gives each text a random vector, for measurements that do not depend on meaning.
type random384 struct{ dims int }

func (r random384) Name() string { return fmt.Sprint("random-", r.dims) }
func (r random384) Dims() int    { return r.dims }
func (r random384) Embed(_ context.Context, texts []string) ([][]float32, error) {
	out := make([][]float32, len(texts))
	for i, t := range texts {
		k := keyOf(t)
		random := rand.New(rand.NewPCG(uint64(k[0])<<32|uint64(k[1])<<16|uint64(k[2])<<8|uint64(k[3]), uint64(k[4])))
		out[i] = make([]float32, r.dims)
		for j := range out[i] {
			out[i][j] = random.Float32() - 0.5
		}
	}
	return out, nil
}

// BenchmarkIndex10k indexes 10,000 files of one passage offline, from reading to the snapshot on
// disk. The floor is reading the files and writing as many bytes as the index has.
func BenchmarkIndex10k(b *testing.B) {
	docs := benchFiles(b, 10_000)
	for b.Loop() {
		dir := b.TempDir()
		x := open(b, dir, embed.NewHashed())
		begin := time.Now()
		var first time.Duration
		r, err := x.Update(context.Background(), []string{docs}, UpdateOptions{Progress: func(p Progress) {
			if first == 0 && x.View().Len() > 0 {
				first = time.Since(begin)
			}
		}})
		if err != nil {
			b.Fatal(err)
		}
		took := time.Since(begin)
		floor := time.Now()
		filepath.Walk(docs, func(p string, fi os.FileInfo, err error) error {
			if fi.Mode().IsRegular() {
				os.ReadFile(p)
			}
			return nil
		})
		os.WriteFile(filepath.Join(dir, "floor"), make([]byte, x.Status().DiskBytes), 0o600)
		b.ReportMetric(took.Seconds(), "s/index")
		b.ReportMetric(float64(r.Chunks)/took.Seconds(), "chunks/s")
		b.ReportMetric(float64(first.Milliseconds()), "ms-first-searchable")
		b.ReportMetric(took.Seconds()/time.Since(floor).Seconds(), "x-floor")
		x.Close()
	}
}

// BenchmarkStart10k starts with 10,000 unchanged files. The floor is reading the snapshot.
func BenchmarkStart10k(b *testing.B) {
	docs, dir := benchFiles(b, 10_000), b.TempDir()
	x := open(b, dir, embed.NewHashed())
	update(b, x, docs)
	x.checkpoint()
	x.Close()
	benchOpen(b, dir, docs)
}

// BenchmarkOpen100k opens a snapshot of 100,000 passages with vectors of 384 dimensions.
func BenchmarkOpen100k(b *testing.B) {
	dir := b.TempDir()
	x := open(b, dir, random384{384})
	if err := x.Put(context.Background(), benchDocuments(100_000)); err != nil {
		b.Fatal(err)
	}
	if err := x.checkpoint(); err != nil {
		b.Fatal(err)
	}
	x.Close()
	x = nil
	benchOpen(b, dir, "")
}

func benchOpen(b *testing.B, dir, docs string) {
	var e embed.Embedder = random384{384}
	if docs != "" {
		e = embed.NewHashed()
	}
	for b.Loop() {
		runtime.GC()
		begin := time.Now()
		y, err := Open(dir, e, Options{})
		if err != nil {
			b.Fatal(err)
		}
		if find(y, "note") == nil {
			b.Fatal("nothing is found")
		}
		words := time.Since(begin)
		y.WaitVectors()
		vecs := time.Since(begin)
		if docs != "" {
			scan := time.Now()
			r := update(b, y, docs)
			if r.Read != 0 {
				b.Fatalf("%d files were read", r.Read)
			}
			b.ReportMetric(float64(time.Since(scan).Milliseconds()), "ms-scan")
		}
		y.Close()
		floor := time.Now()
		data, err := os.ReadFile(filepath.Join(dir, snapshotName))
		if err != nil {
			b.Fatal(err)
		}
		crc32.Checksum(data, castagnoli)
		b.ReportMetric(float64(words.Milliseconds()), "ms-words")
		b.ReportMetric(float64(vecs.Milliseconds()), "ms-vectors")
		b.ReportMetric(vecs.Seconds()/time.Since(floor).Seconds(), "x-floor")
	}
}

// BenchmarkVectors queries the 15 nearest passages. The floor of the scan is reading the vectors
// once; chromem is compared with direct use of chromem.
func BenchmarkVectors(b *testing.B) {
	for _, c := range []struct{ n, dims int }{{10_000, 384}, {10_000, 1024}, {100_000, 384}} {
		e := random384{c.dims}
		x := New(e, Options{})
		if err := x.Put(context.Background(), benchDocuments(c.n)); err != nil {
			b.Fatal(err)
		}
		v := x.View()
		q := query(b, x, "some question")
		own := chromemOf(b, v)
		b.Run(fmt.Sprintf("%dx%d", c.n, c.dims), func(b *testing.B) {
			for b.Loop() {
				if _, err := v.Nearest(context.Background(), q, 15, nil); err != nil {
					b.Fatal(err)
				}
			}
			each := b.Elapsed() / time.Duration(b.N)
			begin := time.Now()
			const times = 5
			for range times {
				if _, err := own.QueryEmbedding(context.Background(), q, 15, nil, nil); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(each.Seconds()/(time.Since(begin).Seconds()/times), "x-chromem")
			begin = time.Now()
			var sum float32
			for range times {
				sum += readOnce(v.vectors.blocks)
			}
			b.ReportMetric(each.Seconds()/(time.Since(begin).Seconds()/times), "x-floor")
			if sum == 0 {
				b.Fatal("nothing was read")
			}
		})
	}
}

func chromemOf(b *testing.B, v *View) *chromem.Collection {
	own, err := chromem.NewDB().CreateCollection("own", nil, noEmbedding)
	if err != nil {
		b.Fatal(err)
	}
	v.Each(func(id ID, _ *chunk.Chunk) {
		if err := own.AddDocument(context.Background(), chromem.Document{ID: docID(id), Embedding: v.Vector(id)}); err != nil {
			b.Fatal(err)
		}
	})
	return own
}

// readOnce reads all vectors on all cores, adding up one number per cache line.
func readOnce(blocks [][]float32) float32 {
	workers := runtime.GOMAXPROCS(0)
	sums := make(chan float32)
	for w := range workers {
		go func() {
			var a, c float32
			for i := w; i < len(blocks); i += workers {
				block := blocks[i]
				for j := 0; j+32 <= len(block); j += 32 {
					a += block[j]
					c += block[j+16]
				}
			}
			sums <- a + c
		}()
	}
	var sum float32
	for range workers {
		sum += <-sums
	}
	return sum
}

// BenchmarkMemory reports the memory of an index relative to its vectors and texts, and, without
// the texts, relative to its vectors.
func BenchmarkMemory(b *testing.B) {
	for _, e := range []embed.Embedder{embed.NewHashed(), random384{384}} {
		b.Run(e.Name(), func(b *testing.B) {
			for b.Loop() {
				var before, after runtime.MemStats
				docs := benchDocuments(20_000)
				text := 0
				for _, d := range docs {
					text += len(d.Chunks[0].Text)
				}
				dir := b.TempDir()
				x := open(b, dir, e)
				if err := x.Put(context.Background(), docs); err != nil {
					b.Fatal(err)
				}
				x.checkpoint()
				x.Close()
				docs = nil
				runtime.GC()
				runtime.ReadMemStats(&before)
				y := open(b, dir, e)
				y.WaitVectors()
				runtime.GC()
				runtime.ReadMemStats(&after)
				vecs := float64(y.View().Len() * e.Dims() * 4)
				used := float64(after.HeapAlloc) - float64(before.HeapAlloc)
				b.ReportMetric(used/1e6, "MB")
				b.ReportMetric(used/(vecs+float64(text)), "x-vectors-and-text")
				b.ReportMetric((used-float64(text))/vecs, "x-vectors")
				y.Close()
			}
		})
	}
}
