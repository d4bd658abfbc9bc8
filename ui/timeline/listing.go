package timeline

import (
	"time"

	"weft/ui/run"
)

// A listing lists the rows of a tree once.
type listing struct {
	tree    *tree
	filter  *rowFilter
	shown   run.View      // the run at the moment that is shown
	until   time.Duration // that moment
	planned []string      // the steps that have not started
}

// steps lists the steps of a workflow, with what is unfolded below them.
func (l *listing) steps(w *run.Workflow, depth int, guides uint32) {
	all, steps := l.filter.all, l.filter.steps(w)
	var planned []string
	if depth == 1 {
		planned = l.planned
	}
	for i, s := range steps {
		last := i == len(steps)-1 && len(planned) == 0
		below := under(guides, depth, last)
		runs, execs := all.Children(s), all.Executions(s)
		r := row{key: key{kind: stepRow, step: s}, depth: depth, guides: guides, last: last, open: l.tree.unfolded(all, s) || l.filter.opens(s)}
		if len(runs) == 1 && len(execs) == 1 {
			r.workflow = runs[0]
		}
		l.tree.add(r)
		if err := failure(l.shown, s); err != "" {
			l.tree.add(row{key: key{kind: errorRow, step: s}, depth: depth, guides: below, error: err})
		}
		if _, again := s.Retry(l.shown, l.until); again {
			l.tree.add(row{key: key{kind: retryRow, step: s}, depth: depth, guides: below})
		}
		if spreads(all, s) {
			l.tree.add(row{key: key{kind: spreadRow, step: s}, depth: depth, guides: below})
		}
		switch {
		case !r.open:
		case r.workflow != nil:
			l.steps(r.workflow, depth+1, below)
		case len(execs) == 1:
			l.attempts(execs[0], depth+1, below, l.steps)
		case len(runs) > 0:
			l.runs(l.filter.executions(s), depth+1, below, l.steps)
		default:
			if execs = l.filter.executions(s); len(execs) > 0 {
				l.tree.lines = append(l.tree.lines, segment{row: row{key: key{kind: executionRow, step: s}, depth: depth + 1, guides: below}, execs: execs})
			}
		}
	}
	for i, name := range planned {
		l.tree.add(row{key: key{kind: plannedRow, plan: name}, depth: depth, guides: guides, last: i == len(planned)-1})
	}
}

// runs lists executions that run sub-workflows, with the rows of these.
func (l *listing) runs(execs []*run.Execution, depth int, guides uint32, inner inner) {
	for i, e := range execs {
		r := row{key: key{kind: executionRow, step: e.Step, exec: e}, depth: depth, guides: guides, last: i == len(execs)-1}
		runs, below := l.filter.all.SubWorkflows(e), under(guides, depth, r.last)
		if len(runs) == 1 {
			r.workflow = runs[0]
		}
		l.tree.add(r)
		if r.workflow != nil {
			inner(r.workflow, depth+1, below)
		} else {
			l.attempts(e, depth+1, below, inner)
		}
	}
}

// An inner lists the rows of a sub-workflow.
type inner func(w *run.Workflow, depth int, guides uint32)

// attempts lists the sub-workflows that the attempts of an execution run.
func (l *listing) attempts(e *run.Execution, depth int, guides uint32, inner inner) {
	runs := keep(l.filter, l.filter.all.SubWorkflows(e), l.filter.workflow)
	for i, w := range runs {
		r := row{key: key{kind: attemptRow, step: e.Step, exec: e, sub: w}, workflow: w, depth: depth, guides: guides, last: i == len(runs)-1}
		l.tree.add(r)
		inner(w, depth+1, under(guides, depth, r.last))
	}
}

// under returns the guides of the rows below a row.
func under(guides uint32, depth int, last bool) uint32 {
	if !last {
		guides |= 1 << min(depth, 31)
	}
	return guides
}

// workers lists the workers of each step. Below a worker come the sub-workflows that it ran,
// each with its own workers: workers of two sub-workflows have the same names, and only the tree
// distinguishes them.
func (l *listing) workers(w *run.Workflow, depth int, guides uint32) {
	steps := l.filter.steps(w)
	for i, s := range steps {
		ran := map[int][]*run.Execution{} // executions by worker, of a step that runs sub-workflows
		if len(l.filter.all.Children(s)) > 0 {
			for _, e := range l.filter.executions(s) {
				n := workerOf(l.filter.all, e)
				ran[n] = append(ran[n], e)
			}
		}
		var workers []*run.Worker
		for _, k := range l.filter.all.Workers(s) {
			if l.filter.own(s) || len(ran[k.Number]) > 0 {
				workers = append(workers, k)
			}
		}
		for j, k := range workers {
			r := row{key: key{kind: workerRow, step: s, work: k}, depth: depth, guides: guides, last: i == len(steps)-1 && j == len(workers)-1}
			l.tree.add(r)
			below := under(guides, depth, r.last)
			switch es := ran[k.Number]; {
			case len(es) != 1 || len(l.filter.all.Executions(s)) > 1:
				l.runs(es, depth+1, below, l.workers)
			case len(l.filter.all.SubWorkflows(es[0])) > 1:
				l.attempts(es[0], depth+1, below, l.workers)
			default:
				for _, inner := range l.filter.all.SubWorkflows(es[0]) {
					l.workers(inner, depth+1, below)
				}
			}
		}
	}
}

// failure returns the first line of the error with which the last execution of a step failed for
// good.
func failure(v run.View, s *run.Step) string {
	if s.Lane.Count(v).Failed == 0 {
		for _, e := range v.Interrupted() {
			if e.Step == s {
				text, _ := v.Error()
				return firstLine(text)
			}
		}
		return ""
	}
	fs := v.Failures()
	for i := len(fs) - 1; i >= max(0, len(fs)-1000); i-- {
		rec := v.Record(fs[i])
		if e := v.Execution(rec.Execution); e != nil && e.Step == s && rec.Due.IsZero() {
			text := firstLine(rec.Error)
			if next := e.Effects(v); len(next) > 0 {
				text += " → " + next[0].Step.Name // a recovery step took it
			}
			return text
		}
	}
	return ""
}

// workerOf returns the number of the last worker of an execution; 0 if it had none.
func workerOf(v run.View, e *run.Execution) (n int) {
	for s := range e.Spans(v) {
		if s.Worker > 0 {
			n = s.Worker
		}
	}
	return n
}

// workerKey returns the row of the last worker of an execution; that of the run if it had none.
func workerKey(v run.View, e *run.Execution) (k key) {
	n := workerOf(v, e)
	for _, w := range v.Workers(e.Step) {
		if w.Number == n {
			return key{kind: workerRow, step: e.Step, work: w}
		}
	}
	return k
}
