// Package fork is the screen on which a run is forked: a person chooses the step from which the run
// is done again, edits the event that this step gets, and chooses model, workflow, faults and a
// breakpoint for the new run. The screen says before what is kept and what is done again.
//
// Everything here works on a view of the run; what is chosen is returned as a [Request]. See
// flow.Fork for what a fork is.
package fork

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"weft/flow/show"
	"weft/ui/compare"
	"weft/ui/run"
)

// A Request says how a run is forked. The zero values of the fields below Payload mean: as for a
// question that is asked now.
type Request struct {
	Run     string          // the identifier of the run that is forked
	At      uint64          // the number of its last record that the fork shares
	Event   uint64          // the event that is edited; 0: none
	Payload json.RawMessage // the edited event
	Start   bool            // the event is the one that started the run

	Workflow   string // only with Start: the workflow that the event starts
	Model      string
	Faults     string // as the setting fault, such as "synthesize:delay=2s"
	StopBefore string // a step or a type of event, before which the fork is paused
}

// A Point is a place where a run can be forked: before an execution of a step.
type Point struct {
	Execution *run.Execution
	At        uint64 // the number of the last record before it
	When      time.Duration
	// Event is what the execution gets; nil if it is a join, which gets the results of a fan-out.
	Event *run.Event
	Start bool // Event started the run itself
}

// Points returns the places where a run can be forked, in the order of its executions.
func Points(v run.View) (points []Point) {
	if v.Root() == nil {
		return nil
	}
	for _, e := range v.AllExecutions() {
		at := v.Record(e.Began()).Seq - 1
		if at == 0 { // of a journal whose past is lost
			continue
		}
		p := Point{Execution: e, At: at, When: v.Time(e.Began()), Event: v.Event(e.Cause)}
		p.Start = p.Event != nil && p.Event.Position == 1 && e.Step.Workflow == v.Root()
		points = append(points, p)
	}
	return points
}

// A Row says how much of a step of the run is kept and done again in a fork.
type Row struct {
	Path, Name string // with and without the steps whose sub-workflow has the step
	Depth      int
	Kept       int // executions that are over, and are not done again
	Again      int // those that were done after the point; the fork may need others
	Tokens     int // that models read and wrote in those that are done again
	Kepts      []Stretch
	Agains     []Stretch
	Executions []*run.Execution
}

// A Stretch is a part of a run's time.
type Stretch = run.Stretch

// A Plan says what a fork keeps and what it does again.
type Plan struct {
	Rows          []Row // in the order in which the steps began
	Kept, Again   int   // steps
	Read, Written int   // tokens of the executions that are done again
	End           time.Duration
}

// PlanOf returns the plan of a fork at a point. now is the time up to which executions that have not
// ended are counted.
func PlanOf(v run.View, p Point, now time.Time) (plan Plan) {
	plan.End = v.ActiveTime(now)
	index := map[string]int{}
	for _, e := range v.AllExecutions() {
		path, depth := compare.Path(e)
		i, ok := index[path]
		if !ok {
			i = len(plan.Rows)
			index[path] = i
			plan.Rows = append(plan.Rows, Row{Path: path, Name: e.Step.Name, Depth: depth})
		}
		r := &plan.Rows[i]
		r.Executions = append(r.Executions, e)
		var all []Stretch
		for _, t := range e.Attempts(v, plan.End) {
			all = append(all, Stretch{From: t.Started, To: max(t.Ended, t.Started)})
		}
		if phase, since, _ := e.Phase(v); phase == run.Ended && v.Record(since).Seq <= p.At {
			r.Kept++
			r.Kepts = append(r.Kepts, all...)
			continue
		}
		r.Again++
		r.Agains = append(r.Agains, all...)
		for _, c := range e.Calls(v) {
			if c.Operation == show.OperationChat {
				plan.Read += c.PromptTokens
				plan.Written += c.CompletionTokens
				r.Tokens += c.PromptTokens + c.CompletionTokens
			}
		}
	}
	for _, r := range plan.Rows {
		if r.Again > 0 {
			plan.Again++
		} else {
			plan.Kept++
		}
	}
	return plan
}

// PointAt returns the index of the point of an execution, or of the first execution of a step if e
// is nil; 0 if there is none.
func PointAt(points []Point, e *run.Execution, step string) int {
	i := slices.IndexFunc(points, func(p Point) bool {
		return e != nil && p.Execution == e || e == nil && strings.EqualFold(p.Execution.Step.Name, step)
	})
	return max(i, 0)
}
