//go:build !windows

package cli

import (
	"bytes"
	"os"
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

// TestTheExplorerWorksWhereRunsCannotBeKept asks a question on the screen where there can be no state
// directory, and where no file can become larger than 8 KiB.
func TestTheExplorerWorksWhereRunsCannotBeKept(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		start
		said   string // in a note when the run ends; "": at the start, with what the history shows
		listed string // in the history
	}{
		"no directory": {start{env: map[string]string{"WEFT_STATE": "/dev/null/state"}}, "", "not a directory"},
		"a full disk":  {start{shell: "sh", args: []string{"-c", "ulimit -f 16; exec weft docs"}}, "runs are not kept", "how do I cancel a run?"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := c.open(t)
			s.see("ready to be searched")
			s.write("how do I cancel a run?")
			s.see("❯ how do I cancel a run?")
			s.press("↵")
			if c.said != "" {
				s.see(c.said)
			}
			s.see("Press ctrl+c while the run is going", "✓ answered")
			s.press("^r")
			s.see("history of", c.listed)
			s.press("esc")
			s.quit()
		})
	}
}

// TestOutputThatCannotBeWrittenIsAnError writes results to a file on a full disk, as `> answer.txt`
// does.
func TestOutputThatCannotBeWrittenIsAnError(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("there is no device that is always full:", err)
	}
	defer full.Close()
	home := seaHome(t)
	for _, args := range [][]string{{"ask", "is the sea deep?"}, {"ask", "--json", "is the sea deep?"}, {"search", "deep sea"}, {"list"}} {
		cmd := command(t, home, append(args, "docs")...)
		var said bytes.Buffer
		cmd.Stdout, cmd.Stderr = full, &said
		if err := cmd.Run(); cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != exitFailed || !strings.HasSuffix(said.String(), "no space left on device\n") {
			t.Errorf("weft %v: %v\n%s", args, err, said.String())
		}
	}
}
