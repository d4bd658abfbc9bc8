//go:build unix

package load

import (
	"io/fs"
	"syscall"
	"time"
)

// openNonblock is the flag that keeps opening a named pipe from blocking until a writer appears.
const openNonblock = syscall.O_NONBLOCK

// inode returns the inode number of a file.
func inode(fi fs.FileInfo) uint64 {
	if st, ok := fi.Sys().(*syscall.Stat_t); ok {
		return uint64(st.Ino)
	}
	return 0
}

// changeTime returns when a file's content, name or attributes last changed, in nanoseconds since
// 1970.
func changeTime(fi fs.FileInfo) int64 {
	if st, ok := fi.Sys().(*syscall.Stat_t); ok {
		return changeTimeOf(st)
	}
	return 0
}

// processorTime returns the processor time that this process has used.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// confine gives up rights that a reader of documents does not need: writing files and dumping core.
func confine() {
	_ = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{})
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{})
}
