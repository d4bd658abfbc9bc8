package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"weft/flow"
)

// TestARealDiskIsFull lets a file system become full under runs that are kept, in both modes, with
// each answer to a journal that fails. What was acknowledged is on the disk, and each run is
// resumed when there is room again. It needs a file system of its own, which it mounts in a
// namespace of its own, so it is part of the long tests, where the machine must allow that.
func TestARealDiskIsFull(t *testing.T) {
	if path := os.Getenv("WEFT_FULL_DISK"); path != "" {
		onASmallDisk(t, path)
		return
	}
	if os.Getenv("WEFT_LONG") != "1" || runtime.GOOS != "linux" {
		t.Skip("it mounts a file system, which needs Linux; set WEFT_LONG=1")
	}
	path := t.TempDir()
	script := fmt.Sprintf("mount -t tmpfs -o size=1m none %s && exec %s -test.run='^TestARealDiskIsFull$' -test.v", path, os.Args[0])
	cmd := exec.Command("unshare", "--map-root-user", "--mount", "sh", "-c", script)
	cmd.Env = append(os.Environ(), "WEFT_FULL_DISK="+path)
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestARealDiskIsFull") {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}

// onASmallDisk is the test in a process whose file system at path has little room.
func onASmallDisk(t *testing.T, path string) {
	stops := map[string]int{}
	for round, size := range []int{500, 5_000, 100_000} { // of a reply; the last is stored apart from its line
		for mode, opts := range map[string][]flow.KeepOption{
			"async":            nil,
			"sync":             {flow.Sync()},
			"async, must keep": {flow.FailWithJournal()},
			"sync, must keep":  {flow.Sync(), flow.FailWithJournal()},
		} {
			dir, err := Open(filepath.Join(path, fmt.Sprint("runs", round)))
			if err != nil {
				t.Fatal(err)
			}
			acknowledged, full := fillDisk(t, dir, mode, size, opts)
			if full {
				stops[mode]++
			}
			t.Logf("%s, replies of %d bytes: %d acknowledged before the disk was full", mode, size, acknowledged)
			if err := os.RemoveAll(dir.Folder()); err != nil {
				t.Fatal(err)
			}
		}
	}
	for mode, n := range stops {
		if n != 3 {
			t.Errorf("%s: the disk was full in %d of 3 rounds", mode, n)
		}
	}
}

type (
	said  struct{ Text string }
	sum   struct{ Replies, Bytes int }
	count struct{ Replies, Bytes int }
)

// counts returns a workflow that takes replies from outside until one is empty.
func counts() *flow.Workflow[start, sum] {
	wf := flow.New[start, sum]("counts")
	flow.Step(wf, "begin", func(*flow.Context, start) (*sum, error) { return nil, nil })
	flow.Step(wf, "count", func(c *flow.Context, s said) (*sum, error) {
		if s.Text == "" {
			n := flow.State[count](c)
			return &sum{n.Replies, n.Bytes}, nil
		}
		return nil, flow.Update(c, func(n *count) error { n.Replies++; n.Bytes += len(s.Text); return nil })
	}, flow.External[said](), flow.Workers(1))
	return wf
}

// fillDisk sends replies to a run until its disk is full, frees room, and resumes it. It returns
// how many replies were acknowledged, and whether the disk was full.
func fillDisk(t *testing.T, dir *Dir, mode string, size int, opts []flow.KeepOption) (acknowledged int, full bool) {
	t.Helper()
	spare := filepath.Join(dir.Folder(), "spare") // room that is freed later
	if err := os.WriteFile(spare, make([]byte, 512<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	w, err := dir.Create("r")
	if err != nil {
		t.Fatal(err)
	}
	run, err := counts().Start(context.Background(), start{}, flow.ID("r"), flow.Keep(w, opts...))
	if err != nil {
		t.Fatal(err)
	}
	must := strings.Contains(mode, "must")
	text := func(n int) string { return fmt.Sprintf("%06d", n) + strings.Repeat("x", size-6) }
	for n := 0; ; n++ {
		err := run.Send(said{text(n)})
		if err == nil && run.JournalErr() == nil {
			acknowledged++
			if n > 10_000 {
				t.Fatalf("%s: the disk has no end", mode)
			}
			continue
		}
		full = errors.Is(run.JournalErr(), syscall.ENOSPC)
		if err != nil && !must {
			t.Errorf("%s: the reply on the full disk: %v", mode, err)
		}
		break
	}
	if !full {
		t.Errorf("%s: %v", mode, run.JournalErr())
	}
	if must {
		if err := run.Send(said{"late"}); err == nil {
			t.Errorf("%s: a reply after the disk was full was acknowledged", mode)
		}
		var failed *flow.JournalError
		if _, err := run.Wait(t.Context()); !errors.As(err, &failed) || !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("%s: the run ended with %v", mode, err)
		}
	} else {
		if err := run.Send(said{}); err != nil {
			t.Errorf("%s: the run does not go on: %v", mode, err)
		}
		if got, err := run.Wait(t.Context()); err != nil || got.Replies != acknowledged+1 {
			t.Errorf("%s: %+v %v after %d replies and one more", mode, got, err, acknowledged)
		}
	}
	w.Close()
	if err := os.Remove(spare); err != nil {
		t.Fatal(err)
	}
	resumeWithRoom(t, dir, mode, acknowledged, text)
	return acknowledged, full
}

// resumeWithRoom resumes the run after room was made. It must have all replies that were
// acknowledged, in order, and at most the one that was refused.
func resumeWithRoom(t *testing.T, dir *Dir, mode string, acknowledged int, text func(int) string) {
	t.Helper()
	file, w, err := dir.Continue("r")
	if err != nil {
		t.Fatalf("%s: %v", mode, err)
	}
	defer w.Close()
	there := 0
	for _, r := range file.Records {
		if r.Kind != flow.EventSent || r.Type != "said" {
			continue
		}
		raw, err := r.JSON()
		var s said
		if err == nil {
			err = json.Unmarshal(raw, &s)
		}
		if err != nil || s.Text != text(there) {
			t.Fatalf("%s: reply %d is %.20s %v", mode, there, raw, err)
		}
		there++
	}
	if there != acknowledged && there != acknowledged+1 {
		t.Errorf("%s: %d replies were acknowledged and %d are there", mode, acknowledged, there)
	}
	again, err := counts().Resume(t.Context(), slices.Values(file.Records), flow.Keep(w, flow.FailWithJournal()))
	if err != nil {
		t.Fatalf("%s: %v", mode, err)
	}
	if err := again.Send(said{}); err != nil {
		t.Fatalf("%s: %v", mode, err)
	}
	if got, err := again.Wait(t.Context()); err != nil || got.Replies < there {
		t.Errorf("%s: %+v %v of %d replies", mode, got, err, there)
	}
}
