package retrieve

import (
	"strings"
	"testing"

	"weft/flow/show"
	"weft/rag/chunk"
	"weft/rag/embed"
	"weft/rag/index"
)

// TestRelevanceIsAWordWithItsReason searches a small corpus. A passage with all words of the
// question is strong; one that lacks a word says which.
func TestRelevanceIsAWordWithItsReason(t *testing.T) {
	x := index.New(embed.NewHashed(), index.Options{})
	put := func(path, text string) index.Document {
		return index.Document{Path: path, Chunks: []chunk.Chunk{{ID: path, Path: path, Text: text}}}
	}
	if err := x.Put(t.Context(), []index.Document{
		put("kiln.md", "The kiln cools for nine hours before its door is opened."),
		put("wheel.md", "The wheel is oiled each spring, and its belt is changed."),
		put("glaze.md", "A kiln needs no glaze. Glazes are mixed in the shed."),
		put("clay.md", "Clay rests in the cellar under a wet cloth."),
	}); err != nil {
		t.Fatal(err)
	}
	r := New(x, nil)
	for _, c := range []struct {
		question, path string
		relevance      show.Relevance
		reason         string
	}{
		{"when is the kiln door opened?", "kiln.md", show.Strong, "all words"},
		{"when is the kiln door opened?", "glaze.md", show.Weak, "lacks “door”, “opened”"},
		{"which saddle does the wheel need in spring?", "wheel.md", "", "“saddle”"},
	} {
		hits, err := r.Search(t.Context(), Query{Text: c.question})
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, h := range hits {
			if h.Path != c.path {
				continue
			}
			found = true
			if c.relevance != "" && h.Relevance != c.relevance || h.Relevance == "" || !strings.Contains(h.Reason, c.reason) {
				t.Errorf("%q, %s: %s, %q (%.2f), not %s, %q", c.question, c.path, h.Relevance, h.Reason, h.Why.Relevance,
					c.relevance, c.reason)
			}
		}
		if !found {
			t.Errorf("%q does not find %s", c.question, c.path)
		}
	}
}

// TestGradesFollowTheThresholds checks the words on both sides of each threshold, and the reason of
// a passage that a model's vectors found.
func TestGradesFollowTheThresholds(t *testing.T) {
	for relevance, want := range map[float64]show.Relevance{
		strong: show.Strong, strong - 0.01: show.Fair, Relevant: show.Fair, Relevant - 0.01: show.Weak, 0: show.Weak,
	} {
		w := Why{Relevance: relevance}
		if got, _ := w.grade(); got != want {
			t.Errorf("%.2f is %s, not %s", relevance, got, want)
		}
	}
	w := Why{Relevance: 0.8, Terms: []TermWhy{{Text: "saddle", Share: 1}}}
	if _, reason := w.grade(); !strings.Contains(reason, "meaning") {
		t.Errorf("a passage without the words is explained by %q", reason)
	}
}
