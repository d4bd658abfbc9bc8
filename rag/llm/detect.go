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

// An Endpoint is the endpoint that the user configured in one place: the flags, or the config file.
type Endpoint struct {
	Name    string // of the profile; "": it has none
	BaseURL string
	Ollama  string // where Ollama listens, in its own notation, if BaseURL is empty
	Key     Key
	KeyName string // where the key comes from, for advice; "": a description of the place
	Custom  Custom
	Models
}

// Models are the names of the models of one endpoint, by their use. "" means chosen from the server's
// list.
type Models struct {
	Chat   string
	Embed  string // [NoModel]: passages are not embedded by a model
	Rerank string // [NoModel]: passages are not reranked by a model
}

// NoModel is the name that says that no model is used.
const NoModel = "none"

// Settings is the input of [Detect].
type Settings struct {
	Offline bool // use no provider
	// Flags takes precedence over everything. Its models are used with any provider that is found.
	Flags Endpoint
	// reads OPENAI_API_KEY, OPENAI_BASE_URL and OLLAMA_HOST; nil: no environment
	Getenv func(string) string
	// The models of Config belong to its BaseURL. Without a BaseURL they are used with any provider
	// that is found.
	Config Endpoint
	// Prefer returns the models to use at an endpoint, which is given as in Provider, with the models
	// that the flags and the configuration name for it and the server's list, which is empty if the
	// server does not answer. If it is nil, the named models are used.
	Prefer func(endpoint string, named Models, listed []Model) Models
	// PlainKey reports whether a key may be sent to an endpoint over plain HTTP; nil: to none.
	PlainKey func(endpoint string) bool
	// Owner returns the user who listens on a port of loopback, and whether that is the current
	// user or the administrator. If it is nil, the operating system is asked.
	Owner func(addr netip.AddrPort) (user string, own bool)

	// Candidates are the addresses to try; addresses that are not on loopback are ignored. If it is
	// nil, the default addresses of Ollama, llama.cpp, LM Studio and vLLM are tried.
	Candidates []Candidate
	Transport  http.RoundTripper // nil: [NewTransport]
	// Timeout is how long to wait for the answer of a server on loopback that was not configured.
	// The default is 250 ms. Other servers have ten times as long.
	Timeout time.Duration
}

// A Provider is the detected model provider.
type Provider struct {
	Name     string // "Ollama", "OpenAI", the host, or "offline"
	Endpoint string // the base URL, without secrets; "" offline
	Local    bool   // on loopback: no data leaves this machine
	// Stranger describes the owner of a server on loopback that may belong to another user: "user
	// ollama", "an unknown user". It is set only if the server was found and not configured;
	// otherwise it is "".
	Stranger string
	// Source is "flag", "environment OPENAI_API_KEY", "environment OPENAI_BASE_URL", "environment
	// OLLAMA_HOST", "config", "found on loopback", "offline" or "default".
	Source string
	// Problem says why the provider cannot be used now, if it could not be reached. A call will
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

// A State describes in a few words the server at an address.
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

// State returns the state of the address, as far as the attempt shows.
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

// Detect finds the provider. In order of precedence it comes from flags and weft's own variables,
// the configuration, the variables of other programs, or a server on loopback; otherwise there is
// none. It only asks for lists of models, from all addresses concurrently, and sends no documents
// or questions. An address that the user has configured is always used, with a Problem if it does
// not answer. The exception is OLLAMA_HOST, which is also set for Ollama itself: it is skipped if
// nothing answers. The error is the context's, or reports an invalid address.
func Detect(ctx context.Context, s Settings) (Provider, error) {
	if s.Offline {
		return Provider{Name: "offline", Source: "flag"}, nil
	}
	if s.Timeout == 0 {
		s.Timeout = 250 * time.Millisecond
	}
	if s.Owner == nil {
		s.Owner = listener
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

const foundOnLoopback = "found on loopback"

// A place is an address that may become the provider.
type place struct {
	provider Provider
	named    bool   // configured: used even if it does not answer
	addr     string // host and port
	models   Models
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
	config := s.Config
	if config.BaseURL == "" && strings.TrimSpace(config.Ollama) != "" {
		config.BaseURL, config.Name = ollamaBase(config.Ollama), cmp.Or(config.Name, "Ollama")
	}
	// models that are used with any place
	free := s.Flags.Models
	if config.BaseURL == "" && config.Key.IsZero() {
		free = free.or(config.Models)
	}
	var out []*place
	add := func(at Endpoint, source string, models Models, named bool) error {
		u, err := parseBase(at.BaseURL)
		if err != nil {
			return err
		}
		name := cmp.Or(at.Name, hostPort(u))
		if u.Hostname() == "api.openai.com" && at.Name == "" {
			name = "OpenAI"
		}
		allowed := s.PlainKey
		apply := func(c *Config) {
			c.BaseURL, c.Key, c.KeyName, c.Custom = u.String(), at.Key, at.KeyName, at.Custom
			if allowed != nil {
				c.PlainKey = func() bool { return allowed(ShowURL(u.String())) }
			}
		}
		out = append(out, &place{named: named, models: models, addr: u.Host, provider: Provider{
			Name: name, Endpoint: ShowURL(u.String()), Local: IsLoopback(u.Hostname()),
			Source: source, apply: apply}})
		return nil
	}
	named := func(at Endpoint, source string, models Models) ([]*place, error) {
		err := add(at, source, models, true)
		return out, err
	}
	const openAI = "https://api.openai.com/v1"
	exported := Endpoint{BaseURL: cmp.Or(envURL, openAI), Key: NewKey(envKey), KeyName: "OPENAI_API_KEY"}
	config.KeyName = cmp.Or(config.KeyName, "the key in the configuration")
	switch at := s.Flags; {
	case at.BaseURL != "" || !at.Key.IsZero():
		at.KeyName = cmp.Or(at.KeyName, "the key of the flag")
		switch {
		case at.BaseURL == "" && (config.BaseURL != "" || !config.Key.IsZero()):
			// weft's own key for the address in the config file
			at.BaseURL, at.Name, at.Custom = cmp.Or(config.BaseURL, openAI), config.Name, config.Custom
		case at.BaseURL == "":
			at.BaseURL = exported.BaseURL
		case !at.Key.IsZero():
		case sameBase(at.BaseURL, config.BaseURL):
			at.Key, at.KeyName, at.Custom = config.Key, config.KeyName, config.Custom
		default:
			// A user who configures an address and sets a key expects the key to be sent to that
			// address.
			at.Key, at.KeyName = exported.Key, exported.KeyName
		}
		return named(at, "flag", free)
	case config.BaseURL != "" || !config.Key.IsZero():
		// The key that was exported for OpenAI is sent to no other endpoint.
		if config.BaseURL = cmp.Or(config.BaseURL, openAI); config.Key.IsZero() && sameBase(config.BaseURL, openAI) {
			config.Key, config.KeyName = exported.Key, exported.KeyName
		}
		return named(config, "config", free.or(config.Models))
	case envURL != "":
		return named(exported, "environment OPENAI_BASE_URL", free)
	}
	// An address is more specific than a key alone.
	if host := getenv("OLLAMA_HOST"); strings.TrimSpace(host) != "" {
		if err := add(Endpoint{Name: "Ollama", BaseURL: ollamaBase(host)}, "environment OLLAMA_HOST", free, false); err != nil {
			return nil, err
		}
	}
	if envKey != "" {
		return named(exported, "environment OPENAI_API_KEY", free)
	}
	candidates := s.Candidates
	if candidates == nil {
		candidates = loopback
	}
	for _, c := range candidates {
		u, err := parseBase(c.BaseURL)
		if err != nil || !IsLoopback(u.Hostname()) {
			continue // never send a key or a question to an address that no one configured
		}
		if err := add(Endpoint{Name: c.Name, BaseURL: c.BaseURL}, foundOnLoopback, free, false); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// ask tries a place and records its models.
func (p *place) ask(ctx context.Context, s Settings) {
	timeout := s.Timeout
	// A configured server may be slow because the machine is busy.
	if p.named || !p.provider.Local {
		timeout *= 10
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	cfg := Config{HeadersTimeout: timeout, IdleTimeout: timeout, Retry: Retry{Attempts: 1, Wait: timeout, MaxWait: timeout, Patience: 1}}
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
	if err == nil && v.Name == "Ollama" && v.Local && p.models.Chat == "" {
		w.loaded(ctx, models)
	}
	if s.Prefer != nil {
		p.models = s.Prefer(v.Endpoint, p.models, models)
	}
	chat, embed, rerank := choose(models)
	if err != nil {
		v.Problem = err.Error()
	} else if chat == "" && p.models.Chat == "" {
		v.Problem = "the server at " + v.Endpoint + " has no chat model"
	}
	v.Models = models
	if v.Source == foundOnLoopback && err == nil {
		v.Stranger = "an unknown user"
		if addr, err := netip.ParseAddrPort(p.addr); err == nil {
			if user, own := s.Owner(addr); own {
				v.Stranger = ""
			} else if user != "" {
				v.Stranger = "user " + user
			}
		}
	}
	v.ChatModel, v.EmbedModel, v.RerankModel = cmp.Or(p.models.Chat, chat),
		cmp.Or(p.models.Embed, embed), cmp.Or(p.models.Rerank, rerank)
	if p.named && v.ChatModel == "" {
		v.ChatModel = "default" // llama.cpp serves its model under any name
		if v.Name == "OpenAI" {
			v.ChatModel, v.EmbedModel = "gpt-4o-mini", cmp.Or(v.EmbedModel, "text-embedding-3-small")
		}
	}
	for _, use := range []*string{&v.EmbedModel, &v.RerankModel} {
		if *use == NoModel {
			*use = ""
		}
	}
	for _, m := range models {
		if m.ID == v.ChatModel {
			v.Context = m.Context
		}
	}
}

// sameBase reports whether two base URLs denote the same address.
func sameBase(a, b string) bool {
	u, err := parseBase(a)
	v, err2 := parseBase(b)
	return err == nil && err2 == nil && strings.EqualFold(u.Host, v.Host) && u.Scheme == v.Scheme && u.Path == v.Path
}

// or fills in the models that m leaves empty.
func (m Models) or(n Models) Models {
	return Models{cmp.Or(m.Chat, n.Chat), cmp.Or(m.Embed, n.Embed), cmp.Or(m.Rerank, n.Rerank)}
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
	rest = rest[:min(len(rest), strings.IndexAny(rest+"?", "?#"))] // parameters may be secret
	hostport, path, _ := strings.Cut(rest, "/")
	if strings.Contains(hostport, "@") {
		return scheme + "://" + hostport + "/v1" // contains a password: rejected later, without showing it
	}
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
