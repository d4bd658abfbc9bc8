package index

import (
	"slices"
	"strings"
	"testing"

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
