//go:build unix

package proctree_test

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"weft/rag/proctree"
)

// start runs a shell script whose $1 is a named pipe, and returns the pipe as soon as a process has
// opened it for writing, and a channel with the result of Run.
func start(ctx context.Context, t *testing.T, script string) (pipe *os.File, result chan error) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, "sh", "-c", script, "sh", name)
	cmd.Stdout = new(discard) // a copy by a goroutine, which descendants can hold up
	cmd.WaitDelay = time.Second
	proctree.Own(cmd)
	result = make(chan error, 1)
	go func() { result <- proctree.Run(cmd) }()
	pipe, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pipe.Close() })
	return pipe, result
}

type discard struct{}

func (*discard) Write(p []byte) (int, error) { return len(p), nil }

// ended waits until no process has the pipe open for writing.
func ended(t *testing.T, pipe *os.File) {
	t.Helper()
	if err := pipe.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, pipe); err != nil {
		t.Fatalf("a descendant is left: %v", err)
	}
}

func TestDescendantsEndWithTheContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	pipe, result := start(ctx, t, `sh -c 'sleep 300 & wait' 9>"$1"; exit 1`)
	cancel()
	if err := <-result; err == nil {
		t.Error("no error")
	}
	ended(t, pipe)
}

func TestDescendantsEndWithTheirProgram(t *testing.T) {
	t.Parallel()
	pipe, result := start(t.Context(), t, `exec 9>"$1"; sleep 300 >/dev/null & exit 0`)
	if err := <-result; err != nil {
		t.Error(err)
	}
	ended(t, pipe)
}
