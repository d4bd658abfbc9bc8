package journal

import (
	"errors"
	"os"
	"syscall"
	"unsafe"
)

var lockFileEx = syscall.NewLazyDLL("kernel32.dll").NewProc("LockFileEx")

const (
	lockExclusive = 2
	lockAtOnce    = 1

	errorLockViolation = syscall.Errno(33)
)

// lock takes an exclusive lock that lasts until the file is closed or the process ends, even by a
// crash. It returns false if another process holds the lock. A lock on Windows also prevents others
// from reading the locked bytes, so it covers one byte far beyond the end of the file.
func lock(f *os.File) (taken bool, err error) { return lockBeyond(f, lockAtOnce) }

// lockWait is like lock, but waits until the lock is free.
func lockWait(f *os.File) error {
	_, err := lockBeyond(f, 0)
	return err
}

func lockBeyond(f *os.File, flags uintptr) (taken bool, err error) {
	at := syscall.Overlapped{OffsetHigh: 1 << 30}
	ok, _, err := lockFileEx.Call(f.Fd(), lockExclusive|flags, 0, 1, 0, uintptr(unsafe.Pointer(&at)))
	switch {
	case ok != 0:
		return false, nil
	case errors.Is(err, errorLockViolation):
		return true, nil
	}
	return false, err
}
