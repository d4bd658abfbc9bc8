//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package journal

import (
	"errors"
	"os"
	"syscall"
)

// lock takes an exclusive lock that lasts until the file is closed or the process ends, even by a
// crash. It returns false if another process holds the lock.
func lock(f *os.File) (taken bool, err error) { return flock(f, syscall.LOCK_NB) }

// lockWait is like lock, but waits until the lock is free.
func lockWait(f *os.File) error {
	_, err := flock(f, 0)
	return err
}

func flock(f *os.File, flags int) (taken bool, err error) {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|flags)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EWOULDBLOCK):
			return true, nil
		case errors.Is(err, syscall.ENOLCK) || errors.Is(err, syscall.ENOTSUP) || errors.Is(err, syscall.ENOSYS):
			return false, nil // a file system without locks: the epoch alone then shows who owns it
		}
		return false, err
	}
}
