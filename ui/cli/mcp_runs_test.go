package cli

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/spf13/pflag"

	"weft/rag/llm/fakeopenai"
	"weft/rag/tools"
	"weft/ui/history"
)

// modelSettings returns settings for a machine whose model is at a URL.
func modelSettings(t *testing.T, url string) *settings {
	t.Helper()
	dir := t.TempDir()
	st, err := loadSettings(pflag.NewFlagSet("test", pflag.ContinueOnError), func(key string) string {
		return map[string]string{"WEFT_BASE_URL": url, "WEFT_CACHE": dir, "WEFT_STATE": dir}[key]
	})
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// runState returns what the resource of a run says about it.
func (a *agent) runState(t *testing.T, id string) (state struct{ Outcome, Reason string }) {
	t.Helper()
	got, err := a.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: "weft://run/" + id})
	if err == nil {
		err = json.Unmarshal([]byte(got.Contents[0].Text), &state)
	}
	if err != nil {
		t.Fatalf("run %s: %v", id, err)
	}
	return state
}

// waitUntil waits for a condition that another goroutine brings about.
func waitUntil(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), noticeTimeout)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("%s: this has not happened", what)
		}
	}
}

// runID returns the identifier that the first progress message has; "": there is none yet.
func (a *agent) runID() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, m := range a.messages {
		if rest, ok := strings.CutPrefix(m, "run "); ok {
			return strings.Fields(rest)[0]
		}
	}
	return ""
}

// TestCancellingACallOfAnAgentMCPCancelsItsRun cancels while the model is silent in the middle of its
// answer, in both generations of the protocol.
// askAndCancel calls the tool ask, cancels the call while the model answers, and waits until its run
// is cancelled and the model is left.
func askAndCancel(t *testing.T, a *agent, model *fakeopenai.Server) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		params := &mcp.CallToolParams{Name: "ask", Arguments: map[string]any{"question": "What does a berth cost?"}}
		params.SetProgressToken("ask")
		_, err := a.CallTool(ctx, params)
		ended <- err
	}()
	waitUntil(t, "the model answers", func() bool { return model.Stats().Streams > 0 && a.runID() != "" })
	cancel()
	if err := <-ended; err == nil {
		t.Error("the cancelled call has a result")
	}
	waitUntil(t, "the run is cancelled", func() bool {
		return a.runState(t, a.runID()).Outcome == string(history.Cancelled)
	})
	waitUntil(t, "the model is left", func() bool { return model.Stats().Active == 0 })
}

func TestCancellingACallOfAnAgentMCPCancelsItsRun(t *testing.T) {
	for _, version := range protocols {
		t.Run(version, func(t *testing.T) {
			model, url := fakeopenai.Start(t, "hang_after=2", "tiny-chat")
			a := connect(t, modelSettings(t, url), harbourDir(t), version, nil)
			askAndCancel(t, a, model)
			if got := a.runState(t, a.runID()); !strings.Contains(got.Reason, "the agent that asked has cancelled it") {
				t.Errorf("the reason is %q", got.Reason)
			}
		})
	}
}

// TestAnMCPCallReturnsTheRunOfASlowModel asks a model that never finishes: every call returns the
// same run, which continues in between.
func TestAnMCPCallReturnsTheRunOfASlowModel(t *testing.T) {
	model, url := fakeopenai.Start(t, "hang_after=2", "tiny-chat")
	st := modelSettings(t, url)
	st.patience = time.Millisecond
	a := connect(t, st, harbourDir(t), "2026-07-28", nil)
	var first, again tools.AskOutput
	a.call(t, "ask", map[string]any{"question": "What does a berth cost?"}, &first)
	if first.Status != tools.StatusRunning || first.Run == "" {
		t.Fatalf("%+v", first)
	}
	waitUntil(t, "the model answers", func() bool { return model.Stats().Streams > 0 })
	a.call(t, "ask", map[string]any{"run": first.Run}, &again)
	if again.Status != tools.StatusRunning || again.Run != first.Run || model.Stats().Cancelled > 0 {
		t.Errorf("%+v, %+v", again, model.Stats())
	}
	if state := a.runState(t, first.Run); state.Outcome != string(history.Running) {
		t.Errorf("as a resource the run is %+v", state)
	}
}

// TestAnMCPClientCannotConsentForAPerson asks a model on an endpoint that is not known to be this
// machine, so that it needs consent.
func TestAnMCPClientCannotConsentForAPerson(t *testing.T) {
	model, url := fakeopenai.Start(t, "", "tiny-chat")
	url = strings.Replace(url, "127.0.0.1", "0.0.0.0", 1)
	a := connect(t, modelSettings(t, url), harbourDir(t), "2026-07-28", func(p *mcp.ElicitParams) *mcp.ElicitResult {
		t.Errorf("the client is asked %q", p.Message)
		return &mcp.ElicitResult{Action: "accept", Content: map[string]any{}}
	})
	for range 2 {
		var got tools.AskOutput
		a.call(t, "ask", map[string]any{"question": "What does a berth cost?"}, &got)
		if got.Status != tools.StatusDone || !strings.Contains(got.Answer, "14 euros") ||
			!strings.Contains(got.Degraded, "allow it with --allow") {
			t.Errorf("%+v", got)
		}
	}
	for _, r := range model.Requests() {
		if strings.Contains(string(r.Body), "euros") || strings.Contains(string(r.Body), "berth") {
			t.Errorf("%s was sent %s", r.Path, r.Body)
		}
	}
}
