// Package proctree ends programs together with the programs that these have started.
package proctree

import "os/exec"

// Own prepares a command that has not been started. Its program leads a process group of its own
// (on Unix), so that the terminal's signals do not reach it. If the command has a context, its end
// ends the program and its descendants.
func Own(cmd *exec.Cmd) {
	cmd.SysProcAttr = attributes()
	if cmd.Cancel != nil {
		cmd.Cancel = func() error { return end(cmd) }
	}
}

// Run runs an owned command as [exec.Cmd.Run] does, and then ends the descendants that are left.
func Run(cmd *exec.Cmd) error {
	err := cmd.Run()
	EndDescendants(cmd)
	return err
}
