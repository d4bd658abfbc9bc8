package llm

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"weft/rag/lazyregexp"
)

// Custom holds what an endpoint requires in requests beyond the protocol.
type Custom struct {
	KeyHeader string            // header that carries the key; "": Authorization, as a bearer token
	Headers   map[string]string // added to every request
	Query     map[string]string // parameters added to every address, such as api-version
	Body      map[string]any    // fields added to chat requests; they override weft's own
	Effort    string            // reasoning_effort of chat requests that set none; "": none
}

// secretName matches the names of headers and parameters whose values are secrets.
var secretName = lazyregexp.New(`(?i)auth|key|token|secret|cookie|password|sig`)

// secret reports whether requests carry a secret.
func (c Config) secret() bool {
	if !c.Key.IsZero() {
		return true
	}
	for _, fields := range []map[string]string{c.Custom.Headers, c.Custom.Query} {
		for name := range fields {
			if secretName.MatchString(name) {
				return true
			}
		}
	}
	return false
}

// ShowsKey reports whether requests carry a secret that others in the network can read.
func (c Config) ShowsKey() bool {
	u, err := parseBase(c.BaseURL)
	return err == nil && c.secret() && u.Scheme == "http" && !IsLoopback(u.Hostname())
}

// A customiser is a transport that adds the fields of Custom to each request, and refuses to send
// secrets over plain HTTP.
type customiser struct {
	Custom
	cfg  Config
	next http.RoundTripper
}

// errPlain is the error of a request that was not sent because it would reveal a secret.
type errPlain struct{ endpoint string }

func (e *errPlain) Error() string {
	return fmt.Sprintf("the key was not sent to %s: plain http shows it to the network. Use https, or allow it with --allow %s",
		e.endpoint, e.endpoint)
}

// RoundTrip implements [http.RoundTripper].
func (c *customiser) RoundTrip(r *http.Request) (*http.Response, error) {
	if c.cfg.secret() && r.URL.Scheme == "http" && !IsLoopback(r.URL.Hostname()) &&
		(c.cfg.PlainKey == nil || !c.cfg.PlainKey()) {
		if r.Body != nil {
			r.Body.Close()
		}
		return nil, &errPlain{ShowURL(c.cfg.BaseURL)}
	}
	r = r.Clone(r.Context())
	if name := c.KeyHeader; name != "" {
		r.Header.Del("Authorization")
		if k := c.cfg.Key.value(); k != "" {
			r.Header.Set(name, k)
		}
	}
	for name, value := range c.Headers {
		r.Header.Set(name, value)
	}
	if len(c.Query) > 0 {
		q := r.URL.Query()
		for name, value := range c.Query {
			q.Set(name, value)
		}
		r.URL.RawQuery = q.Encode()
	}
	if (len(c.Body) > 0 || c.Effort != "") && r.Body != nil && strings.HasSuffix(r.URL.Path, "/chat/completions") {
		if err := c.extend(r); err != nil {
			return nil, err
		}
	}
	res, err := c.next.RoundTrip(r)
	if res != nil && res.Request == r && r.URL.RawQuery != "" {
		shown := *r
		shown.URL = &url.URL{Scheme: r.URL.Scheme, Host: r.URL.Host, Path: r.URL.Path}
		res.Request = &shown // errors must not show parameters
	}
	return res, err
}

// extend adds the fields of Body to the JSON object of a request.
func (c *customiser) extend(r *http.Request) error {
	raw, err := io.ReadAll(r.Body)
	r.Body.Close()
	if err != nil {
		return err
	}
	var fields map[string]any
	if err := json.Unmarshal(raw, &fields); err != nil {
		return fmt.Errorf("llm: adding the body fields of the configuration: %w", err)
	}
	if _, set := fields["reasoning_effort"]; !set && c.Effort != "" {
		fields["reasoning_effort"] = c.Effort
	}
	for name, value := range c.Body {
		fields[name] = value
	}
	if raw, err = json.Marshal(fields); err != nil {
		return fmt.Errorf("llm: adding the body fields of the configuration: %w", err)
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(raw)), int64(len(raw))
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(raw)), nil }
	return nil
}

// CloseIdleConnections closes the idle connections of the wrapped transport.
func (c *customiser) CloseIdleConnections() {
	if closer, ok := c.next.(interface{ CloseIdleConnections() }); ok {
		closer.CloseIdleConnections()
	}
}
