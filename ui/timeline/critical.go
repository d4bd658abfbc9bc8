package timeline

import (
	"sort"
	"time"

	"weft/ui/run"
)

// A criticalPath is the chain of executions that the end of the run, or the moment that is shown,
// had to wait for. It is cached while the run continues: only the new end of the path is computed.
type criticalPath struct {
	of    *run.Run
	at    int // position at which the path ends
	path  []*run.Execution
	place map[*run.Execution]int // index in path
	steps map[*run.Step][]*run.Execution
}

// update makes c the path to the moment of a view, and returns it.
func (c *criticalPath) update(v run.View) *criticalPath {
	if c.of != v.Run() {
		*c = criticalPath{of: v.Run(), place: map[*run.Execution]int{}, steps: map[*run.Step][]*run.Execution{}}
	}
	if c.at == v.Position() {
		return c
	}
	c.at = v.Position()
	var fresh []*run.Execution
	keep := 0
	for e := range v.Critical() {
		if i, known := c.place[e]; known {
			keep = i + 1
			break
		}
		fresh = append(fresh, e)
	}
	for i := len(c.path) - 1; i >= keep; i-- {
		e := c.path[i]
		delete(c.place, e)
		c.steps[e.Step] = c.steps[e.Step][:len(c.steps[e.Step])-1]
	}
	c.path = c.path[:keep]
	for i := len(fresh) - 1; i >= 0; i-- {
		e := fresh[i]
		c.place[e] = len(c.path)
		c.path = append(c.path, e)
		c.steps[e.Step] = append(c.steps[e.Step], e)
	}
	return c
}

// has reports whether an execution is on the path.
func (c *criticalPath) has(e *run.Execution) bool { _, ok := c.place[e]; return ok }

// maxCandidates limits how many executions of a step are examined for one column. The executions of
// a critical path follow each other in time, because each caused the next.
const maxCandidates = 4

// within reports whether an execution of the path ran between two times: one of step, by the worker
// with the number (0 means any).
func (c *criticalPath) within(v run.View, step *run.Step, worker int, from, to time.Duration) bool {
	es := c.steps[step]
	n := sort.Search(len(es), func(i int) bool { return v.Time(es[i].Began()) >= to })
	for i := n - 1; i >= max(0, n-maxCandidates); i-- {
		for s := range es[i].Spans(v) {
			if s.Phase == run.Running && (worker == 0 || s.Worker == worker) && v.Time(s.From) < to && (s.To == 0 || v.Time(s.To) >= from) {
				return true
			}
		}
	}
	return false
}
