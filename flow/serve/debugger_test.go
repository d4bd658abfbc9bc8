package serve_test

import (
	"cmp"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weft/flow/serve"
)

// TestLlamaIndexsDebuggerFromNPM uses LlamaIndex's workflow debugger in a browser. WEFT_PICTURES
// names a folder in which its pictures stay.
func TestLlamaIndexsDebuggerFromNPM(t *testing.T) {
	folder, long := os.Getenv("WEFT_NPM"), os.Getenv("WEFT_LONG") != ""
	chromium, err := exec.LookPath("chromium")
	switch {
	case folder == "" && long:
		t.Fatal("WEFT_NPM does not name the folder with the packages of npm")
	case folder == "":
		t.Skip("it needs packages from npm: WEFT_NPM names their folder")
	case err != nil && long:
		t.Fatal(err)
	case err != nil:
		t.Skip("it needs Chromium: ", err)
	}
	files := os.DirFS(filepath.Join(folder, "node_modules", "@llamaindex", "workflow-debugger", "dist"))
	s := open(t, func(settings *serve.Settings) { settings.Debugger = files })
	ctx, stop := context.WithTimeout(t.Context(), 5*time.Minute)
	defer stop()
	pictures := cmp.Or(os.Getenv("WEFT_PICTURES"), t.TempDir())
	out, err := exec.CommandContext(ctx, "node", "testdata/debugger.mjs", folder, s.http.URL, chromium, pictures).CombinedOutput()
	if err != nil || !strings.HasSuffix(string(out), "done\n") {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}
