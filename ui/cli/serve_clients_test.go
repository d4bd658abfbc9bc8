package cli

import (
	"context"
	"os/exec"
	"strings"
	"testing"
)

// node runs a script of testdata/clients and returns what it prints.
func node(t *testing.T, script string, args ...string) string {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), npmTimeout)
	defer stop()
	out, err := exec.CommandContext(ctx, "node", append([]string{"testdata/clients/" + script}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

// TestLlamaIndexsClientFromNPM runs LlamaIndex's client of its own workflow server against this one.
func TestLlamaIndexsClientFromNPM(t *testing.T) {
	folder := npmFolder(t)
	p := serveIn(t, seaHome(t))
	out := node(t, "client.mjs", folder, p.url, p.token)
	t.Log(out)
	if !strings.HasSuffix(out, "cancelled and listed\n") {
		t.Error("the client ended early")
	}
}
