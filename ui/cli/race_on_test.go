//go:build race

package cli

// testsPerProcessor is how many tests run at a time for each processor. With the race
// detector they use the processor more than they wait.
const testsPerProcessor = 3
