package cli

import "os"

// readerRuns reports whether Speakup reads the console: it is part of the kernel. What reads the windows of a desktop tells nobody
// without a call to its bus, which is not worth the wait at each start.
func readerRuns(getenv func(string) string) bool {
	_, err := os.Stat("/sys/accessibility/speakup/synth")
	return err == nil && getenv("TERM") == "linux"
}
