//go:build !unix

package load

import (
	"io/fs"
	"time"
)

const openNonblock = 0

func inode(fs.FileInfo) uint64 { return 0 }

var processStart = time.Now()

// processorTime returns the time since the process started, in place of its processor time.
func processorTime() time.Duration { return time.Since(processStart) }

func confine() {}

// changeTime returns 0: the system does not report it with the other attributes.
func changeTime(fs.FileInfo) int64 { return 0 }
