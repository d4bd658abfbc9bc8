//go:build !linux && !windows

package cli

// readerRuns reports false, because these systems offer terminal programs no way to detect a screen
// reader.
func readerRuns(func(string) string) bool { return false }
