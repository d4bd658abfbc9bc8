package llm

import (
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	openai "github.com/sashabaranov/go-openai"
)

// A Client talks to one endpoint. It is safe for concurrent use.
type Client struct {
	cfg    Config
	wire   *wire
	api    *openai.Client
	shapes sync.Map     // model → shape: what was learned of the parameters it takes
	room   atomic.Int64 // the context in tokens, if the server was found to have less than configured
}

// New makes a client. A nil transport means [NewTransport]'s; a test may bring its own.
func New(cfg Config, transport http.RoundTripper) (*Client, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	if transport == nil {
		transport = NewTransport()
	}
	w := newWire(cfg, transport)
	api := openai.DefaultConfig("") // the key stays in the wire: go-openai's client would print it
	api.BaseURL = cfg.BaseURL
	api.HTTPClient = w
	return &Client{cfg: cfg, wire: w, api: openai.NewClientWithConfig(api)}, nil
}

// NewTransport makes the transport that a client uses by itself: that of net/http, with room for many streams to one host, and with a
// limit on the time to connect. It leaves the time to answer to the client.
func NewTransport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DialContext = (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext
	t.MaxIdleConns, t.MaxIdleConnsPerHost = 128, 32
	t.ForceAttemptHTTP2 = true
	return t
}

// Config returns the configuration with its defaults filled in. Its context shrinks when the server is found to have a smaller one, so
// a prompt that was too long fits when it is made again.
func (c *Client) Config() Config {
	cfg := c.cfg
	if n := int(c.room.Load()); n > 0 && n < cfg.Context {
		cfg.Context, cfg.MaxTokens = n, min(cfg.MaxTokens, max(n/4, 1))
	}
	return cfg
}

// Close frees the connections that are kept for later. Calls that are under way go on.
func (c *Client) Close() { c.wire.http.CloseIdleConnections() }
