package answer

import (
	"encoding/json"
	"errors"
	"fmt"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/llm"
)

// A Gate stands before everything that would send text of documents away from this machine.
type Gate struct {
	Allowed func(endpoint string) bool  // whether the endpoint is on this machine, or somebody said yes before
	Allow   func(endpoint string) error // remembers a yes
}

// Sending is what a person is asked before text of documents is sent to an endpoint for the first time.
type Sending struct {
	Text     string          `json:"text"` // the question, for a reader
	Endpoint string          `json:"endpoint"`
	Passages int             `json:"passages"`
	Tokens   int             `json:"tokens"`
	Schema   json.RawMessage `json:"schema"` // of the reply, a Consent
}

// Consent is the reply to Sending.
type Consent struct {
	Allow bool `json:"allow"`
}

// ErrDeclined says that a person did not want documents to be sent.
var ErrDeclined = errors.New("you declined to send documents: nothing was sent. Ask with --offline to be answered without a model")

var consentSchema = json.RawMessage(`{"type":"object","required":["allow"],"properties":{"allow":{"type":"boolean","title":"Send them?","default":false}}}`)

// Pass returns nil if the prompt may be sent, after asking a person where nobody has decided yet. The step that calls it declares
// flow.Awaits[Consent].
func (g *Gate) Pass(ctx *flow.Context, cfg llm.Config, tokens, passages int) error {
	if g == nil || passages == 0 || g.Allowed(cfg.BaseURL) {
		return nil
	}
	text := fmt.Sprintf("This would send %d passages of your documents (about %d tokens) to %s", passages, tokens, cfg.BaseURL)
	if cost, ok := cfg.Prices.Cost(show.Usage{PromptTokens: tokens, CompletionTokens: cfg.MaxTokens}); ok {
		text += fmt.Sprintf(", for at most %.4f %s", cost, cfg.Prices.Currency)
	}
	text += ". It is remembered for this endpoint."
	reply, err := flow.Await(ctx, "consent "+cfg.BaseURL, Sending{text, cfg.BaseURL, passages, tokens, consentSchema}, Consent{})
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
