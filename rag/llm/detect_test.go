package llm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"weft/rag/llm/fakeopenai"
)

// A network maps host and port to handlers. Other hosts refuse connections; a nil handler never
// answers.
type network struct {
	hosts map[string]http.Handler
	mu    sync.Mutex
	asked []*http.Request
}

func (n *network) RoundTrip(r *http.Request) (*http.Response, error) {
	n.mu.Lock()
	n.asked = append(n.asked, r)
	h, listens := n.hosts[r.URL.Host]
	n.mu.Unlock()
	switch {
	case !listens:
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	case h == nil:
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return rec.Result(), nil
}

func env(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func TestTheFirstProviderInOrderIsUsed(t *testing.T) {
	page := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("<html>hello</html>")) })
	other := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(`{"status":"ok"}`)) })
	ollama := fakeopenai.New("", "nomic-embed-text", "llama3.2", "bge-reranker")
	openai := fakeopenai.New("", "whisper-1", "gpt-4o", "gpt-4o-mini", "text-embedding-3-large", "text-embedding-3-small", "gpt-4o-realtime")
	vllm := fakeopenai.New("context_length=8192", "qwen")
	none := fakeopenai.New("", "nomic-embed-text")
	key := NewKey(canary)
	for _, c := range []struct {
		name  string
		s     Settings
		hosts map[string]http.Handler
		want  Provider
		local bool
		fails string // part of the problem
	}{
		{name: "nothing", want: Provider{Name: "offline", Source: "default"}},
		{name: "told to be offline", s: Settings{Offline: true, Flags: Endpoint{BaseURL: "http://h/v1"}}, want: Provider{Name: "offline", Source: "flag"}},
		{name: "a flag before everything", s: Settings{Flags: Endpoint{BaseURL: "http://127.0.0.1:9/v1/"}, Getenv: env("OPENAI_API_KEY", canary), Config: Endpoint{BaseURL: "http://c/v1"}},
			hosts: map[string]http.Handler{"127.0.0.1:9": vllm, "127.0.0.1:11434": ollama},
			want:  Provider{Name: "127.0.0.1:9", Endpoint: "http://127.0.0.1:9/v1", Source: "flag", ChatModel: "qwen", Context: 8192}, local: true},
		{name: "the configuration before what was exported for other programs", s: Settings{Getenv: env("OPENAI_API_KEY", canary, "OPENAI_BASE_URL", "https://far.test/v1", "OLLAMA_HOST", "127.0.0.1:5000"), Config: Endpoint{BaseURL: "http://127.0.0.1:9/v1"}},
			hosts: map[string]http.Handler{"127.0.0.1:9": vllm, "api.openai.com": openai, "127.0.0.1:5000": ollama},
			want:  Provider{Name: "127.0.0.1:9", Endpoint: "http://127.0.0.1:9/v1", Source: "config", ChatModel: "qwen", Context: 8192}, local: true},
		{name: "a profile has its name", s: Settings{Getenv: env("OPENAI_API_KEY", canary), Config: Endpoint{Name: "work", BaseURL: "http://127.0.0.1:9/v1"}},
			hosts: map[string]http.Handler{"127.0.0.1:9": vllm},
			want:  Provider{Name: "work", Endpoint: "http://127.0.0.1:9/v1", Source: "config", ChatModel: "qwen", Context: 8192}, local: true},
		{name: "where the configuration says that Ollama listens", s: Settings{Getenv: env("OPENAI_API_KEY", canary), Config: Endpoint{Ollama: "127.0.0.1:5000"}},
			hosts: map[string]http.Handler{"127.0.0.1:5000": ollama, "api.openai.com": openai},
			want:  Provider{Name: "Ollama", Endpoint: "http://127.0.0.1:5000/v1", Source: "config", ChatModel: "llama3.2", EmbedModel: "nomic-embed-text", RerankModel: "bge-reranker"}, local: true},
		{name: "the exported key with the configured address of OpenAI", s: Settings{Getenv: env("OPENAI_API_KEY", "right"), Config: Endpoint{BaseURL: "https://api.openai.com/v1", Models: Models{Chat: "mine"}}}, hosts: map[string]http.Handler{"api.openai.com": fakeopenai.New("api_key=right", "mine")},
			want: Provider{Name: "OpenAI", Endpoint: "https://api.openai.com/v1", Source: "config", ChatModel: "mine"}},
		{name: "weft's own key with the configured address", s: Settings{Flags: Endpoint{Key: NewKey("right")}, Config: Endpoint{BaseURL: "https://models.test/v1"}}, hosts: map[string]http.Handler{"models.test": fakeopenai.New("api_key=right", "mine")},
			want: Provider{Name: "models.test", Endpoint: "https://models.test/v1", Source: "flag", ChatModel: "mine"}},
		{name: "Ollama's address before a key without one", s: Settings{Getenv: env("OPENAI_API_KEY", canary, "OLLAMA_HOST", "127.0.0.1:5000")},
			hosts: map[string]http.Handler{"api.openai.com": openai, "127.0.0.1:5000": ollama},
			want:  Provider{Name: "Ollama", Endpoint: "http://127.0.0.1:5000/v1", Source: "environment OLLAMA_HOST", ChatModel: "llama3.2", EmbedModel: "nomic-embed-text", RerankModel: "bge-reranker"}, local: true},
		{name: "a key is not shown to the network", s: Settings{Flags: Endpoint{BaseURL: "http://models.test/v1", Key: key}}, hosts: map[string]http.Handler{"models.test": openai},
			want: Provider{Name: "models.test", Endpoint: "http://models.test/v1", Source: "flag", ChatModel: "default"}, fails: "was not sent to http://models.test/v1: plain http"},
		{name: "a key in the environment", s: Settings{Getenv: env("OPENAI_API_KEY", canary, "OLLAMA_HOST", "x"), Config: Endpoint{Models: Models{Chat: "gpt-4o"}}},
			hosts: map[string]http.Handler{"api.openai.com": openai, "127.0.0.1:11434": ollama},
			want:  Provider{Name: "OpenAI", Endpoint: "https://api.openai.com/v1", Source: "environment OPENAI_API_KEY", ChatModel: "gpt-4o", EmbedModel: "text-embedding-3-small"}},
		{name: "a base URL in the environment", s: Settings{Getenv: env("OPENAI_BASE_URL", "https://models.test/v1"), Flags: Endpoint{Models: Models{Chat: "mine"}}},
			hosts: map[string]http.Handler{"models.test": openai},
			want:  Provider{Name: "models.test", Endpoint: "https://models.test/v1", Source: "environment OPENAI_BASE_URL", ChatModel: "mine", EmbedModel: "text-embedding-3-small"}},
		{name: "Ollama's variable", s: Settings{Getenv: env("OLLAMA_HOST", "0.0.0.0:5000"), Config: Endpoint{Models: Models{Chat: "llama3.2:1b"}}},
			hosts: map[string]http.Handler{"127.0.0.1:5000": ollama},
			want:  Provider{Name: "Ollama", Endpoint: "http://127.0.0.1:5000/v1", Source: "environment OLLAMA_HOST", ChatModel: "llama3.2:1b", EmbedModel: "nomic-embed-text", RerankModel: "bge-reranker"}, local: true},
		{name: "Ollama's variable without Ollama", s: Settings{Getenv: env("OLLAMA_HOST", "0.0.0.0:5000"), Config: Endpoint{BaseURL: "https://models.test/v1", Key: key, Models: Models{Chat: "mine"}}},
			hosts: map[string]http.Handler{"models.test": openai},
			want:  Provider{Name: "models.test", Endpoint: "https://models.test/v1", Source: "config", ChatModel: "mine", EmbedModel: "text-embedding-3-small"}},
		{name: "the configuration before what is found", s: Settings{Config: Endpoint{BaseURL: "http://models.test/v1"}},
			hosts: map[string]http.Handler{"127.0.0.1:11434": ollama},
			want:  Provider{Name: "models.test", Endpoint: "http://models.test/v1", Source: "config", ChatModel: "default"}, fails: "nothing answers at http://models.test/v1"},
		{name: "the first that is found", hosts: map[string]http.Handler{"127.0.0.1:8000": vllm, "127.0.0.1:11434": ollama},
			want: Provider{Name: "Ollama", Endpoint: "http://127.0.0.1:11434/v1", Source: "found on loopback", ChatModel: "llama3.2", EmbedModel: "nomic-embed-text", RerankModel: "bge-reranker"}, local: true},
		{name: "what is no server of models does not count", hosts: map[string]http.Handler{"127.0.0.1:11434": nil, "127.0.0.1:8080": page, "127.0.0.1:1234": other, "127.0.0.1:8000": vllm},
			want: Provider{Name: "vLLM", Endpoint: "http://127.0.0.1:8000/v1", Source: "found on loopback", ChatModel: "qwen", Context: 8192}, local: true},
		{name: "without a chat model it does not count", hosts: map[string]http.Handler{"127.0.0.1:11434": none}, want: Provider{Name: "offline", Source: "default"}},
		{name: "models of flags go with what is found", s: Settings{Flags: Endpoint{Models: Models{Chat: "a", Embed: "b"}}, Config: Endpoint{Models: Models{Chat: "c", Rerank: "d"}}}, hosts: map[string]http.Handler{"127.0.0.1:8000": vllm},
			want: Provider{Name: "vLLM", Endpoint: "http://127.0.0.1:8000/v1", Source: "found on loopback", ChatModel: "a", EmbedModel: "b", RerankModel: "d"}, local: true},
		{name: "only loopback is searched", s: Settings{Candidates: []Candidate{{"far", "http://far.test/v1"}}}, hosts: map[string]http.Handler{"far.test": vllm}, want: Provider{Name: "offline", Source: "default"}},
		{name: "a refused key", s: Settings{Getenv: env("OPENAI_API_KEY", "wrong")}, hosts: map[string]http.Handler{"api.openai.com": fakeopenai.New("api_key=right")},
			want: Provider{Name: "OpenAI", Endpoint: "https://api.openai.com/v1", Source: "environment OPENAI_API_KEY", ChatModel: "gpt-4o-mini", EmbedModel: "text-embedding-3-small"}, fails: "check OPENAI_API_KEY"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := &network{hosts: c.hosts}
				c.s.Transport = n
				c.s.Owner = func(netip.AddrPort) (string, bool) { return "ollama", false }
				begun := time.Now()
				got, err := Detect(t.Context(), c.s)
				if err != nil {
					t.Fatal(err)
				}
				if d := time.Since(begun); d > 300*time.Millisecond {
					t.Errorf("it took %v", d)
				}
				if got.Local != c.local || got.Offline() != (c.want.Endpoint == "") || (got.Problem == "") != (c.fails == "") || !strings.Contains(got.Problem, c.fails) {
					t.Errorf("local %v, problem %q", got.Local, got.Problem)
				}
				if (got.Stranger != "") != (got.Source == foundOnLoopback) {
					t.Errorf("the listener at %s is %q", got.Source, got.Stranger)
				}
				cfg := got.Apply(Config{Temperature: 0.5})
				if cfg.BaseURL != c.want.Endpoint || cfg.Model != c.want.ChatModel || cfg.Context != c.want.Context || cfg.Temperature != 0.5 {
					t.Errorf("%+v", cfg)
				}
				w := c.want
				if got.Name != w.Name || got.Endpoint != w.Endpoint || got.Source != w.Source || got.ChatModel != w.ChatModel || got.EmbedModel != w.EmbedModel || got.RerankModel != w.RerankModel || got.Context != w.Context {
					t.Errorf("got  %+v\nwant %+v", got, w)
				}
				for _, r := range n.asked {
					if r.Method != "GET" || !strings.HasSuffix(r.URL.Path, "/v1/models") && r.URL.Path != "/api/ps" {
						t.Errorf("asked for %s %s", r.Method, r.URL)
					}
					if r.Header.Get("Authorization") != "" && r.URL.Host != "api.openai.com" && got.Source != "flag" && !strings.HasPrefix(got.Source, "environment OPENAI") && got.Source != "config" {
						t.Errorf("a key was sent to %s, which was only found", r.URL)
					}
				}
			})
		})
	}
}

func TestModelsAreChosenByTheirKind(t *testing.T) {
	for _, c := range []struct{ list, chat, embed, rerank string }{
		{`{"id":"nomic-embed-text"},{"id":"lyria-music"},{"id":"whisper-1"},{"id":"qwen3"}`, "qwen3", "nomic-embed-text", ""},
		{`{"id":"a","type":"embeddings"},{"id":"b","type":"llm"}`, "b", "a", ""},
		{`{"id":"a","type":"llm","state":"not-loaded"},{"id":"b","type":"llm","state":"loaded"}`, "b", "", ""},
		{`{"id":"a","status":{"value":"unloaded"}},{"id":"b","status":{"value":"loaded"}}`, "b", "", ""},
		{`{"id":"a","status":"loaded","capabilities":["x"]},{"id":"b"}`, "a", "", ""},
		{`{"id":"a","architecture":{"output_modalities":["image"]}},{"id":"b","architecture":{"output_modalities":["text"]}}`, "b", "", ""},
		{`{"id":"a","capabilities":{"completion_chat":false}},{"id":"b","capabilities":{"completion_chat":true}}`, "b", "", ""},
		{`{"id":"a","task":"feature-extraction"},{"id":"x-reranker"},{"id":"b","task":"text-generation"}`, "b", "a", "x-reranker"},
		{`{"id":"stable-diffusion-xl"},{"id":"kokoro-82m"}`, "", "", ""},
	} {
		var list modelList
		if err := json.Unmarshal([]byte(`{"object":"list","data":[`+c.list+`]}`), &list); err != nil {
			t.Errorf("%s: %v", c.list, err)
		}
		var models []Model
		for _, e := range list.Data {
			models = append(models, e.model())
		}
		if chat, embed, rerank := choose(models); chat != c.chat || embed != c.embed || rerank != c.rerank {
			t.Errorf("%s: %q %q %q", c.list, chat, embed, rerank)
		}
	}
}

func TestOnlyPlausibleContextsOfAListAreUsed(t *testing.T) {
	for entry, want := range map[string]int{
		`"context_length": 8192`:                       8192,
		`"max_model_len": 0, "context_length": 4096`:   4096,
		`"max_model_len": -1, "meta": {"n_ctx": 2048}`: 2048,
		`"context_length": 10`:                         0,
		`"context_length": 10000000000000`:             0,
		`"context_length": "unlimited"`:                0,
	} {
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, `{"object": "list", "data": [{"id": "tiny-chat", %s}]}`, entry)
		})
		p, err := Detect(t.Context(), Settings{Transport: &network{hosts: map[string]http.Handler{"127.0.0.1:8080": h}}})
		if err != nil || p.ChatModel != "tiny-chat" || p.Context != want {
			t.Errorf("%s: a context of %d, want %d: %v", entry, p.Context, want, err)
		}
	}
}

func TestOllamasLoadedModelIsPreferred(t *testing.T) {
	list := fakeopenai.New("", "big", "small")
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/ps" {
			w.Header().Set("Content-Type", "application/json")
			w.Write([]byte(`{"models":[{"name":"small"}]}`))
			return
		}
		list.ServeHTTP(w, r)
	})
	p, err := Detect(t.Context(), Settings{Transport: &network{hosts: map[string]http.Handler{"127.0.0.1:11434": h}}})
	if err != nil || p.ChatModel != "small" {
		t.Errorf("%+v %v", p, err)
	}
}

func TestDetectFollowsServersThatStartAndStop(t *testing.T) {
	n := &network{hosts: map[string]http.Handler{}}
	for _, there := range []bool{false, true, false, true} {
		delete(n.hosts, "127.0.0.1:8080")
		if there {
			n.hosts["127.0.0.1:8080"] = fakeopenai.New("")
		}
		p, err := Detect(t.Context(), Settings{Transport: n})
		if err != nil || p.Offline() == there {
			t.Errorf("%v: %+v %v", there, p, err)
		}
		if len(p.Tried) != len(loopback) {
			t.Errorf("tried: %+v", p.Tried)
		}
	}
}

func TestDetectEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Detect(ctx, Settings{Transport: &network{hosts: map[string]http.Handler{"127.0.0.1:8080": nil}}}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := Detect(t.Context(), Settings{Flags: Endpoint{BaseURL: "localhost:8080"}}); err == nil || !strings.Contains(err.Error(), "looks like http://") {
		t.Error(err)
	}
}

func TestOllamaHost(t *testing.T) {
	for in, want := range map[string]string{
		"localhost": "http://localhost:11434/v1", "1.2.3.4:99": "http://1.2.3.4:99/v1", ":99": "http://127.0.0.1:99/v1", "0.0.0.0": "http://127.0.0.1:11434/v1",
		"http://h": "http://h:80/v1", "https://h": "https://h:443/v1", "https://h:1/p/": "https://h:1/p/v1", "[::1]:5": "http://[::1]:5/v1", "::1": "http://[::1]:11434/v1",
		"[::]:5": "http://[::1]:5/v1", ` "h:7" `: "http://h:7/v1", "h:99999": "http://h:11434/v1", "http://h:8/v1": "http://h:8/v1", "h:8/v1?key=x": "http://h:8/v1", "u:p@h:8": "http://u:p@h:8/v1", "": "http://127.0.0.1:11434/v1",
	} {
		if got := ollamaBase(in); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

func TestIsLoopback(t *testing.T) {
	for host, want := range map[string]bool{"localhost": true, "127.0.0.1": true, "127.9.9.9": true, "::1": true, "::ffff:127.0.0.1": true, "192.168.1.2": false, "localhost.evil.test": false, "0.0.0.0": false, "": false} {
		if IsLoopback(host) != want {
			t.Errorf("%s: %v", host, !want)
		}
	}
}

func TestANamedServerMayTakeItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-time.After(2 * time.Second):
				fakeopenai.New("", "qwen").ServeHTTP(w, r)
			case <-r.Context().Done():
			}
		})
		at := &network{hosts: map[string]http.Handler{"127.0.0.1:9": slow, "127.0.0.1:11434": slow}}
		p, err := Detect(t.Context(), Settings{Transport: at, Flags: Endpoint{BaseURL: "http://127.0.0.1:9/v1"}})
		if err != nil || p.ChatModel != "qwen" || p.Problem != "" {
			t.Errorf("%+v, %v", p, err)
		}
		if p, err = Detect(t.Context(), Settings{Transport: at}); err != nil || !p.Offline() {
			t.Errorf("a server that is not configured keeps weft waiting: %+v, %v", p, err)
		}
	})
}
