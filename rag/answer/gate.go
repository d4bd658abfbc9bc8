package answer

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/llm"
)

// A Gate guards every call that would send document text to another machine, or to a server of this
// machine that may belong to another user.
type Gate struct {
	// Stranger describes the other user who may own the server at a local endpoint that was found
	// and not configured: "user x". Otherwise it is "".
	Stranger string
	// Allowed reports whether the endpoint is local or was approved before.
	Allowed func(endpoint string) bool
	// Allow remembers an approval.
	Allow func(endpoint string) error
}

// Sending is the question to the user before document text is first sent to an endpoint.
type Sending struct {
	Text     string          `json:"text"` // the question in words
	Endpoint string          `json:"endpoint"`
	Passages int             `json:"passage_count"` // a show.Asking lists passages
	Tokens   int             `json:"tokens"`
	Schema   json.RawMessage `json:"schema"` // of the reply, a [Consent]
	Shared   bool            `json:"shared"` // one reply answers all steps that ask
}

// Consent is the reply to [Sending].
type Consent struct {
	Allow bool `json:"allow"`
}

// ErrDeclined is returned when the user declined to send document text.
var ErrDeclined = errors.New("you declined to send documents: nothing was sent. Ask with --offline to be answered without a model")

var consentSchema = json.RawMessage(`{"type":"object","required":["allow"],"properties":{"allow":{"type":"boolean","title":"Send them?","default":false}}}`)

// roundedUp returns a cost with four decimals that is not below it, so that a cheap call does not
// seem to be free.
func roundedUp(cost float64) float64 {
	const decimals = 1e4
	return math.Ceil(max(0, cost*decimals-1e-6)) / decimals // 0.0179*1e4 is a little more than 179
}

// Pass returns nil if the prompt may be sent. If the endpoint is not approved yet it asks the user,
// so the calling step must declare flow.Awaits[Consent].
func (g *Gate) Pass(ctx *flow.Context, cfg llm.Config, tokens, passages int) error {
	if g == nil || passages == 0 || g.Allowed(cfg.BaseURL) {
		return nil
	}
	text := fmt.Sprintf("This would send %s of your documents (about %d tokens) to %s", count(passages), tokens,
		cfg.BaseURL)
	if g.Stranger != "" {
		text += fmt.Sprintf(", a server that was found on this machine and runs as %s", g.Stranger)
	}
	if cfg.ShowsKey() {
		text += ", with your key, over plain http that others in the network can read"
	}
	if cost, ok := cfg.Prices.Cost(show.Usage{PromptTokens: tokens, CompletionTokens: cfg.MaxTokens}); ok {
		text += fmt.Sprintf(", for at most %.4f %s", roundedUp(cost), cfg.Prices.Currency)
	}
	text += ". It is remembered for this endpoint."
	reply, err := flow.Await[Consent](ctx, "consent "+cfg.BaseURL,
		Sending{text, cfg.BaseURL, passages, tokens, consentSchema, true})
	if err != nil {
		return err
	}
	if !reply.Allow {
		return ErrDeclined
	}
	if err := g.Allow(cfg.BaseURL); err != nil {
		return fmt.Errorf("your consent could not be remembered: %w", err)
	}
	return nil
}

func count(passages int) string {
	if passages == 1 {
		return "1 passage"
	}
	return fmt.Sprintf("%d passages", passages)
}
