package timeline

import (
	"weft/ui/run"
)

// Workers turns the view with one row per worker on or off. The selection moves with it: between
// the step's row and that of the worker that ran the selected execution.
func (m *Model) Workers() {
	_, e := m.Selected()
	picked := m.picked
	m.workers, m.top = !m.workers, 0
	m.version++
	m.layout()
	switch {
	case e == nil:
		m.selected, m.picked = key{}, nil
	case m.workers:
		m.choose(m.workerKey(e))
		m.picked = picked
	default:
		k := key{kind: executionRow, step: e.Step, exec: picked}
		if m.index(k) < 0 {
			k = key{kind: stepRow, step: e.Step}
		}
		m.choose(k)
		m.picked = picked
	}
	m.reveal()
}

// workerKey returns the row of the last worker of an execution; that of the run if it had none.
func (m *Model) workerKey(e *run.Execution) (k key) {
	v := m.View()
	n := workerOf(v, e)
	for _, w := range v.Workers(e.Step) {
		if w.Number == n {
			return key{kind: workerRow, step: e.Step, work: w}
		}
	}
	return k
}

// layoutWorkers lists the workers of each step. Below a worker come the sub-workflows that it ran,
// each with its own workers: workers of two sub-workflows have the same names, and only the tree
// distinguishes them.
func (m *Model) layoutWorkers(f *rowFilter, w *run.Workflow, depth int, guides uint32) {
	steps := f.steps(w)
	for i, s := range steps {
		ran := map[int][]*run.Execution{} // executions by worker, of a step that runs sub-workflows
		if len(f.all.Children(s)) > 0 {
			for _, e := range f.executions(s) {
				n := workerOf(f.all, e)
				ran[n] = append(ran[n], e)
			}
		}
		var workers []*run.Worker
		for _, k := range f.all.Workers(s) {
			if f.own(s) || len(ran[k.Number]) > 0 {
				workers = append(workers, k)
			}
		}
		for j, k := range workers {
			r := row{key: key{kind: workerRow, step: s, work: k}, depth: depth, guides: guides, last: i == len(steps)-1 && j == len(workers)-1}
			m.lines = append(m.lines, segment{row: r})
			below := under(guides, depth, r.last)
			switch es := ran[k.Number]; {
			case len(es) != 1 || len(f.all.Executions(s)) > 1:
				m.layoutRuns(f, es, depth+1, below, m.layoutWorkers)
			case len(f.all.SubWorkflows(es[0])) > 1:
				m.layoutAttempts(f, es[0], depth+1, below, m.layoutWorkers)
			default:
				for _, inner := range f.all.SubWorkflows(es[0]) {
					m.layoutWorkers(f, inner, depth+1, below)
				}
			}
		}
	}
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
