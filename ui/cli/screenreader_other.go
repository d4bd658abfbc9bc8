//go:build !linux && !windows

package cli

// readerRuns reports false: this system tells it to no program of a terminal.
func readerRuns(func(string) string) bool { return false }
