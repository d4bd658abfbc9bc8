package llm

import (
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	openai "github.com/sashabaranov/go-openai"
)

// A Client calls one endpoint. It is safe for concurrent use.
type Client struct {
	cfg    Config
	wire   *wire
	api    *openai.Client
	shapes sync.Map // model → shape: the parameters known to be rejected
	// learnedContext is the context in tokens if the server proved to have less than configured,
	// else 0.
	learnedContext atomic.Int64
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
	w := newWire(cfg, transport)
	// The key stays in the wire, because go-openai's client would print it.
	api := openai.DefaultConfig("")
	api.BaseURL = cfg.BaseURL
	api.HTTPClient = w
	return &Client{cfg: cfg, wire: w, api: openai.NewClientWithConfig(api)}, nil
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

// Config returns the configuration with defaults filled in. If the server proves to have a smaller
// context, the returned context shrinks, so a prompt that was too long fits when it is built again.
func (c *Client) Config() Config {
	cfg := c.cfg
	if n := int(c.learnedContext.Load()); n > 0 && n < cfg.Context {
		cfg.Context, cfg.MaxTokens = n, min(cfg.MaxTokens, max(n/4, 1))
	}
	return cfg
}

// Close closes idle connections. Calls in progress are not affected.
func (c *Client) Close() { c.wire.http.CloseIdleConnections() }
