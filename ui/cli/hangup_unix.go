//go:build unix

package cli

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// watchTerminal waits until the terminal is gone, and then ends the program as SIGHUP does. The signal
// itself may be ignored, and the library that reads the keys takes the end of the terminal for the end of
// its input. It returns only then.
func watchTerminal() {
	fds := []unix.PollFd{{Fd: int32(os.Stdin.Fd())}} // without events, it wakes only for a hang-up or an error
	for {
		if _, err := unix.Poll(fds, -1); err == unix.EINTR {
			continue
		}
		break
	}
	if fds[0].Revents&(unix.POLLHUP|unix.POLLERR|unix.POLLNVAL) != 0 {
		hungUp <- syscall.SIGHUP
	}
}
