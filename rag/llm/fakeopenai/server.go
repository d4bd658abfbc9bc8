package fakeopenai

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A Server is a fake model server and an [http.Handler]. It is safe for concurrent use.
type Server struct {
	start  time.Time
	models []string
	query  string
	nreq   atomic.Uint64

	mu     sync.Mutex
	base   spec
	script []string
	log    []Request
	slots  chan struct{}
	stats  Stats
	tries  map[string]int // requests by model that has a quirk
	count  func(string) int
	policy func(body json.RawMessage) string
}

// Stats counts what a server has handled since it was created.
type Stats struct {
	Requests        int            // all of them
	Streams         int            // chat completions that were streamed
	Finished        int            // requests whose client stayed to the end
	Cancelled       int            // requests whose client disconnected
	Faults          int            // faults that took effect
	Tokens          int            // tokens written
	EmbeddingInputs int            // texts embedded
	Active          int            // requests being served now
	MaxActive       int            // maximum of Active
	ByPath          map[string]int // requests by path
	ByStatus        map[string]int // requests by status
}

// A Request is one request as it arrived.
type Request struct {
	Path   string
	Header http.Header
	Body   json.RawMessage // as a JSON string if it was not JSON
	Fault  string          // the fault that took effect
}

// New returns a server with the given options (a query string, such as "tps=50&drop_after=3"; see
// options.go) and models.
func New(query string, models ...string) *Server {
	if len(models) == 0 {
		models = []string{"fake-model", "fake-embed"}
	}
	s := &Server{start: time.Now(), models: models, query: query, base: defaults(query), tries: map[string]int{}}
	s.stats.ByPath, s.stats.ByStatus = map[string]int{}, map[string]int{}
	return s
}

// Configure changes options for requests from now on.
func (s *Server) Configure(query string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.base, s.slots = s.base.merge(query), nil
}

// CountWith sets how the tokens of a message are counted. By default they are its words.
func (s *Server) CountWith(count func(text string) int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count = count
}

// tokens returns the tokens of a message, with four for the chat template.
func (s *Server) tokens(text string) int {
	s.mu.Lock()
	count := s.count
	s.mu.Unlock()
	if count == nil {
		return len(pieces(text)) + 4
	}
	return count(text) + 4
}

// Script queues behaviours for coming POST requests. Each request uses up one, in order; "" means
// no fault.
func (s *Server) Script(queries ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script = append(s.script, queries...)
}

// Clear removes the behaviours that [Server.Script] has queued.
func (s *Server) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script = nil
}

// Decide sets a function that chooses the behaviour of each POST request for which nothing is
// scripted, from the request's body. It is called in the goroutine of the request.
func (s *Server) Decide(policy func(body json.RawMessage) string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.policy = policy
}

// Stats returns a copy of the counters.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.stats
	st.ByPath, st.ByStatus = maps.Clone(st.ByPath), maps.Clone(st.ByStatus)
	return st
}

// Requests returns the latest requests, at most 1000, in order of arrival.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log)
}

// ServeHTTP handles one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimSuffix(r.URL.Path, "/")
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	var req request
	jsonErr := error(nil)
	if len(body) > 0 {
		jsonErr = json.Unmarshal(body, &req)
	}

	n := s.nreq.Add(1)
	c := &call{s: s, w: w, r: r, id: fmt.Sprintf("chatcmpl-fake-%d", n)}
	api := r.Method == http.MethodPost
	s.mu.Lock()
	c.o = s.base
	policy := s.policy
	if api && len(s.script) > 0 {
		c.o, s.script, policy = c.o.merge(s.script[0]), s.script[1:], nil
	}
	s.mu.Unlock()
	if api && policy != nil {
		c.o = c.o.merge(policy(body))
	}
	c.model = req.Model
	if m, q, ok := strings.Cut(req.Model, "?"); ok {
		c.model, c.o = m, c.o.merge(q)
	}
	c.o = c.o.merge(r.Header.Get("X-Fake"))
	for i := len(req.Messages) - 1; i >= 0; i-- {
		if req.Messages[i].Role == "user" {
			if m := directive.FindStringSubmatch(req.Messages[i].text()); m != nil {
				c.o = c.o.merge(m[1])
			}
			break
		}
	}
	c.rnd = rand.New(rand.NewPCG(1, n))
	if c.rnd.Float64() >= c.o.f("fault_rate") { // no faults for this request
		for _, k := range []string{"status", "hang", "refuse", "429", "error_rate", "long_line",
			"junk_line", "truncate", "bad_json"} {
			c.o[k] = "0"
		}
		for k := range c.o {
			if strings.HasSuffix(k, "_after") && k != "retry_after" {
				c.o[k] = "-1"
			}
		}
	}

	s.mu.Lock()
	s.stats.Requests++
	s.stats.ByPath[path]++
	s.stats.Active++
	s.stats.MaxActive = max(s.stats.MaxActive, s.stats.Active)
	s.log = append(s.log, Request{path, r.Header.Clone(), json.RawMessage(validJSON(body)), ""})
	if len(s.log) > 1000 {
		s.log = s.log[len(s.log)-1000:]
	}
	s.mu.Unlock()
	defer func() {
		p := recover()
		s.mu.Lock()
		s.stats.Active--
		s.stats.ByStatus[strconv.Itoa(c.status)]++
		if r.Context().Err() != nil {
			s.stats.Cancelled++
		} else {
			s.stats.Finished++
		}
		s.mu.Unlock()
		if p != nil {
			panic(p)
		}
	}()

	route := strings.TrimPrefix(path, "/v1")
	if key := c.o["api_key"]; key != "" && route != "/health" && r.Header.Get("Authorization") != "Bearer "+key {
		c.fail(401, "authentication_error", "Invalid API Key", nil)
		return
	}
	if route != "/models" && time.Since(s.start) < c.o.d("loading") {
		c.fail(503, "unavailable_error", "Loading model", nil)
		return
	}
	if api && !c.gate() {
		return
	}
	var params map[string]json.RawMessage
	json.Unmarshal(body, &params)
	if p := c.o["unsupported"]; p != "" && params[p] != nil {
		c.fail(400, "invalid_request_error", "Unsupported parameter: '"+p+"' is not supported with this model.", "unsupported_parameter")
		return
	}
	if c.o.on("no_tools") && params["tools"] != nil {
		c.fail(400, "api_error", fmt.Sprintf("%s does not support tools", c.model), nil)
		return
	}
	switch {
	case route == "/health":
		c.json(200, map[string]string{"status": "ok"})
	case route == "/models" && c.o.on("html"):
		c.fail(200, "", "", nil)
	case route == "/models":
		list := []any{}
		for _, m := range s.models {
			list = append(list, c.modelCard(m))
		}
		c.json(200, map[string]any{"object": "list", "data": list})
	case strings.HasPrefix(route, "/models/"):
		if m := strings.TrimPrefix(route, "/models/"); s.known(m) {
			c.json(200, c.modelCard(m))
		} else {
			c.unknownModel(m)
		}
	case !strings.Contains(" /chat/completions /embeddings /rerank /reranking ", " "+route+" "):
		c.fail(404, "not_found_error", "File Not Found", nil)
	case !api:
		c.fail(405, "invalid_request_error", "Method not allowed", nil)
	case jsonErr != nil:
		c.fail(400, "invalid_request_error", "cannot parse the body: "+jsonErr.Error(), nil)
	case c.o.on("strict_model") && !s.known(c.model):
		c.unknownModel(c.model)
	case route == "/chat/completions" && c.quirked(&req):
	case route == "/chat/completions":
		c.chat(&req)
	case route == "/embeddings" && c.o.i("no_embeddings") > 0:
		c.fail(c.o.i("no_embeddings"), "not_supported_error", "This server does not support embeddings. Start it with `--embeddings`", nil)
	case route == "/embeddings":
		c.embeddings(&req)
	default:
		c.rerank(&req)
	}
}
