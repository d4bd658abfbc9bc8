package llm

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"weft/flow/show"
)

// Ranked is a document in a ranking: its index in the input and its score. Scores of different
// models or different questions are not comparable; use only the order.
type Ranked struct {
	Index int     `json:"index"`
	Score float64 `json:"score"`
}

// A Reranker ranks documents with the endpoint's reranking model. It is safe for concurrent use.
type Reranker struct {
	c    *Client
	form rerankForm
}

// A rerankForm is the URL and the request format for reranking.
type rerankForm struct {
	url string
	// texts selects the format of Text Embeddings Inference: "texts" instead of "documents", and no
	// model.
	texts bool
}

// Reranker returns a reranker after detecting the form that the endpoint takes (that of Jina,
// Cohere, llama.cpp and vLLM, or that of Text Embeddings Inference). It also checks that the model
// ranks a trivial example correctly, because servers return noise for models that cannot rerank.
func (c *Client) Reranker(ctx context.Context) (*Reranker, error) {
	if c.cfg.RerankModel == "" {
		return nil, fmt.Errorf("llm: no reranking model is set for %s", ShowURL(c.cfg.RerankURL))
	}
	base := c.cfg.RerankURL
	root := strings.TrimSuffix(base, "/v1")
	forms := []rerankForm{{base + "/rerank", false}, {base + "/rerank", true},
		{root + "/rerank", true}, {root + "/rerank", false}}
	if root == base {
		forms = forms[:2]
	}
	var first error
	for _, d := range forms {
		r := &Reranker{c, d}
		ranked, err := r.Rerank(ctx, "What is the capital of France?",
			[]string{"Bananas are yellow.", "Paris is the capital of France."}, 0)
		if err == nil && ranked[0].Index != 1 {
			return nil, fmt.Errorf("llm: %s cannot rerank: it prefers a passage on bananas to one that answers the question", c.cfg.RerankModel)
		}
		if err == nil {
			return r, nil
		}
		if first == nil {
			first = err
		}
		if e, ok := errors.AsType[*Error](err); !ok ||
			!slices.Contains([]Kind{NotFound, NotAPI, Unsupported, Rejected, Malformed}, e.Kind) {
			return nil, err
		}
	}
	return nil, first
}

// Name returns the model's name.
func (r *Reranker) Name() string { return r.c.cfg.RerankModel }

// Rerank ranks documents by how well they answer a query and returns the topN best, best first, or
// all if topN is 0. If the server refuses that many documents, they are sent in parts, which is
// valid because reranking models score each document independently.
func (r *Reranker) Rerank(ctx context.Context, query string, docs []string, topN int) ([]Ranked, error) {
	if len(docs) == 0 {
		return nil, nil
	}
	ctx, call := r.c.wire.begin(ctx, "rerank", r.Name(), r.c.cfg.RerankURL)
	out, err := r.rank(ctx, call, query, docs)
	call.end(err, show.ModelCall{})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(out, func(a, b Ranked) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score),
			cmp.Compare(a.Index, b.Index))
	})
	if topN > 0 && topN < len(out) {
		out = out[:topN]
	}
	return out, nil
}

func (r *Reranker) rank(ctx context.Context, call *call, query string, docs []string) ([]Ranked, error) {
	out, err := r.request(ctx, call, query, docs)
	e, ok := errors.AsType[*Error](err)
	if !ok || len(docs) < 3 || e.Kind != Rejected && e.Kind != TooLong && e.Kind != Failed || ctx.Err() != nil {
		return out, err
	}
	call.report(show.ModelCall{State: show.CallRetry,
		Reason: fmt.Sprintf("%d documents are too many and are halved: %v", len(docs), err)})
	call.attempt++
	half := len(docs) / 2
	if out, err = r.rank(ctx, call, query, docs[:half]); err != nil {
		return nil, err
	}
	rest, err := r.rank(ctx, call, query, docs[half:])
	for _, x := range rest {
		out = append(out, Ranked{x.Index + half, x.Score})
	}
	return out, err
}

func (r *Reranker) request(ctx context.Context, call *call, query string, docs []string) ([]Ranked, error) {
	body := map[string]any{"model": r.Name(), "query": query, "documents": docs, "top_n": len(docs)}
	if r.form.texts {
		body = map[string]any{"query": query, "texts": docs, "truncate": true}
	}
	var raw json.RawMessage
	if err := r.c.wire.post(ctx, r.form.url, body, &raw); err != nil {
		return nil, err
	}
	type result struct {
		Index     int      `json:"index"`
		Relevance *float64 `json:"relevance_score"`
		Score     *float64 `json:"score"`
	}
	var outer struct {
		Results []result `json:"results"`
		Data    []result `json:"data"` // Voyage
	}
	var results []result
	var err error
	if bytes.HasPrefix(raw, []byte("[")) {
		err = json.Unmarshal(raw, &results)
	} else if err = json.Unmarshal(raw, &outer); err == nil {
		results = slices.Concat(outer.Results, outer.Data)
	}
	if err != nil {
		return nil, call.fail(Malformed, "it is no ranking", err)
	}
	seen := make([]bool, len(docs))
	var out []Ranked
	for _, x := range results {
		score := cmp.Or(x.Relevance, x.Score)
		if score == nil || math.IsNaN(*score) || x.Index < 0 || x.Index >= len(docs) || seen[x.Index] {
			return nil, call.fail(Malformed, fmt.Sprintf("the entry for document %d of the ranking is wrong", x.Index), nil)
		}
		seen[x.Index] = true
		out = append(out, Ranked{x.Index, *score})
	}
	if len(out) != len(docs) {
		return nil, call.fail(Malformed, fmt.Sprintf("it ranks %d of %d documents", len(out), len(docs)), nil)
	}
	return out, nil
}

// RankByChat ranks passages by asking the chat model, for endpoints without a reranking model. It
// returns the indices of all passages, best first. If there is no valid answer in time, it returns
// the original order and an error.
func (c *Client) RankByChat(ctx context.Context, p *Prompts, question string, passages []Passage,
	timeout time.Duration) ([]int, error) {
	old := make([]int, len(passages))
	for i := range old {
		old[i] = i
	}
	if len(passages) < 2 {
		return old, nil
	}
	cfg := c.Config()
	// includes room for reasoning that cannot be switched off
	reserve := min(cfg.MaxTokens, 256+8*len(passages))
	each := (cfg.Context-reserve)/len(passages)*3/4 - 24
	short := make([]Passage, len(passages))
	for i, q := range passages {
		short[i] = Passage{Source: q.Source, Text: shorten(q.Text, max(each, leastPassage), c.Tokens)}
	}
	prompt, err := p.Fit(PromptRerank, PromptData{Question: question, Passages: short}, cfg.Context, reserve, c.Tokens)
	if err != nil {
		return old, err
	}
	timed, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	got, err := c.Chat(timed, Request{Messages: prompt.Messages, MaxTokens: reserve, Brief: true}, nil)
	if err != nil {
		return old, err
	}
	order, ok := ParseOrder(got.Text, len(passages))
	if !ok {
		return old, fmt.Errorf("llm: %s was asked for an order and gave none: %q", c.cfg.Model, oneLine(got.Text))
	}
	for i := range order {
		order[i]--
	}
	return order, nil
}
