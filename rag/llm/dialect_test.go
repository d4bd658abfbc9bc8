package llm

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"weft/flow/show"
	"weft/rag/llm/dialect"
	"weft/rag/llm/fakeopenai"
)

// asked sends one question and returns the reply and how many requests it took.
func asked(t *testing.T, c *Client, s *fakeopenai.Server, model string) (got Completion, calls int) {
	t.Helper()
	before := s.Stats().Requests
	got, err := c.Chat(t.Context(), Request{Model: model, Messages: []show.Message{
		{Role: show.RoleSystem, Content: "Answer from the passages."}, {Role: show.RoleUser, Content: "[1] How often?"}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return got, s.Stats().Requests - before
}

func TestADialectIsLearnedOnceForAllSessions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dialects.json")
	server, base := fakeopenai.Start(t, "")
	session := func() *Client {
		return newClient(t, base, func(c *Config) { c.Context, c.Dialects = 16384, dialect.NewStore(path) })
	}
	first := session()
	for quirk, calls := range map[string]int{"gpt5": 3, "nosystem-o1": 2, "nostream-org": 2, "maxtok-toolarge": 2, "extra-forbidden": 2, "long-think": 2} {
		if _, n := asked(t, first, server, quirk); n != calls {
			t.Errorf("%s: %d requests at first, want %d", quirk, n, calls)
		}
		if got, n := asked(t, session(), server, quirk); n != 1 || got.Text != fakeopenai.QuirkAnswer || got.CutOff != "" {
			t.Errorf("%s: %d requests in the next session: %+v", quirk, n, got)
		}
	}
	if err := dialect.NewStore(path).Reset(""); err != nil {
		t.Fatal(err)
	}
	if _, n := asked(t, session(), server, "gpt5"); n != 3 {
		t.Errorf("%d requests after a reset", n)
	}
}

// TestALearnedFactIsUnlearned starts with a dialect that the server's responses contradict.
func TestALearnedFactIsUnlearned(t *testing.T) {
	for name, c := range map[string]struct {
		trait dialect.Trait
		value string
		query string // options of the fake server
		model string
		calls int
	}{
		"the limit has its old name again": {dialect.LimitName, limitNew, "unsupported=max_completion_tokens", "m", 2},
		"a tag that no longer comes":       {dialect.Unopened, "</think>", "say=" + "Replace+it.", "m", 1},
		"a model that reasons no more":     {dialect.Reasoning, "900", "say=" + "Replace+it.", "m", 1},
		"a context that has grown":         {dialect.Context, "300", "prompt_tokens=900", "m", 1},
	} {
		t.Run(name, func(t *testing.T) {
			server, base := fakeopenai.Start(t, c.query)
			client := newClient(t, base, func(c *Config) { c.Context = 16384 })
			d := client.Dialect(c.model)
			d.Learn(c.trait, c.value, "a test")
			got, calls := asked(t, client, server, c.model)
			if calls != c.calls || got.Text == "" || got.CutOff != "" || got.Reasoning != "" {
				t.Errorf("%d requests: %+v", calls, got)
			}
			if d.Value(c.trait) == c.value {
				t.Errorf("%s is still %s", c.trait, c.value)
			}
		})
	}
}

// TestARefusalWithoutReasonForgetsWhatWasLearned starts with the learned fact that the model
// refuses the system role. The server now rejects requests without a system message, with an error
// that does not name the cause.
func TestARefusalWithoutReasonForgetsWhatWasLearned(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := make([]byte, r.ContentLength)
		r.Body.Read(body)
		if !strings.Contains(string(body), `"role":"system"`) {
			http.Error(w, `{"error":{"message":"bad request"}}`, http.StatusBadRequest)
			return
		}
		fmt.Fprint(w, "data: {\"choices\":[{\"delta\":{\"content\":\"Yes.\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n")
	}))
	defer server.Close()
	client := newClient(t, server.URL, nil)
	client.Dialect("m").Learn(dialect.System, dialect.Refused, "a test")
	var w watch
	got, err := client.Chat(w.ctx(t.Context()), Request{Model: "m", Messages: []show.Message{{Role: show.RoleSystem, Content: "s"}, {Role: show.RoleUser, Content: "u"}}}, nil)
	if err != nil || got.Text != "Yes." || w.states() != "queued retry first_token done" || !strings.Contains(w.reasons(), "forgotten") {
		t.Errorf("%v %+v %s %s", err, got, w.states(), w.reasons())
	}
}

// TestCountsOfTheUncachedPartAreNoContext calls a gateway that reports only the uncached part of
// the prompt. The learned context may shrink once at most.
func TestCountsOfTheUncachedPartAreNoContext(t *testing.T) {
	server, base := fakeopenai.Start(t, "prompt_tokens=900")
	c := newClient(t, base, func(c *Config) { c.Context = 16384 })
	prompts, err := LoadPrompts("")
	if err != nil {
		t.Fatal(err)
	}
	for n := range 4 {
		cfg := c.Config()
		data := PromptData{Question: "How often?", Passages: []Passage{{Source: "a.md:1", Text: strings.Repeat("seven words make a sentence of text. ", 400)}}}
		if n == 1 {
			server.Configure("prompt_tokens=300") // more of it is cached
		}
		p, err := prompts.Fit(PromptAnswer, data, cfg.Context, c.Reserve(), c.Tokens)
		if err != nil {
			t.Fatal(err)
		}
		got, err := c.Chat(t.Context(), Request{Messages: p.Messages}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if n >= 2 && (c.Config().Context != 16384 || got.Degraded != "") {
			t.Errorf("question %d: a context of %d, %q", n+1, c.Config().Context, got.Degraded)
		}
	}
}

func TestAGuessedContextGrows(t *testing.T) {
	server, base := fakeopenai.Start(t, "")
	c := newClient(t, base, nil)
	for n, want := range []int{3, 1} {
		if got, calls := asked(t, c, server, "long-think"); calls != want || got.Text != fakeopenai.QuirkAnswer {
			t.Errorf("question %d: %d requests, %q %s", n+1, calls, got.Text, got.CutOff)
		}
	}
}

// TestEveryRefusalIsUnlearned starts with each learned refusal and a server that now rejects
// requests without what was refused, and does not say why.
func TestEveryRefusalIsUnlearned(t *testing.T) {
	for trait, c := range map[dialect.Trait]struct{ value, needs string }{
		dialect.System:      {dialect.Refused, `"role":"system"`},
		dialect.Streaming:   {dialect.Refused, `"stream":true`},
		dialect.LimitName:   {limitNew, `"max_tokens":`},
		dialect.MaxOutput:   {"32", `"max_tokens":900`},
		dialect.Temperature: {dialect.Refused, `"temperature":`},
		dialect.StreamUsage: {dialect.Refused, `"include_usage":true`},
		dialect.Stops:       {dialect.Refused, `"stop":["§"]`},
		dialect.Effort:      {dialect.Refused, `"reasoning_effort":"low"`},
		dialect.Template:    {dialect.Refused, `"enable_thinking":false`},
	} {
		t.Run(string(trait), func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				if err != nil || !strings.Contains(string(body), c.needs) {
					http.Error(w, `{"error":{"message":"bad request"}}`, http.StatusBadRequest)
					return
				}
				fmt.Fprint(w, "data: {\"choices\":[{\"delta\":{\"content\":\"Yes.\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n")
			}))
			defer server.Close()
			client := newClient(t, server.URL, nil)
			d := client.Dialect("m")
			d.Learn(trait, c.value, "a test")
			d.Learn(dialect.Reasoning, "10", "a test")
			req := Request{Model: "m", MaxTokens: 900, Stop: []string{"§"}, Brief: true, Messages: []show.Message{
				{Role: show.RoleSystem, Content: "s"}, {Role: show.RoleUser, Content: "u"}}}
			if trait == dialect.MaxOutput {
				req.Brief = false
				d.Forget(dialect.Reasoning)
			}
			if got, err := client.Chat(t.Context(), req, nil); err != nil || got.Text != "Yes." || d.Value(trait) == c.value {
				t.Errorf("%v %+v, learned: %v", err, got, d.Facts())
			}
		})
	}
}

// TestAFactInTheWayIsForgottenAndTriedAgain starts with facts that the server's replies do not
// contradict at once. After several replies that would have been better without them, they are
// forgotten.
func TestAFactInTheWayIsForgottenAndTriedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		trait dialect.Trait
		value string
		query string
		brief bool
	}{
		"answers reach their limit":           {dialect.MaxOutput, "32", "say=" + strings.Repeat("many+words+", 60), false},
		"little reasoning is asked for again": {dialect.Effort, dialect.Refused, "", true},
		"and in the template of the chat":     {dialect.Template, dialect.Refused, "", true},
		"the whole prompt is counted, always": {dialect.Counting, "unreliable", "say=Yes.", false},
	} {
		t.Run(name, func(t *testing.T) {
			_, base := fakeopenai.Start(t, c.query)
			client := newClient(t, base, func(c *Config) { c.Context, c.MaxTokens = 600, 40 })
			model := "m"
			if c.brief {
				model = "long-think"
			}
			d := client.Dialect(model)
			d.Learn(c.trait, c.value, "a test")
			for n := 1; d.Value(c.trait) == c.value; n++ {
				if n > enoughDoubts {
					t.Fatalf("after %d requests: %v", n-1, d.Facts())
				}
				d.Learn(dialect.Reasoning, "10", "a test")
				if _, err := client.Chat(t.Context(), Request{Model: model, Brief: c.brief, Messages: []show.Message{
					{Role: show.RoleUser, Content: "How often must it be replaced, and why?"}}}, nil); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// TestAModelIsToldOnceThatThereAreNoTools checks what is learned about a model that calls tools
// that it was not given, and that it is forgotten if telling does not help.
func TestAModelIsToldOnceThatThereAreNoTools(t *testing.T) {
	server, base := fakeopenai.Start(t, "")
	c := newClient(t, base, func(c *Config) { c.Context = 16384 })
	for n, want := range []int{2, 1} {
		if got, calls := asked(t, c, server, "tool-unless-told"); got.Text != fakeopenai.QuirkAnswer || calls != want {
			t.Errorf("question %d: %d requests, %q", n+1, calls, got.Text)
		}
	}
	if c.Dialect("tool-unless-told").Value(dialect.Tools) != dialect.Unasked {
		t.Error("nothing was learned")
	}
	for range 2 {
		if got, calls := asked(t, c, server, "finish-tool"); got.Text != "" || calls != 2 || !strings.Contains(got.CutOff, "asked for a tool") {
			t.Errorf("%d requests, %+v", calls, got)
		}
		if got := c.Dialect("finish-tool").Value(dialect.Tools); got != "" {
			t.Errorf("telling the model does not help, and %q is kept", got)
		}
	}
}
