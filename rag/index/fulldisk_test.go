package index

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"weft/rag/embed"
)

// A fullDisk lets a number of writes and syncs succeed. The next write writes half of its data and
// fails.
type fullDisk struct {
	room  int
	stays bool // everything after it that needs room fails too
	torn  bool // and what was written cannot be cut off again, as if the process were killed

	failed bool
}

func (d *fullDisk) open(name string, flag int) (diskFile, error) {
	if d.failed && d.stays && flag&os.O_CREATE != 0 {
		return nil, syscall.ENOSPC
	}
	f, err := os.OpenFile(name, flag, 0o600)
	return &fullFile{f, d}, err
}

// fails counts a write, and reports whether it fails.
func (d *fullDisk) fails() bool {
	d.room--
	if d.room == -1 {
		d.failed = true
		return true
	}
	return d.failed && d.stays
}

type fullFile struct {
	*os.File
	disk *fullDisk
}

func (f *fullFile) Write(b []byte) (int, error) {
	if f.disk.fails() {
		n, _ := f.File.Write(b[:len(b)/2])
		return n, syscall.ENOSPC
	}
	return f.File.Write(b)
}

func (f *fullFile) WriteAt(b []byte, at int64) (int, error) {
	if f.disk.fails() {
		n, _ := f.File.WriteAt(b[:len(b)/2], at)
		return n, syscall.ENOSPC
	}
	return f.File.WriteAt(b, at)
}

func (f *fullFile) Sync() error {
	if f.disk.fails() {
		return syscall.ENOSPC
	}
	return f.File.Sync()
}

func (f *fullFile) Truncate(size int64) error {
	if f.disk.failed && f.disk.torn {
		return syscall.EIO
	}
	return f.File.Truncate(size)
}

// fill changes files one at a time, updates the index after each, and writes two snapshots. did is
// called after each operation with its error.
func fill(t *testing.T, x *Index, docs string, did func(error)) {
	commit := func(name, text string) {
		if text == "" {
			os.Remove(filepath.Join(docs, name))
		} else {
			write(t, docs, map[string]string{name: text})
		}
		_, err := x.Update(context.Background(), []string{docs}, UpdateOptions{})
		did(err)
	}
	commit("a.md", "# A\n\nalpha one\n\n## B\n\nbeta two")
	commit("b.txt", "gamma three")
	did(x.checkpoint())
	commit("a.md", "# A\n\nalpha changed\n\n## B\n\nbeta two")
	commit("c.txt", "delta four")
	commit("b.txt", "")
	did(x.checkpoint())
	commit("c.txt", "delta changed")
}

// TestTheDiskIsFullAtEachWrite lets each write and sync of an index fail in turn. As long as the disk
// is full, updates report it, and the index in memory is complete. The next start has a state that
// the index once had, the last one if the last update reported no failure. It reports a log that was
// not written to its end, and the next update repairs the index.
func TestTheDiskIsFullAtEachWrite(t *testing.T) {
	whole := history{docs: t.TempDir()}
	x := open(t, t.TempDir(), embed.NewHashed())
	whole.states = append(whole.states, passages(x))
	fill(t, x, whole.docs, func(err error) {
		if err != nil {
			t.Fatal(err)
		}
		whole.states = append(whole.states, passages(x))
	})
	whole.clean = dump(x)
	x.Close()
	step := 5
	if os.Getenv("WEFT_LONG") == "1" {
		step = 1
	}
	for name, disk := range map[string]fullDisk{"once": {}, "from then on": {stays: true},
		"from then on, and the process is killed": {stays: true, torn: true}} {
		t.Run(name, func(t *testing.T) {
			failures, notices := 0, 0
			for room := 0; ; room += step {
				disk := disk
				disk.room = room
				notice := testFullDisk(t, whole, &disk)
				if !disk.failed {
					break
				}
				failures++
				if strings.Contains(notice, "were not whole") {
					notices++
				}
			}
			if failures < 20/step {
				t.Errorf("only %d writes failed", failures)
			}
			if (notices > 0) != disk.torn {
				t.Errorf("%d starts report an incomplete log", notices)
			}
			t.Logf("%d writes failed in turn, %d starts report an incomplete log", failures, notices)
		})
	}
}

// testFullDisk returns what the start after a full disk says.
func testFullDisk(t *testing.T, whole history, disk *fullDisk) (notice string) {
	what, dir := fmt.Sprintf("the disk is full at write %d", disk.room), t.TempDir()
	x := newIndex(dir, embed.NewHashed(), Options{})
	x.openFile = disk.open
	if err := x.open(); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	var last error
	fill(t, x, t.TempDir(), func(err error) {
		if last = err; err != nil && !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("%s: %v", what, err)
		}
	})
	if disk.stays && disk.failed && last == nil {
		t.Fatalf("%s: the last update does not report it", what)
	}
	latest := whole.states[len(whole.states)-1:]
	if got := passages(x); got != latest[0] {
		t.Fatalf("%s: the index in memory lacks something:\n%s", what, got)
	}
	if err := x.Close(); last == nil && err != nil {
		t.Fatalf("%s: close: %v", what, err)
	}
	snapshot, log := optional(t, filepath.Join(dir, snapshotName)), optional(t, filepath.Join(dir, logName))
	if last == nil {
		whole.states = latest
	}
	whole.reopen(t, snapshot, log, what)
	y := open(t, dir, embed.NewHashed()) // with the unfinished files that were left
	defer y.Close()
	if got := passages(y); !slices.Contains(whole.states, got) {
		t.Fatalf("%s: a state that the index never had:\n%s", what, got)
	}
	return y.Status().Rebuilt
}

// optional returns the content of a file, or nil if there is none.
func optional(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return b
}
