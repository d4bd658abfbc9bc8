//go:build linux

package cli

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// TestAStateDirectoryThatCannotBeWrittenTo asks on the command line and in the explorer while the state
// directory is mounted read-only, and while its file system is full. Both hold for every user, which
// permissions do not. It needs mounts of its own, in a namespace of its own, so it is part of the long
// tests, where the machine must allow that.
func TestAStateDirectoryThatCannotBeWrittenTo(t *testing.T) {
	if os.Getenv("WEFT_STATE_MOUNTS") != "" {
		t.Run("read-only", func(t *testing.T) { testUnwritableState(t, mountReadOnly, syscall.EROFS) })
		t.Run("full", func(t *testing.T) { testUnwritableState(t, mountFull, syscall.ENOSPC) })
		return
	}
	if os.Getenv("WEFT_LONG") != "1" {
		t.Skip("it mounts file systems; set WEFT_LONG=1")
	}
	cmd := exec.Command("unshare", "--map-root-user", "--mount", os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), "WEFT_STATE_MOUNTS=1")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}

// mountReadOnly mounts a directory on itself, read-only.
func mountReadOnly(_ *testing.T, dir string) error {
	return errors.Join(unix.Mount(dir, dir, "", unix.MS_BIND, ""), unix.Mount("", dir, "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY, ""))
}

// mountFull mounts a file system on a directory that has its files, and no room for more.
func mountFull(t *testing.T, dir string) error {
	kept := t.TempDir()
	if err := os.CopyFS(kept, os.DirFS(dir)); err != nil {
		return err
	}
	if err := unix.Mount("none", dir, "tmpfs", 0, "size=256k"); err != nil {
		return err
	}
	if err := os.CopyFS(dir, os.DirFS(kept)); err != nil {
		return err
	}
	full := os.WriteFile(filepath.Join(dir, "full"), make([]byte, 1<<20), 0o600)
	if !errors.Is(full, syscall.ENOSPC) {
		return errors.Join(errors.New("the file system is not full"), full)
	}
	return nil
}

func testUnwritableState(t *testing.T, mount func(t *testing.T, dir string) error, want syscall.Errno) {
	home := seaHome(t)
	before := keptOf(t, home, "is the sea deep?", "docs")
	state := filepath.Join(home, "state")
	if err := mount(t, state); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Unmount(state, unix.MNT_DETACH) })
	if err := os.WriteFile(filepath.Join(state, "probe"), []byte("probe"), 0o600); !errors.Is(err, want) {
		t.Fatalf("writing to the state directory gives %v, want %v", err, want)
	}

	cmd := command(t, home, "ask", "is the lake shallow?", "docs")
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil || !strings.Contains(string(out), "The lake is shallow. [1]") {
		t.Errorf("weft ask prints %s, %v", out, err)
	}
	if n := strings.Count(said.String(), "runs are not kept"); n != 1 || !strings.Contains(said.String(), want.Error()) {
		t.Errorf("weft ask says\n%s", said.String())
	}
	if out := weft(t, home, "runs", "list"); !strings.Contains(out, before.ID) {
		t.Errorf("the earlier runs are listed as\n%s", out)
	}

	s := start{home: home}.open(t)
	s.see("Ask a question")
	s.write("is the lake shallow?")
	s.press("↵")
	s.see("runs are not kept", "The lake is shallow. [1]", "✓ answered")
	s.press("^r")
	s.see("history of", "is the sea deep?")
	s.press("m")
	s.see(want.Error())
	s.press("↵")
	s.see("The sea is deep and blue. [1]")
	s.gone("history of")
	s.quit()
}
