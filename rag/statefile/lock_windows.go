package statefile

import (
	"os"

	"golang.org/x/sys/windows"
)

// lockFile takes an exclusive lock, or fails at once. The lock lasts until the file is closed or the
// process ends, even by a crash.
func lockFile(f *os.File) error {
	return windows.LockFileEx(windows.Handle(f.Fd()),
		windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, new(windows.Overlapped))
}
