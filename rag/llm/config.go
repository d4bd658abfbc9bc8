package llm

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"weft/flow/show"
	"weft/rag/llm/dialect"
)

// Config describes an endpoint and how to use it. It is plain data: the command line fills it from
// flags, environment, config file and the result of [Detect]. A zero field means its default.
type Config struct {
	BaseURL string // address of the API, usually ending in /v1
	Key     Key    // sent as a bearer token, unless zero
	// KeyName says where the key came from, for advice: "OPENAI_API_KEY", "api_key in the
	// configuration".
	KeyName string
	// PlainKey reports whether the user agreed to send secrets to BaseURL over plain HTTP. It is
	// called before each request to another machine. If it is nil, secrets are never sent over
	// plain HTTP.
	PlainKey    func() bool
	Custom      Custom
	Model       string // chat model that answers
	DecideModel string // chat model for decisions (condense, classify, judge); default Model
	EmbedModel  string // embedding model; "": no embeddings
	RerankModel string // reranking model; "": no reranking endpoint
	RerankURL   string // base URL of the reranking endpoint; default BaseURL

	// Context is the limit for prompt and answer together, in tokens. The default is 4096 on
	// loopback and 16384 elsewhere.
	Context int
	// MaxTokens is the limit for an answer, in tokens. The default is a quarter of Context, at most
	// 2048.
	MaxTokens   int
	Temperature float64 // default 0, sent as 1e-6 because the library drops 0
	// EmbedTokens is the limit for an embedding input, in tokens. By default it is learned when an
	// input is refused.
	EmbedTokens int
	EmbedBatch  int // embedding inputs per request; default 128

	// HeadersTimeout limits the time from the request to the response headers. A busy server may
	// send none for minutes. The default is 5 min.
	HeadersTimeout time.Duration
	// IdleTimeout limits the time without any byte, comments included. The default of 60 s exceeds
	// the 30 s between the pings of common servers.
	IdleTimeout time.Duration
	Retry       Retry
	Prices      Prices

	// Dialects stores the dialects of models. By default they are kept in memory.
	Dialects *dialect.Store

	guessed bool // Context is the default, and the server may have more
}

// Retry is the retry policy. Only connection failures before the first byte and the statuses 429,
// 502, 503 and 504 are retried.
type Retry struct {
	Attempts int           // attempts per call, including the first; default 4
	Wait     time.Duration // before the second attempt, then doubled; default 500 ms
	MaxWait  time.Duration // upper bound of that wait; default 20 s
	// Patience limits how long a 503 is retried (a model is loading), and the longest Retry-After
	// that is followed. The default is 2 min.
	Patience time.Duration
}

// Prices are the prices of the hosted model that answers. Zero means unknown: no cost is shown.
type Prices struct {
	Input    float64 // per million prompt tokens
	Output   float64 // per million completion tokens, reasoning included
	Currency string  // default "USD"
}

// Cost returns the cost of a call, and whether it is known.
func (p Prices) Cost(u show.Usage) (cost float64, known bool) {
	if p.Input == 0 && p.Output == 0 {
		return 0, false
	}
	return (p.Input*float64(u.PromptTokens) + p.Output*float64(u.CompletionTokens)) / 1e6, true
}

// withDefaults validates a configuration and fills in defaults.
func (c Config) withDefaults() (Config, error) {
	u, err := parseBase(c.BaseURL)
	if err != nil {
		return c, err
	}
	c.BaseURL = u.String()
	fill(&c.DecideModel, c.Model)
	if c.RerankURL == "" {
		c.RerankURL = c.BaseURL
	} else if u, err := parseBase(c.RerankURL); err != nil {
		return c, err
	} else {
		c.RerankURL = u.String()
	}
	c.guessed = c.Context == 0
	fill(&c.Context, map[bool]int{true: 4096, false: 16384}[IsLoopback(u.Hostname())])
	fill(&c.MaxTokens, min(c.Context/4, 2048))
	fill(&c.Temperature, 1e-6)
	fill(&c.EmbedBatch, 128)
	fill(&c.HeadersTimeout, 5*time.Minute)
	fill(&c.IdleTimeout, time.Minute)
	fill(&c.Retry.Attempts, 4)
	fill(&c.Retry.Wait, 500*time.Millisecond)
	fill(&c.Retry.MaxWait, 20*time.Second)
	fill(&c.Retry.Patience, 2*time.Minute)
	fill(&c.Prices.Currency, "USD")
	if c.Dialects == nil {
		c.Dialects = dialect.NewStore("")
	}
	return c, nil
}

func fill[T comparable](p *T, v T) {
	var zero T
	if *p == zero {
		*p = v
	}
}

// parseBase validates a base URL and removes trailing slashes.
func parseBase(s string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("llm: %q is not the address of a server: it looks like http://127.0.0.1:8080/v1", ShowURL(s))
	}
	if u.User != nil || u.RawQuery != "" {
		return nil, fmt.Errorf("llm: the address %s must not contain a password or parameters: give a key as the key", ShowURL(s))
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.Fragment = ""
	return u, nil
}

// ShowURL removes what may be secret from an address: user, password and parameters. The address
// may be invalid.
func ShowURL(s string) string {
	s = s[:min(len(s), strings.IndexAny(s+"?", "?#"))]
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		scheme, _, found := strings.Cut(s, "://")
		if s = s[i+1:]; found {
			s = scheme + "://" + s
		}
	}
	return s
}

// IsLoopback reports whether a host, a name or an address, is this machine.
func IsLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.Unmap().IsLoopback()
}

// hostPort returns an address as host and port for messages.
func hostPort(u *url.URL) string {
	if u.Port() == "" {
		return u.Hostname()
	}
	return net.JoinHostPort(u.Hostname(), u.Port())
}
