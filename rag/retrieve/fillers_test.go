package retrieve

import (
	"strings"
	"testing"

	"weft/rag/analysis"
	"weft/rag/chunk"
	"weft/rag/embed"
	"weft/rag/index"
)

// TestEverydayWordsDoNotDecide asks in words that a manual does not use. The passage about the
// subject comes first, and is relevant, although another one happens to have the everyday words.
func TestEverydayWordsDoNotDecide(t *testing.T) {
	x := index.New(embed.NewHashed(), index.Options{})
	put := func(path, text string) index.Document {
		return index.Document{Path: path, Chunks: []chunk.Chunk{{ID: path, Path: path, Text: text}}}
	}
	docs := []index.Document{
		put("hive.md", "A hive is moved at night, in one step, by less than a metre."),
		put("guests.md", "Guests stay somewhere in the village, or altogether elsewhere if the inn is full."),
		put("honey.md", "Honey of the spring is lighter than that of the summer."),
	}
	for _, name := range []string{"smoke", "wax", "queen", "frames", "mites", "winter"} {
		docs = append(docs, put(name+".md", "Notes about the "+name+" are in the hive book of each year."))
	}
	if err := x.Put(t.Context(), docs); err != nil {
		t.Fatal(err)
	}
	const question = "can a hive be moved somewhere altogether else?"
	hits, err := New(x, nil).Search(t.Context(), Query{Text: question})
	if err != nil || len(hits) == 0 {
		t.Fatal(hits, err)
	}
	if hits[0].Path != "hive.md" || hits[0].Score < Relevant {
		t.Errorf("%q finds %s first, score %.2f", question, hits[0].Path, hits[0].Score)
	}
}

// An everyday word counts less beside few other words, and as much as they do beside many.
func TestEverydayWordsCountLessInShortQuestionsOnly(t *testing.T) {
	weight := func(text string) float64 {
		q := parse(text, []*analysis.Analyzer{analysis.For(analysis.English)})
		for i, w := range q.words {
			if w.text == "somewhere" {
				return q.terms[i].Weight
			}
		}
		t.Fatalf("%q: the word is not there: %+v", text, q.words)
		return 0
	}
	if got := weight("can a hive be moved somewhere?"); got != fillerWeight {
		t.Errorf("in a short question its weight is %v", got)
	}
	if got := weight("reports of hives, queens, mites, wax or honey that were moved somewhere by lorry"); got != 1 {
		t.Errorf("in a long one its weight is %v", got)
	}
}

func TestAmountsThatThePersonChoseAreKnown(t *testing.T) {
	for text, want := range map[string]bool{
		"how many jars out of 300| kg of honey":       true,
		"how many jars out of 300 kg| of honey":       true,
		"does it close after 250| visits":             true,
		"reicht das Wachs für 12| Kerzen":             true,
		"what does error 404| mean":                   false,
		"it ended with 104|, why?":                    false,
		"which rules changed in 2024| for hives":      false,
		"what is new since version 3| of the library": false,
	} {
		before, after, _ := strings.Cut(text, "|")
		if got := amount(before+after, len(before)); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
