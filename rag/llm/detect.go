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

// loopback lists the default addresses of local servers, in order of preference.
var loopback = []Candidate{
	{"Ollama", "http://127.0.0.1:11434/v1"},
	{"llama.cpp", "http://127.0.0.1:8080/v1"},
	{"LM Studio", "http://127.0.0.1:1234/v1"},
	{"vLLM", "http://127.0.0.1:8000/v1"},
}

// A Candidate is an address at which a server may listen.
type Candidate struct{ Name, BaseURL string }

// An Endpoint is the endpoint that a person configured in one place: the flags, or the config file.
type Endpoint struct {
	BaseURL string
	Key     Key
	Chat    string // models; "" means chosen from the server's list
	Embed   string
	Rerank  string
}

// Settings is the input of [Detect].
type Settings struct {
	Offline bool // use no provider
	// Flags takes precedence over everything. Its models are used with whatever provider is found.
	Flags Endpoint
	// reads OPENAI_API_KEY, OPENAI_BASE_URL and OLLAMA_HOST; nil: no environment
	Getenv func(string) string
	// The models of Config belong to its BaseURL. Without a BaseURL they are used with whatever
	// provider is found.
	Config Endpoint

	// Candidates are the addresses to try; only those on loopback are. If it is nil, the default
	// addresses of Ollama, llama.cpp, LM Studio and vLLM are tried.
	Candidates []Candidate
	Transport  http.RoundTripper // nil: [NewTransport]
	// Timeout limits how long an unnamed server on loopback may take to answer. The default is 250
	// ms. Other servers have ten times as long.
	Timeout time.Duration
}

// A Provider is the detected model provider.
type Provider struct {
	Name     string // "Ollama", "OpenAI", the host, or "offline"
	Endpoint string // the base URL, without secrets; "" offline
	Local    bool   // on loopback: no data leaves this machine, so no consent is needed
	// Source is "flag", "environment OPENAI_API_KEY", "environment OPENAI_BASE_URL", "environment
	// OLLAMA_HOST", "config", "found on loopback", "offline" or "default".
	Source string
	// Problem says why the provider cannot be used now, if it could not be reached. Asking it will
	// return a more detailed error.
	Problem string
	Models  []Model

	ChatModel   string
	EmbedModel  string
	RerankModel string
	Context     int // of the chat model in tokens, if the server reports it; else 0

	Tried []Attempt // every address that was tried, for weft doctor

	// apply is a function, so that printing the provider cannot reveal secrets in the address or
	// key.
	apply func(*Config)
}

// An Attempt is the result of trying one address.
type Attempt struct {
	Candidate
	Took time.Duration
	Err  error // nil: a server answered
}

// A State says in a few words what is at an address.
type State string

// The states of an address.
const (
	Answers State = "answers"
	Loading State = "is loading its model"
	Busy    State = "is there, but busy"
	Refuses State = "is there, but refuses"
	Foreign State = "is something else"
	Absent  State = "is not there"
)

// State returns what is at the address, as far as the attempt shows.
func (a Attempt) State() State {
	e, ok := errors.AsType[*Error](a.Err)
	switch {
	case a.Err == nil:
		return Answers
	case !ok:
		return Absent
	}
	switch e.Kind {
	case NotReady:
		if e.isLoading() {
			return Loading
		}
		return Busy
	case Limited, Failed, Silent:
		return Busy
	case Unauthorized, Exhausted, Forbidden, Rejected:
		return Refuses
	case NotFound, NotAPI, Malformed, Oversized, Unsupported:
		return Foreign
	}
	return Absent
}

// Offline reports whether there is no provider.
func (p Provider) Offline() bool { return p.Endpoint == "" }

// Apply sets the address, the key and the models of a configuration. Other fields are kept; Context
// is set only if it is 0.
func (p Provider) Apply(c Config) Config {
	if p.apply != nil {
		p.apply(&c)
	}
	c.Model, c.EmbedModel, c.RerankModel = p.ChatModel, p.EmbedModel, p.RerankModel
	fill(&c.Context, p.Context)
	return c
}

// Detect finds the provider. In order of precedence it comes from flags, environment,
// configuration, or a server on loopback; otherwise there is none. It only asks for lists of
// models, from all addresses concurrently, and sends no documents or questions. An address that a
// person has configured is always used, with a Problem if it does not answer. The exception is
// OLLAMA_HOST, which is also set for Ollama itself: it is skipped if nothing answers. The error is
// the context's, or reports an invalid address.
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

// places lists the addresses to try, best first. The list ends at the first named place, because
// later ones are never used.
func (s Settings) places() ([]*place, error) {
	getenv := s.Getenv
	if getenv == nil {
		getenv = func(string) string { return "" }
	}
	envKey, envURL := getenv("OPENAI_API_KEY"), strings.TrimSpace(getenv("OPENAI_BASE_URL"))
	// models that are used with any place
	free := Endpoint{Chat: s.Flags.Chat, Embed: s.Flags.Embed, Rerank: s.Flags.Rerank}
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
			Name: name, Endpoint: showURL(u.String()), Local: isLoopback(u.Hostname()),
			Source: source, apply: apply}})
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
		// A person who names an address and has set a key wants the two to be used together.
		if key.IsZero() {
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
		return named(cmp.Or(s.Config.BaseURL, openAI), "config", s.Config.Key,
			"the key in the configuration", free.or(s.Config))
	}
	candidates := s.Candidates
	if candidates == nil {
		candidates = loopback
	}
	for _, c := range candidates {
		u, err := parseBase(c.BaseURL)
		if err != nil || !isLoopback(u.Hostname()) {
			continue // never send a key or a question to an address that no one configured
		}
		if err := add(c.Name, c.BaseURL, "found on loopback", Key{}, "", free, false); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// ask tries a place and records its models.
func (p *place) ask(ctx context.Context, s Settings) {
	timeout := s.Timeout
	// A named server may be slow because the machine is busy.
	if p.named || !p.provider.Local {
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
	v.ChatModel, v.EmbedModel, v.RerankModel = cmp.Or(p.models.Chat, chat),
		cmp.Or(p.models.Embed, embed), cmp.Or(p.models.Rerank, rerank)
	if p.named && v.ChatModel == "" {
		v.ChatModel = "default" // llama.cpp serves its model under any name
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

// or fills in the models that e leaves empty.
func (e Endpoint) or(f Endpoint) Endpoint {
	e.Chat, e.Embed, e.Rerank = cmp.Or(e.Chat, f.Chat), cmp.Or(e.Embed, f.Embed), cmp.Or(e.Rerank, f.Rerank)
	return e
}

// ollamaBase parses OLLAMA_HOST as Ollama's own client does: [scheme://]host[:port][/path], by
// default http, 127.0.0.1 and 11434 (80 or 443 with a scheme). An unspecified address, on which a
// server listens everywhere, is replaced by loopback.
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
	u := url.URL{Scheme: scheme, Host: net.JoinHostPort(host, port),
		Path: strings.TrimRight("/"+strings.Trim(path, "/"), "/")}
	return strings.TrimSuffix(u.String(), "/v1") + "/v1"
}
