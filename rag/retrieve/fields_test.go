package retrieve

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"weft/rag/embed"
	"weft/rag/index"
)

// described writes documents with front matter in several formats, and others without, and returns
// an index of them that was written to disk and read back.
func described(t *testing.T) *index.Index {
	t.Helper()
	docs, dir := t.TempDir(), t.TempDir()
	for name, text := range map[string]string{
		"oats.md": "---\ntitle: Oats from the oven\naliases: [crunchy muesli, Knuspermüsli]\ntags: [breakfast]\n" +
			"date: 2022-10-03\nauthor: Hanlex\nlayout: post\n---\n\nMix 300 g of oats with oil and syrup.\n\n" +
			"# Baking\n\nBake the oats for 40 minutes at 150 degrees.\n",
		"pump.rst": "The feed pump\n=============\n\n:keywords: irrigation, garden\n:description: Watering without a tap\n\n" +
			"Close the valve before you open the cover.\n",
		"mill.org":   "#+TITLE: Sails of the mill\n#+FILETAGS: :windmill:\n\nFurl the sails above seven knots of wind.\n",
		"tower.adoc": "= The tower\n:keywords: lighthouse, beacon\n\nThe lamp is lit at dusk.\n",
		"bread.md":   "# Bread\n\nKnead the dough for ten minutes, and bake it for 50 minutes.\n",
		"soup.md":    "# Soup\n\nBoil the carrots in salted water.\n",
		"bench.md":   "# Bench\n\nSand the wood before you oil it.\n",
	} {
		if err := os.WriteFile(filepath.Join(docs, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		x, err := index.Open(dir, embed.NewHashed(), index.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := x.Update(context.Background(), []string{docs}, index.UpdateOptions{}); err != nil {
			t.Fatal(err)
		}
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
	}
	x, err := index.Open(dir, embed.NewHashed(), index.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close() })
	return x
}

func TestADocumentIsFoundByItsFields(t *testing.T) {
	r := New(described(t), nil)
	for question, want := range map[string]string{
		"How long do I bake crunchy muesli?":         "oats.md", // an alias, and a passage after the first
		"Knuspermüsli":                               "oats.md",
		"How do I make oats from the oven?":          "oats.md",
		"breakfast":                                  "oats.md",
		"Which oats are by Hanlex?":                  "oats.md",
		"What was written on 3 October 2022?":        "oats.md",
		"What do I need for irrigation?":             "pump.rst",
		"watering without a tap":                     "pump.rst",
		"windmill":                                   "mill.org",
		"When does the beacon of a lighthouse shine": "tower.adoc",
	} {
		hits, err := r.Search(context.Background(), Query{Text: question})
		if err != nil {
			t.Fatal(err)
		}
		if len(hits) == 0 || hits[0].Path != want || hits[0].Score < Relevant {
			t.Errorf("%s: found %v, not %s first", question, paths(hits), want)
			continue
		}
		if len(hits[0].Fields) == 0 {
			t.Errorf("%s: the passage has no fields", question)
		}
	}
	if hits, _ := r.Structure(context.Background(), Query{Text: "windmill"}); len(hits) != 1 || hits[0].Path != "mill.org" {
		t.Errorf("by structure: %v", paths(hits))
	}
	if hits, _ := r.Search(context.Background(), Query{Text: "post"}); len(hits) > 0 && hits[0].Why.Coverage > 0 {
		t.Errorf("a setting of a program was found: %v", paths(hits))
	}
}

// Whether something is so cannot be told from a tag: the text has to say it.
func TestATagAnswersNoYesOrNoQuestion(t *testing.T) {
	r := New(described(t), nil)
	for question, relevant := range map[string]bool{
		"Do the oats come with breakfast?":            false,
		"Is there a beacon on the tower?":             false,
		"Is the lamp of the tower lit at dusk?":       true,
		"Do I bake crunchy muesli?":                   true, // an alias is a name of it
		"Which oats are good for breakfast?":          true,
		"Do I close the valve before I open a cover?": true,
	} {
		hits, err := r.Search(context.Background(), Query{Text: question})
		if err != nil || len(hits) == 0 {
			t.Fatal(question, err)
		}
		if got := hits[0].Score >= Relevant; got != relevant {
			t.Errorf("%s: %s has the score %.2f", question, hits[0].Path, hits[0].Score)
		}
	}
}
