//go:build race

package journal

// raceFactor is by how much tests that read many damaged journals do less, because the race
// detector makes them as much slower. It is odd, so that every bit of a byte has its turn.
const raceFactor = 11
