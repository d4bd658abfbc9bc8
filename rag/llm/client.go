package llm

import (
	"net"
	"net/http"
	"time"

	openai "github.com/sashabaranov/go-openai"

	"weft/rag/llm/dialect"
)

// A Client calls one endpoint. It is safe for concurrent use.
type Client struct {
	cfg  Config
	wire *wire
	api  *openai.Client
}

// New returns a client. A nil transport means [NewTransport].
func New(cfg Config, transport http.RoundTripper) (*Client, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	if transport == nil {
		transport = NewTransport()
	}
	return clientOn(newWire(cfg, transport)), nil
}

// clientOn returns a client with the configuration of a wire, which has its defaults filled in.
func clientOn(w *wire) *Client {
	// The key stays in the wire, because go-openai's client would print it.
	api := openai.DefaultConfig("")
	api.BaseURL = w.cfg.BaseURL
	api.HTTPClient = w
	return &Client{cfg: w.cfg, wire: w, api: openai.NewClientWithConfig(api)}
}

// withoutRetries returns a client that sends each request once, and shares the connections of c.
func (c *Client) withoutRetries() *Client {
	w := *c.wire
	w.cfg.Retry.Attempts, w.cfg.Retry.Patience = 1, 1
	return clientOn(&w)
}

// NewTransport returns the default transport of a client: that of net/http, with more idle
// connections per host and a limit on the time to connect. Response timeouts are left to the
// client.
func NewTransport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DialContext = (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext
	t.MaxIdleConns, t.MaxIdleConnsPerHost = 128, 32
	t.ForceAttemptHTTP2 = true
	return t
}

// Config returns the configuration with defaults filled in. If the server turned out to have a
// smaller context or a lower limit for answers, the returned limits are those, so that a prompt
// that was too long fits when it is built again. A context that was only guessed can also grow.
func (c *Client) Config() Config { return c.configOf(c.cfg.Model) }

// configOf returns the configuration for a model.
func (c *Client) configOf(model string) Config {
	cfg := c.cfg
	d := c.Dialect(model)
	if n := d.Number(dialect.Context); n > 0 && (n < cfg.Context || cfg.guessed) {
		cfg.Context, cfg.MaxTokens = n, min(cfg.MaxTokens, max(n/4, 1))
	}
	if n := d.Number(dialect.MaxOutput); n > 0 {
		cfg.MaxTokens = min(cfg.MaxTokens, n)
	}
	return cfg
}

// Reserve returns how many tokens of the context must be kept free for an answer: the limit of the
// answer, plus the allowance for reasoning if the model reasons; at most half of the context.
func (c *Client) Reserve() int {
	cfg := c.Config()
	return max(cfg.MaxTokens, min(cfg.MaxTokens+thinkingRoom(c.Dialect(cfg.Model)), cfg.Context/2))
}

// Dialect returns the dialect of a model of this endpoint.
func (c *Client) Dialect(model string) *dialect.Dialect {
	return c.cfg.Dialects.Dialect(dialect.Model{Endpoint: ShowURL(c.cfg.BaseURL), Name: model})
}

// Close closes idle connections. Calls in progress are not affected.
func (c *Client) Close() { c.wire.http.CloseIdleConnections() }
