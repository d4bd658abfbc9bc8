//go:build !windows

package explorer

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

// The manual's program is checked in a module of its own, outside of this repository, with the
// manual's go.mod. The long suite builds it and uses it in a terminal too; linking takes long.
func TestTheManualsProgramRunsInAModuleOfItsOwn(t *testing.T) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	module := fence(t, "```\nmodule ")
	const checkout = "=> ../weft\n"
	if !strings.Contains(module, checkout) {
		t.Fatalf("the manual's go.mod does not say where the checkout is:\n%s", module)
	}
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, content := range map[string]string{
		"main.go": fence(t, "```go\n"),
		"go.mod":  strings.Replace(module, checkout, "=> "+strconv.Quote(root)+"\n", 1),
		"go.sum":  string(sums), // saves the network that "go mod tidy" would ask
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if os.Getenv("WEFT_LONG") != "1" {
		vet := exec.CommandContext(t.Context(), "go", "vet", "-mod=mod", ".")
		vet.Dir = dir
		if out, err := vet.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	program := filepath.Join(dir, "kitchen")
	build := exec.CommandContext(t.Context(), "go", "build", "-mod=mod", "-o", program, ".")
	build.Dir = dir
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}

	cmd := exec.CommandContext(t.Context(), program)
	cmd.Env = append(os.Environ(), "TERM=xterm-256color")
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: 100, Rows: 30})
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	emu := vt.NewEmulator(100, 30)
	changed := make(chan struct{}, 1)
	var both sync.WaitGroup
	both.Go(func() {
		b := make([]byte, 32<<10)
		for {
			n, err := tty.Read(b)
			mu.Lock()
			_, _ = emu.Write(b[:n]) // cannot fail: an emulator accepts all bytes
			mu.Unlock()
			select {
			case changed <- struct{}{}:
			default:
			}
			if err != nil {
				return // the program has ended
			}
		}
	})
	both.Go(func() { _, _ = io.Copy(tty, emu) }) // the terminal's replies
	seen := func(text string, within time.Duration) bool {
		late := time.After(within)
		for {
			mu.Lock()
			screen := emu.String()
			mu.Unlock()
			if strings.Contains(screen, text) {
				return true
			}
			select {
			case <-changed:
			case <-late:
				return false
			}
		}
	}
	shows := func(text string) {
		t.Helper()
		if !seen(text, time.Minute) {
			t.Fatalf("the screen does not show %q:\n%s", text, emu.String())
		}
	}
	shows("a form asks for the fields of Order")
	_, _ = tty.WriteString("lunch\r") // a form asks for fields that the text does not have
	shows("what to cook")
	// A form that has just opened ignores keys, because they may be meant for another pane
	for range 60 {
		_, _ = tty.WriteString("\x15soup") // ctrl+u removes letters of an earlier round
		if seen("dish   soup", time.Second) {
			break
		}
	}
	_, _ = tty.WriteString("\t2")
	shows("times  2")
	_, _ = tty.WriteString("\r")
	shows("served soup and soup")
	_, _ = tty.WriteString("\x04") // ctrl+d quits
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	if replies, ok := emu.InputPipe().(io.Closer); ok {
		replies.Close() // the emulator's own Close races with its Read
	}
	tty.Close()
	both.Wait()
}
