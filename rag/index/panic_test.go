package index

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"weft/rag/analysis"
	"weft/rag/chunk"
	"weft/rag/embed"
	"weft/rag/load"
)

func TestAPanicOfTheAnalysisLeavesOutThatFileAlone(t *testing.T) {
	analyses := map[string]func(load.Document, chunk.Options) []chunk.Chunk{
		"the chunker": func(d load.Document, o chunk.Options) []chunk.Chunk {
			if strings.Contains(d.Text, "confusing") {
				panic("planted")
			}
			return chunk.Split(d, o)
		},
		"what follows the chunker": func(d load.Document, o chunk.Options) []chunk.Chunk {
			chunks := chunk.Split(d, o)
			if strings.Contains(d.Text, "confusing") {
				chunks[0].End = len(d.Text) + 1 // out of range for what follows
			}
			return chunks
		},
	}
	for name, split := range analyses {
		t.Run(name, func(t *testing.T) {
			docs, dir := t.TempDir(), t.TempDir()
			write(t, docs, map[string]string{"a.md": "harbour", "b.md": "confusing", "c.md": "ferry"})
			agedBy(t, docs, 10)
			for _, what := range []string{"read", "unchanged"} {
				x := open(t, dir, embed.NewHashed())
				x.split = split
				r := update(t, x, docs)
				if len(r.Skipped) != 1 || r.Skipped[0].Path != "b.md" || r.Skipped[0].Reason != load.Damaged ||
					!strings.Contains(r.Skipped[0].Detail, "cannot be indexed") {
					t.Errorf("%s: left out: %v", what, r.Skipped)
				}
				if r.Files != 2 || x.View().Len() != 2 {
					t.Errorf("%s: %d files, %d passages", what, r.Files, x.View().Len())
				}
				x.Close()
			}
		})
	}
	t.Run("mended", func(t *testing.T) {
		docs := t.TempDir()
		write(t, docs, map[string]string{"a.md": "plain text"})
		x := New(embed.NewHashed(), Options{})
		x.split = analyses["the chunker"]
		update(t, x, docs)
		write(t, docs, map[string]string{"a.md": "confusing"})
		if r := update(t, x, docs); len(r.Skipped) != 1 || x.View().Len() != 0 {
			t.Errorf("the earlier content is still found: %v", r.Skipped)
		}
		write(t, docs, map[string]string{"a.md": "plain again"})
		if r := update(t, x, docs); len(r.Skipped) != 0 || !slices.Contains(x.Files(), "a.md") {
			t.Errorf("the mended file is left out: %v", r.Skipped)
		}
	})
}

// panicking is an embedder that panics when it sees a word.
type panicking struct {
	embed.Embedder
	name string
	word string
}

func (p *panicking) Name() string  { return p.name }
func (p *panicking) Lexical() bool { return true }

func (p *panicking) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	for _, text := range texts {
		if p.word != "" && strings.Contains(text, p.word) {
			panic("planted")
		}
	}
	return p.Embedder.Embed(ctx, texts)
}

func TestAPanicOfTheEmbedderLeavesOutThatFileAlone(t *testing.T) {
	docs, dir := t.TempDir(), t.TempDir()
	write(t, docs, map[string]string{"a.md": "harbour",
		"b.md": "# Plain\n\nquay\n\n# Odd\n\nconfusing", "c.md": "ferry"})
	agedBy(t, docs, 10)
	e := &panicking{embed.NewHashed(), "one", "confusing"}
	for _, what := range []string{"read", "unchanged"} {
		x := open(t, dir, e)
		r := update(t, x, docs)
		if len(r.Skipped) != 1 || r.Skipped[0].Path != "b.md" || r.Skipped[0].Reason != load.Damaged ||
			r.Skipped[0].Detail != "cannot be indexed: its text confuses the embedder one" {
			t.Errorf("%s: left out: %v", what, r.Skipped)
		}
		if v := x.View(); r.Files != 2 || v.Len() != 2 || v.Embedded() != 2 || len(find(x, "quay")) != 0 {
			t.Errorf("%s: %d files, %d passages, %d vectors", what, r.Files, v.Len(), v.Embedded())
		}
		slices.Sort(r.Added)
		if what == "read" && !slices.Equal(r.Added, []string{"a.md", "c.md"}) || what == "unchanged" && !r.Quiet() {
			t.Errorf("%s: %+v", what, r)
		}
		x.Close()
	}

	x := open(t, dir, &panicking{embed.NewHashed(), "two", ""})
	defer x.Close()
	if r := update(t, x, docs); len(r.Skipped) != 0 || r.Files != 3 || len(find(x, "quay")) != 1 {
		t.Errorf("another embedder does not try again: %v", r.Skipped)
	}
	x.SetEmbedder(&panicking{embed.NewHashed(), "three", "quay"})
	if r := update(t, x, docs); len(r.Skipped) != 1 || r.Files != 2 || x.View().Embedder().Name() != "three" {
		t.Errorf("when an embedder replaces another: %v, vectors of %s", r.Skipped, x.View().Embedder().Name())
	}
}

func TestPutLeavesOutADocumentThatPanics(t *testing.T) {
	x := New(&panicking{embed.NewHashed(), "one", "confusing"}, Options{})
	document := func(path, text string) Document {
		return Document{Path: path, Chunks: []chunk.Chunk{{ID: path, Text: text}}}
	}
	err := x.Put(t.Context(), []Document{document("a", "harbour"), document("b", "confusing"), document("c", "ferry")})
	if e, ok := errors.AsType[*load.Error](err); !ok || e.Path != "b" || !slices.Equal(x.Files(), []string{"a", "c"}) {
		t.Errorf("%v; indexed are %v", err, x.Files())
	}
	x.detect = func(text string) analysis.Language {
		if strings.Contains(text, "odd") {
			panic("planted")
		}
		return analysis.Detect(text)
	}
	err = x.Put(t.Context(), []Document{document("a", "odd"), document("d", "quay")})
	if e, ok := errors.AsType[*load.Error](err); !ok || e.Path != "a" || !slices.Equal(x.Files(), []string{"c", "d"}) {
		t.Errorf("%v; indexed are %v", err, x.Files())
	}
}
