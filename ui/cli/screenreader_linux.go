package cli

import "os"

// readerRuns reports whether Speakup, the kernel's screen reader, reads this console. Detecting a
// desktop's screen reader needs a D-Bus call, which is not worth the delay at each start.
func readerRuns(getenv func(string) string) bool {
	_, err := os.Stat("/sys/accessibility/speakup/synth")
	return err == nil && getenv("TERM") == "linux"
}
