//go:build unix && !race

package load_test

// raceDetector reports whether the race detector is on, which multiplies the memory use.
const raceDetector = false
