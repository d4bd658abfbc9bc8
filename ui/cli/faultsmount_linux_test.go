//go:build linux && (amd64 || arm64)

package cli

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestAMountVanishesAtEachOperation unmounts the directory of weft's files, or that of the documents,
// at each operation on it while a question is asked. It needs mounts of its own, in a namespace of
// its own, so it is part of the long tests, where the machine must allow that.
func TestAMountVanishesAtEachOperation(t *testing.T) {
	if base := os.Getenv("WEFT_MOUNTS"); base != "" {
		t.Run("of weft", func(t *testing.T) { testVanishingMount(t, filepath.Join(base, "weft"), "own") })
		t.Run("of documents", func(t *testing.T) { testVanishingMount(t, filepath.Join(base, "documents"), "docs") })
		return
	}
	if os.Getenv("WEFT_LONG") != "1" {
		t.Skip("it mounts file systems; set WEFT_LONG=1")
	}
	cmd := exec.Command("unshare", "--map-root-user", "--mount", os.Args[0], "-test.run=^TestAMountVanishesAtEachOperation$", "-test.v")
	cmd.Env = append(os.Environ(), "WEFT_MOUNTS="+realPath(t.TempDir()))
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestAMountVanishesAtEachOperation") {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}

// testVanishingMount lets a directory below base vanish. It is the mount of another one, so that what
// was written can be looked at and mounted again.
func testVanishingMount(t *testing.T, base, name string) {
	mounted, behind := filepath.Join(base, name), filepath.Join(base, "behind")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.MkdirAll(mounted, 0o700))
	must(os.MkdirAll(behind, 0o700))
	mount := func() { must(unix.Mount(behind, mounted, "", unix.MS_BIND, "")) }
	mount()
	t.Cleanup(func() { _ = unix.Unmount(mounted, unix.MNT_DETACH) })
	a := newAsked(t, base)
	places := 0
	for at := 1; ; at++ {
		a.restore()
		l := faultLayer{below: mounted, picks: anyOperation, at: at, then: func() { must(unix.Unmount(mounted, unix.MNT_DETACH)) }}
		stdout, stderr, code := l.run(t, os.Environ(), base, "weft", "ask", nextQuestion, "docs")
		where := fmt.Sprintf("at %.60q", l.struck)
		if code != exitAnswer && code != exitIncomplete && code != exitNothing && code != 1 || strings.Contains(stderr, "goroutine ") {
			t.Errorf("%s: exit code %d\n%s%s", where, code, stdout, stderr)
		}
		if code == 1 && stderr == "" {
			t.Errorf("%s: it does not say why it fails", where)
		}
		if len(l.struck) == 0 {
			break
		}
		places++
		must(os.RemoveAll(mounted)) // what was written there after it vanished
		must(os.Mkdir(mounted, 0o700))
		mount()
		after := a.runs()
		for id, shown := range a.before {
			if after[id] != shown {
				t.Errorf("%s: the earlier run is shown as\n%s", where, after[id])
			}
		}
		before := a.server.Stats().EmbeddingInputs
		a.must("index", a.docs)
		if n := a.server.Stats().EmbeddingInputs - before - 1; n > 1 {
			t.Errorf("%s: %d passages are embedded when the mount is back", where, n)
		}
		if got := a.must("search", nextQuestion, a.docs); got != a.found {
			t.Errorf("%s: the next search finds\n%s\nwant\n%s", where, got, a.found)
		}
	}
	t.Logf("it vanished at %d operations", places)
}
