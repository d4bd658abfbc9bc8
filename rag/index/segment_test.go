package index

import (
	"context"
	"testing"

	"weft/rag/chunk"
	"weft/rag/embed"
)

func TestTheWordsOfADrawingCountOnceWhereNoTextHasThem(t *testing.T) {
	x := New(embed.NewHashed(), Options{})
	text := "A crane lifts the cargo.\n\n```\n" +
		"+--------------+      +--------------+      +--------------+\n" +
		"|===  crane ===| ===> |===  crane ===| ===> |===  wharf ===|\n" +
		"|===  wharf ===| ===> |===  wharf ===| ===> |===  crane ===|\n" +
		"+--------------+      +--------------+      +--------------+\n" +
		"```\n\nThe cargo is stored."
	if err := x.Put(context.Background(), []Document{{Path: "a", Chunks: []chunk.Chunk{{ID: "a", Path: "a", Text: text}}}}); err != nil {
		t.Fatal(err)
	}
	v := x.View()
	for word, want := range map[string]uint8{"crane": 1, "wharf": 1, "cargo": 2, "harbour": 0} {
		if got := v.Frequencies(termsOf(word)[:1], []ID{0})[0][0]; got != want {
			t.Errorf("%s counts %d times, not %d", word, got, want)
		}
	}
}

func TestPassagesOfSingleCharactersAreFound(t *testing.T) {
	x := New(embed.NewHashed(), Options{})
	if err := x.Put(t.Context(), []Document{{Path: "a.txt", Lang: "en", Chunks: []chunk.Chunk{{ID: "1", Path: "a.txt", Text: "好"}}}}); err != nil {
		t.Fatal(err)
	}
	if ms := x.View().Keyword([]Term{WordTerm(1, "好")}, 10, nil); len(ms) != 1 {
		t.Errorf("found: %v", ms)
	}
}

func TestNearestReturnsNothingForZeroPassages(t *testing.T) {
	x := New(embed.NewHashed(), Options{})
	if err := x.Put(t.Context(), []Document{{Path: "a.txt", Lang: "en", Chunks: []chunk.Chunk{{ID: "1", Path: "a.txt", Text: "alpha"}}}}); err != nil {
		t.Fatal(err)
	}
	for _, k := range []int{0, -1} {
		if ms, err := x.View().Nearest(t.Context(), query(t, x, "alpha"), k, nil); len(ms) != 0 || err != nil {
			t.Errorf("the %d nearest are %v (%v)", k, ms, err)
		}
	}
}
