package cli

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"weft/rag/llm/fakeopenai"
)

// npmFolder returns the folder in which npm has installed the packages of the long suite. The short
// suite runs the test only if there is such a folder.
func npmFolder(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("WEFT_NPM")
	switch {
	case folder != "":
	case os.Getenv("WEFT_LONG") != "":
		t.Fatal("WEFT_NPM does not name the folder with the npm packages of the Model Context Protocol")
	default:
		t.Skip("it needs packages from npm: WEFT_NPM names their folder")
	}
	return folder
}

// npmTimeout is how long a program of node may take on a busy machine.
const npmTimeout = 5 * time.Minute

// TestTheOfficialClientsFromNPMUseWeftMCP uses both generations of the official clients, over standard
// input and output and over HTTP.
func TestTheOfficialClientsFromNPMUseWeftMCP(t *testing.T) {
	folder := npmFolder(t)
	for _, check := range []struct {
		name, model string // the options of the scripted model; "": there is none
		long        bool   // it waits for as long as a call may take
	}{{name: "tools", model: "latency=500ms"}, {name: "approve"}, {name: "cancel", model: "hang_after=2"}, {name: "slow", model: "hang_after=2", long: true}} {
		for _, client := range []string{"sdk", "client"} {
			for _, over := range []string{"stdio", "http"} {
				t.Run(check.name+" "+client+" "+over, func(t *testing.T) {
					if check.long && os.Getenv("WEFT_LONG") == "" {
						t.Skip("it waits for 50 seconds: WEFT_LONG=1 runs it")
					}
					t.Parallel()
					var variables []string
					var model *fakeopenai.Server
					if check.model != "" {
						var url string
						model, url = fakeopenai.Start(t, check.model, "tiny-chat")
						variables = []string{"WEFT_OFFLINE=false", "WEFT_BASE_URL=" + url}
					}
					useFromNPM(t, folder, check.name, client, over, variables)
					if model != nil && model.Stats().Streams == 0 {
						t.Error("the model was not asked")
					}
					if check.name == "cancel" {
						waitUntil(t, "the model is left", func() bool { return model.Stats().Active == 0 })
					}
				})
			}
		}
	}
}

// useFromNPM runs a check of testdata/mcp/client.mjs.
func useFromNPM(t *testing.T, folder, check, client, over string, variables []string) {
	t.Helper()
	dir := harbourDir(t)
	weft := command(t, t.TempDir(), "mcp", dir)
	args := []string{filepath.Join("testdata", "mcp", "client.mjs"), check, client}
	env := append(weft.Env, "WEFT_NPM="+folder)
	env = append(env, variables...)
	if over == "http" {
		h := startAgentHost(t, dir, nil, variables...)
		args, env = append(args, h.url), append(env, "WEFT_TOKEN="+h.token)
	} else {
		args = append(args, weft.Path, "mcp", dir)
	}
	ctx, cancel := context.WithTimeout(t.Context(), npmTimeout)
	defer cancel()
	node := exec.CommandContext(ctx, "node", args...)
	node.Env = env
	if out, err := node.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
