package eval

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"weft/rag/embed"
	"weft/rag/retrieve"
)

func TestMetricsAgreeWithHandWorkedOnes(t *testing.T) {
	rel := Judgement{"a": 1, "b": 1, "c": 0, "d": 2}
	ranking := []string{"x", "a", "d", "c", "b"}
	near := func(name string, got, want float64) {
		if math.Abs(got-want) > 1e-9 {
			t.Errorf("%s is %v, not %v", name, got, want)
		}
	}
	ideal := 2 + 1/math.Log2(3) + 1/math.Log2(4)
	near("nDCG@10", NDCG(ranking, rel, 10), (1/math.Log2(3)+2/math.Log2(4)+1/math.Log2(6))/ideal)
	near("nDCG@2", NDCG(ranking, rel, 2), (1/math.Log2(3))/(2+1/math.Log2(3)))
	near("the best ranking's nDCG", NDCG([]string{"d", "b", "a"}, rel, 10), 1)
	near("recall@3", Recall(ranking, rel, 3), 2.0/3)
	near("MRR@10", MRR(ranking, rel, 10), 0.5)
	near("MRR@1", MRR(ranking, rel, 1), 0)
	near("nothing relevant", NDCG(ranking, Judgement{"c": 0}, 10)+Recall(ranking, nil, 5), 0)
}

func TestPermutationSeparatesChanceFromDifference(t *testing.T) {
	a, b, c := make([]float64, 60), make([]float64, 60), make([]float64, 60)
	for i := range a {
		a[i] = float64(i%10) / 10
		b[i] = a[i] + 0.05*float64(i%3) // never worse than a
		c[i] = a[i] + 0.1*float64(i%2*2-1)
	}
	if p := Permutation(a, b); p > 0.001 {
		t.Errorf("a steady difference has p = %v", p)
	}
	if p := Permutation(a, c); p < 0.5 {
		t.Errorf("differences that cancel out have p = %v", p)
	}
	if p := Permutation(a, a); p != 1 {
		t.Errorf("no difference has p = %v", p)
	}
}

func TestCollectionsAreRead(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"docs.jsonl":    `{"id":"1","title":"T","text":"x"}` + "\n\n" + `{"_id":"2","text":"y"}`,
		"queries.jsonl": `{"id":"q","text":"what"}` + "\n" + `{"_id":"r","text":"unjudged"}` + "\n",
		"qrels.tsv":     "query-id\tcorpus-id\tscore\nq\t2\t1\nr\t1\t0\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, err := Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Docs) != 2 || c.Docs[1].ID != "2" || len(c.Queries) != 1 || c.Qrels["q"]["2"] != 1 || c.Name != filepath.Base(dir) {
		t.Errorf("read %+v", c)
	}
	if err := os.WriteFile(filepath.Join(dir, "docs.jsonl"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(dir); err == nil {
		t.Error("a broken line is not reported")
	}
}

// collections returns the directory that WEFT_EVAL names. Without it the test is skipped; in the
// long suite it fails.
func collections(t *testing.T) string {
	dir := os.Getenv("WEFT_EVAL")
	if dir == "" {
		if os.Getenv("WEFT_LONG") == "1" {
			t.Fatal("WEFT_EVAL must name a directory with the collections cranfield, cisi and cacm")
		}
		t.Skip("WEFT_EVAL names no directory with collections")
	}
	return dir
}

func TestTheDefaultRetrieverFindsWhatPeopleJudgedRelevant(t *testing.T) {
	dir := collections(t)
	var ndcg, recall float64
	names := []string{"cranfield", "cisi", "cacm"}
	for _, name := range names {
		c, err := Read(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		rs, err := Retrievers(context.Background(), c, embed.NewHashed(), nil)
		if err != nil {
			t.Fatal(err)
		}
		results, err := Run(context.Background(), c, rs, nil)
		if err != nil {
			t.Fatal(err)
		}
		var base float64
		for _, r := range results {
			t.Logf("%-10s %-12s nDCG@10 %.4f  recall@15 %.4f  MRR@10 %.4f  %6.2f ms  %+.4f p=%.4f", r.Collection, r.Retriever, r.NDCG10, r.Recall15, r.MRR10, r.P50, r.Delta, r.P)
			switch r.Retriever {
			case Baseline:
				base = r.NDCG10
			case Default:
				ndcg += r.NDCG10 / float64(len(names))
				recall += r.Recall15 / float64(len(names))
				if r.NDCG10 < base {
					t.Errorf("%s: default %.4f is worse than plain BM25, %.4f", name, r.NDCG10, base)
				}
			}
		}
	}
	t.Logf("mean: nDCG@10 %.4f, recall@15 %.4f", ndcg, recall)
	if ndcg < 0.45 || recall < 0.355 {
		t.Errorf("mean nDCG@10 %.4f must be at least 0.45, recall@15 %.4f at least 0.355", ndcg, recall)
	}
}

// TestQuestionsOfOtherSubjectsAreDeclined searches each collection for its own questions, for
// general-knowledge questions, and for the questions of the other collections. CISI and CACM
// overlap: CISI's questions are about information retrieval, and CACM has articles on it. The
// shares that they decline of each other's questions are therefore only logged. The questions about
// aerodynamics (Cranfield) and of general knowledge must be declined.
func TestQuestionsOfOtherSubjectsAreDeclined(t *testing.T) {
	dir := collections(t)
	if os.Getenv("WEFT_LONG") != "1" {
		t.Skip("part of the long suite")
	}
	names := []string{"cranfield", "cisi", "cacm"}
	questions := make(map[string][]string)
	cs := make(map[string]*Collection)
	for _, name := range names {
		c, err := Read(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		cs[name] = c
		for _, q := range c.Queries {
			questions[name] = append(questions[name], q.Text)
		}
	}
	b, err := os.ReadFile("../testdata/unrelated.txt")
	if err != nil {
		t.Fatal(err)
	}
	questions["general"] = strings.Split(strings.TrimSpace(string(b)), "\n")
	for _, name := range names {
		_, full, err := indexes(context.Background(), cs[name], embed.NewHashed())
		if err != nil {
			t.Fatal(err)
		}
		r := retrieve.New(full, nil)
		for _, of := range append(names, "general") {
			declined := 0
			for _, q := range questions[of] {
				hits, err := r.Search(context.Background(), retrieve.Query{Text: q})
				if err != nil {
					t.Fatal(err)
				}
				if !slices.ContainsFunc(hits, func(h retrieve.Hit) bool { return h.Score >= retrieve.Relevant }) {
					declined++
				}
			}
			share := float64(declined) / float64(len(questions[of]))
			t.Logf("%-10s asked %-10s %3d of %3d declined (%.0f %%)", name, of, declined, len(questions[of]), 100*share)
			switch {
			case of == name && share > 0.08:
				t.Errorf("%s declines %.0f %% of its own questions", name, 100*share)
			case of == "general" && share < 0.8:
				t.Errorf("%s declines only %.0f %% of questions of general knowledge", name, 100*share)
			case of == "cranfield" && name != of && share < 0.6:
				t.Errorf("%s declines only %.0f %% of questions about aerodynamics", name, 100*share)
			}
		}
	}
}
