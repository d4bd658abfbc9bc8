package index

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// A LockedError reports that another process writes the index. The data that it has committed so
// far can be searched.
type LockedError struct {
	Dir    string
	Holder string // "process 4711 since 13:02"
}

func (e *LockedError) Error() string {
	return fmt.Sprintf("the index in %s is being written by %s: wait for it to end, or stop it; searching works meanwhile", e.Dir, e.Holder)
}

// acquire takes the lock if it is free. If another process holds it, acquire returns nil and no
// error, and sets x.locked. The caller holds x.mu, unless the index is not shared yet.
func (x *Index) acquire() (*disk, error) {
	x.locked = nil
	if err := os.MkdirAll(x.dir, 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(x.dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := lockFile(f); err != nil {
		f.Close()
		if !errors.Is(err, errLocked) {
			return nil, fmt.Errorf("lock %s: %w", f.Name(), err)
		}
		holder, _ := os.ReadFile(filepath.Join(x.dir, holderName))
		x.locked = &LockedError{Dir: x.dir, Holder: strings.TrimSpace(string(holder))}
		if x.locked.Holder == "" {
			x.locked.Holder = "another process"
		}
		return nil, nil
	}
	// These two files are informative, so write errors are ignored.
	holder := fmt.Sprintf("process %d since %s", os.Getpid(), time.Now().Format("15:04"))
	_ = os.WriteFile(filepath.Join(x.dir, holderName), []byte(holder), 0o600)
	_ = os.WriteFile(filepath.Join(x.dir, tagName), []byte(tag), 0o600)
	return &disk{dir: x.dir, lock: f, openFile: x.openFile}, nil
}

// beginWriting ensures that this process may write. Another process that held the lock may have
// exited since. The caller holds x.update.
func (x *Index) beginWriting() error {
	if x.closed {
		return errors.New("index: it is closed")
	}
	x.loads.Wait() // adding passages must not overlap with loading vectors
	if x.dir == "" || x.disk != nil {
		return nil
	}
	if x.opts.ReadOnly {
		return fmt.Errorf("index: %s was opened for reading only", x.dir)
	}
	x.mu.Lock()
	disk, err := x.acquire()
	locked, before := x.locked, x.writeErr
	x.writeErr = err
	// Writing is possible again. The next snapshot will hold everything.
	if disk != nil && before != nil {
		disk.failed = before
		x.disk = disk
	}
	x.mu.Unlock()
	switch {
	case err != nil || x.disk != nil:
		return nil
	case disk != nil:
		if err := x.reread(disk); err != nil {
			disk.lock.Close()
			return err
		}
		return nil
	case x.onDisk() != x.seen:
		if err := x.reread(nil); err != nil {
			return err
		}
	}
	return locked
}

// How long an empty index waits for the first passages of the process that writes it, and how often
// it looks whether there are any.
const (
	firstPassagesWait     = 10 * time.Second
	firstPassagesInterval = 50 * time.Millisecond
)

// awaitPassages is beginWriting for an empty index that another process writes and that has files: it
// waits for the first passages, so that what is searched next is not empty.
func (x *Index) awaitPassages(ctx context.Context) error {
	for begun := time.Now(); ; {
		select {
		case <-time.After(firstPassagesInterval):
		case <-ctx.Done():
			return ctx.Err()
		}
		err := x.beginWriting()
		var locked *LockedError
		if !errors.As(err, &locked) || x.View().Len() > 0 || time.Since(begun) > firstPassagesWait {
			return err
		}
	}
}

// reread loads what another process has written, and starts writing if disk is not nil. The
// previous state serves until everything is loaded, including vectors. The caller holds x.update
// but not x.mu.
func (x *Index) reread(disk *disk) error {
	opts := x.opts
	opts.Opening = nil // only Open reports its progress
	y := newIndex(x.dir, x.Embedder(), opts)
	y.disk = disk
	if err := y.read(); err != nil {
		return err
	}
	y.loads.Wait()
	x.mu.Lock()
	defer x.mu.Unlock()
	x.disk, x.files, x.byKey, x.next, x.seen, x.notice = disk, y.files, y.byKey, y.next, y.seen, y.notice
	v := y.view.Load().clone()
	v.index = x
	x.view.Store(v)
	return nil
}

// onDisk identifies the state of the directory by the sizes and times of its files.
func (x *Index) onDisk() string {
	state := ""
	for _, name := range []string{snapshotName, logName} {
		if fi, err := os.Stat(filepath.Join(x.dir, name)); err == nil {
			state += fmt.Sprint(fi.Size(), " ", fi.ModTime().UnixNano(), ";")
		}
	}
	return state
}
