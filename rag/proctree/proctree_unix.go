//go:build unix

package proctree

import (
	"os/exec"
	"syscall"
)

func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// end kills the process group of a program. If that is not possible, it kills the program.
func end(cmd *exec.Cmd) error {
	if syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) == nil {
		return nil
	}
	return cmd.Process.Kill()
}

// EndDescendants ends what an owned program that has ended has left running: the rest of its process
// group. The number of a group is not given to another process while a member is alive. On Windows,
// where numbers are given again at once, nothing is done.
func EndDescendants(cmd *exec.Cmd) {
	if cmd.Process != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // ESRCH: nothing is left
	}
}
