//go:build !windows

package cli

import (
	"encoding/json"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"weft/rag/llm/fakeopenai"
	"weft/rag/tools"
)

// gatedModel starts a model that answers no question before open is called, and returns the
// environment of programs that use it.
func gatedModel(t *testing.T) (env map[string]string, open func()) {
	t.Helper()
	model, base := fakeopenai.Start(t, "", "tiny-chat")
	gate := make(chan struct{})
	open = sync.OnceFunc(func() { close(gate) })
	t.Cleanup(open)
	model.Decide(func(body json.RawMessage) string {
		if strings.Contains(string(body), "is the sea deep?") {
			<-gate
		}
		return "say=" + url.QueryEscape("The sea is deep and blue. [1]")
	})
	return map[string]string{"WEFT_OFFLINE": "false", "WEFT_BASE_URL": base, "WEFT_MODEL": "tiny-chat"}, open
}

// pairs returns an environment as a list.
func pairs(env map[string]string) (all []string) {
	for k, v := range env {
		all = append(all, k+"="+v)
	}
	return all
}

// TestARunOfAnAgentIsLiveInAnOpenHistory asks through weft mcp while an explorer has the history
// open: the run appears with the agent's name, is opened while it is going, and ends there.
func TestARunOfAnAgentIsLiveInAnOpenHistory(t *testing.T) {
	t.Parallel()
	env, open := gatedModel(t)
	home := seaHome(t)
	s := start{home: home, env: env, w: 120, h: 40}.open(t)
	s.see("Ask a question")
	s.press("^r")
	s.see("history of", "there are no runs yet")

	server := command(t, home, "mcp", "docs")
	server.Env = append(server.Env, pairs(env)...)
	a := connectOver(t, &mcp.CommandTransport{Command: server}, "2026-07-28", nil)
	var got tools.AskOutput
	ended := make(chan error, 1)
	go func() {
		result, err := a.CallTool(t.Context(), &mcp.CallToolParams{Name: "ask", Arguments: map[string]any{"question": "is the sea deep?"}})
		if err == nil {
			var data []byte
			if data, err = json.Marshal(result.StructuredContent); err == nil {
				err = json.Unmarshal(data, &got)
			}
		}
		ended <- err
	}()
	s.see("is the sea deep?", "by test · in another")
	if out := weft(t, home, "runs"); !strings.Contains(out, "running") || !strings.Contains(out, "is the sea deep? · by test") {
		t.Errorf("weft runs says %q", out)
	}
	s.press("↵")
	s.gone("history of")
	s.see("is the sea deep?", "synthesize")
	if text := s.text(); strings.Contains(text, "deep and blue") {
		t.Errorf("the run has ended before it was opened:\n%s", text)
	}
	open()
	s.see("The sea is deep and blue", "answered by tiny-chat")
	if err := <-ended; err != nil || got.Status != tools.StatusDone || !strings.Contains(got.Answer, "deep and blue") {
		t.Errorf("the agent gets %+v: %v", got, err)
	}
	s.press("^r")
	s.see("history of", "by test · 1 source")
	if out := weft(t, home, "runs"); strings.Contains(out, "running") || !strings.Contains(out, "is the sea deep? · by test") {
		t.Errorf("after its end weft runs says %q", out)
	}
	s.press("esc")
	s.quit()
}

// TestARunOfAServerIsLiveInAnOpenHistory starts a run on weft serve while an explorer has the history
// open: the list shows that it runs, and that it has ended.
func TestARunOfAServerIsLiveInAnOpenHistory(t *testing.T) {
	t.Parallel()
	env, open := gatedModel(t)
	home := seaHome(t)
	p := serveWith(t, home, pairs(env))
	s := start{home: home, env: env, w: 120, h: 40}.open(t)
	s.see("Ask a question")
	s.press("^r")
	s.see("history of", "there are no runs yet")
	p.want(200, "POST", "/workflows/rag/run-nowait", `{"start_event":{"text":"is the sea deep?"}}`)
	s.see("is the sea deep?", "in another process")
	open()
	s.gone("in another process")
	s.see("1 source", "The sea is deep and blue")
	s.press("↵")
	s.see("answered by tiny-chat")
	s.quit()
}
