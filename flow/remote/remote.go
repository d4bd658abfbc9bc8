// Package remote follows and answers the runs of a server of workflows (package flow/serve) on
// another machine or in another process.
//
//	c, err := remote.New("http://127.0.0.1:8765", token)
//	run, err := c.Start(ctx, "rag", json.RawMessage(`{"text":"…"}`))
//	for r := range run.Records(ctx, 0) {
//		…
//	}
//
// A [Run] is read like one of package flow: its records are those of the server's journal, each once
// and in order, whatever happens to the connection. A client that has lost its connection connects
// again by itself and continues after the last record that it has.
//
// A server of another program, such as LlamaIndex's, has no journals. The records of its runs are then
// made from the events that it sends, as far as these go: see [Run.Follow].
package remote

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"weft/flow"
)

// maxAnswer limits the length of an answer that is not a stream, in bytes.
const maxAnswer = 64 << 20

// askWithin limits how long the server may take for an answer that is not a stream.
const askWithin = 30 * time.Second

// A StatusError is an answer of the server that refuses a request.
type StatusError struct {
	Status int    // of HTTP
	Detail string // what the server says
	body   []byte
}

func (e *StatusError) Error() string {
	switch e.Status {
	case http.StatusUnauthorized:
		return "the server wants a token, or another one"
	case http.StatusForbidden:
		return "the server refuses: " + e.Detail
	}
	return fmt.Sprintf("%s (%d)", e.Detail, e.Status)
}

// final reports whether asking again cannot help.
func final(err error) bool {
	var status *StatusError
	return errors.As(err, &status) && status.Status < 500 && status.Status != http.StatusTooManyRequests
}

// A Client talks to one server. Its methods may be called from any goroutine.
type Client struct {
	base  *url.URL
	token string
	http  *http.Client
	link  func(error)
	pause time.Duration // the first pause before it connects again
	now   func() time.Time

	foreign atomic.Bool
	mu      sync.Mutex
	flows   map[string]foreignFlow // by name
	breaks  *Breakpoints           // of runs that are started from now on; nil: none
}

// New returns a client of the server at an address such as http://127.0.0.1:8765. A token in the
// address, as in the link that weft serve prints, is used if none is given. It does not connect yet.
func New(address, token string) (*Client, error) {
	base, err := url.Parse(address)
	if err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Host == "" {
		return nil, fmt.Errorf("%q is not the address of a server: give one such as http://127.0.0.1:8765", address)
	}
	if token == "" {
		token = base.Query().Get("token")
	}
	base = &url.URL{Scheme: base.Scheme, Host: base.Host}
	return &Client{base: base, token: token, http: &http.Client{}, link: func(error) {}, pause: firstPause, now: time.Now, flows: map[string]foreignFlow{}}, nil
}

// Address returns the address of the server, without a token.
func (c *Client) Address() string { return c.base.String() }

// OnLink sets a function that is called with the reason when the connection for a run's records is
// lost, and with nil when it is re-established. It is set before the first run is followed.
func (c *Client) OnLink(f func(error)) { c.link = f }

// do sends a request. An answer that refuses it is a StatusError.
func (c *Client) do(ctx context.Context, method, path string, query url.Values, body any) (*http.Response, error) {
	at := c.base.JoinPath(path)
	at.RawQuery = query.Encode()
	var sent io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		sent = bytes.NewReader(raw)
	}
	r, err := http.NewRequestWithContext(ctx, method, at.String(), sent)
	if err != nil {
		return nil, err
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	res, err := c.http.Do(r)
	if err != nil {
		return nil, err
	}
	if res.StatusCode < 300 {
		return res, nil
	}
	defer res.Body.Close()
	var failure struct{ Detail string }
	raw, _ := io.ReadAll(io.LimitReader(res.Body, maxAnswer)) // without it the status says enough
	if json.Unmarshal(raw, &failure) != nil || failure.Detail == "" {
		failure.Detail = http.StatusText(res.StatusCode)
	}
	return nil, &StatusError{res.StatusCode, failure.Detail, raw}
}

// errUnreadable is wrapped by the error about an answer that is not the expected JSON.
var errUnreadable = errors.New("the answer of the server is not as expected")

// ask sends a request and decodes the answer into v.
func (c *Client) ask(ctx context.Context, method, path string, query url.Values, body, v any) error {
	ctx, stop := context.WithTimeout(ctx, askWithin)
	defer stop()
	res, err := c.do(ctx, method, path, query, body)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	err = json.NewDecoder(io.LimitReader(res.Body, maxAnswer)).Decode(v)
	var syntax *json.SyntaxError
	var typ *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case err == io.EOF, errors.As(err, &syntax), errors.As(err, &typ):
		return fmt.Errorf("%w: %w", errUnreadable, err)
	}
	return fmt.Errorf("the answer of the server was cut off: %w", err)
}

// Errors of servers whose runs cannot be followed.
var (
	errNoServer    = errors.New("the program that answers there is not a workflow server")
	errNoWorkflows = errors.New("the server has no workflows")
)

// Workflows returns the graphs of the server's workflows, in the server's order; there is at least
// one. It also finds out whether the server is weft's: see [Client.Foreign]. The graph of a workflow
// that a foreign server does not draw has no steps.
func (c *Client) Workflows(ctx context.Context) ([]flow.Graph, error) {
	var names struct{ Workflows []string }
	switch err := c.ask(ctx, http.MethodGet, "/workflows", nil, nil, &names); {
	case missing(err), errors.Is(err, errUnreadable), err == nil && names.Workflows == nil:
		return nil, errNoServer
	case err != nil:
		return nil, err
	case len(names.Workflows) == 0:
		return nil, errNoWorkflows
	}
	var all []flow.Graph
	for _, name := range names.Workflows {
		var shown struct{ Graph drawing }
		err := c.ask(ctx, http.MethodGet, "/workflows/"+url.PathEscape(name)+"/representation", nil, nil, &shown)
		switch {
		case err != nil && !missing(err) && !errors.Is(err, errUnreadable):
			return nil, err
		case err == nil && shown.Graph.Flow != nil:
			all = append(all, *shown.Graph.Flow)
			continue
		}
		c.foreign.Store(true)
		f := foreignFlow{graph: shown.Graph.graph(name)}
		if f.human, err = c.person(ctx, name, &shown.Graph); err != nil {
			return nil, err
		}
		c.mu.Lock()
		c.flows[name] = f
		c.mu.Unlock()
		all = append(all, f.graph)
	}
	return all, nil
}

// missing reports whether a server does not have what it was asked for.
func missing(err error) bool {
	var status *StatusError
	return errors.As(err, &status) && (status.Status == http.StatusNotFound || status.Status == http.StatusMethodNotAllowed)
}

// Start starts a run of a workflow.
func (c *Client) Start(ctx context.Context, workflow string, start json.RawMessage) (*Run, error) {
	var begun struct {
		ID string `json:"handler_id"`
	}
	body := map[string]any{"start_event": start}
	c.mu.Lock()
	if c.breaks != nil && !c.Foreign() {
		body["breakpoints"] = *c.breaks
	}
	c.mu.Unlock()
	if err := c.ask(ctx, http.MethodPost, "/workflows/"+url.PathEscape(workflow)+"/run-nowait", nil, body, &begun); err != nil {
		return nil, err
	}
	return &Run{client: c, id: begun.ID, workflow: workflow, start: start}, nil
}

// Open returns a run of the server by its identifier. It does not ask whether there is one.
func (c *Client) Open(id string) *Run { return &Run{client: c, id: id} }

// A Run is a run on a server.
type Run struct {
	client *Client
	id     string

	workflow string          // "": it is not known
	start    json.RawMessage // the start event, if this client has started the run
}

// ID returns the run's identifier.
func (r *Run) ID() string { return r.id }

func (r *Run) path(before, after string) string { return before + url.PathEscape(r.id) + after }

// Reply answers the open await whose AwaitOpened record has this number as its Event. The reply is
// of the type that the record names.
func (r *Run) Reply(ctx context.Context, await uint64, typeName string, reply json.RawMessage) error {
	if r.client.Foreign() { // it has no numbers for awaits
		ev, err := chosen(typeName, reply)
		if err != nil {
			return err
		}
		return r.send(ctx, map[string]any{"event": ev})
	}
	return r.send(ctx, map[string]any{"event": event{typeName, reply}, "await": await})
}

// SendJSON sends an event to the run.
func (r *Run) SendJSON(ctx context.Context, typeName string, payload json.RawMessage) error {
	return r.send(ctx, map[string]any{"event": event{typeName, payload}})
}

type event struct {
	Type  string          `json:"type"`
	Value json.RawMessage `json:"value"`
}

func (r *Run) send(ctx context.Context, body map[string]any) error {
	var sent struct{}
	return r.client.ask(ctx, http.MethodPost, r.path("/events/", ""), nil, body, &sent)
}

// Cancel ends the run. It is not an error if the run has ended already.
func (r *Run) Cancel(ctx context.Context) error {
	var done struct{}
	err := r.client.ask(ctx, http.MethodPost, r.path("/handlers/", "/cancel"), nil, nil, &done)
	if missing(err) {
		if state, unknown := r.handler(ctx); unknown == nil && state.ended() {
			return nil
		}
	}
	return err
}
