package eval

import (
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"weft/rag/analysis"
	"weft/rag/chunk"
	"weft/rag/embed"
	"weft/rag/load"
)

// The maximum numbers of headings that become questions, and of sections that are read.
const (
	mostHeadings = 2200
	mostSections = 30_000
)

// withoutHeadings makes a collection of Markdown and reStructuredText. Its documents are the
// sections. A section loses its own heading, which becomes a question that only this section
// answers, and keeps the headings above it. Headings that several sections have, and headings of
// fewer than three words, become no questions.
func withoutHeadings(root string) (*Collection, error) {
	c := &Collection{Name: "headings", Qrels: map[string]Judgement{}}
	seen, times := map[string]bool{}, map[string]int{}
	english := analysis.For(analysis.English)
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		kind := map[string]string{".md": "markdown", ".rst": "rst"}[filepath.Ext(name)]
		switch {
		case len(c.Docs) > mostSections:
			return fs.SkipAll
		case err != nil || d.IsDir() || kind == "":
			return err
		}
		text, err := os.ReadFile(name)
		if err != nil || len(text) > 1<<20 || seen[string(text)] {
			return err
		}
		seen[string(text)] = true
		for i, part := range chunk.Split(load.Document{Path: name, Kind: kind, Text: string(text)}, chunk.Options{}) {
			n := len(part.Heading)
			doc := Doc{ID: fmt.Sprint(name, ":", i), Title: strings.Join(part.Heading, "\n"), Text: part.Text}
			blocks := part.Structure()
			headings := 0
			for _, b := range blocks {
				if b.Kind == chunk.Heading {
					headings++
				}
			}
			if headings == 1 && blocks[0].Kind == chunk.Heading && n > 1 && len(doc.Text)-blocks[0].End > 80 {
				heading := part.Heading[n-1]
				doc.Title, doc.Text = strings.Join(part.Heading[:n-1], "\n")+"\n", part.Text[blocks[0].End:]
				if len(english.Terms(heading)) >= 3 && len(heading) < 120 {
					times[heading]++
					c.Queries = append(c.Queries, Query{ID: doc.ID, Text: heading})
				}
			}
			c.Docs = append(c.Docs, doc)
		}
		return nil
	})
	c.Queries = slices.DeleteFunc(c.Queries, func(q Query) bool { return times[q.Text] > 1 })
	random := rand.New(rand.NewPCG(3, 4))
	random.Shuffle(len(c.Queries), func(i, j int) { c.Queries[i], c.Queries[j] = c.Queries[j], c.Queries[i] })
	c.Queries = c.Queries[:min(len(c.Queries), mostHeadings)]
	for _, q := range c.Queries {
		c.Qrels[q.ID] = Judgement{q.ID: 1}
	}
	return c, err
}

// mostBelowKeyword is how far the MRR@10 of the default retriever may be below that of its own search
// for words. It is the standard error of their difference.
const mostBelowKeyword = 0.004

// TestSectionsAreFoundByHeadingsThatWereTakenAway compares the default retriever with words alone on
// documents by other authors: thousands of questions show differences that collections with a
// hundred do not. The long suite requires the documents, in a folder that WEFT_DOCS names.
func TestSectionsAreFoundByHeadingsThatWereTakenAway(t *testing.T) {
	root := os.Getenv("WEFT_DOCS")
	if root == "" {
		if os.Getenv("WEFT_LONG") == "1" {
			t.Fatal("WEFT_DOCS must name a folder with Markdown and reStructuredText by others")
		}
		t.Skip("WEFT_DOCS names no folder of documents")
	}
	c, err := withoutHeadings(root)
	if err != nil || len(c.Queries) == 0 {
		t.Fatalf("no headings below %s: %v", root, err)
	}
	all, err := Retrievers(context.Background(), c, embed.NewHashed(), nil)
	if err != nil {
		t.Fatal(err)
	}
	all = slices.DeleteFunc(all, func(r Retriever) bool { return r.Name != Baseline && r.Name != Default && r.Name != "keyword" })
	results, err := Run(context.Background(), c, all, nil)
	if err != nil {
		t.Fatal(err)
	}
	var words, full float64
	for _, r := range results {
		t.Logf("%d sections, %d headings: %-10s MRR@10 %.4f  nDCG@10 %.4f  %.1f ms  %+.4f p=%.4f", len(c.Docs), r.Queries,
			r.Retriever, r.MRR10, r.NDCG10, r.P50, r.Delta, r.P)
		switch r.Retriever {
		case "keyword":
			words = r.MRR10
		case Default:
			full = r.MRR10
		}
	}
	if len(c.Queries) < 2000 {
		t.Errorf("%d headings became questions: 2000 are needed to see small differences", len(c.Queries))
	}
	if full < words-mostBelowKeyword {
		t.Errorf("the default's MRR@10 is %.4f, that of words alone %.4f: at most %.3f less is expected", full, words,
			mostBelowKeyword)
	}
}

func TestHeadingsBecomeQuestions(t *testing.T) {
	dir := t.TempDir()
	body := strings.Repeat("The keeper turns the wheel until the sails stand into the wind. ", 3)
	text := "# Mill\n\n" + body + "\n\n## Turning the heavy cap\n\n" + body + "\n\n## Cap\n\n" + body + "\n"
	if err := os.WriteFile(filepath.Join(dir, "mill.md"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := withoutHeadings(dir)
	if err != nil || len(c.Queries) != 1 || c.Queries[0].Text != "Turning the heavy cap" {
		t.Fatalf("%+v, %v", c, err)
	}
	for _, d := range c.Docs {
		if strings.Contains(d.Title+d.Text, "heavy") || d.ID == c.Queries[0].ID && d.Title != "Mill\n" {
			t.Errorf("%+v", d)
		}
	}
}
