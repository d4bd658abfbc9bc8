package fakeopenai

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"weft/rag/lazyregexp"
)

// call is one request being handled by the server.
type call struct {
	s      *Server
	w      http.ResponseWriter
	r      *http.Request
	o      spec
	rnd    *rand.Rand
	id     string
	model  string
	status int
}

var directive = lazyregexp.New(`\{\{fake:([^}]*)\}\}`)

type message struct {
	Role    string          `json:"role"`
	Content json.RawMessage `json:"content"`
}

// text returns the content, in its string form or its array-of-parts form, as text.
func (m message) text() string {
	var s string
	if json.Unmarshal(m.Content, &s) == nil {
		return s
	}
	var parts []struct{ Type, Text string }
	json.Unmarshal(m.Content, &parts)
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(p.Text)
	}
	return b.String()
}

type request struct {
	Model         string    `json:"model"`
	Messages      []message `json:"messages"`
	Stream        bool      `json:"stream"`
	StreamOptions *struct {
		IncludeUsage bool `json:"include_usage"`
	} `json:"stream_options"`
	MaxTokens           int               `json:"max_tokens"`
	MaxCompletionTokens int               `json:"max_completion_tokens"`
	Temperature         *float64          `json:"temperature"`
	Seed                *int64            `json:"seed"`
	Stop                json.RawMessage   `json:"stop"`
	Input               json.RawMessage   `json:"input"`
	EncodingFormat      string            `json:"encoding_format"`
	Dimensions          int               `json:"dimensions"`
	Query               string            `json:"query"`
	Documents           []json.RawMessage `json:"documents"`
	Texts               []json.RawMessage `json:"texts"`
	TopN                int               `json:"top_n"`
	ReturnDocuments     bool              `json:"return_documents"`
}

// gate waits for a free slot and for the configured latency, then applies the faults that come
// before an answer. It reports whether to handle the request.
func (c *call) gate() bool {
	if n := c.o.i("slots"); n > 0 {
		c.s.mu.Lock()
		if c.s.slots == nil {
			c.s.slots = make(chan struct{}, n)
		}
		slots := c.s.slots
		c.s.mu.Unlock()
		select {
		case slots <- struct{}{}:
			context.AfterFunc(c.r.Context(), func() { <-slots }) // freed when the handler returns
		case <-c.r.Context().Done():
			return false
		}
	}
	if !c.sleep(c.o.d("latency")) {
		return false
	}
	switch {
	case c.o["redirect"] != "":
		c.fault("redirect")
		c.w.Header().Set("Location", c.o["redirect"])
		c.status = 307
		c.w.WriteHeader(307)
	case c.o.on("hang"):
		c.fault("hang")
		<-c.r.Context().Done()
	case c.o.on("refuse"):
		c.fault("refuse")
		c.reset()
	case c.rnd.Float64() < c.o.f("429"):
		c.fault("429")
		switch ra := c.o["retry_after"]; ra {
		case "none":
		case "date":
			c.w.Header().Set("Retry-After", time.Now().Add(2*time.Second).UTC().Format(http.TimeFormat))
		default:
			c.w.Header().Set("Retry-After", ra)
		}
		c.fail(429, "rate_limit_error", "Rate limit reached", "rate_limit_exceeded")
	case c.o.i("status") > 0:
		c.fault("status")
		c.fail(c.o.i("status"), "server_error", "injected status", nil)
	case c.rnd.Float64() < c.o.f("error_rate"):
		c.fault("error_rate")
		c.fail(c.o.i("error_status"), "server_error", "injected error", nil)
	default:
		return true
	}
	return false
}

func (s *Server) known(m string) bool { return slices.Contains(s.models, m) }

func (c *call) modelCard(m string) any {
	card := map[string]any{"id": m, "object": "model", "created": c.s.start.Unix(), "owned_by": "fakeopenai"}
	if n := c.o.i("context_length"); n > 0 {
		card["max_model_len"] = n
	}
	return card
}

func (c *call) unknownModel(m string) {
	c.fail(404, "invalid_request_error", fmt.Sprintf("The model `%s` does not exist or you do not have access to it.", m), "model_not_found")
}

func (c *call) fault(name string) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	c.s.stats.Faults++
	for i := len(c.s.log) - 1; i >= 0; i-- {
		if c.s.log[i].Path == strings.TrimSuffix(c.r.URL.Path, "/") && c.s.log[i].Fault == "" {
			c.s.log[i].Fault = name
			break
		}
	}
}

func (c *call) fail(status int, typ, msg string, code any) {
	if c.o.on("html") {
		c.status = status
		c.w.Header().Set("Content-Type", "text/html")
		c.w.WriteHeader(status)
		fmt.Fprintf(c.w, "<html><head><title>%d %s</title></head><body><center><h1>%d</h1></center><hr>nginx</body></html>\n", status, http.StatusText(status), status)
		return
	}
	c.json(status, map[string]any{"error": map[string]any{"message": msg, "type": typ, "param": nil, "code": code}})
}

func (c *call) json(status int, v any) {
	c.status = status
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	b = append(b, '\n')
	if status == 200 && c.o.on("bad_json") {
		c.fault("bad_json")
		b = b[:len(b)/2]
	}
	ct := c.o["content_type"]
	if ct == "" {
		ct = "application/json"
	}
	c.w.Header().Set("Content-Type", ct)
	if n := c.o.i("truncate"); n > 0 && status == 200 {
		c.fault("truncate")
		c.w.Header().Set("Content-Length", strconv.Itoa(len(b)+n))
		c.w.WriteHeader(status)
		c.w.Write(b)
		c.flush()
		panic(http.ErrAbortHandler)
	}
	c.w.WriteHeader(status)
	c.w.Write(b)
}

func (c *call) sleep(d time.Duration) bool {
	if d <= 0 {
		return c.r.Context().Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-c.r.Context().Done():
		return false
	}
}

// reset ends the connection with RST.
func (c *call) reset() {
	if h, ok := c.w.(http.Hijacker); ok {
		if conn, _, err := h.Hijack(); err == nil {
			if t, ok := conn.(*net.TCPConn); ok {
				t.SetLinger(0)
			}
			conn.Close()
			return
		}
	}
	panic(http.ErrAbortHandler)
}
