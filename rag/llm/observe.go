package llm

import "context"

// The states of a call, in the order in which they come. A call is queued once, may be retried, has a first token only if it is
// streamed, and is done at its end, however it ended.
const (
	StateQueued     = "queued"      // the request is on its way; the server may let it wait
	StateRetry      = "retry"       // it failed and is tried again after WaitMS, because of Reason
	StateFirstToken = "first_token" // the first piece of text or reasoning is here
	StateDone       = "done"        // it ended: Finish says how, or Reason why not
)

// A ModelCall tells that a call of a model has reached a state. It is an event of the journal.
type ModelCall struct {
	Operation       string  `json:"operation"` // "chat", "embeddings", "rerank" or "models"
	Model           string  `json:"model"`
	Endpoint        string  `json:"endpoint"` // the base URL, without secrets
	State           string  `json:"state"`
	Attempt         int     `json:"attempt"`           // from 1
	Reason          string  `json:"reason,omitempty"`  // why it is retried; at the end, what a person should know about it
	WaitMS          int64   `json:"wait_ms,omitempty"` // retry: until the next attempt; otherwise since the call began, queueing and retries included
	PromptTokens    int     `json:"prompt_tokens,omitempty"`
	OutputTokens    int     `json:"completion_tokens,omitempty"`
	ReasoningTokens int     `json:"reasoning_tokens,omitempty"`
	Estimated       bool    `json:"estimated,omitempty"`         // the tokens were estimated, because the server did not tell
	Rate            float64 `json:"tokens_per_second,omitempty"` // from the first token to the end
	Finish          string  `json:"finish,omitempty"`            // the finish reason
	Cost            float64 `json:"cost,omitempty"`              // where prices are configured
	Currency        string  `json:"currency,omitempty"`
}

type observerKey struct{}

// WithObserver returns a context whose calls tell f what happens to them. f is called in the goroutine of the call, so it should be
// quick; calls that run at the same time call it at the same time.
func WithObserver(ctx context.Context, f func(ModelCall)) context.Context {
	return context.WithValue(ctx, observerKey{}, f)
}

func observerOf(ctx context.Context) func(ModelCall) {
	if f, _ := ctx.Value(observerKey{}).(func(ModelCall)); f != nil {
		return f
	}
	return func(ModelCall) {}
}
