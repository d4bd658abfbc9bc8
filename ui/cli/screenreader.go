package cli

import (
	"fmt"
	"strings"
)

// screenReader reports whether what happens is written as lines of text that a screen reader can read, in place of a screen that is
// drawn. Where nothing is said about it, a screen reader that runs is noticed as far as the system tells.
func (s *settings) screenReader() (bool, error) {
	switch o := s.ScreenReader; strings.ToLower(o.value) {
	case "auto", "":
		return listening(s.getenv), nil
	case "on", "true", "yes", "1":
		return true, nil
	case "off", "false", "no", "0":
		return false, nil
	default:
		return false, usageError{fmt.Errorf("screen_reader from %s is %q: it must be auto, on or off", o.from, o.value)}
	}
}

// listening reports whether somebody is known to listen: ACCESSIBLE says so for several programs of the terminal, and some systems
// tell whether a screen reader runs.
func listening(getenv func(string) string) bool {
	switch strings.ToLower(getenv("ACCESSIBLE")) {
	case "":
		return readerRuns(getenv)
	case "0", "false", "no", "off":
		return false
	}
	return true
}
