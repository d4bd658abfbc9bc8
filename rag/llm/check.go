package llm

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"weft/flow/show"
)

// A Check is the result of testing one function of an endpoint, for weft doctor.
type Check struct {
	Name   string        // "models", "completion", "tools", "embedding", "reranking"
	Took   time.Duration // until the answer or the failure
	Detail string        // the result, in words
	Err    error         // the problem, with advice
}

// Check tries each function of an endpoint: the list of models, a completion of one token, a call
// of a tool if there was a completion, and an embedding and a reranking if models for them are
// configured. A model that calls no tools is not a failure: the detail says so. Check sends no
// documents. A request that fails is not retried, because Check reports the present state of the
// endpoint.
func (c *Client) Check(ctx context.Context) []Check {
	c = c.withoutRetries()
	var out []Check
	try := func(name string, f func() (string, error)) {
		begun := time.Now()
		detail, err := f()
		out = append(out, Check{name, time.Since(begun), detail, err})
	}
	try("models", func() (string, error) {
		models, err := c.Models(ctx)
		if err != nil {
			return "", err
		}
		var ids []string
		for _, m := range models {
			ids = append(ids, m.ID)
		}
		return fmt.Sprintf("%d: %s", len(ids), oneLine(strings.Join(ids, ", "))), nil
	})
	try("completion", func() (string, error) {
		got, err := c.Chat(ctx, Request{Messages: []show.Message{{Role: show.RoleUser,
			Content: "Say yes."}}, MaxTokens: 1}, nil)
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("%s, first token after %s", c.cfg.Model, got.FirstToken.Round(time.Millisecond)), nil
	})
	if out[len(out)-1].Err == nil {
		try("tools", func() (string, error) { return c.checkTools(ctx) })
	}
	if c.cfg.EmbedModel != "" {
		try("embedding", func() (string, error) {
			e, err := c.Embedder(ctx)
			if err != nil {
				return "", err
			}
			return fmt.Sprintf("%s, %d dimensions", e.Name(), e.Dims()), nil
		})
	}
	if c.cfg.RerankModel != "" {
		try("reranking", func() (string, error) {
			r, err := c.Reranker(ctx)
			if err != nil {
				return "", err
			}
			return fmt.Sprintf("%s at %s", r.Name(), ShowURL(r.form.url)), nil
		})
	}
	return out
}

// maxProbe limits the reply to the question of checkTools, in tokens. It leaves room for reasoning.
const maxProbe = 400

// checkTools asks a question that only a tool can answer, and says whether the model calls it.
func (c *Client) checkTools(ctx context.Context) (string, error) {
	got, err := c.Chat(ctx, Request{
		Messages:  []show.Message{{Role: show.RoleUser, Content: "Which time is it in Oslo? Call the tool clock to find out."}},
		MaxTokens: maxProbe,
		Tools: []Tool{{Name: "clock", Description: "Returns the present time in a city.",
			Schema: json.RawMessage(`{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}`)}},
	}, nil)
	switch {
	case err != nil:
		return "", err
	case len(got.Calls) > 0:
		return c.cfg.Model + " calls tools", nil
	}
	return c.cfg.Model + " called none: the workflow agent then answers as research does", nil
}
