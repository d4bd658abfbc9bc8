//go:build unix

package outside_test

import (
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"weft/rag/outside"
)

func TestCloseEndsTheProgramsThatAServerHasStarted(t *testing.T) {
	t.Setenv(hostileVariable, "1")
	name := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
	s := outside.New(map[string][]string{"evil": {"sh", "-c", `exec 9>"$0"; sleep 300 >/dev/null & exec "$1" -test.run='^$' 9>&-`, name, os.Args[0]}})
	t.Cleanup(s.Close)
	offered := make(chan int, 1)
	go func() {
		tools, _ := s.Tools(t.Context())
		offered <- len(tools)
	}()
	pipe, err := os.Open(name) // waits until the other program runs
	if err != nil {
		t.Fatal(err)
	}
	defer pipe.Close()
	if <-offered == 0 {
		t.Fatal("the server offers no tools")
	}
	s.Close()
	if err := pipe.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, pipe); err != nil {
		t.Errorf("a program that the server has started is left: %v", err)
	}
}
