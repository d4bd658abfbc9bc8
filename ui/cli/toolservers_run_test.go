package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"weft/rag/llm/fakeopenai"
	"weft/rag/tools"
)

// tideTable is a program that serves one tool over the Model Context Protocol. A call is noted in the
// file TIDE_CALLS.
func tideTable() {
	type place struct {
		Place string `json:"place"`
	}
	server := mcp.NewServer(&mcp.Implementation{Name: "tide-table"}, nil)
	mcp.AddTool(server, &mcp.Tool{Name: "tide", Description: "Says when the water is high.", Annotations: &mcp.ToolAnnotations{ReadOnlyHint: true}},
		func(_ context.Context, _ *mcp.CallToolRequest, in place) (*mcp.CallToolResult, any, error) {
			if err := os.WriteFile(os.Getenv("TIDE_CALLS"), []byte(in.Place), 0o600); err != nil {
				return nil, nil, err
			}
			return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: "High water in " + in.Place + " is at noon."}}}, nil, nil
		})
	if err := server.Run(context.Background(), &mcp.StdioTransport{}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

const tideQuestion = "when is high water in Sandhaven?"

// A tidal is a home whose config file names the program tide-table, and whose model calls its tool.
type tidal struct {
	home string
	env  map[string]string
}

func newTidal(t *testing.T) tidal {
	t.Helper()
	model, base := fakeopenai.Start(t, "", "tiny-chat")
	model.Decide(func(body json.RawMessage) string {
		switch {
		case !strings.Contains(string(body), tideQuestion):
			return ""
		case strings.Contains(string(body), "High water in Sandhaven is at noon."):
			return "say=" + url.QueryEscape("At noon [1].")
		case strings.Contains(string(body), "does not permit"):
			return "say=" + url.QueryEscape("The tide was not looked up.")
		}
		return "tools=" + url.QueryEscape(`[{"name":"tides_tide","arguments":{"place":"Sandhaven"}}]`)
	})
	h := tidal{home: seaHome(t)}
	write(t, h.home, "weft.toml", "[tool_servers]\ntides = \"tide-table\"\n")
	h.env = map[string]string{"WEFT_OFFLINE": "false", "WEFT_BASE_URL": base, "WEFT_MODEL": "tiny-chat",
		"WEFT_CONFIG": filepath.Join(h.home, "weft.toml"), "TIDE_CALLS": filepath.Join(h.home, "calls")}
	return h
}

// called reports whether the tool was called.
func (h tidal) called() bool {
	_, err := os.Stat(h.env["TIDE_CALLS"])
	return err == nil
}

// agent returns a client of weft mcp, which fills in forms.
func (h tidal) agent(t *testing.T, fill func(*mcp.ElicitParams) *mcp.ElicitResult) *agent {
	t.Helper()
	server := command(t, h.home, "mcp", "docs")
	for k, v := range h.env {
		server.Env = append(server.Env, k+"="+v)
	}
	return connectOver(t, &mcp.CommandTransport{Command: server}, "2026-07-28", fill)
}

// run runs weft without a terminal, checks the exit code, and returns what it writes.
func (h tidal) run(t *testing.T, code int, args ...string) (out, errs string) {
	t.Helper()
	cmd := command(t, h.home, args...)
	for k, v := range h.env {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); cmd.ProcessState.ExitCode() != code {
		t.Fatalf("weft %q: %v, want exit code %d: %s", args, err, code, &stderr)
	}
	return stdout.String(), stderr.String()
}

// TestAToolServerInAPipe asks without a terminal, so that only --allow can permit a call.
func TestAToolServerInAPipe(t *testing.T) {
	t.Parallel()
	h := newTidal(t)
	out, errs := h.run(t, exitNothing, "ask", "-w", "agent", tideQuestion, "docs")
	if h.called() || strings.Contains(out, "noon") || !strings.Contains(errs, "--allow tool:tides/tide") ||
		!strings.Contains(out+errs, "nothing is from tides_tide: the call was not permitted") {
		t.Errorf("called: %v, %q, %q", h.called(), out, errs)
	}
	out, errs = h.run(t, 0, "ask", "-w", "agent", "--allow", "tool:tides/tide", tideQuestion, "docs")
	if !h.called() || !strings.Contains(out, "At noon [1].") || !strings.Contains(out, "tides/tide") || strings.Contains(errs, "--allow") {
		t.Errorf("allowed, called: %v, %q, %q", h.called(), out, errs)
	}
}

// TestARunOfAnAgentWaitsForThePermissionOfAPerson asks through weft mcp. The client could fill in
// forms, but the permission is not its to give: the call returns what the run waits for, a person
// replies in another process, and the run ends.
func TestARunOfAnAgentWaitsForThePermissionOfAPerson(t *testing.T) {
	t.Parallel()
	for reply, want := range map[string]string{`{"allow": true}`: "At noon [1].", `{"allow": false}`: "Nothing in the indexed documents"} {
		h := newTidal(t)
		a := h.agent(t, func(p *mcp.ElicitParams) *mcp.ElicitResult {
			t.Errorf("the client is asked %q", p.Message)
			return &mcp.ElicitResult{Action: "accept", Content: map[string]any{"allow": true}}
		})
		var got tools.AskOutput
		a.call(t, "ask", map[string]any{"question": tideQuestion, "workflow": "agent"}, &got)
		if got.Status != tools.StatusWaiting || !strings.Contains(got.Waits, "the tool tide of the program tides") ||
			!strings.Contains(got.Waits, "weft runs answer "+got.Run+` '{"allow": true}'`) || h.called() {
			t.Fatalf("called: %v, %+v", h.called(), got)
		}
		h.run(t, 0, "runs", "answer", got.Run, reply)
		waitUntil(t, "the run ends", func() bool {
			run := got.Run
			got = tools.AskOutput{}
			a.call(t, "ask", map[string]any{"run": run}, &got)
			return got.Status == tools.StatusDone
		})
		if !strings.Contains(got.Answer, want) || h.called() != strings.Contains(reply, "true") {
			t.Errorf("after %s, called: %v, %+v", reply, h.called(), got)
		}
	}
}
