package cli

import (
	"fmt"
	"strings"
)

// screenReader reports whether to write lines of text for a screen reader instead of drawing a
// screen. With the setting auto, a running screen reader is detected as far as the system allows.
func (s *settings) screenReader() (bool, error) {
	switch o := s.ScreenReader; strings.ToLower(o.value) {
	case "auto", "":
		return screenReaderRuns(s.getenv), nil
	case "on", "true", "yes", "1":
		return true, nil
	case "off", "false", "no", "0":
		return false, nil
	default:
		return false, usageError{fmt.Errorf("screen_reader from %s is %q: it must be auto, on or off", o.from, o.value)}
	}
}

// screenReaderRuns reports whether a screen reader is known to be in use. The variable ACCESSIBLE,
// which several terminal programs honour, takes precedence over detection.
func screenReaderRuns(getenv func(string) string) bool {
	switch strings.ToLower(getenv("ACCESSIBLE")) {
	case "":
		return readerRuns(getenv)
	case "0", "false", "no", "off":
		return false
	}
	return true
}
