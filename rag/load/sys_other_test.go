//go:build !unix

package load

import "os/exec"

func makeFIFO(string) bool { return false }

func dropRights(*exec.Cmd) bool { return false }
