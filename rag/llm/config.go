package llm

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"weft/flow/show"
)

// Config describes an endpoint and how it is to be used. It is plain data: the command line fills it from flags, environment, file and
// what [Detect] found. A zero field means its default.
type Config struct {
	BaseURL     string // the API's address, ending in /v1 with nearly every server
	Key         Key    // sent as a bearer token; none is sent if it is zero
	KeyName     string // where the key came from, for advice: "OPENAI_API_KEY", "api_key in the configuration"
	Model       string // the chat model
	EmbedModel  string // the embedding model; none: no embeddings
	RerankModel string // the reranking model; none: no rerank endpoint
	RerankURL   string // the base URL of the rerank endpoint where it is not BaseURL

	Context     int     // tokens that prompt and answer may have together; default 4096 on loopback, 16384 elsewhere
	MaxTokens   int     // tokens that an answer may have; default a quarter of Context, at most 2048
	Temperature float64 // default 0, sent as 1e-6 because the library drops 0
	EmbedTokens int     // tokens that an embedding input may have; default: found out when one is refused
	EmbedBatch  int     // embedding inputs of one request; default 128

	HeadersTimeout time.Duration // from the request to the response's headers: a server at its limit sends none for minutes; default 5 min
	IdleTimeout    time.Duration // without a single byte, comments included; default 60 s, more than the 30 s between a server's pings
	Retry          Retry
	Prices         Prices
}

// Retry says how patiently a call is repeated. Only connection failures before the first byte, 429, 502, 503 and 504 are repeated.
type Retry struct {
	Attempts int           // tries of a call, the first included; default 4
	Wait     time.Duration // before the second try; doubled each time; default 500 ms
	MaxWait  time.Duration // the longest such wait; default 20 s
	Patience time.Duration // how long a 503 is waited out (a model being loaded), and the longest Retry-After obeyed; default 2 min
}

// Prices are what a hosted model costs. Zero: unknown, no cost is shown.
type Prices struct {
	Input    float64 // per million prompt tokens
	Output   float64 // per million completion tokens, reasoning included
	Currency string  // default "USD"
}

// Cost of a call, and whether it is known.
func (p Prices) Cost(u show.Usage) (cost float64, known bool) {
	if p.Input == 0 && p.Output == 0 {
		return 0, false
	}
	return (p.Input*float64(u.PromptTokens) + p.Output*float64(u.CompletionTokens)) / 1e6, true
}

// withDefaults checks a configuration and fills in what was left out.
func (c Config) withDefaults() (Config, error) {
	u, err := parseBase(c.BaseURL)
	if err != nil {
		return c, err
	}
	c.BaseURL = u.String()
	if c.RerankURL == "" {
		c.RerankURL = c.BaseURL
	} else if u, err := parseBase(c.RerankURL); err != nil {
		return c, err
	} else {
		c.RerankURL = u.String()
	}
	fill(&c.Context, map[bool]int{true: 4096, false: 16384}[isLoopback(u.Hostname())])
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
	return c, nil
}

func fill[T comparable](p *T, v T) {
	var zero T
	if *p == zero {
		*p = v
	}
}

// parseBase checks a base URL and takes the slashes off its end.
func parseBase(s string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("llm: %q is not the address of a server: it looks like http://127.0.0.1:8080/v1", showURL(s))
	}
	if u.User != nil || u.RawQuery != "" {
		return nil, fmt.Errorf("llm: the address %s must not contain a password or parameters: give a key as the key", showURL(s))
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.Fragment = ""
	return u, nil
}

// showURL is an address without what may be secret in it: user, password and parameters. It works on what is no address, too.
func showURL(s string) string {
	s = s[:min(len(s), strings.IndexAny(s+"?", "?#"))]
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		scheme, _, found := strings.Cut(s, "://")
		if s = s[i+1:]; found {
			s = scheme + "://" + s
		}
	}
	return s
}

// isLoopback reports whether a host name is this machine's own.
func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.Unmap().IsLoopback()
}

// hostPort is for messages: host and port of an address.
func hostPort(u *url.URL) string {
	if u.Port() == "" {
		return u.Hostname()
	}
	return net.JoinHostPort(u.Hostname(), u.Port())
}
