//go:build unix

package statefile

import (
	"os"

	"golang.org/x/sys/unix"
)

// lockFile takes an exclusive lock, or fails at once. The lock lasts until the file is closed or the
// process ends, even by a crash.
func lockFile(f *os.File) error {
	return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
}
