package retrieve

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"weft/rag/embed"
	"weft/rag/index"
)

func readLines(t *testing.T, name string) []string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(b)), "\n")
}

// manual indexes a small manual and returns a retriever for it.
func manual(t testing.TB) *Retriever {
	t.Helper()
	x := index.New(embed.NewHashed(), index.Options{})
	if _, err := x.Update(context.Background(), []string{"testdata/manual"}, index.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	return New(x, nil)
}

func ask(t testing.TB, r *Retriever, q Query) []Hit {
	t.Helper()
	hits, err := r.Search(context.Background(), q)
	if err != nil {
		t.Fatalf("%q: %v", q.Text, err)
	}
	return hits
}

func best(hits []Hit) float64 {
	s := 0.0
	for _, h := range hits {
		s = max(s, h.Score)
	}
	return s
}

func TestQuestionsFindTheirSection(t *testing.T) {
	r := manual(t)
	asked, first, declined := 0, 0, 0
	for _, line := range readLines(t, "testdata/answerable.tsv") {
		f := strings.Split(line, "\t")
		hits := ask(t, r, Query{Text: f[0]})
		at := slices.IndexFunc(hits, func(h Hit) bool { return h.Path == f[1] && strings.Contains(h.Text+strings.Join(h.Heading, " "), f[2]) })
		asked++
		if at == 0 {
			first++
		}
		if at < 0 || at > 2 {
			t.Errorf("%q finds %s › %s at %d", f[0], f[1], f[2], at+1)
		}
		if best(hits) < Relevant {
			declined++
			t.Logf("declined with %.2f: %s", best(hits), f[0])
		}
	}
	t.Logf("%d of %d in the first place, %d declined", first, asked, declined)
	if first*100 < asked*85 || declined*100 > asked*5 {
		t.Errorf("of %d questions %d find their section first, %d are declined", asked, first, declined)
	}
}

func TestUnrelatedQuestionsAreDeclined(t *testing.T) {
	r := manual(t)
	asked, declined := 0, 0
	for _, q := range readLines(t, "testdata/unrelated.txt") {
		asked++
		if s := best(ask(t, r, Query{Text: q})); s < Relevant {
			declined++
		} else {
			t.Logf("answered with %.2f: %s", s, q)
		}
	}
	t.Logf("%d of %d declined", declined, asked)
	if declined*100 < asked*80 {
		t.Errorf("of %d unrelated questions only %d are declined", asked, declined)
	}
}

func TestScoresFallWithThePlaceAndBeginWithTheHighestRelevance(t *testing.T) {
	r := manual(t)
	several, distinct := 0, 0
	for _, line := range readLines(t, "testdata/answerable.tsv") {
		q := Query{Text: strings.Split(line, "\t")[0]}
		candidates, err := r.Candidates(context.Background(), q)
		if err != nil {
			t.Fatal(err)
		}
		for name, hits := range map[string][]Hit{"candidates": candidates, "placed": ask(t, r, q), "fused": r.Fuse(0, candidates)} {
			relevance, last := 0.0, 1.0
			for _, h := range hits {
				relevance = max(relevance, h.Why.Relevance)
				if h.Score < 0 || h.Score > last {
					t.Errorf("%q, %s: a score of %.3f is under one of %.3f", q.Text, name, h.Score, last)
				}
				last = h.Score
			}
			if len(hits) > 0 && hits[0].Score != relevance {
				t.Errorf("%q, %s: the first score is %.3f, the highest relevance %.3f", q.Text, name, hits[0].Score, relevance)
			}
			if name == "placed" && len(hits) > 2 {
				several++
				if hits[len(hits)-1].Score < 0.9*hits[0].Score {
					distinct++
				}
			}
		}
	}
	if several < 40 || distinct*10 < several*9 {
		t.Errorf("of %d answers with several sources only %d have distinct scores", several, distinct)
	}
}
