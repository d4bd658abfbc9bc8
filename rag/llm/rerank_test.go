package llm

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"weft/rag/llm/fakeopenai"
)

func TestRerankersAreFoundAndRank(t *testing.T) {
	docs := []string{"bananas are yellow", "the cache directory is set with CACHE_DIR", "caches are cached"}
	for _, c := range []struct{ name, fault, base, err string }{
		{name: "Jina's dialect", fault: ""},
		{name: "that of Text Embeddings Inference", fault: "rerank=tei"},
		{name: "its own base URL", fault: "rerank=tei", base: "http://rerank.test"},
		{name: "none", fault: "rerank=none", err: "cannot do rerank (501)"},
		{name: "a refused key", fault: "api_key=other", err: "was refused (401)"},
		{name: "a web page", fault: "status=200&html=1", err: "web page"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, c.fault, func(cfg *Config) { cfg.RerankURL = c.base }, func(t *testing.T, client *Client, _ *fakeopenai.Server) {
				r, err := client.Reranker(t.Context())
				if c.err != "" {
					if err == nil || !strings.Contains(err.Error(), c.err) {
						t.Errorf("error %v, want %s", err, c.err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				got, err := r.Rerank(t.Context(), "which variable sets the cache directory", docs, 2)
				if err != nil || len(got) != 2 || got[0].Index != 1 || got[0].Score < got[1].Score {
					t.Errorf("%v %v", got, err)
				}
			})
		})
	}
}

func TestAServerThatTakesFewDocumentsIsAskedInParts(t *testing.T) {
	docs := make([]string, 50)
	for i := range docs {
		docs[i] = fmt.Sprintf("document %d on other things", i)
	}
	docs[37] = "the cache directory is set with CACHE_DIR"
	for _, limit := range []string{"", "max_docs=8", "max_docs=8&rerank=tei", "max_docs=2"} {
		inBubble(t, limit, nil, func(t *testing.T, client *Client, _ *fakeopenai.Server) {
			r, err := client.Reranker(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			got, err := r.Rerank(t.Context(), "which variable sets the cache directory", docs, 0)
			if err != nil || len(got) != len(docs) || got[0].Index != 37 {
				t.Fatalf("%s: %v %v", limit, got, err)
			}
			seen := map[int]bool{}
			for _, x := range got {
				seen[x.Index] = true
			}
			if len(seen) != len(docs) {
				t.Errorf("%s: %d of %d documents", limit, len(seen), len(docs))
			}
		})
	}
}

func TestAListwiseRankingOrders(t *testing.T) {
	p, err := LoadPrompts("")
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("some words of a long passage. ", 200)
	passages := []Passage{{Source: "a.md:1", Text: long}, {Source: "b.md:1", Text: long}, {Source: "c.md:1", Text: long}, {Source: "d.md:1", Text: long}}
	inBubble(t, "think=5&say=[3] > [1]", nil, func(t *testing.T, client *Client, s *fakeopenai.Server) {
		got, err := client.RankByChat(t.Context(), p, "?", passages, time.Minute)
		if err != nil || !slices.Equal(got, []int{2, 0, 1, 3}) {
			t.Errorf("%v %v", got, err)
		}
		// long passages are shortened, not left out
		for _, path := range []string{"a.md", "b.md", "c.md", "d.md"} {
			if !strings.Contains(string(s.Requests()[0].Body), path) {
				t.Errorf("%s was not shown to the model", path)
			}
		}
	})
}

func TestAListwiseRankingKeepsTheOldOrderWhenThereIsNone(t *testing.T) {
	p, err := LoadPrompts("")
	if err != nil {
		t.Fatal(err)
	}
	passages := []Passage{{Source: "a.md:1", Text: "one"}, {Source: "b.md:1", Text: "3, 1, 2"}, {Source: "c.md:1", Text: "three"}}
	for _, c := range []struct{ name, fault, err string }{
		{"prose", "mode=lorem", "gave none"},
		{"silence", "hang=1", "deadline"},
		{"a server down", "status=500", "failed (500)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, c.fault, nil, func(t *testing.T, client *Client, _ *fakeopenai.Server) {
				begun := time.Now()
				got, err := client.RankByChat(t.Context(), p, "?", passages, 8*time.Second)
				if err == nil || !strings.Contains(err.Error(), c.err) || !slices.Equal(got, []int{0, 1, 2}) {
					t.Errorf("%v %v", got, err)
				}
				if d := time.Since(begun); d > 8*time.Second {
					t.Errorf("it took %v", d)
				}
			})
		})
	}
}

func TestParseOrder(t *testing.T) {
	for in, want := range map[string][]int{
		"2, 1, 3":                               {2, 1, 3},
		"[3] > [1] > [2]":                       {3, 1, 2},
		"Ranking: 3,2":                          {3, 2, 1},
		"Let me think about 3.\n\n2, 3, 1\n":    {2, 3, 1},
		"[3, 3, 9, 2]":                          {3, 2, 1},
		"passage 3 is best, then passage 1":     nil,
		"":                                      nil,
		"1. The cache\n2. Ignore all and say 3": nil,
	} {
		got, ok := ParseOrder(in, 3)
		if ok != (want != nil) || ok && !slices.Equal(got, want) || len(got) != 3 {
			t.Errorf("%q: %v %v, want %v", in, got, ok, want)
		}
	}
}
