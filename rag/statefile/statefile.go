// Package statefile replaces small files as a whole: a reader sees the old content or the new one,
// also after a crash, a power loss or on a full disk. What weft remembers between two starts is kept
// this way: questions, consent, the chosen profile, what was learned about models.
package statefile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// lockWait limits how long Update waits for another process that changes the same file. A change
// takes milliseconds; a process that was stopped in the middle must not stop the others.
const lockWait = 2 * time.Second

// Write replaces the content of a file, which need not exist, and creates its directory. The file can
// be read only by its owner. On an error the old content is kept.
func Write(path string, data []byte) error { return write(system{}, path, data) }

// Update replaces the content of a file by the result of change; old is nil if there is no file.
// Processes that update one file do so one after the other, so that no change is lost. An error of
// change is returned, and leaves the file alone; so does a content that is unchanged.
func Update(path string, change func(old []byte) ([]byte, error)) error {
	return update(system{}, path, change)
}

// DamagedSuffix is appended to the name of a file to name the copy of its damaged content.
const DamagedSuffix = ".damaged"

// KeepDamaged keeps the content of a file that cannot be decoded and is about to be replaced. It is
// written to a file beside it, under the name with [DamagedSuffix], and a number if earlier damaged
// content has that name. If a function given to [Update] returns the error of KeepDamaged, a file
// whose content could not be kept stays unchanged.
func KeepDamaged(path string, content []byte) error {
	name := path + DamagedSuffix
	for n := 2; ; n++ {
		kept, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			return Write(name, content)
		}
		if err != nil || string(kept) == string(content) {
			return err
		}
		name = fmt.Sprintf("%s%s.%d", path, DamagedSuffix, n)
	}
}

// A disk has the operations on files that can fail. Tests replace it by one that fails.
type disk interface {
	MkdirAll(dir string) error
	CreateTemp(dir, pattern string) (file, error)
	ReadFile(path string) ([]byte, error)
	Rename(from, to string) error
	Remove(path string) error
	SyncDir(dir string) error
}

type file interface {
	io.Writer
	Name() string
	Sync() error
	Close() error
}

func write(d disk, path string, data []byte) error {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // a symbolic link to the file, as in shared dotfiles, stays a link
	}
	dir := filepath.Dir(path)
	if err := d.MkdirAll(dir); err != nil {
		return err
	}
	part, err := d.CreateTemp(dir, "."+filepath.Base(path)+"-*.part")
	if err != nil {
		return err
	}
	_, err = part.Write(data) // a short write is an error
	if err == nil {
		err = part.Sync() // else a power loss could leave the new name with no content
	}
	err = errors.Join(err, part.Close())
	if err == nil {
		err = d.Rename(part.Name(), path)
	}
	if err != nil {
		_ = d.Remove(part.Name()) // err has the cause
		return err
	}
	return d.SyncDir(dir)
}

func update(d disk, path string, change func([]byte) ([]byte, error)) error {
	if err := d.MkdirAll(filepath.Dir(path)); err != nil {
		return err
	}
	defer Lock(path + ".lock")()
	old, err := d.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err // what cannot be read must not be replaced
	}
	next, err := change(old)
	if err != nil || string(next) == string(old) {
		return err
	}
	return write(d, path, next)
}

// Lock takes the lock of a file, which is created, and returns the function that releases it. Where
// locks are not supported, or the lock is held for long, it returns without: then the last change
// wins.
func Lock(path string) (unlock func()) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return func() {}
	}
	for began := time.Now(); lockFile(f) != nil && time.Since(began) < lockWait; {
		time.Sleep(time.Millisecond)
	}
	return func() { f.Close() }
}

// system is the disk of the operating system.
type system struct{}

func (system) MkdirAll(dir string) error                    { return os.MkdirAll(dir, 0o700) }
func (system) CreateTemp(dir, pattern string) (file, error) { return os.CreateTemp(dir, pattern) } // mode 0600
func (system) ReadFile(path string) ([]byte, error)         { return os.ReadFile(path) }
func (system) Rename(from, to string) error                 { return os.Rename(from, to) }
func (system) Remove(path string) error                     { return os.Remove(path) }

// SyncDir makes a renaming durable. Not every system can open a directory; the file is there anyway.
func (system) SyncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return nil
	}
	_ = f.Sync()
	return f.Close()
}
