package overview_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"weft/flow/show"
	"weft/rag/embed"
	"weft/rag/index"
	"weft/rag/load"
	"weft/rag/overview"
	"weft/rag/retrieve"
)

// indexed returns an index of a directory with these files.
func indexed(t *testing.T, files map[string]string) *index.Index {
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return indexOf(t, dir)
}

func indexOf(t *testing.T, dir string) *index.Index {
	x := index.New(embed.NewHashed(), index.Options{})
	l := load.New(load.Options{})
	t.Cleanup(func() { l.Close(); x.Close() })
	if _, err := x.Update(t.Context(), []string{dir}, index.UpdateOptions{Loader: l}); err != nil {
		t.Fatal(err)
	}
	return x
}

func garden() map[string]string {
	return map[string]string{
		"bees.md": "# Keeping bees\n\n## Usage\n\nOpen the lid slowly and look at the frames from above.\n\n## When is honey harvested?\n\n" +
			strings.Repeat("Honey is harvested in July, once most cells of a frame are capped with wax by the bees. ", 6) +
			"\n\n## Wintering a weak colony\n\n" + strings.Repeat("A weak colony is joined with a strong one before the first frost comes. ", 8),
		"roses.md": "# Roses\n\n## Usage\n\nPlant them where the sun shines in the morning.\n\n## Pruning climbing roses\n\n" +
			strings.Repeat("Climbing roses are pruned in March: old canes are cut off at the ground, young ones are tied to the wall. ", 6),
		"soil.txt": strings.Repeat("The soil is loosened with a fork and mixed with compost in autumn. ", 10),
		"code.go":  "package garden\n\n// Water waters the beds.\nfunc Water() {}\n",
	}
}

func TestTheOverviewCountsKindsAndLanguages(t *testing.T) {
	o := overview.Of(indexed(t, garden()))
	want := []show.KindCount{{Kind: "markdown", Files: 2}, {Kind: "source", Files: 1}, {Kind: "text", Files: 1}}
	if !slices.Equal(o.Kinds, want) {
		t.Errorf("kinds %v, want %v", o.Kinds, want)
	}
	if !slices.Equal(o.Languages, []string{"English"}) {
		t.Errorf("languages %v", o.Languages)
	}
	if o.Bytes < 2000 || o.Bytes > 5000 {
		t.Errorf("%d bytes", o.Bytes)
	}
}

func TestQuestionsAreMadeOfHeadingsAndAnswered(t *testing.T) {
	x := indexed(t, garden())
	got := overview.Questions(t.Context(), x, 3)
	want := []string{"When is honey harvested?", "Tell me about: Pruning climbing roses", "Tell me about: Wintering a weak colony"}
	if !slices.Equal(got, want) {
		t.Errorf("questions %q, want %q", got, want)
	}
	if got := overview.Questions(t.Context(), x, 1); !slices.Equal(got, want[:1]) {
		t.Errorf("one question: %q", got)
	}
}

// Each suggested question about weft's own manual is found in the section that it was made of.
func TestTheManualAnswersItsSuggestions(t *testing.T) {
	x := indexOf(t, "../../docs")
	questions := overview.Questions(t.Context(), x, 3)
	if len(questions) != 3 {
		t.Fatalf("%q", questions)
	}
	r := retrieve.New(x, nil)
	for _, q := range questions {
		hits, err := r.Search(t.Context(), retrieve.Query{Text: q})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(hits[0].Heading, strings.TrimPrefix(q, "Tell me about: ")) {
			t.Errorf("%q finds %s %q", q, hits[0].Path, hits[0].Heading)
		}
	}
}

func TestDocumentsWithoutHeadingsSuggestNothing(t *testing.T) {
	x := indexed(t, map[string]string{"a.txt": strings.Repeat("Plain text without any structure. ", 20), "b.csv": "name,price\nbread,3\nmilk,1\n"})
	if got := overview.Questions(t.Context(), x, 3); len(got) > 0 {
		t.Errorf("%q", got)
	}
}
