package index

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"weft/rag/chunk"
	"weft/rag/embed"
)

// slow is an embedder of another model that blocks until it is released.
type slow struct {
	*embed.Hashed
	may chan struct{}
}

func (s slow) Name() string { return "slow" }

func (s slow) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	select {
	case <-s.may:
		return s.Hashed.Embed(ctx, texts)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func TestTheOldVectorsServeUntilAllPassagesHaveNewOnes(t *testing.T) {
	x := New(embed.NewHashed(), Options{})
	defer x.Close()
	doc := Document{Path: "a.md", Chunks: []chunk.Chunk{{ID: "1", Path: "a.md", Text: "The sea is deep.", End: 16, Line: 1, EndLine: 1}}}
	if err := x.Put(t.Context(), []Document{doc}); err != nil {
		t.Fatal(err)
	}
	may := make(chan struct{})
	x.SetEmbedder(slow{embed.NewHashed(), may})
	done := make(chan error)
	go func() { done <- x.Put(t.Context(), nil) }()
	if e := x.View().Embedder(); e == nil || e.Name() != embed.NewHashed().Name() {
		t.Errorf("before the new vectors are there, questions are embedded by %v", e)
	}
	if s := x.Status(); s.Embedder != "slow" || s.Serving == "slow" {
		t.Errorf("status says embedder %q, serving %q", s.Embedder, s.Serving)
	}
	close(may)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if e := x.View().Embedder(); e == nil || e.Name() != "slow" {
		t.Errorf("when they are there, questions are embedded by %v", e)
	}
}

// picky is an embedder of another model that rejects certain texts until it is set to accept all.
type picky struct {
	*embed.Hashed
	takes string
	made  atomic.Int64
}

func (p *picky) Name() string { return "picky" }

func (p *picky) Lexical() bool { return false }

func (p *picky) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	for _, t := range texts {
		if !strings.Contains(t, p.takes) {
			return nil, errors.New("the server is away")
		}
	}
	p.made.Add(int64(len(texts)))
	return p.Hashed.Embed(ctx, texts)
}

func TestAnIndexStaysSmallWhileTheNextEmbedderIsAway(t *testing.T) {
	dir := t.TempDir()
	x := open(t, dir, embed.NewHashed())
	put := func(round int) error {
		var docs []Document
		for i := range 1000 {
			p, text := fmt.Sprintf("f%04d.md", i), fmt.Sprintf("file %d of round %d", i, round)
			if i < 2*embedBatch {
				text = fmt.Sprintf("file %d stays as it is", i)
			}
			docs = append(docs, Document{Path: p, Lang: "en", Chunks: []chunk.Chunk{{ID: p, Path: p, Text: text}}})
		}
		return x.Put(t.Context(), docs)
	}
	if err := put(0); err != nil {
		t.Fatal(err)
	}
	next := &picky{Hashed: embed.NewHashed(), takes: "stays"}
	x.SetEmbedder(next)
	for round := range 30 {
		if err := put(round); err == nil {
			t.Fatal("the failing embedder reports no error")
		}
		if err := x.settle(true); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(x.View().passages); n > 7000 {
		t.Errorf("%d passages are kept for 1000", n)
	}
	if n := x.disk.logSize; n > 4<<20 {
		t.Errorf("the log has grown to %d bytes", n)
	}
	if s := x.Status(); s.Serving != "hashed-1024" || s.Vectors != 2*embedBatch {
		t.Errorf("while the next embedder is away: %+v", s)
	}
	x.Close()
	next = &picky{Hashed: embed.NewHashed()}
	x = open(t, dir, next)
	if err := put(29); err != nil {
		t.Fatal(err)
	}
	if s := x.Status(); s.Serving != "picky" || s.Vectors != 1000 || next.made.Load() != 1000-2*embedBatch {
		t.Errorf("when it is back, %d texts are embedded: %+v", next.made.Load(), s)
	}
	checkVectors(t, x, "at the end")
}
