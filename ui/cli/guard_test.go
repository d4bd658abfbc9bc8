//go:build !windows

package cli

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestACrashRestoresTheTerminalAndLeavesAReport lets the Go runtime of the explorer end with a fatal error,
// and kills it where nothing can be said any more.
func TestACrashRestoresTheTerminalAndLeavesAReport(t *testing.T) {
	t.Parallel()
	for sent, want := range map[syscall.Signal]string{syscall.SIGABRT: "weft has crashed", syscall.SIGKILL: "weft was killed"} {
		t.Run(sent.String(), func(t *testing.T) {
			s := start{}.open(t)
			s.see("Ask a question")
			s.ask(question)
			if err := s.cmd.Process.Signal(sent); err != nil {
				t.Fatal(err)
			}
			s.see(want)
			if _, left := s.end(); strings.Contains(left, "╭") {
				t.Errorf("left on the screen:\n%s", left)
			}
			home := s.cmd.Dir
			questions, err := (&questionFile{file: filepath.Join(home, "state", "questions")}).read()
			if err != nil || len(questions) != 1 || questions[0] != question {
				t.Errorf("the questions are %q: %v", questions, err)
			}
			reports, _ := filepath.Glob(filepath.Join(home, "state", "crash-*.txt"))
			if sent == syscall.SIGKILL {
				if len(reports) > 0 {
					t.Errorf("reports %v", reports)
				}
				return
			}
			if len(reports) != 1 {
				t.Fatalf("reports %v", reports)
			}
			if text, err := os.ReadFile(reports[0]); err != nil || !strings.Contains(string(text), "SIGABRT") || !strings.Contains(string(text), "goroutine ") {
				t.Errorf("%v: %s", err, text)
			}
		})
	}
}
