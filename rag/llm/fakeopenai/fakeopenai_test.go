package fakeopenai

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func start(t *testing.T, query string) (string, *Server) {
	s, url := Start(t, query)
	return strings.TrimSuffix(url, "/v1"), s
}

func post(t *testing.T, url, path, fault, body string) *http.Response {
	t.Helper()
	req, _ := http.NewRequest("POST", url+path, strings.NewReader(body))
	req.Header.Set("X-Fake", fault)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", path, fault, err)
	}
	t.Cleanup(func() { res.Body.Close() })
	return res
}

const hello = `{"model":"fake-model","messages":[{"role":"user","content":"hello"}]}`
const stream = `{"model":"fake-model","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"hello"}]}`

type result struct {
	text, reasoning, finish string
	done, usage, errChunk   bool
	bad                     int
	maxLine                 int
	err                     error
}

func read(r io.Reader) (out result) {
	br := bufio.NewReader(r)
	for {
		ln, err := br.ReadString('\n')
		out.maxLine = max(out.maxLine, len(ln))
		if p, ok := strings.CutPrefix(strings.TrimSpace(ln), "data:"); ok {
			p = strings.TrimSpace(p)
			if p == "[DONE]" {
				out.done = true
				continue
			}
			var c struct {
				Choices []struct {
					Delta struct {
						Content   string
						Reasoning string `json:"reasoning_content"`
					}
					Finish string `json:"finish_reason"`
				}
				Usage *struct{}
				Error *struct{}
			}
			if json.Unmarshal([]byte(p), &c) != nil {
				out.bad++
				continue
			}
			out.usage = out.usage || c.Usage != nil
			out.errChunk = out.errChunk || c.Error != nil
			for _, ch := range c.Choices {
				out.text += ch.Delta.Content
				out.reasoning += ch.Delta.Reasoning
				out.finish += ch.Finish
			}
		}
		if err != nil {
			if err != io.EOF {
				out.err = err
			}
			return
		}
	}
}

func TestAnswersAreAFunctionOfTheRequest(t *testing.T) {
	ts, _ := start(t, "")
	var texts []string
	for range 2 {
		texts = append(texts, read(post(t, ts, "/v1/chat/completions", "", stream).Body).text)
	}
	var v struct {
		Choices []struct{ Message struct{ Content string } }
	}
	json.NewDecoder(post(t, ts, "/v1/chat/completions", "", hello).Body).Decode(&v)
	texts = append(texts, v.Choices[0].Message.Content)
	if texts[0] == "" || texts[0] != texts[1] || texts[1] != texts[2] {
		t.Fatalf("%q", texts)
	}
	if r := read(post(t, ts, "/v1/chat/completions", "", strings.Replace(stream, "hello", "other", 1)).Body); r.text == texts[0] || !r.done || !r.usage || r.finish != "stop" {
		t.Fatalf("%+v", r)
	}
}

func TestFaultsOfStreams(t *testing.T) {
	ts, s := start(t, "")
	for _, c := range []struct {
		fault string
		ok    func(result) bool
	}{
		{"reasoning=5", func(r result) bool { return r.reasoning != "" && r.done }},
		{"mode=unicode&bytewise=1&crlf=1", func(r result) bool { return strings.Contains(r.text, "👩‍👩‍👧‍👦") && r.done }},
		{"nospace=1&event=message&empty_choices=1&null_content=1", func(r result) bool { return r.done && r.bad == 0 }},
		{"drop_after=3", func(r result) bool {
			return errors.Is(r.err, io.ErrUnexpectedEOF) && len(strings.Fields(r.text)) == 3
		}},
		{"reset_after=3", func(r result) bool { return errors.Is(r.err, syscall.ECONNRESET) }},
		{"end_after=3", func(r result) bool { return r.err == nil && !r.done && r.finish == "" && r.text != "" }},
		{"error_after=3", func(r result) bool { return r.errChunk && !r.done }},
		{"error_after=0&error_style=field", func(r result) bool { return !r.errChunk && r.done && r.text == "" }},
		{"end_after=2&end_line=proxy error: x", func(r result) bool { return r.err == nil && !r.done && r.bad == 0 }},
		{"malformed_after=3", func(r result) bool { return r.bad == 1 && r.done }},
		{"long_line=2000000", func(r result) bool { return r.maxLine > 2000000 && r.done }},
		{"junk_line=5000", func(r result) bool { return r.done && r.bad == 0 }},
		{"done=0", func(r result) bool { return !r.done && r.finish == "stop" }},
		{"ctx=30", func(r result) bool { return r.finish == "length" && r.done }},
		{"tps=200&ttft=50ms&ping=10ms&tokens=10", func(r result) bool { return r.done && len(strings.Fields(r.text)) == 10 }},
		{"malformed_after=3&fault_rate=0", func(r result) bool { return r.bad == 0 && r.done }},
		{"mode=empty", func(r result) bool { return r.text == "" && r.done && r.finish == "stop" }},
		{`tool=search:{"q":"x"}`, func(r result) bool { return r.finish == "tool_calls" }},
	} {
		if r := read(post(t, ts, "/v1/chat/completions", c.fault, stream).Body); !c.ok(r) {
			r.text = r.text[:min(80, len(r.text))]
			t.Errorf("%s: %+v", c.fault, r)
		}
	}
	if s.Stats().Faults < 7 {
		t.Errorf("faults counted: %d", s.Stats().Faults)
	}
}

func TestFaultsBeforeTheAnswer(t *testing.T) {
	ts, _ := start(t, "")
	for _, c := range []struct {
		fault, body, want string
		status            int
	}{
		{"429=1&retry_after=7", hello, "rate_limit", 429},
		{"status=503&html=1", hello, "<html>", 503},
		{"error_rate=1", hello, "injected", 500},
		{"api_key=k", hello, "authentication_error", 401},
		{"loading=1h", hello, "Loading model", 503},
		{"ctx=3", hello, "exceed_context_size_error", 400},
		{"strict_model=1", strings.Replace(hello, "fake-model", "nope", 1), "does not exist", 404},
		{"", "{", "cannot parse", 400},
		{"", "{}", "messages", 400},
		{"bad_json=1", hello, `{"choices":`, 200},
		{"stream_as_json=1", stream, `"object":"chat.completion"`, 200},
		{"", strings.Replace(hello, "hello", "{{fake:status=418}}", 1), "injected status", 418},
		{"", strings.Replace(hello, "fake-model", "fake-model?status=402", 1), "injected status", 402},
	} {
		res := post(t, ts, "/v1/chat/completions", c.fault, c.body)
		b, _ := io.ReadAll(res.Body)
		if res.StatusCode != c.status || !strings.Contains(string(b), c.want) {
			t.Errorf("%s %s: %d %s", c.fault, c.body, res.StatusCode, b)
		}
		if c.status == 429 && res.Header.Get("Retry-After") != "7" {
			t.Error("no Retry-After")
		}
	}
	if _, err := io.ReadAll(post(t, ts, "/v1/chat/completions", "truncate=10", hello).Body); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error("truncate:", err)
	}
	req, _ := http.NewRequest("POST", ts+"/v1/chat/completions", strings.NewReader(hello))
	req.Header.Set("X-Fake", "refuse=1")
	if _, err := http.DefaultClient.Do(req); err == nil {
		t.Error("refuse: no error")
	}
}

// eventually waits for a condition, with a deadline for busy machines.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.After(time.Minute)
	for tick := time.Tick(time.Millisecond); !holds(); {
		select {
		case <-tick:
		case <-deadline:
			t.Fatalf("%s does not come", what)
		}
	}
}

func TestCancelledRequestsAreCountedAndScriptsAreUsedUp(t *testing.T) {
	ts, s := start(t, "")
	for i, fault := range []string{"hang=1", "hang_after=2", "tps=5"} {
		ctx, cancel := context.WithCancel(t.Context())
		req, _ := http.NewRequestWithContext(ctx, "POST", ts+"/v1/chat/completions", strings.NewReader(stream))
		req.Header.Set("X-Fake", fault)
		ended := make(chan error)
		go func() {
			res, err := http.DefaultClient.Do(req)
			if err == nil {
				_, err = io.ReadAll(res.Body)
				res.Body.Close()
			}
			ended <- err
		}()
		eventually(t, "the request", func() bool { return s.Stats().Active == 1 })
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", fault, err)
		}
		eventually(t, "the end of the request", func() bool { st := s.Stats(); return st.Cancelled == i+1 && st.Active == 0 })
	}
	s.Script("429=1", "status=500", "", "end_after=1")
	var got []int
	for range 5 {
		got = append(got, post(t, ts, "/v1/chat/completions", "", stream).StatusCode)
	}
	if want := []int{429, 500, 200, 200, 200}; !slices.Equal(got, want) {
		t.Errorf("script: %v", got)
	}
}

func TestRequestsWaitForSlots(t *testing.T) {
	ts, s := start(t, "slots=2&tps=100&tokens=10")
	began := time.Now()
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			if r := read(post(t, ts, "/v1/chat/completions", "", stream).Body); !r.done {
				t.Errorf("%+v", r)
			}
		})
	}
	wg.Wait()
	if d := time.Since(began); d < 240*time.Millisecond {
		t.Errorf("six concurrent answers of a tenth of a second each took %v", d)
	}

	eventually(t, "the end of the six", func() bool { return s.Stats().Active == 0 })
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for range 2 { // occupy the slots
		req, _ := http.NewRequestWithContext(ctx, "POST", ts+"/v1/chat/completions", strings.NewReader(stream))
		req.Header.Set("X-Fake", "hang=1")
		wg.Go(func() {
			if _, err := http.DefaultClient.Do(req); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
	eventually(t, "the request that keeps a slot", func() bool { return s.Stats().Active == 2 })
	finished := s.Stats().Finished
	for range 4 {
		wg.Go(func() {
			if r := read(post(t, ts, "/v1/chat/completions", "", stream).Body); !r.done {
				t.Errorf("%+v", r)
			}
		})
	}
	eventually(t, "the request that waits for a slot", func() bool { return s.Stats().Active == 6 })
	if st := s.Stats(); st.MaxActive != 6 || st.Finished != finished {
		t.Errorf("%d active at most, and %d have finished without a slot", st.MaxActive, st.Finished-finished)
	}
	cancel()
	wg.Wait()
}

func TestVectorsAndQuotesAreNearWhatWasAsked(t *testing.T) {
	ts, _ := start(t, "")
	get := func(fault, body string) (v struct {
		Data []struct {
			Index     int
			Embedding []float32
		}
	}) {
		json.NewDecoder(post(t, ts, "/v1/embeddings", fault, body).Body).Decode(&v)
		return
	}
	v := get("", `{"model":"fake-embed","input":["how do I configure the cache directory","the cache directory is configured with CACHE_DIR","bananas are yellow"]}`)
	dot := func(a, b []float32) (s float64) {
		for i := range a {
			s += float64(a[i]) * float64(b[i])
		}
		return
	}
	a, b, c := v.Data[0].Embedding, v.Data[1].Embedding, v.Data[2].Embedding
	if len(a) != 256 || math.Abs(dot(a, a)-1) > 1e-5 || dot(a, b) < 0.3 || dot(a, c) > 0.2 {
		t.Errorf("%d %v %v %v", len(a), dot(a, a), dot(a, b), dot(a, c))
	}
	if v := get("shuffle=1&short_batch=1", `{"input":["a","b","c"],"dimensions":8}`); len(v.Data) != 2 || v.Data[0].Index != 1 || len(v.Data[0].Embedding) != 8 {
		t.Errorf("%+v", v)
	}
	for fault, want := range map[string]int{"max_batch=2": 400, "max_input=1": 400, "max_input=1&max_input_status=500": 500, "": 200} {
		if res := post(t, ts, "/v1/embeddings", fault, `{"input":["a b c","b","c"],"encoding_format":"base64"}`); res.StatusCode != want {
			t.Error(fault, res.Status)
		}
	}
	var r struct {
		Results []struct {
			Index int
			Score float64 `json:"relevance_score"`
		}
	}
	json.NewDecoder(post(t, ts, "/v1/rerank", "", `{"query":"cache directory","documents":["bananas","the cache directory","cached"],"top_n":2}`).Body).Decode(&r)
	if len(r.Results) != 2 || r.Results[0].Index != 1 {
		t.Errorf("%+v", r)
	}
	body := `{"stream":true,"messages":[{"role":"system","content":"Answer from:\n[1] Bananas are yellow. They grow in bunches.\n[2] The cache directory is set with CACHE_DIR. It must exist."},{"role":"user","content":"Which variable sets the cache directory?"}]}`
	if x := read(post(t, ts, "/v1/chat/completions", "", body).Body); !strings.Contains(x.text, "CACHE_DIR") || !strings.Contains(x.text, "[2]") {
		t.Errorf("%+v", x)
	}
}
