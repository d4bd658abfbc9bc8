package workflows

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"weft/flow/show"
	"weft/rag/answer"
	"weft/rag/llm"
)

// A process is a server program started by a test.
type process struct {
	cmd  *exec.Cmd
	base string // with /v1
}

// external returns the program named by an environment variable. If the variable is not set, it
// skips the test in the short suite and fails it in the long suite.
func external(t *testing.T, variable, what string) string {
	t.Helper()
	if os.Getenv("WEFT_LONG") == "" {
		t.Skip("a long test: WEFT_LONG=1 runs it")
	}
	program := os.Getenv(variable)
	if program == "" {
		t.Fatalf("%s does not name %s", variable, what)
	}
	return program
}

// freeAddress returns an address on loopback on which nothing listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// startProcess starts a server and waits until a path answers.
func startProcess(t *testing.T, address, path string, program string, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(program, args...), base: "http://" + address + "/v1"}
	var log strings.Builder
	p.cmd.Stdout, p.cmd.Stderr = &log, &log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	begun := time.Now()
	for tick := time.Tick(50 * time.Millisecond); ; <-tick {
		res, err := http.Get("http://" + address + path)
		if err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return p
			}
		}
		if time.Since(begun) > 2*time.Minute {
			p.kill()
			t.Fatalf("%s does not come up:\n%s", program, log.String())
		}
	}
}

func (p *process) kill() {
	p.cmd.Process.Kill() // it may have exited already
	p.cmd.Wait()         // as above
}

// llamaServer starts llama.cpp's server with the tiny model.
func llamaServer(t *testing.T, program, model, address string, args ...string) *process {
	t.Helper()
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	args = append([]string{"-m", model, "--host", host, "--port", port, "--no-webui"}, args...)
	return startProcess(t, address, "/health", program, args...)
}

func clientOf(t *testing.T, base string, set func(*llm.Config)) *llm.Client {
	t.Helper()
	cfg := llm.Config{BaseURL: base, Model: "tiny", EmbedModel: "tiny", Retry: llm.Retry{Attempts: 2, Wait: 10 * time.Millisecond}}
	if set != nil {
		set(&cfg)
	}
	c, err := llm.New(cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func says(text string, limit int) llm.Request {
	return llm.Request{Messages: []show.Message{{Role: show.RoleUser, Content: text}}, MaxTokens: limit}
}

// isKind reports whether err is an [llm.Error] of the given kind.
func isKind(err error, kind llm.Kind) bool {
	e, ok := errors.AsType[*llm.Error](err)
	return ok && e.Kind == kind
}

// TestRealLlamaCppServer runs llama.cpp's server with a tiny model made here. The model generates
// meaningless words, so the test checks only how answers begin, end and fail.
func TestRealLlamaCppServer(t *testing.T) {
	program := external(t, "WEFT_LLAMA_SERVER", "the program llama-server of llama.cpp")
	prompt, err := os.ReadFile("../llm/prompts/answer.txt")
	if err != nil {
		t.Fatal(err)
	}
	model := tinyModel(t, string(prompt))

	t.Run("a killed server is noticed, and the next one is used", func(t *testing.T) {
		address := freeAddress(t)
		server := llamaServer(t, program, model, address, "-c", "8192", "-np", "1")
		c := clientOf(t, server.base, func(c *llm.Config) { c.Context = 8192 })
		pieces := 0
		got, err := c.Chat(t.Context(), says("hello", 100), func(show.Delta) { pieces++ })
		if err != nil || pieces < 50 || got.Usage.CompletionTokens != 100 || got.Usage.Estimated || got.Finish != "length" {
			t.Errorf("%v: %d pieces, %+v", err, pieces, got)
		}
		pieces = 0
		got, err = c.Chat(t.Context(), says("hello", 7000), func(show.Delta) {
			if pieces++; pieces == 5 {
				server.cmd.Process.Kill() // it is running
			}
		})
		if !isKind(err, llm.Dropped) || got.Text == "" || !strings.Contains(got.CutOff, "the connection broke") {
			t.Errorf("killed: %v, %q after %d pieces", err, got.CutOff, pieces)
		}
		server.kill()
		if _, err = c.Chat(t.Context(), says("hello", 5), nil); !isKind(err, llm.Unreachable) {
			t.Errorf("while it is gone: %v", err)
		}
		llamaServer(t, program, model, address, "-c", "8192", "-np", "1")
		if got, err = c.Chat(t.Context(), says("hello", 5), nil); err != nil || got.Text == "" {
			t.Errorf("restarted: %v %+v", err, got)
		}
	})

	t.Run("a long Greek text fits into a small context at the second try", func(t *testing.T) {
		server := llamaServer(t, program, model, freeAddress(t), "-c", "2048", "-np", "1")
		client := clientOf(t, server.base, func(c *llm.Config) { c.Context = 16384 })
		raw, err := os.ReadFile("../llm/testdata/languages/el.txt")
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "el.md"), raw, 0o600); err != nil {
			t.Fatal(err)
		}
		prompts, err := llm.LoadPrompts("")
		if err != nil {
			t.Fatal(err)
		}
		wf := RAG(Parts{Search: corpus(t, dir), Model: &answer.Model{Client: client, Prompts: prompts}})
		for n := range 2 {
			a, records, err := run(t, wf, Question{Text: "Κάθε πόσες ώρες αλλάζει το φίλτρο;"})
			if err != nil || a.By == show.ByExtract || a.Text == "" || a.Degraded != "" {
				t.Errorf("question %d: %v %+v", n+1, err, a)
			}
			calls := repeated(records)
			if calls == 0 {
				t.Fatalf("the model was not asked: %s", a.Text)
			}
			if n == 0 && calls < 2 || n == 1 && calls != 1 {
				t.Errorf("question %d took %d requests", n+1, calls)
			}
			p := of[show.Prompt](records)
			if last := p[len(p)-1]; n == 1 && (a.Usage.PromptTokens > last.Tokens || a.Usage.PromptTokens*10 < last.Tokens*8) {
				t.Errorf("question %d: %d tokens were estimated, %d counted", n+1, last.Tokens, a.Usage.PromptTokens)
			}
		}
		if cfg := client.Config(); cfg.Context != 2048 {
			t.Errorf("the context is taken for %d tokens", cfg.Context)
		}
	})

	t.Run("a key is needed and checked", func(t *testing.T) {
		server := llamaServer(t, program, model, freeAddress(t), "-c", "1024", "-np", "1", "--api-key", "sk-right")
		for key, want := range map[string]string{"": "a key is needed (401)", "sk-wrong": "the key was refused (401) at " + server.base} {
			_, err := clientOf(t, server.base, func(c *llm.Config) { c.Key = llm.NewKey(key) }).Chat(t.Context(), says("hello", 5), nil)
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("key %q: %v, want %s", key, err, want)
			}
		}
		if _, err := clientOf(t, server.base, func(c *llm.Config) { c.Key = llm.NewKey("sk-right") }).Chat(t.Context(), says("hello", 5), nil); err != nil {
			t.Errorf("the right key: %v", err)
		}
	})

	t.Run("texts are embedded", func(t *testing.T) {
		server := llamaServer(t, program, model, freeAddress(t), "-c", "512", "-b", "512", "-ub", "512", "-np", "1", "--embeddings", "--pooling", "mean")
		c := clientOf(t, server.base, nil)
		e, err := c.Embedder(t.Context())
		if err != nil || e.Dims() != ggufWidth {
			t.Fatalf("%v: %d dimensions", err, e.Dims())
		}
		texts := []string{"a filter", strings.Repeat("longer than the model takes ", 60), "a pump"}
		out, err := e.Embed(t.Context(), texts)
		if err != nil || len(out) != 3 {
			t.Errorf("%v: %d vectors", err, len(out))
		}
	})

	t.Run("a request waits for a slot", func(t *testing.T) {
		server := llamaServer(t, program, model, freeAddress(t), "-c", "16384", "-np", "2")
		c := clientOf(t, server.base, func(c *llm.Config) { c.Context = 8192 })
		ctx, cancel := context.WithCancel(t.Context())
		var busy, done sync.WaitGroup
		busy.Add(2)
		for range 2 {
			done.Go(func() {
				first := sync.OnceFunc(busy.Done)
				defer first()
				c.Chat(ctx, says("hello", 7500), func(show.Delta) { first() }) // cancelled, or finished before that
			})
		}
		busy.Wait()
		third := make(chan error, 1)
		go func() {
			_, err := c.Chat(t.Context(), says("hello", 5), nil)
			third <- err
		}()
		cancel()
		done.Wait()
		select {
		case err := <-third:
			if err != nil {
				t.Errorf("the request that waited: %v", err)
			}
		case <-time.After(time.Minute):
			t.Error("the slots of cancelled requests are not freed")
		}
	})
}
