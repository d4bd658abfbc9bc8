//go:build unix && !race

package load_test

// raceDetector reports whether the race detector is on, which takes several times the memory.
const raceDetector = false
