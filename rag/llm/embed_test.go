package llm

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"weft/rag/embed"
	"weft/rag/llm/fakeopenai"
)

func texts(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("chunk %d speaks of thing%d", i, i)
	}
	return out
}

// embedAll embeds through a server with a fault, and compares each vector with the text's vector
// from a server without faults.
func embedAll(t *testing.T, fault string, in []string, set func(*Config)) (w watch, inputs int, err error) {
	var want, got [][]float32
	inBubble(t, "", nil, func(t *testing.T, c *Client, _ *fakeopenai.Server) {
		e, err := c.Embedder(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range in {
			v, err := e.Embed(t.Context(), []string{s})
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, v[0])
		}
	})
	inBubble(t, "", set, func(t *testing.T, c *Client, s *fakeopenai.Server) {
		e, err2 := c.Embedder(t.Context())
		if err2 != nil {
			t.Fatal(err2)
		}
		s.Configure(fault)
		got, err = e.Embed(w.ctx(t.Context()), in)
		inputs = s.Stats().EmbeddingInputs
	})
	if err == nil && len(got) != len(want) {
		t.Fatalf("%d vectors for %d texts", len(got), len(want))
	}
	for i := range got {
		if len(in[i]) < 100 && fmt.Sprint(got[i]) != fmt.Sprint(want[i]) {
			t.Fatalf("text %d got another's vector", i)
		}
	}
	return w, inputs, err
}

func TestEmbeddingFaults(t *testing.T) {
	long := strings.Repeat("very long text ", 100)
	mixed := texts(40)
	mixed[17] = long
	for _, c := range []struct {
		name, fault, err, reason string
		in                       []string
		set                      func(*Config)
	}{
		{name: "nothing", in: texts(300)},
		{name: "another order", fault: "shuffle=1", in: texts(40)},
		{name: "one missing", fault: "short_batch=1", in: texts(8), err: "it has 7 embeddings for 8 texts"},
		{name: "a null", fault: "nan=1", in: texts(8), err: "contains null in place of a number"},
		{name: "a small batch", fault: "max_batch=3", in: texts(40), reason: "a batch of 40 failed and is halved"},
		{name: "an input too long, refused with 400", fault: "max_input=60", in: mixed, reason: "1 of 40 texts were longer than the model takes and are embedded without their end"},
		{name: "an input too long, refused with 500", fault: "max_input=60&max_input_status=500", in: mixed, reason: "1 of 40 texts were longer"},
		{name: "an input too long, the limit known", fault: "max_input=200", set: func(c *Config) { c.EmbedTokens = 60 }, in: mixed, reason: "1 of 40 texts were longer"},
		{name: "no embeddings", fault: "no_embeddings=501", in: texts(8), err: "cannot do embeddings (501)"},
		{name: "no embeddings, said with 400", fault: "no_embeddings=400", in: texts(8), err: "does not take the request (400)"},
		{name: "always 500", fault: "status=500", in: texts(512), err: "failed (500) at http://models.test/v1: injected status"},
		{name: "401", fault: "api_key=other", in: texts(8), err: "was refused (401)"},
		{name: "a web page", fault: "status=200&html=1", in: texts(8), err: "answered a web page"},
		{name: "half an answer", fault: "bad_json=1", in: texts(2), err: "cannot be read"},
		{name: "broken off", fault: "truncate=10", in: texts(2), err: "broke before the answer was complete"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, _, err := embedAll(t, c.fault, c.in, c.set)
			if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
				t.Errorf("error %v, want %q", err, c.err)
			}
			if e := new(Error); err != nil && !errors.As(err, &e) {
				t.Errorf("%T is no *Error", err)
			}
			if !strings.Contains(w.reasons(), c.reason) {
				t.Errorf("reasons: %s, want %s", w.reasons(), c.reason)
			}
			if c.name == "always 500" && len(w.calls) > 2 {
				t.Errorf("a server that embeds nothing was asked again and again:\n%s", w.reasons())
			}
		})
	}
}

// TestFewRequestsFindTheBadInput checks that finding one bad input takes a logarithmic number of
// requests, and does not shrink later batches.
func TestFewRequestsFindTheBadInput(t *testing.T) {
	in := texts(512)
	in[333] = strings.Repeat("very long text ", 100)
	inBubble(t, "", func(c *Config) { c.EmbedBatch = 512 }, func(t *testing.T, c *Client, s *fakeopenai.Server) {
		e, err := c.Embedder(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		s.Configure("max_input=60&max_input_status=500")
		if _, err := e.Embed(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		if n := s.Stats().Requests; n > 40 {
			t.Errorf("%d requests", n)
		}
		if n := e.batch.Load(); n != 512 {
			t.Errorf("the batch shrank to %d for one bad input", n)
		}
	})
}

func TestQuestionsAndTextsAreEmbeddedAsTheModelWasTrained(t *testing.T) {
	for model, want := range map[string][2]string{
		"nomic-embed-text:latest": {"search_query: q", "search_document: t"}, "intfloat/multilingual-e5-large": {"query: q", "passage: t"},
		"text-embedding-3-small": {"q", "t"}, "bge-m3": {"q", "t"},
	} {
		inBubble(t, "", func(c *Config) { c.EmbedModel = model }, func(t *testing.T, c *Client, s *fakeopenai.Server) {
			var e embed.QueryEmbedder
			e, err := c.Embedder(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := e.EmbedQuery(t.Context(), "q"); err != nil {
				t.Fatal(err)
			}
			if _, err := e.Embed(t.Context(), []string{"t"}); err != nil {
				t.Fatal(err)
			}
			for i, w := range want {
				if body := string(s.Requests()[i+1].Body); !strings.Contains(body, `["`+w+`"]`) {
					t.Errorf("%s: %s has no %q", model, body, w)
				}
			}
		})
	}
}

func TestAVectorIsReadStrictly(t *testing.T) {
	for in, want := range map[string]string{
		`[1, -2.5e-1,0]`: "[1 -0.25 0]", `"AACAPwAAAMA="`: "[1 -2]", `[]`: "[]",
		`null`: "error", `[1,null]`: "error", `[1e99]`: "error", `{"a":1}`: "error", `"AAAA"`: "error", `"AADAfw=="`: "error", `[[1],[2]]`: "error",
	} {
		var v vector
		got := "error"
		if err := v.UnmarshalJSON([]byte(in)); err == nil {
			got = fmt.Sprint([]float32(v))
		}
		if got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

// The prices in the configuration are those of the model that answers.
func TestAnEmbeddingHasTokensAndNoCost(t *testing.T) {
	w, _, err := embedAll(t, "", texts(3), func(c *Config) { c.Prices = Prices{Input: 2, Output: 8} })
	if err != nil {
		t.Fatal(err)
	}
	last := w.calls[len(w.calls)-1]
	if last.PromptTokens == 0 || last.Cost != 0 || last.Currency != "" {
		t.Errorf("%+v", last)
	}
}
