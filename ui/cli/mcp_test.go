package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/spf13/pflag"

	"weft/rag/tools"
)

// agentSettings returns settings for a machine without a model.
func agentSettings(t testing.TB) *settings {
	t.Helper()
	dir := t.TempDir()
	st, err := loadSettings(pflag.NewFlagSet("test", pflag.ContinueOnError), func(key string) string {
		return map[string]string{"WEFT_OFFLINE": "true", "WEFT_CACHE": dir, "WEFT_STATE": dir}[key]
	})
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// harbourDir writes a small corpus.
func harbourDir(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "harbour.md", "# Harbour\n\nThe harbour opens at six in the morning.\n\n## Fees\n\nA berth costs 14 euros a night.\n")
	write(t, dir, "rivers.md", "# Rivers\n\nA river is long.\n")
	return dir
}

// An agent is a connected client, with the progress messages that it was sent.
type agent struct {
	*mcp.ClientSession
	mu       sync.Mutex
	messages []string
}

// connect serves a corpus to a client, which gives the form of every request for input to fill. The
// client's options can be changed before.
func connect(t *testing.T, st *settings, dir, version string, fill func(*mcp.ElicitParams) *mcp.ElicitResult,
	change ...func(*mcp.ClientOptions)) *agent {
	t.Helper()
	clientEnd, serverEnd := mcp.NewInMemoryTransports()
	served := make(chan error, 1)
	go func() { served <- serveMCP(t.Context(), st, []string{dir}, io.Discard, over(serverEnd)) }()
	t.Cleanup(func() {
		if err := <-served; err != nil {
			t.Errorf("the server ended with %v", err)
		}
	})
	return connectOver(t, clientEnd, version, fill, change...)
}

// connectOver connects a client to a server: see connect.
func connectOver(t testing.TB, transport mcp.Transport, version string, fill func(*mcp.ElicitParams) *mcp.ElicitResult,
	change ...func(*mcp.ClientOptions)) *agent {
	t.Helper()
	a := &agent{}
	opts := &mcp.ClientOptions{ProgressNotificationHandler: func(_ context.Context, r *mcp.ProgressNotificationClientRequest) {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.messages = append(a.messages, r.Params.Message)
	}}
	if fill != nil {
		opts.ElicitationHandler = func(_ context.Context, r *mcp.ElicitRequest) (*mcp.ElicitResult, error) { return fill(r.Params), nil }
	}
	for _, c := range change {
		c(opts)
	}
	session, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, opts).Connect(t.Context(), transport,
		&mcp.ClientSessionOptions{ProtocolVersion: version})
	if err != nil {
		t.Fatal(err)
	}
	a.ClientSession = session
	t.Cleanup(func() { session.Close() })
	return a
}

// call calls a tool and decodes its structured result into out.
func (a *agent) call(t *testing.T, name string, arguments map[string]any, out any) *mcp.CallToolResult {
	t.Helper()
	params := &mcp.CallToolParams{Name: name, Arguments: arguments}
	params.SetProgressToken(name)
	got, err := a.CallTool(t.Context(), params)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	data, err := json.Marshal(got.StructuredContent)
	if err == nil && out != nil && !got.IsError {
		err = json.Unmarshal(data, out)
	}
	if err != nil {
		t.Fatalf("%s: %v in %s", name, err, data)
	}
	return got
}

func text(r *mcp.CallToolResult) string {
	if len(r.Content) == 0 {
		return ""
	}
	return r.Content[0].(*mcp.TextContent).Text
}

// protocols are the revisions of both generations that are tested.
var protocols = []string{"2025-11-25", "2026-07-28"}

func TestAnAgentUsesAllTools(t *testing.T) {
	for _, version := range protocols {
		t.Run(version, func(t *testing.T) {
			connect(t, agentSettings(t), harbourDir(t), version, nil).useAllTools(t)
		})
	}
}

// useAllTools calls every tool on the corpus of harbourDir, and validates the results by the schemas
// that the server has sent.
func (a *agent) useAllTools(t *testing.T) {
	t.Helper()
	listed, err := a.ListTools(t.Context(), nil)
	if err != nil || len(listed.Tools) != 6 {
		t.Fatalf("%v %+v", err, listed)
	}
	for _, tool := range listed.Tools {
		arguments := map[string]map[string]any{
			"search": {"query": "What does a berth cost?"}, "read": {"path": "harbour.md"}, "grep": {"pattern": "[0-9]+ euros"},
			"list": {}, "ask": {"question": "What does a berth cost?"},
			"run": {"workflow": "rag", "start": map[string]any{"text": "What does a berth cost?"}},
		}[tool.Name]
		var value any
		got := a.call(t, tool.Name, arguments, &value)
		data, err := json.Marshal(tool.OutputSchema)
		var schema jsonschema.Schema
		if err == nil {
			err = json.Unmarshal(data, &schema)
		}
		if err != nil {
			t.Fatal(err)
		}
		resolved, err := schema.Resolve(nil)
		if err == nil {
			err = resolved.Validate(value)
		}
		if err != nil || got.IsError || strings.HasPrefix(text(got), "{") || text(got) == "" {
			t.Errorf("%s: %v %q %v", tool.Name, err, text(got), value)
		}
		if tool.Annotations.ReadOnlyHint != (tool.Name != "run") {
			t.Errorf("%s is read-only: %v", tool.Name, tool.Annotations.ReadOnlyHint)
		}
	}
}

func TestAskReportsProgressAndIsKept(t *testing.T) {
	st := agentSettings(t)
	a := connect(t, st, harbourDir(t), "2026-07-28", nil)
	var got tools.AskOutput
	a.call(t, "ask", map[string]any{"question": "What does a berth cost?"}, &got)
	if got.Status != tools.StatusDone || !strings.Contains(got.Answer, "14 euros") || len(got.Sources) == 0 || got.Run == "" {
		t.Fatalf("%+v", got)
	}
	waitUntil(t, "progress arrives", func() bool {
		a.mu.Lock()
		defer a.mu.Unlock()
		return len(a.messages) >= 4
	})
	var again tools.AskOutput
	if a.call(t, "ask", map[string]any{"run": got.Run}, &again); again.Answer != got.Answer {
		t.Errorf("the run's answer is now %+v", again)
	}
	run, err := a.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: "weft://run/" + got.Run})
	if err != nil || !strings.Contains(run.Contents[0].Text, "14 euros") {
		t.Errorf("%v %+v", err, run)
	}
	if _, err := os.Stat(runsDir(st)); err != nil {
		t.Error(err)
	}
}

// TestApproveAsksAPersonThroughTheClient runs the workflow with a human in the loop: by a call that
// is made again with the reply, and by the request that older clients take in between.
func TestApproveAsksAPersonThroughTheClient(t *testing.T) {
	for _, version := range protocols {
		for keep, cited := range map[string]bool{"1": true, "none": false} {
			t.Run(version+" "+keep, func(t *testing.T) {
				asked := ""
				a := connect(t, agentSettings(t), harbourDir(t), version, func(p *mcp.ElicitParams) *mcp.ElicitResult {
					asked = p.Message
					return &mcp.ElicitResult{Action: "accept", Content: map[string]any{"keep": keep}}
				})
				var got tools.AskOutput
				a.call(t, "ask", map[string]any{"question": "What does a berth cost?", "workflow": "approve"}, &got)
				if !strings.Contains(asked, "1. harbour.md:") || got.Status != tools.StatusDone || got.Declined == cited ||
					strings.Contains(got.Answer, "14 euros") != cited {
					t.Errorf("asked %q, got %+v", asked, got)
				}
			})
		}
	}
}

func TestAClientThatCannotAskAPersonIsToldWhatTheRunWaitsFor(t *testing.T) {
	a := connect(t, agentSettings(t), harbourDir(t), "2026-07-28", nil)
	var got tools.AskOutput
	a.call(t, "ask", map[string]any{"question": "What does a berth cost?", "workflow": "approve"}, &got)
	if got.Status != tools.StatusWaiting || !strings.Contains(got.Waits, "weft runs answer "+got.Run) {
		t.Errorf("%+v", got)
	}
}

func TestErrorsOfToolsSayWhatToDo(t *testing.T) {
	a := connect(t, agentSettings(t), harbourDir(t), "2026-07-28", nil)
	for want, arguments := range map[string]map[string]any{
		"question is empty": {}, "there is no workflow": {"question": "Why?", "workflow": "x"},
		"there is no conversation": {"question": "Why?", "conversation": "x"}, "there is no run": {"run": "x"},
	} {
		if got := a.call(t, "ask", arguments, nil); !got.IsError || !strings.Contains(text(got), want) {
			t.Errorf("%v: %q", arguments, text(got))
		}
	}
	for _, uri := range []string{"weft://doc/../secret", "weft://doc/none.md", "weft://run/none"} {
		if got, err := a.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: uri}); err == nil {
			t.Errorf("%s: %+v", uri, got)
		}
	}
	doc, err := a.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: "weft://doc/harbour.md"})
	if err != nil || !strings.HasPrefix(doc.Contents[0].Text, "# Harbour\n\nThe harbour") {
		t.Errorf("%v %+v", err, doc)
	}
}

func TestTheInstructionsDescribeTheCorpus(t *testing.T) {
	dir := harbourDir(t)
	if err := os.Mkdir(filepath.Join(dir, "a`b\"<x>"), 0o700); err != nil {
		t.Skip("this system has no such names")
	}
	write(t, filepath.Join(dir, "a`b\"<x>"), "x.md", "# X\n\nText.\n")
	a := connect(t, agentSettings(t), dir, "2025-11-25", nil)
	a.call(t, "list", map[string]any{}, nil) // waits for the index
	got := a.InitializeResult().Instructions
	if len(got) > 1024 || !strings.Contains(got, "weft searches the documents in") || strings.ContainsAny(got, "`\"<") {
		t.Errorf("%d bytes: %s", len(got), got)
	}
}

// TestOnlyTheProtocolIsOnStandardOutput sends lines that are not requests, and checks that every
// line of the output is a message of the protocol.
func TestOnlyTheProtocolIsOnStandardOutput(t *testing.T) {
	hello := `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}` + "\n"
	for _, sent := range []string{"\n", "hello\n", "{}\n", "[]\n", "\x00\x1b[31m\n", `{"jsonrpc":"2.0","id":2,"method":"none"}` + "\n",
		`{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"search","arguments":{"query":7}}}` + "\n",
		`{"jsonrpc":"2.0","id":4,"method":"tools/call","params":7}` + "\n", strings.Repeat("x", 1<<20) + "\n"} {
		var out bytes.Buffer
		st := agentSettings(t)
		// A line that cannot be parsed may end the connection with an error: that is no output.
		_ = serveMCP(t.Context(), st, []string{harbourDir(t)}, io.Discard, over(&mcp.IOTransport{
			Reader: io.NopCloser(strings.NewReader(hello + sent)), Writer: keepOpen{&out}}))
		for lines := bufio.NewScanner(&out); lines.Scan(); {
			var message struct {
				Version string `json:"jsonrpc"`
			}
			if err := json.Unmarshal(lines.Bytes(), &message); err != nil || message.Version != "2.0" {
				t.Errorf("after %.40q the output has %q: %v", sent, lines.Text(), err)
			}
		}
	}
}
