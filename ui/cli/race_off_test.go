//go:build !race

package cli

// testsPerProcessor is how many tests run at a time for each processor.
const testsPerProcessor = 4
