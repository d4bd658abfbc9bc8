package statefile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// A broken disk fails at its n-th operation, with an error, after it has written half of what it
// should.
type broken struct {
	system
	left *int
	with error
}

func (b broken) fails() error {
	if *b.left--; *b.left == 0 {
		return b.with
	}
	return nil
}

func (b broken) MkdirAll(dir string) error {
	if err := b.fails(); err != nil {
		return err
	}
	return b.system.MkdirAll(dir)
}

func (b broken) CreateTemp(dir, pattern string) (file, error) {
	if err := b.fails(); err != nil {
		return nil, err
	}
	f, err := b.system.CreateTemp(dir, pattern)
	return brokenFile{f, b}, err
}

func (b broken) ReadFile(path string) ([]byte, error) {
	if err := b.fails(); err != nil {
		return nil, err
	}
	return b.system.ReadFile(path)
}

func (b broken) Rename(from, to string) error {
	if err := b.fails(); err != nil {
		return err
	}
	return b.system.Rename(from, to)
}

func (b broken) SyncDir(dir string) error {
	if err := b.fails(); err != nil {
		return err
	}
	return b.system.SyncDir(dir)
}

type brokenFile struct {
	file
	disk broken
}

func (f brokenFile) Write(p []byte) (int, error) {
	if err := f.disk.fails(); err != nil {
		n, _ := f.file.Write(p[:len(p)/2])
		return n, err
	}
	return f.file.Write(p)
}

func (f brokenFile) Sync() error {
	if err := f.disk.fails(); err != nil {
		return err
	}
	return f.file.Sync()
}

func (f brokenFile) Close() error {
	err := f.file.Close()
	if e := f.disk.fails(); e != nil {
		return e
	}
	return err
}

func TestAFaultAtAnyOperationLeavesTheOldContentOrTheNew(t *testing.T) {
	for _, fault := range []error{syscall.ENOSPC, syscall.EIO, syscall.EMFILE, syscall.EDQUOT, syscall.EROFS, io.ErrShortWrite} {
		for n := 1; ; n++ {
			dir := t.TempDir()
			path := filepath.Join(dir, "state", "questions")
			if err := Write(path, []byte("old")); err != nil {
				t.Fatal(err)
			}
			left := n
			err := update(broken{left: &left, with: fault}, path, func(old []byte) ([]byte, error) { return []byte(string(old) + " and new"), nil })
			got, _ := os.ReadFile(path)
			if left > 0 { // the fault lies behind the last operation
				if err != nil || string(got) != "old and new" || n < 7 {
					t.Fatalf("%d operations, %v: %v, %q", n, fault, err, got)
				}
				break
			}
			if !errors.Is(err, fault) || string(got) != "old" && string(got) != "old and new" {
				t.Errorf("%v at operation %d: %v, %q", fault, n, err, got)
			}
			if list, _ := filepath.Glob(filepath.Join(dir, "state", ".*.part")); len(list) > 0 {
				t.Errorf("%v at operation %d leaves %v", fault, n, list)
			}
		}
	}
}

func TestUpdateKeepsTheFileIfTheChangeFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	if err := Write(path, []byte("old")); err != nil {
		t.Fatal(err)
	}
	no := errors.New("no")
	if err := Update(path, func([]byte) ([]byte, error) { return nil, no }); !errors.Is(err, no) {
		t.Error(err)
	}
	if got, _ := os.ReadFile(path); string(got) != "old" {
		t.Errorf("%q", got)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info.Mode(), err)
	}
}

func TestDamagedContentIsKeptOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	for _, content := range []string{"first", "second", "second", "first"} {
		if err := KeepDamaged(path, []byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{path + ".damaged": "first", path + ".damaged.2": "second", path + ".damaged.3": ""} {
		if got, _ := os.ReadFile(name); string(got) != want {
			t.Errorf("%s holds %q, want %q", name, got, want)
		}
	}
	if err := os.Mkdir(filepath.Join(filepath.Dir(path), "b.damaged"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := KeepDamaged(filepath.Join(filepath.Dir(path), "b"), nil); err == nil {
		t.Error("content that cannot be kept counts as kept")
	}
}

// TestMain makes the test binary a program that adds lines to a file, for the next test.
func TestMain(m *testing.M) {
	if path := os.Getenv("STATEFILE_ADD"); path != "" {
		for i := range 20 {
			if err := addLine(path, fmt.Sprintf("%s-%d", os.Getenv("STATEFILE_NAME"), i)); err != nil {
				fmt.Println(err)
				os.Exit(1)
			}
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func addLine(path, line string) error {
	return Update(path, func(old []byte) ([]byte, error) { return append(old, line+"\n"...), nil })
}

func TestProcessesThatUpdateOneFileLoseNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "questions")
	var wg sync.WaitGroup
	for p := range 4 {
		wg.Go(func() {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), "STATEFILE_ADD="+path, fmt.Sprintf("STATEFILE_NAME=p%d", p))
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	wg.Wait()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for p := range 4 {
		for i := range 20 {
			if line := fmt.Sprintf("p%d-%d\n", p, i); !strings.Contains(string(data), line) {
				t.Errorf("%q is lost", line)
			}
		}
	}
}
