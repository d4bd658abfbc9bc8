//go:build !windows

package cli

import (
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestASignalEndsTheExplorerAndRestoresTheTerminal(t *testing.T) {
	t.Parallel()
	for sent, want := range map[syscall.Signal]int{syscall.SIGTERM: 143, syscall.SIGHUP: 129, syscall.SIGQUIT: 131, syscall.SIGINT: 130} {
		t.Run(sent.String(), func(t *testing.T) {
			if signal.Ignored(sent) {
				t.Skip("the tests run where this signal is ignored, as under nohup")
			}
			s := start{}.open(t)
			s.see("Ask a question")
			s.ask(question)
			if err := s.cmd.Process.Signal(sent); err != nil {
				t.Fatal(err)
			}
			code, left := s.end()
			if code != want || !strings.Contains(left, question) || strings.Contains(left, "╭") {
				t.Errorf("exit code %d, left on the screen:\n%s", code, left)
			}
		})
	}
}

// TestASignalEndsAProgramThatIsStuck blocks the program where no context is looked at: opening a config
// file that never opens, as on a dead mount.
func TestASignalEndsAProgramThatIsStuck(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"ask", "how?", "."}, {"search", "how?", "."}, {"doctor"}} {
		dir := t.TempDir()
		config := filepath.Join(dir, "config.toml")
		if err := syscall.Mkfifo(config, 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("weft", args...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "WEFT_CONFIG="+config, "HOME="+dir, "WEFT_OFFLINE=true")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		hold := opened(t, config)
		defer hold.Close() // and nothing is ever written
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		late := time.AfterFunc(screenTimeout, func() { _ = cmd.Process.Kill() })
		_ = cmd.Wait() // the exit code is in cmd.ProcessState
		late.Stop()
		if code := cmd.ProcessState.ExitCode(); code != exitCancelled {
			t.Errorf("%v: exit code %d", args, code)
		}
	}
}

// opened waits until a process opens a named pipe for reading, and returns its other end.
func opened(t *testing.T, pipe string) *os.File {
	t.Helper()
	for began := time.Now(); ; {
		f, err := os.OpenFile(pipe, os.O_WRONLY|syscall.O_NONBLOCK, 0)
		if err == nil {
			return f
		}
		if time.Since(began) > screenTimeout {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// TestTheExplorerEndsWithItsTerminal closes the terminal of an explorer that must ignore SIGHUP, as under
// nohup: reading from the terminal fails then.
func TestTheExplorerEndsWithItsTerminal(t *testing.T) {
	t.Parallel()
	s := start{shell: "sh", args: []string{"-c", "trap '' HUP; exec weft docs"}}.open(t)
	s.see("Ask a question")
	if err := s.pty.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-s.ended:
	case <-time.After(screenTimeout):
		t.Fatal("the program continues without a terminal")
	}
	if code := s.cmd.ProcessState.ExitCode(); code != 129 {
		t.Errorf("exit code %d", code)
	}
}
