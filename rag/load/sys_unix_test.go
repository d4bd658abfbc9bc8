//go:build unix

package load

import (
	"os/exec"
	"syscall"
)

func makeFIFO(file string) bool { return syscall.Mkfifo(file, 0o644) == nil }

// dropRights makes a command run as the unprivileged user "nobody".
func dropRights(cmd *exec.Cmd) bool {
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	return true
}
