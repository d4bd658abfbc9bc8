//go:build !unix

package proctree

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
)

func attributes() *syscall.SysProcAttr { return nil }

// end ends a program and its descendants with the program taskkill of Windows. If that is not
// possible, it kills the program.
func end(cmd *exec.Cmd) error {
	taskkill := filepath.Join(os.Getenv("SystemRoot"), "System32", "taskkill.exe")
	if exec.Command(taskkill, "/T", "/F", "/PID", strconv.Itoa(cmd.Process.Pid)).Run() == nil {
		return nil
	}
	return cmd.Process.Kill()
}

// EndDescendants does nothing: the number of a program that has ended may be that of another one.
func EndDescendants(*exec.Cmd) {}
