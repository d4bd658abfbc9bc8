package cli

import (
	"maps"
	"slices"
	"sync"

	"weft/flow"
)

// liveRuns are the runs that a session has started, by identifier.
type liveRuns struct {
	mu   sync.Mutex
	byID map[string]flow.Handle
}

// add adds a run.
func (l *liveRuns) add(run flow.Handle) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.byID[run.ID()] = run
}

// find returns the run with an identifier.
func (l *liveRuns) find(id string) (flow.Handle, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	run, ok := l.byID[id]
	return run, ok
}

// forget removes a run.
func (l *liveRuns) forget(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.byID, id)
}

// wait waits until all runs have ended.
func (l *liveRuns) wait() {
	l.mu.Lock()
	runs := slices.Collect(maps.Values(l.byID))
	l.mu.Unlock()
	for _, run := range runs {
		<-run.Done()
	}
}
