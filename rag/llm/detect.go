package llm

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// loopback is where local servers listen by themselves, in the order in which they are preferred.
var loopback = []Candidate{
	{"Ollama", "http://127.0.0.1:11434/v1"},
	{"llama.cpp", "http://127.0.0.1:8080/v1"},
	{"LM Studio", "http://127.0.0.1:1234/v1"},
	{"vLLM", "http://127.0.0.1:8000/v1"},
}

// A Candidate is an address where a server may be.
type Candidate struct{ Name, BaseURL string }

// An Endpoint is what a person said about where to ask, in one place: the flags, or the configuration.
type Endpoint struct {
	BaseURL string
	Key     Key
	Chat    string // models; "" means chosen from the server's list
	Embed   string
	Rerank  string
}

// Settings is where [Detect] looks.
type Settings struct {
	Offline bool                // use no provider
	Flags   Endpoint            // wins over everything. Its models are used with whichever provider is found
	Getenv  func(string) string // OPENAI_API_KEY, OPENAI_BASE_URL, OLLAMA_HOST; nil: no environment
	Config  Endpoint            // its models belong to its BaseURL; without one, to whichever provider is found

	Candidates []Candidate       // nil: where Ollama, llama.cpp, LM Studio and vLLM listen by themselves. Only addresses on loopback are asked
	Transport  http.RoundTripper // nil: [NewTransport]'s
	Timeout    time.Duration     // for a server on loopback that nobody named to answer; default 250 ms. Others have ten times as long
}

// A Provider is where questions go.
type Provider struct {
	Name     string // "Ollama", "OpenAI", the host, or "offline"
	Endpoint string // the base URL, without secrets; "" offline
	Local    bool   // on loopback: nothing leaves this machine, so no consent is needed
	Source   string // "flag", "environment OPENAI_API_KEY", "environment OPENAI_BASE_URL", "environment OLLAMA_HOST", "config", "found on loopback", "offline", "default"
	Problem  string // why it cannot be used now, if it could not be reached; the answer of a question will say more
	Models   []Model

	ChatModel   string
	EmbedModel  string
	RerankModel string
	Context     int // of the chat model in tokens, where the server tells; else 0

	Tried []Attempt // what was asked, for weft doctor

	// A function, so that nothing secret in the address or the key can be printed with the provider.
	apply func(*Config)
}

// An Attempt is one place that was asked.
type Attempt struct {
	Candidate
	Took time.Duration
	Err  error // nil: it answered as a server
}

// Offline reports whether there is no provider.
func (p Provider) Offline() bool { return p.Endpoint == "" }

// Apply fills in the address, the key and the models of a configuration; what else it says stays, a context size too.
func (p Provider) Apply(c Config) Config {
	if p.apply != nil {
		p.apply(&c)
	}
	c.Model, c.EmbedModel, c.RerankModel = p.ChatModel, p.EmbedModel, p.RerankModel
	fill(&c.Context, p.Context)
	return c
}

// Detect finds the provider: flags, environment, configuration, a server on loopback, else none. It asks for lists of models only, all
// places at the same time: documents and questions are not sent. Someone who named a place gets it, with a Problem if it does not
// answer; only OLLAMA_HOST, which is set for Ollama's own sake too, is passed over when nothing is there. The error is the context's, or that a named
// address is none.
func Detect(ctx context.Context, s Settings) (Provider, error) {
	if s.Offline {
		return Provider{Name: "offline", Source: "flag"}, nil
	}
	if s.Timeout == 0 {
		s.Timeout = 250 * time.Millisecond
	}
	if s.Transport == nil {
		t := NewTransport()
		defer t.CloseIdleConnections()
		s.Transport = t
	}
	places, err := s.places()
	if err != nil {
		return Provider{}, err
	}
	var wg sync.WaitGroup
	for i := range places {
		wg.Go(func() { places[i].ask(ctx, s) })
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return Provider{}, err
	}
	out := Provider{Name: "offline", Source: "default"}
	var tried []Attempt
	chosen := false
	for _, p := range places {
		tried = append(tried, p.attempt)
		if !chosen && (p.named || p.attempt.Err == nil && p.provider.ChatModel != "") {
			out, chosen = p.provider, true
		}
	}
	out.Tried = tried
	return out, nil
}

// A place is an address that may become the provider.
type place struct {
	provider Provider
	named    bool // used even if it does not answer
	models   Endpoint
	attempt  Attempt
}

// places lists, best first, where to ask. A place that is named is the last, because what comes after it is never used.
func (s Settings) places() ([]*place, error) {
	getenv := s.Getenv
	if getenv == nil {
		getenv = func(string) string { return "" }
	}
	envKey, envURL := getenv("OPENAI_API_KEY"), strings.TrimSpace(getenv("OPENAI_BASE_URL"))
	free := Endpoint{Chat: s.Flags.Chat, Embed: s.Flags.Embed, Rerank: s.Flags.Rerank} // models that go with any place
	if s.Config.BaseURL == "" {
		free = free.or(s.Config)
	}
	var out []*place
	add := func(name, base, source string, key Key, keyName string, models Endpoint, named bool) error {
		u, err := parseBase(base)
		if err != nil {
			return err
		}
		if name == "" {
			name = hostPort(u)
		}
		if u.Hostname() == "api.openai.com" {
			name = "OpenAI"
		}
		apply := func(c *Config) { c.BaseURL, c.Key, c.KeyName = u.String(), key, keyName }
		out = append(out, &place{named: named, models: models, provider: Provider{
			Name: name, Endpoint: showURL(u.String()), Local: isLoopback(u.Hostname()), Source: source, apply: apply}})
		return nil
	}
	named := func(base, source string, key Key, keyName string, models Endpoint) ([]*place, error) {
		err := add("", base, source, key, keyName, models, true)
		return out, err
	}
	const openAI = "https://api.openai.com/v1"
	switch {
	case s.Flags.BaseURL != "":
		key, name := s.Flags.Key, "the key of the flag"
		if key.IsZero() { // whoever names an address and has set a key means them to go together
			key, name = NewKey(envKey), "OPENAI_API_KEY"
		}
		return named(s.Flags.BaseURL, "flag", key, name, free)
	case !s.Flags.Key.IsZero():
		return named(cmp.Or(envURL, openAI), "flag", s.Flags.Key, "the key of the flag", free)
	case envURL != "":
		return named(envURL, "environment OPENAI_BASE_URL", NewKey(envKey), "OPENAI_API_KEY", free)
	case envKey != "":
		return named(openAI, "environment OPENAI_API_KEY", NewKey(envKey), "OPENAI_API_KEY", free)
	}
	if host := getenv("OLLAMA_HOST"); strings.TrimSpace(host) != "" {
		if err := add("Ollama", ollamaBase(host), "environment OLLAMA_HOST", Key{}, "", free, false); err != nil {
			return nil, err
		}
	}
	if s.Config.BaseURL != "" || !s.Config.Key.IsZero() {
		return named(cmp.Or(s.Config.BaseURL, openAI), "config", s.Config.Key, "the key in the configuration", free.or(s.Config))
	}
	candidates := s.Candidates
	if candidates == nil {
		candidates = loopback
	}
	for _, c := range candidates {
		u, err := parseBase(c.BaseURL)
		if err != nil || !isLoopback(u.Hostname()) {
			continue // a key or a question must never go where nobody sent it
		}
		if err := add(c.Name, c.BaseURL, "found on loopback", Key{}, "", free, false); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// ask finds out whether a server is at a place, and what it has.
func (p *place) ask(ctx context.Context, s Settings) {
	timeout := s.Timeout
	if p.named || !p.provider.Local { // who named a place waits for it, also while the machine has much to do
		timeout *= 10
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	cfg := Config{HeadersTimeout: timeout, IdleTimeout: timeout, Retry: Retry{Attempts: 1}}
	p.provider.apply(&cfg)
	w := newWire(cfg, s.Transport)
	ctx, call := w.begin(ctx, "models", "", cfg.BaseURL)
	models, err := w.models(ctx, call)
	if errors.Is(err, context.DeadlineExceeded) {
		e := call.fail(Silent, "", err)
		e.After, err = timeout, e
	}
	v := &p.provider
	p.attempt = Attempt{Candidate{v.Name, v.Endpoint}, time.Since(call.begun), err}
	chat, embed, rerank := choose(models)
	if err != nil {
		v.Problem = err.Error()
	} else if chat == "" && p.models.Chat == "" {
		v.Problem = "the server at " + v.Endpoint + " has no chat model"
	}
	v.Models = models
	v.ChatModel, v.EmbedModel, v.RerankModel = cmp.Or(p.models.Chat, chat), cmp.Or(p.models.Embed, embed), cmp.Or(p.models.Rerank, rerank)
	if p.named && v.ChatModel == "" {
		v.ChatModel = "default" // llama.cpp serves what it has, whatever the name
		if v.Name == "OpenAI" {
			v.ChatModel, v.EmbedModel = "gpt-4o-mini", cmp.Or(v.EmbedModel, "text-embedding-3-small")
		}
	}
	for _, m := range models {
		if m.ID == v.ChatModel {
			v.Context = m.Context
		}
	}
}

// or fills in the models that e leaves open.
func (e Endpoint) or(f Endpoint) Endpoint {
	e.Chat, e.Embed, e.Rerank = cmp.Or(e.Chat, f.Chat), cmp.Or(e.Embed, f.Embed), cmp.Or(e.Rerank, f.Rerank)
	return e
}

// ollamaBase reads OLLAMA_HOST as Ollama's own client does: [scheme://]host[:port][/path], by default http, 127.0.0.1 and 11434 (80 or
// 443 with a scheme). An address to listen on everywhere is reached on loopback.
func ollamaBase(s string) string {
	s = strings.Trim(strings.TrimSpace(s), `"'`)
	scheme, rest, has := strings.Cut(s, "://")
	port := "11434"
	switch {
	case !has:
		scheme, rest = "http", s
	case scheme == "http":
		port = "80"
	case scheme == "https":
		port = "443"
	}
	hostport, path, _ := strings.Cut(rest, "/")
	host, p, err := net.SplitHostPort(hostport)
	if err != nil {
		host = strings.Trim(hostport, "[]")
	} else if n, err := strconv.Atoi(p); err == nil && n >= 0 && n <= 65535 {
		port = p
	}
	if a, err := netip.ParseAddr(host); host == "" || err == nil && a.IsUnspecified() {
		host = "127.0.0.1"
		if a.Is6() {
			host = "::1"
		}
	}
	u := url.URL{Scheme: scheme, Host: net.JoinHostPort(host, port), Path: strings.TrimRight("/"+strings.Trim(path, "/"), "/")}
	return strings.TrimSuffix(u.String(), "/v1") + "/v1"
}
