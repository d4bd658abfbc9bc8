package cli

import (
	"bufio"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"weft/rag/llm/fakeopenai"
	"weft/rag/tools"
	"weft/ui/history"
)

// An agentHost is weft mcp --http, as a process of its own.
type agentHost struct {
	url   string
	home  string
	token string // "": it needs none
}

// startAgentHost starts weft mcp --http on a free port. Variables are added to its environment.
func startAgentHost(t testing.TB, dir string, args []string, variables ...string) agentHost {
	t.Helper()
	home := t.TempDir()
	cmd := command(t, home, slices.Concat([]string{"mcp", "--http", "127.0.0.1:0"}, args, []string{dir})...)
	cmd.Env = append(cmd.Env, variables...)
	stderr, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	h := agentHost{home: home}
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		if _, url, ok := strings.Cut(lines.Text(), "served at "); ok {
			h.url = url
			if slices.Contains(args, "--no-token") {
				break
			}
		}
		if _, token, ok := strings.Cut(lines.Text(), "Bearer "); ok {
			h.token = token
			break
		}
	}
	read := make(chan string, 1)
	go func() {
		var rest strings.Builder
		for lines.Scan() {
			rest.WriteString(lines.Text() + "\n")
		}
		read <- rest.String()
	}()
	t.Cleanup(func() {
		if cmd.Process.Signal(os.Interrupt) != nil {
			cmd.Process.Kill() // this system has no signals
		}
		rest := <-read
		cmd.Wait() // the exit code is that of an interrupted program
		if strings.Contains(rest, "panic") || strings.Contains(rest, "DATA RACE") {
			t.Errorf("the server has written %s", rest)
		}
	})
	if h.url == "" {
		t.Fatal("the server has not said where it listens")
	}
	return h
}

// transport returns a transport of the library to the server.
func (h agentHost) transport() mcp.Transport {
	return &mcp.StreamableClientTransport{Endpoint: h.url, HTTPClient: &http.Client{Transport: bearer(h.token)}}
}

// bearer is a token that is added to each request.
type bearer string

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	if b != "" {
		r = r.Clone(r.Context())
		r.Header.Set("Authorization", "Bearer "+string(b))
	}
	return http.DefaultTransport.RoundTrip(r)
}

// TestAgentsUseWeftOverHTTP serves clients of both generations by one process.
func TestAgentsUseWeftOverHTTP(t *testing.T) {
	h := startAgentHost(t, harbourDir(t), nil)
	for _, version := range protocols {
		t.Run(version, func(t *testing.T) {
			asked := ""
			a := connectOver(t, h.transport(), version, func(p *mcp.ElicitParams) *mcp.ElicitResult {
				asked = p.Message
				return &mcp.ElicitResult{Action: "accept", Content: map[string]any{"keep": "1"}}
			})
			if got := a.InitializeResult(); got.ProtocolVersion != version || !strings.Contains(got.Instructions, "weft searches") {
				t.Errorf("the server speaks %s and says %q", got.ProtocolVersion, got.Instructions)
			}
			a.useAllTools(t)
			var got tools.AskOutput
			a.call(t, "ask", map[string]any{"question": "What does a berth cost?", "workflow": "approve"}, &got)
			if !strings.Contains(asked, "1. harbour.md:") || got.Status != tools.StatusDone || !strings.Contains(got.Answer, "14 euros") {
				t.Errorf("asked %q, got %+v", asked, got)
			}
			waitUntil(t, "progress arrives", func() bool {
				a.mu.Lock()
				defer a.mu.Unlock()
				return len(a.messages) >= 4
			})
			if state := a.runState(t, got.Run); state.Outcome != string(history.Done) {
				t.Errorf("the run is %+v", state)
			}
			line := slices.Collect(strings.Lines(weft(t, h.home, "runs", "-n", "1")))[0]
			if !strings.Contains(line, got.Run) || !strings.Contains(line, "What does a berth cost? · by test") {
				t.Errorf("weft runs says %q", line)
			}
		})
	}
}

// TestCancellingACallOverMCPHTTPCancelsItsRun cancels while the model is silent in the middle of its
// answer: by closing the request, and by the notification of older clients.
func TestCancellingACallOverMCPHTTPCancelsItsRun(t *testing.T) {
	for _, version := range protocols {
		t.Run(version, func(t *testing.T) {
			model, url := fakeopenai.Start(t, "hang_after=2", "tiny-chat")
			h := startAgentHost(t, harbourDir(t), nil, "WEFT_OFFLINE=false", "WEFT_BASE_URL="+url)
			a := connectOver(t, h.transport(), version, nil)
			askAndCancel(t, a, model)
		})
	}
}

// TestMCPOverHTTPRefusesStrangers sends requests of other hosts, pages and users.
func TestMCPOverHTTPRefusesStrangers(t *testing.T) {
	dir := harbourDir(t)
	guarded, open := startAgentHost(t, dir, nil), startAgentHost(t, dir, []string{"--no-token"})
	if len(guarded.token) < 32 || open.token != "" {
		t.Fatalf("the tokens are %q and %q", guarded.token, open.token)
	}
	right := "Bearer " + guarded.token
	for name, c := range map[string]struct {
		host          agentHost
		called        string // the Host header; "": the address
		origin, token string
		want          int
	}{
		"the token":                  {guarded, "", "", right, http.StatusOK},
		"no token":                   {guarded, "", "", "", http.StatusUnauthorized},
		"a wrong token":              {guarded, "", "", right + "x", http.StatusUnauthorized},
		"a foreign host":             {guarded, "example.com", "", right, http.StatusForbidden},
		"a foreign origin":           {guarded, "", "https://example.com", right, http.StatusForbidden},
		"an opaque origin":           {guarded, "", "null", right, http.StatusForbidden},
		"open to this machine":       {open, "", "", "", http.StatusOK},
		"open, but a foreign host":   {open, "example.com", "", "", http.StatusForbidden},
		"open, but a foreign origin": {open, "", "https://example.com", "", http.StatusForbidden},
		"open, but another port":     {open, "", "http://127.0.0.1:1", "", http.StatusForbidden},
	} {
		for version, body := range map[string]string{
			"": `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}`,
			"2026-07-28": `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",` +
				`"io.modelcontextprotocol/clientInfo":{"name":"t","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}}}`,
		} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.host.url, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			r.Host = c.called
			for key, value := range map[string]string{"Content-Type": "application/json", "Accept": "application/json, text/event-stream",
				"Origin": c.origin, "Authorization": c.token, "Mcp-Protocol-Version": version, "Mcp-Method": "tools/list"} {
				if value != "" && (version != "" || key != "Mcp-Method") {
					r.Header.Set(key, value)
				}
			}
			got, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			got.Body.Close()
			if got.StatusCode != c.want {
				t.Errorf("%s, protocol %q: status %d, want %d", name, version, got.StatusCode, c.want)
			}
		}
	}
}

// TestTheTokenOfMCPOverHTTPHoldsAfterARestart also looks that another state directory has another.
func TestTheTokenOfMCPOverHTTPHoldsAfterARestart(t *testing.T) {
	dir, state := harbourDir(t), t.TempDir()
	var tokens []string
	for _, at := range []string{state, state, t.TempDir()} {
		t.Run("start", func(t *testing.T) {
			tokens = append(tokens, startAgentHost(t, dir, nil, "WEFT_STATE="+at).token)
		})
	}
	if tokens[0] != tokens[1] || tokens[1] == tokens[2] {
		t.Errorf("the tokens are %q", tokens)
	}
	if got := startAgentHost(t, dir, nil, "WEFT_TOKEN=chosen").token; got != "chosen" {
		t.Errorf("the token is %q", got)
	}
}

func TestTheAddressOfMCPOverHTTP(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	write(t, dir, "9000", "A file whose name could be a port.\n")
	for given, want := range map[string][]string{
		"":                   {agentsAddress},
		"docs":               {agentsAddress, "docs"},
		"8080":               {"127.0.0.1:8080"},
		":8080 docs":         {"127.0.0.1:8080", "docs"},
		"docs 0.0.0.0:80":    {"0.0.0.0:80", "docs"},
		"[::1]:80 docs more": {"[::1]:80", "docs", "more"},
		"9000":               {agentsAddress, "9000"},
		"localhost:99999":    {agentsAddress, "localhost:99999"},
	} {
		address, others := takeAddress(strings.Fields(given))
		if got := append([]string{address}, others...); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", given, got, want)
		}
	}
	for address, open := range map[string]bool{"127.0.0.1:1": false, "[::1]:1": false, "localhost:1": false,
		"0.0.0.0:1": true, "[::]:1": true, "192.0.2.1:1": true, "example.com:1": true} {
		if err := (agentServer{address: address, noToken: true}).check(); (err != nil) != open {
			t.Errorf("%s without a token: %v", address, err)
		}
	}
}
