package llm

import (
	"context"
	"errors"
	"runtime/debug"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"weft/flow/show"
	"weft/rag/llm/fakeopenai"
)

func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // the garbage collector would take a tenth of the processor time
	goleak.VerifyTestMain(m)
}

// canary is the key of every test. If it appears in any output, it has leaked.
const canary = "sk-canary-0123456789abcdefghijklmnop"

// A watch collects the parts of calls that are visible to the user.
type watch struct {
	calls  []show.ModelCall
	deltas []show.Delta
}

func (w *watch) ctx(ctx context.Context) context.Context {
	return WithObserver(ctx, func(m show.ModelCall) { w.calls = append(w.calls, m) })
}

func (w *watch) delta(d show.Delta) { w.deltas = append(w.deltas, d) }

func (w *watch) text() (s string) {
	for _, d := range w.deltas {
		s += d.Text
	}
	return s
}

func (w *watch) states() string {
	var s []string
	for _, c := range w.calls {
		s = append(s, string(c.State))
	}
	return strings.Join(s, " ")
}

func (w *watch) reasons() (s string) {
	for _, c := range w.calls {
		s += c.Reason + "\n"
	}
	return s
}

// inBubble runs f with a client of a fake server and a synctest clock, so waits take no time and
// can be measured exactly.
func inBubble(t *testing.T, query string, set func(*Config), f func(t *testing.T, c *Client, s *fakeopenai.Server)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s, transport, stop := fakeopenai.Pipe(t, query)
		cfg := Config{BaseURL: "http://models.test/v1", PlainKey: func() bool { return true }, Key: NewKey(canary), KeyName: "OPENAI_API_KEY", Model: "fake-model", EmbedModel: "fake-embed", RerankModel: "fake-rerank"}
		if set != nil {
			set(&cfg)
		}
		c, err := New(cfg, transport)
		if err != nil {
			t.Fatal(err)
		}
		f(t, c, s)
		c.Close()
		stop()
		synctest.Wait()
		if st := s.Stats(); st.Active != 0 {
			t.Errorf("%d requests are still being served", st.Active)
		}
	})
}

func ask(text string) Request {
	return Request{Messages: []show.Message{{Role: show.RoleUser, Content: text}}}
}

// TestFaults checks the visible result of each fault of a server: the error or cut-off, the number
// of tokens kept, the states states on the timeline, and the duration.
func TestFaults(t *testing.T) {
	const whole = 64 // tokens of an answer without faults
	for _, c := range []struct {
		name   string
		fault  string
		err    string        // part of the error, "" if there is none
		cutOff string        // part of why it was cut off
		tokens int           // tokens of the answer that were kept
		states string        // on the timeline
		reason string        // part of the reasons on the timeline
		took   time.Duration // at most
		least  time.Duration // at least
	}{
		{name: "nothing", fault: "", tokens: whole, states: "queued first_token done"},
		{name: "slow headers", fault: "latency=4m", tokens: whole, states: "queued first_token done", least: 4 * time.Minute, took: 4*time.Minute + time.Second},
		{name: "headers too slow", fault: "hang=1", err: "said nothing for 5m0s", states: "queued done", least: 5 * time.Minute, took: 5*time.Minute + time.Second},
		{name: "slow tokens", fault: "tps=0.05", tokens: whole, states: "queued first_token done", least: 20 * time.Minute},
		{name: "slow first token with pings", fault: "ttft=20m&ping=30s", tokens: whole, states: "queued first_token done", least: 20 * time.Minute},
		{name: "silence before the first token", fault: "ttft=20m", err: "said nothing for 1m0s", cutOff: "fell silent for 1m0s", states: "queued done", took: 61 * time.Second},
		{name: "silence in the stream", fault: "hang_after=3", err: "said nothing for 1m0s", cutOff: "fell silent for 1m0s", tokens: 3, states: "queued first_token done", took: 61 * time.Second},
		{name: "drop in the stream", fault: "drop_after=3", err: "broke before the answer was complete", cutOff: "the connection broke", tokens: 3, states: "queued first_token done"},
		{name: "reset in the stream", fault: "reset_after=3", err: "broke before the answer was complete", cutOff: "the connection broke", tokens: 3, states: "queued first_token done"},
		{name: "clean end without a finish reason", fault: "end_after=3", err: "without a finish reason", cutOff: "without a finish reason", tokens: 3, states: "queued first_token done"},
		{name: "a proxy's last words", fault: "end_after=3&end_line=proxy error: runner died", err: "runner died", cutOff: "proxy error: runner died", tokens: 3, states: "queued first_token done"},
		{name: "empty stream", fault: "end_after=0", err: "without a finish reason", cutOff: "connection broke", states: "queued retry done"},
		{name: "malformed event", fault: "malformed_after=3", cutOff: "could not be read and are missing: 1", tokens: whole, states: "queued first_token done"},
		{name: "error in the stream", fault: "error_after=3", err: "injected error in the stream", cutOff: "reported an error: injected", tokens: 3, states: "queued first_token done"},
		{name: "error in the stream after a ping", fault: "error_after=0&ttft=1m&ping=10s", err: "injected error in the stream", cutOff: "injected", states: "queued retry retry done"},
		{name: "error field", fault: "error_after=0&error_style=field", err: "injected error in the stream", cutOff: "injected", states: "queued retry retry done"},
		{name: "HTML with 200", fault: "status=200&html=1", err: "answered a web page, not the API: check that the base URL ends in /v1", states: "queued done"},
		{name: "HTML with 404", fault: "status=404&html=1", err: "answered a web page, not the API", states: "queued done"},
		{name: "401", fault: "api_key=other", err: "the key was refused (401) at http://models.test/v1: check OPENAI_API_KEY", states: "queued done"},
		{name: "404", fault: "status=404", err: `does not have the model "fake-model" (404)`, states: "queued done"},
		{name: "400", fault: "status=400", err: "does not take the request (400) at http://models.test/v1: injected status", states: "queued done"},
		{name: "500", fault: "status=500", err: "failed (500) at http://models.test/v1: injected status", states: "queued retry retry done"},
		{name: "501", fault: "status=501", err: "cannot do chat (501): injected status", states: "queued done"},
		{name: "always 429", fault: "429=1&retry_after=7", err: "429 too many requests at ", states: "queued retry retry retry done", reason: "429", least: 21 * time.Second, took: 22 * time.Second},
		{name: "429 with too long a wait", fault: "429=1&retry_after=3600", err: "it asks to wait 1h0m0s", states: "queued done", took: time.Second},
		{name: "always 502", fault: "status=502&html=1", err: "(tried 4 times)", states: "queued retry retry retry done", took: 5 * time.Second},
		{name: "503 while loading", fault: "loading=90s", tokens: whole, states: "", reason: "Loading model", least: 90 * time.Second, took: 2 * time.Minute},
		{name: "503 for ever", fault: "loading=1h", err: "503 not ready at ", states: "", least: 90 * time.Second, took: 2 * time.Minute},
		{name: "connection closed before the answer", fault: "refuse=1", err: "broke before the answer was complete (tried 4 times)", states: "queued retry retry retry done", took: 5 * time.Second},
		{name: "endless line", fault: "long_line=2000000", err: "longer than 1 MB", cutOff: "longer than 1 MB", states: "queued done"},
		{name: "endless stray line", fault: "junk_line=2000000", err: "longer than 1 MB", cutOff: "longer than 1 MB", tokens: 1, states: "queued first_token done"},
		{name: "many stray lines", fault: "junk_line=50&junk_lines=1000", tokens: whole, states: "queued first_token done"},
		{name: "no [DONE]", fault: "done=0", tokens: whole, states: "queued first_token done"},
		{name: "open after the finish", fault: "open_after=1", tokens: whole, states: "queued first_token done", took: 3 * time.Second},
		{name: "byte-wise flushing", fault: "bytewise=1&crlf=1", tokens: whole, states: "queued first_token done"},
		{name: "other forms of lines", fault: "nospace=1&event=message&empty_choices=1&null_content=1&content_type=text/plain", tokens: whole, states: "queued first_token done"},
		{name: "JSON in place of a stream", fault: "stream_as_json=1", tokens: whole, states: "queued first_token done"},
		{name: "an empty answer", fault: "mode=empty", cutOff: "the model gave an empty answer", states: "queued retry done"},
		{name: "reasoning only", fault: "mode=empty&reasoning=9", cutOff: "reasoned but gave no answer", states: "queued first_token retry first_token done"},
		{name: "reasoning to the limit", fault: "mode=empty&reasoning=9&finish=length", cutOff: "still reasoning", states: "queued first_token retry first_token retry first_token done"},
		{name: "the limit", fault: "finish=length", cutOff: "the limit of 1024 tokens", tokens: whole, states: "queued first_token done"},
		{name: "a filter", fault: "finish=content_filter", cutOff: "filter", tokens: whole, states: "queued first_token done"},
		{name: "a tool", fault: "tool=search:{}", cutOff: "asked for a tool", states: "queued retry done"},
		{name: "an input too long", fault: "ctx=5", err: "set the context to 5 tokens", states: "queued done"},
		{name: "a redirect", fault: "redirect=http://elsewhere.test/v1", err: "redirects to http://elsewhere.test/v1, which is not followed", states: "queued done"},
		{name: "max_tokens not taken", fault: "unsupported=max_tokens", tokens: whole, states: "queued retry first_token done", reason: "does not take max_tokens"},
		{name: "temperature not taken", fault: "unsupported=temperature", tokens: whole, states: "queued retry first_token done", reason: "does not take a temperature"},
	} {
		t.Run(c.name, func(t *testing.T) {
			context := func(cfg *Config) { cfg.Context = 4096 }
			inBubble(t, c.fault, context, func(t *testing.T, client *Client, s *fakeopenai.Server) {
				var w watch
				begun := time.Now()
				got, err := client.Chat(w.ctx(t.Context()), ask("hello"), w.delta)
				took := time.Since(begun)
				if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
					t.Errorf("error %v, want %q", err, c.err)
				}
				if e := new(Error); err != nil && !errors.As(err, &e) {
					t.Errorf("%T is no *Error", err)
				}
				if err != nil && got.CutOff == "" || !strings.Contains(got.CutOff, c.cutOff) || err == nil && c.cutOff == "" && got.CutOff != "" {
					t.Errorf("cut off: %q, want %q", got.CutOff, c.cutOff)
				}
				if n := len(strings.Fields(got.Text)); n != c.tokens {
					t.Errorf("%d tokens kept, want %d: %.200q", n, c.tokens, got.Text)
				}
				if w.text() != got.Text {
					t.Errorf("the pieces say %.100q, the answer %.100q", w.text(), got.Text)
				}
				if c.states != "" && w.states() != c.states {
					t.Errorf("timeline: %s, want %s\n%s", w.states(), c.states, w.reasons())
				}
				if !strings.Contains(w.reasons(), c.reason) {
					t.Errorf("reasons: %s, want %s", w.reasons(), c.reason)
				}
				if c.took > 0 && took > c.took || took < c.least {
					t.Errorf("it took %v, want %v to %v", took, c.least, c.took)
				}
				if last := w.calls[len(w.calls)-1]; last.State != show.CallDone || err != nil && last.Reason == "" {
					t.Errorf("last observation: %+v", last)
				}
			})
		})
	}
}
