package llm

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"weft/flow/show"
	"weft/rag/llm/fakeopenai"
)

func newClient(t *testing.T, base string, set func(*Config)) *Client {
	t.Helper()
	cfg := Config{BaseURL: base, Key: NewKey(canary), Model: "fake-model", EmbedModel: "fake-embed"}
	if set != nil {
		set(&cfg)
	}
	c, err := New(cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// eventually waits for a condition, with a deadline for busy machines.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	begun := time.Now()
	for tick := time.Tick(time.Millisecond); !holds(); <-tick {
		if time.Since(begun) > time.Minute {
			t.Fatalf("%s does not come", what)
		}
	}
}

func TestTheObserverGetsRateTokensAndCost(t *testing.T) {
	prices := func(c *Config) { c.Prices = Prices{Input: 2, Output: 8} }
	inBubble(t, "tps=20&tokens=41&reasoning=20", prices, func(t *testing.T, c *Client, s *fakeopenai.Server) {
		var w watch
		got, err := c.Chat(w.ctx(t.Context()), ask("hello there"), w.delta)
		if err != nil {
			t.Fatal(err)
		}
		last := w.calls[len(w.calls)-1]
		if last.CompletionTokens != 61 || last.ReasoningTokens == 0 || last.PromptTokens != 6 || last.Finish != "stop" || last.Estimated {
			t.Errorf("%+v", last)
		}
		if last.Rate < 19 || last.Rate > 21 {
			t.Errorf("%v tokens a second, at 20", last.Rate)
		}
		if want := (6*2 + 61*8) / 1e6; last.Cost != want || last.Currency != "USD" {
			t.Errorf("cost %v %s, want %v", last.Cost, last.Currency, want)
		}
		if got.Reasoning == "" || strings.Contains(got.Text, got.Reasoning) || w.deltas[0].Text != "" {
			t.Error("reasoning and answer are not separated")
		}
		j, err := json.Marshal(last)
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{"operation", "model", "endpoint", "state", "attempt", "wait_ms", "prompt_tokens", "completion_tokens", "reasoning_tokens", "finish"} {
			if !strings.Contains(string(j), `"`+key+`":`) {
				t.Errorf("%s is missing from %s", key, j)
			}
		}
	})
}

func TestReasoningIsSeparatedInEveryForm(t *testing.T) {
	for _, fault := range []string{"reasoning=9", "reasoning=9&reasoning_field=reasoning", "think=9", "think=9&bytewise=1"} {
		inBubble(t, fault, nil, func(t *testing.T, c *Client, _ *fakeopenai.Server) {
			got, err := c.Chat(t.Context(), ask("hello"), nil)
			if err != nil || len(strings.Fields(got.Reasoning)) != 9 || len(strings.Fields(got.Text)) != 64 || strings.Contains(got.Text, "think") {
				t.Errorf("%s: %q %q %v", fault, got.Reasoning, got.Text, err)
			}
		})
	}
}

func TestAPromptThatWasCutSilentlyIsNoticed(t *testing.T) {
	long := strings.Repeat("seven words make a sentence of text. ", 100)
	for fault, want := range map[string]string{"": "", "prompt_tokens=300": "the server read only 300 of at least 700 tokens of the prompt", "usage=never": ""} {
		inBubble(t, fault, nil, func(t *testing.T, c *Client, _ *fakeopenai.Server) {
			var w watch
			got, err := c.Chat(w.ctx(t.Context()), ask(long), nil)
			if err != nil || !strings.HasPrefix(got.Degraded, want) || want == "" && got.Degraded != "" || !strings.Contains(w.reasons(), want) {
				t.Errorf("%s: %q %v", fault, got.Degraded, err)
			}
			if got.Usage.Estimated != (fault == "usage=never") || got.Usage.PromptTokens == 0 {
				t.Errorf("%s: %+v", fault, got.Usage)
			}
		})
	}
}

// TestAPromptThatWasTooLongFitsTheNextTime checks that the client learns the context from the
// error, or from the number of tokens read.
func TestAPromptThatWasTooLongFitsTheNextTime(t *testing.T) {
	p, err := LoadPrompts("")
	if err != nil {
		t.Fatal(err)
	}
	var passages []Passage
	for i := range 20 {
		passages = append(passages, Passage{Source: fmt.Sprintf("f%d.md:1", i), Text: strings.Repeat("some words of a long passage. ", 30)})
	}
	for _, fault := range []string{"ctx=1500", "prompt_tokens=900"} {
		inBubble(t, fault, func(c *Config) { c.Context = 16384 }, func(t *testing.T, c *Client, s *fakeopenai.Server) {
			for try := range 2 {
				cfg := c.Config()
				prompt, err := p.Fit(PromptAnswer, PromptData{Question: "what?", Passages: passages}, cfg.Context, cfg.MaxTokens, c.Tokens)
				if err != nil {
					t.Fatal(err)
				}
				got, err := c.Chat(t.Context(), Request{Messages: prompt.Messages}, nil)
				if failed := err != nil || got.Degraded != ""; failed != (try == 0) {
					t.Errorf("%s: try %d with %d tokens: %v %s", fault, try, prompt.Tokens, err, got.Degraded)
				}
			}
		})
	}
}

func TestErrorFormatsOfServers(t *testing.T) {
	for body, want := range map[string]string{
		`{"error":{"message":"m","type":"t","code":7}}`: "m", `{"error":"m"}`: "m", `{"message":"m"}`: "m", `{"detail":"m"}`: "m", `m`: "m", `{"error":{"code":"x"}}`: `{"code":"x"}`,
		`{"error":null,"message":"m"}`: "m", "a\x1b[31m\nb\u202e": "a [31m b\u202e", strings.Repeat("x", 1000): strings.Repeat("x", 297) + "…",
	} {
		if got := string(readError([]byte(body)).Message); got != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
	}
	stream := "data: {\"error\":{\"code\":400,\"message\":\"request (9000 tokens) exceeds the available context size (8192 tokens)\",\"type\":\"exceed_context_size_error\",\"n_ctx\":8192}}\n\n"
	c, err := New(Config{BaseURL: "http://h/v1", Model: "m", Context: 16384}, answering{[]byte(stream)})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Chat(t.Context(), ask("hello"), nil)
	if e := new(Error); !errors.As(err, &e) || e.Kind != TooLong || e.Context != 8192 || c.Config().Context != 8192 {
		t.Errorf("%v, then %d tokens", err, c.Config().Context)
	}
}

func TestEveryRequestHasALimitAndATemperature(t *testing.T) {
	inBubble(t, "", nil, func(t *testing.T, c *Client, s *fakeopenai.Server) {
		if _, err := c.Chat(t.Context(), ask("hello"), nil); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Chat(t.Context(), Request{Messages: ask("hello").Messages, Model: "gpt-5-nano"}, nil); err != nil {
			t.Fatal(err)
		}
		reqs := s.Requests()
		for i, want := range []string{`"max_tokens":2048`, `"max_completion_tokens":2048`} {
			if !strings.Contains(string(reqs[i].Body), want) {
				t.Errorf("%s has no %s", reqs[i].Body, want)
			}
		}
		if !strings.Contains(string(reqs[0].Body), `"temperature":0.000001`) && !strings.Contains(string(reqs[0].Body), `"temperature":1e-06`) {
			t.Errorf("no temperature in %s", reqs[0].Body)
		}
	})
}

func TestTheWaitThatTheServerAsksForIsKept(t *testing.T) {
	for fault, want := range map[string]time.Duration{"429=1&retry_after=7": 7 * time.Second, "429=1&retry_after=date": 2 * time.Second} {
		inBubble(t, "", nil, func(t *testing.T, c *Client, s *fakeopenai.Server) {
			s.Script(fault, "")
			var w watch
			begun := time.Now()
			if _, err := c.Chat(w.ctx(t.Context()), ask("hello"), nil); err != nil {
				t.Fatal(err)
			}
			wait := time.Duration(w.calls[1].WaitMS) * time.Millisecond
			retry := w.calls[1]
			if d := time.Since(begun); d > want || d < want-time.Second || wait != d || retry.Attempt != 1 || retry.Attempts != 4 || w.calls[2].Attempt != 2 {
				t.Errorf("%s: waited %v, announced %v: %+v", fault, d, wait, w.calls)
			}
		})
	}
}

func TestAnUnreachableServerIsReported(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	base := "http://" + l.Addr().String() + "/v1"
	l.Close()
	quick := func(c *Config) { c.Retry = Retry{Attempts: 2, Wait: time.Millisecond} }
	var w watch
	got, err := newClient(t, base, quick).Chat(w.ctx(t.Context()), ask("hello"), nil)
	if want := "nothing answers at " + base + ": is the server running? (tried 2 times)"; err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if w.states() != "queued retry done" || got.CutOff == "" {
		t.Errorf("%s, %q", w.states(), got.CutOff)
	}
	for cause, want := range map[error]string{
		&net.DNSError{Name: "models.test", IsNotFound: true, Err: "no such host"}:           "http://models.test/v1 cannot be reached: there is no host models.test",
		&tls.CertificateVerificationError{Err: errors.New("x509: certificate has expired")}: "http://models.test/v1 cannot be reached: x509: certificate has expired",
		http.ErrSchemeMismatch:                              "http://models.test/v1 cannot be reached: http: server gave HTTP response to HTTPS client",
		&net.OpError{Op: "dial", Err: syscall.Errno(10061)}: "nothing answers at http://models.test/v1: is the server running? (tried 2 times)",
		&net.OpError{Op: "dial", Err: syscall.ENETUNREACH}:  "http://models.test/v1 cannot be reached: network is unreachable (tried 2 times)",
	} {
		c, err := New(Config{BaseURL: "http://models.test/v1", Model: "m", Retry: Retry{Attempts: 2, Wait: 1}}, failing{cause})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Chat(t.Context(), ask("hello"), nil); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

// failing is a transport that returns the same error to every request.
type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

// TestCancellingFreesTheSlot checks, in each phase of an answer, that the server notices at once
// that its client is gone. It uses a synctest clock, so a busy machine takes no longer.
func TestCancellingFreesTheSlot(t *testing.T) {
	for _, fault := range []string{"hang=1", "ttft=1h", "tps=5", "hang_after=2", "tps=1000&tokens=10000"} {
		inBubble(t, fault, func(c *Config) { c.MaxTokens = 1e6 }, func(t *testing.T, c *Client, s *fakeopenai.Server) {
			for try := range 5 {
				ctx, cancel := context.WithCancel(t.Context())
				done := make(chan struct{})
				var got Completion
				var err error
				go func() {
					defer close(done)
					got, err = c.Chat(ctx, ask("hello"), nil)
				}()
				time.Sleep(time.Second)
				if st := s.Stats(); st.Active != 1 || fault != "hang=1" && st.Streams != try+1 {
					t.Fatalf("%s: no answer is under way: %+v", fault, st)
				}
				cancel()
				synctest.Wait()
				if st := s.Stats(); st.Active != 0 || st.Cancelled != try+1 {
					t.Errorf("%s: the slot is held: %+v", fault, st)
				}
				<-done
				if !errors.Is(err, context.Canceled) || got.CutOff != "it was cancelled" {
					t.Errorf("%s: %v, %q", fault, err, got.CutOff)
				}
			}
		})
	}
}

func TestCancellingAWaitForTheNextAttemptEndsIt(t *testing.T) {
	inBubble(t, "429=1&retry_after=60", nil, func(t *testing.T, c *Client, _ *fakeopenai.Server) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		begun := time.Now()
		_, err := c.Chat(ctx, ask("hello"), nil)
		if d := time.Since(begun); d != 5*time.Second || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v after %v", err, d)
		}
	})
}

// TestManyStreamsAtOnce runs many streams through one client, a third of them with faults and a
// sixth cancelled. No text may be mixed up or lost, and no goroutine or connection leaked. The fake
// gives each question a distinct answer.
func TestManyStreamsAtOnce(t *testing.T) {
	n := 100
	if os.Getenv("WEFT_LONG") == "1" {
		n = 500
	}
	s := fakeopenai.New("ttft=20ms&tps=2000")
	var came atomic.Int64
	many := make(chan struct{}) // closed when enough requests run at once
	ts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if came.Add(1) == int64(n/4) {
			close(many)
		}
		select {
		case <-many:
			s.ServeHTTP(w, r)
		case <-r.Context().Done():
		case <-time.After(time.Minute):
			t.Errorf("only %d requests at once", came.Load())
		}
	}))
	defer ts.Close()
	c := newClient(t, ts.URL+"/v1", func(c *Config) { c.Retry = Retry{Attempts: 100, Wait: 5 * time.Millisecond} })
	want := make([]string, n)
	var wg sync.WaitGroup
	for i := range n {
		question := fmt.Sprintf("question %d", i)
		fault := ""
		switch i % 6 {
		case 1:
			fault = "{{fake:drop_after=5}}"
		case 2:
			fault = "{{fake:429=0.5&retry_after=0}}"
		}
		wg.Go(func() {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			seen := 0
			got, err := c.Chat(ctx, ask(question+fault), func(d show.Delta) {
				if seen++; seen == 3 && i%6 == 3 {
					cancel()
				}
			})
			switch words := len(strings.Fields(got.Text)); {
			case i%6 == 1 && (err == nil || words != 5):
				t.Errorf("%d: dropped: %d words, %v", i, words, err)
			case i%6 == 3 && !errors.Is(err, context.Canceled):
				t.Errorf("%d: cancelled: %v", i, err)
			case i%6 != 1 && i%6 != 3 && (err != nil || words != 64):
				t.Errorf("%d: %d words, %v", i, words, err)
			}
			want[i] = got.Text
		})
	}
	wg.Wait()
	eventually(t, "the end of all requests", func() bool { return s.Stats().Active == 0 })
	for i := range n {
		if i%6 == 0 {
			got, err := c.Chat(t.Context(), ask(fmt.Sprintf("question %d", i)), nil)
			if err != nil || got.Text != want[i] {
				t.Fatalf("the answer to question %d was another's: %v", i, err)
			}
			break
		}
	}
}

// TestConnectionsAreUsedAgain checks that a finished answer returns its connection to the pool.
func TestConnectionsAreUsedAgain(t *testing.T) {
	// The response ends a little after the answer, as over a network.
	fake := fakeopenai.New("tokens=3")
	ts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fake.ServeHTTP(w, r)
		<-time.After(2 * time.Millisecond)
	}))
	defer ts.Close()
	base := ts.URL + "/v1"
	var dials atomic.Int64
	tr := NewTransport()
	dial := tr.DialContext
	tr.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		dials.Add(1)
		return dial(ctx, network, addr)
	}
	c, err := New(Config{BaseURL: base, Model: "fake-model"}, tr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range 50 {
		if _, err := c.Chat(t.Context(), ask("hello"), nil); err != nil {
			t.Fatal(err)
		}
	}
	if n := dials.Load(); n > 5 {
		t.Errorf("%d connections for 50 answers", n)
	}
}

// TestAConnectionThatClosesAsItIsUsedIsNotAnError checks that a kept-alive connection may be closed
// by the server at any time.
func TestAConnectionThatClosesAsItIsUsedIsNotAnError(t *testing.T) {
	var posts atomic.Int64
	fake := fakeopenai.New("tokens=3")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	hs := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if posts.Add(1)%3 == 0 { // a reused connection: close it without an answer
			conn, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				conn.Close()
			}
			return
		}
		fake.ServeHTTP(w, r)
	})}
	go hs.Serve(l)
	defer hs.Close()
	c := newClient(t, "http://"+l.Addr().String()+"/v1", nil)
	for range 20 {
		var w watch
		if _, err := c.Chat(w.ctx(t.Context()), ask("hello"), nil); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(w.states(), "retry") {
			t.Errorf("net/http did not repeat it by itself: %s", w.reasons())
		}
	}
}

// TestTheKeyShowsNowhere sends the canary key to a server that repeats it in every response, and
// searches all output for it.
func TestTheKeyShowsNowhere(t *testing.T) {
	seen := func(w *watch, parts ...any) string {
		j, err := json.Marshal(w.calls)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%+v %#v %s", parts, parts, j)
	}
	for _, status := range []int{200, 400, 401, 403, 404, 429, 500, 501, 503, 307} {
		for _, body := range []string{`{"error":{"message":"bad key %s"}}`, `{"error":"%s"}`, "<html>%s</html>", "%s", `data: {"error":{"message":"%s"}}` + "\n\n", "error: %s\n\n", "proxy says %s\n\n", `{"detail":[{"msg":"%s"}]}`} {
			h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				got := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
				if got != canary {
					t.Errorf("the key did not arrive: %q", got)
				}
				w.Header().Set("Location", "http://x:"+got+"@h/?k="+got)
				w.WriteHeader(status)
				fmt.Fprintf(w, body, got)
			})
			n := &network{hosts: map[string]http.Handler{"models.test": h}}
			c, err := New(Config{BaseURL: "https://models.test/v1", Key: NewKey(canary), Model: "m", EmbedModel: "e", RerankModel: "r", Retry: Retry{Attempts: 1, Patience: 1}}, n)
			if err != nil {
				t.Fatal(err)
			}
			var w watch
			ctx := w.ctx(t.Context())
			_, err1 := c.Models(ctx)
			got, err2 := c.Chat(ctx, ask("hello"), w.delta)
			_, err3 := c.Embedder(ctx)
			_, err4 := c.Reranker(ctx)
			p, err5 := Detect(ctx, Settings{Transport: n, Flags: Endpoint{BaseURL: "https://models.test/v1", Key: NewKey(canary)}})
			checks := c.Check(ctx)
			all := seen(&w, err1, got, err2, err3, err4, p, err5, checks, c.Config())
			for e := err2; e != nil; e = errors.Unwrap(e) {
				all += e.Error()
			}
			if strings.Contains(all, canary) {
				t.Errorf("%d %s: the key shows in\n%s", status, body, all)
			}
		}
	}
}

func TestCheckTriesEverythingThatIsUsed(t *testing.T) {
	inBubble(t, "", nil, func(t *testing.T, c *Client, _ *fakeopenai.Server) {
		checks := c.Check(t.Context())
		var names []string
		for _, k := range checks {
			names = append(names, k.Name)
			if k.Err != nil || k.Detail == "" {
				t.Errorf("%+v", k)
			}
		}
		if got := strings.Join(names, " "); got != "models completion tools embedding reranking" {
			t.Error(got)
		}
	})
	for options, want := range map[string]string{
		"tools=" + url.QueryEscape(`[{"name":"clock","arguments":{"city":"Oslo"}}]`): "calls tools",
		"say=noon": "called none", "no_tools=1": "called none",
	} {
		inBubble(t, options, nil, func(t *testing.T, c *Client, _ *fakeopenai.Server) {
			if k := c.Check(t.Context())[2]; k.Name != "tools" || k.Err != nil || !strings.Contains(k.Detail, want) {
				t.Errorf("%s: %+v, want %q", options, k, want)
			}
		})
	}
	for _, fault := range []string{"status=500", "loading=1h"} {
		inBubble(t, fault, nil, func(t *testing.T, c *Client, server *fakeopenai.Server) {
			checks := c.Check(t.Context())
			for _, k := range checks {
				if (k.Err == nil) != (k.Name == "models") || k.Took > time.Second {
					t.Errorf("%s: %+v", fault, k)
				}
			}
			if n := server.Stats().ByPath["/v1/chat/completions"]; n != 1 {
				t.Errorf("%s: the completion was tried %d times", fault, n)
			}
		})
	}
}

// FuzzStreams checks that an answer ends for any bytes that a server sends, and counts as finished
// only if they contain a finish reason.
// An answer has either an error or a finish reason. It is finished only if the server said so: by a
// finish reason, or by the mark at the end of the stream. What was cut off says why.
func FuzzStreams(f *testing.F) {
	f.Add([]byte("data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\ndata: {\"choices\":[{\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"))
	f.Add([]byte("data: {\"error\":{\"message\":\"x\"}}\n\n"))
	f.Add([]byte("error: {}\n\n:\n\ndata:{}\r\n"))
	f.Add([]byte("{\"choices\":[{\"message\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}"))
	f.Add([]byte("<html>"))
	f.Add([]byte("data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\ndata: {\"cho\n\ndata: [DONE]"))
	f.Add([]byte("data: {\"choices\":[null]}\n\ndata: null\n\ndata: [1]"))
	f.Fuzz(func(t *testing.T, body []byte) {
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			w.Write(body)
		})
		c, err := New(Config{BaseURL: "http://h/v1", Model: "m", Retry: Retry{Wait: time.Millisecond}}, &network{hosts: map[string]http.Handler{"h": h}})
		if err != nil {
			t.Fatal(err)
		}
		var w watch
		got, err := c.Chat(w.ctx(t.Context()), ask("hello"), w.delta)
		marked := bytes.ContainsAny(body, "fF\\") || bytes.Contains(body, []byte("[DONE]"))
		if (err == nil) != (got.Finish != "") || err == nil && !marked || err != nil && got.CutOff == "" || w.text() != got.Text {
			t.Errorf("%q: %+v %v", body, got, err)
		}
	})
}
