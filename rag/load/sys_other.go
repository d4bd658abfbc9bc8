//go:build !unix

package load

import (
	"io/fs"
	"syscall"
	"time"
)

const openNonblock = 0

func inode(fs.FileInfo) uint64 { return 0 }

var processStart = time.Now()

// processorTime stands for the time that processors have spent on this process: the time since it was started.
func processorTime() time.Duration { return time.Since(processStart) }

func childAttributes() *syscall.SysProcAttr { return nil }

func confine() {}
