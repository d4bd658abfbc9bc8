package vectorstore

import (
	"errors"
	"strings"
	"syscall"
	"testing"
)

// A fullDisk lets a number of writes succeed. The next one writes half of its data and fails.
type fullDisk struct {
	room  int
	stays bool // every write after it fails too
	torn  bool // and what was written cannot be cut off again, as if the process were killed

	failed bool
}

type fullFile struct {
	file
	disk *fullDisk
}

func (d *fullDisk) open(name string) (file, error) {
	f, err := openFile(name)
	return fullFile{f, d}, err
}

func (f fullFile) WriteAt(b []byte, at int64) (int, error) {
	d := f.disk
	d.room--
	if d.room >= 0 || d.failed && !d.stays {
		return f.file.WriteAt(b, at)
	}
	d.failed = true
	n, _ := f.file.WriteAt(b[:len(b)/2], at)
	return n, syscall.ENOSPC
}

func (f fullFile) Truncate(size int64) error {
	if f.disk.failed && f.disk.torn {
		return syscall.EIO
	}
	return f.file.Truncate(size)
}

// TestTheDiskIsFullAtEachWrite lets each write of a store fail in turn. The failure is reported once,
// all vectors are right meanwhile and after the next start, and those that were lost are computed
// and kept again.
func TestTheDiskIsFullAtEachWrite(t *testing.T) {
	batches := [][]string{{"sea"}, {"ship", "harbour", "sea"}, {"quay", "ferry"}}
	for name, disk := range map[string]fullDisk{"once": {}, "from then on": {stays: true},
		"from then on, and the process is killed": {stays: true, torn: true}} {
		t.Run(name, func(t *testing.T) {
			most := 2 * len(batches) // the vectors and the keys of each batch
			for room := 0; room <= most; room++ {
				disk := disk
				disk.room = room
				dir := t.TempDir()
				var said []error
				s := New(dir, func(err error) { said = append(said, err) })
				s.open = disk.open
				for _, texts := range batches {
					embedAll(t, s, texts...)
				}
				if disk.failed != (room < most) {
					t.Fatalf("write %d: failed: %v", room, disk.failed)
				}
				switch {
				case !disk.failed && len(said) > 0,
					disk.failed && (len(said) != 1 || !strings.Contains(said[0].Error(), "may be computed again")):
					t.Errorf("write %d: reported is %v", room, said)
				case disk.failed && !disk.torn && !errors.Is(said[0], syscall.ENOSPC):
					t.Errorf("write %d: the report does not name the cause: %v", room, said)
				}
				next := New(dir, silent(t)) // as after a restart
				for _, texts := range batches {
					embedAll(t, next, texts...)
				}
				for _, texts := range batches {
					if again := embedAll(t, New(dir, silent(t)), texts...); len(again) > 0 {
						t.Errorf("write %d: %q are computed again", room, again)
					}
				}
			}
		})
	}
}
