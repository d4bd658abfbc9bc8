package index

import (
	"context"
	"testing"

	"weft/rag/chunk"
	"weft/rag/embed"
)

// slow is an embedder of another kind, which does nothing until it may.
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
