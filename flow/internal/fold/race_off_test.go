//go:build !race

package fold

// raceFactor is by how much the random tests do less, because the race detector makes them as much
// slower.
const raceFactor = 1
