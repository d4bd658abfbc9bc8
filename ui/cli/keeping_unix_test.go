//go:build !windows

package cli

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
)

// TestAFullDiskIsSaidAndTheQuestionIsAnswered lets no file become larger than 8 KiB, so that the
// journal cannot be written to its end.
func TestAFullDiskIsSaidAndTheQuestionIsAnswered(t *testing.T) {
	home := seaHome(t)
	weft(t, home, "ask", "is the sea deep?", "docs") // the index is there from now on
	cmd := command(t, home, "ask", "is the sea deep?", "docs")
	path, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no shell")
	}
	cmd.Path, cmd.Args = path, []string{"sh", "-c", `ulimit -f 16; exec weft "$@"`, "sh", "ask", "is the sea deep?", "docs"}
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil || !strings.Contains(string(out), "The sea is deep and blue. [1]") {
		t.Errorf("it printed %s, %v", out, err)
	}
	if strings.Count(said.String(), "runs are not kept") != 1 || strings.Count(said.String(), "\nweft: ") != 1 {
		t.Errorf("it said %s", said.String())
	}
}
