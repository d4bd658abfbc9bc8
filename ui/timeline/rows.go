package timeline

import (
	"sort"

	"weft/flow"
	"weft/ui/run"
)

// A kind of row.
type kind uint8

const (
	workflowRow kind = iota // the row of the run
	stepRow
	executionRow
	attemptRow // an attempt of an execution that runs a sub-workflow, where there are several
	workerRow
	plannedRow // a step that has not started
	errorRow   // the error of the row above
	spreadRow  // the spread of the executions of the row above
	retryRow   // why the row above is tried again, and when
)

// A key identifies what a row shows; it stays the same while rows come and go.
type key struct {
	kind kind
	step *run.Step
	exec *run.Execution
	work *run.Worker
	sub  *run.Workflow // the sub-workflow of an attempt
	plan string
}

// A row is a line of the timeline.
type row struct {
	key
	workflow *run.Workflow // of a workflowRow or attemptRow, or the only sub-workflow of the row
	depth    int
	guides   uint32 // bit d: the line of the tree at depth d continues below
	last     bool   // the last of its siblings
	open     bool   // of a stepRow: its executions or sub-workflows are listed below
	error    string
}

// A segment is one row, or many rows of the same kind: the executions of an unfolded step.
type segment struct {
	row
	execs []*run.Execution
}

func (s *segment) rows() int {
	if s.execs != nil {
		return len(s.execs)
	}
	return 1
}

// A layoutOf is everything that the rows depend on.
type layoutOf struct {
	run     *run.Run
	version uint64
	records int
	at      int
}

// unfoldMax is how many concurrent executions or sub-workflows a step may have to be unfolded by
// default.
const unfoldMax = 4

// spreadFrom is the number of concurrent executions from which a step shows their spread.
const spreadFrom = 8

// detail reports whether a row belongs to the one above it and cannot be selected.
func (k kind) detail() bool { return k == errorRow || k == spreadRow || k == retryRow }

// layout lists the rows. They are computed from all that is known, independent of the moment that
// is shown, so that rows stay in place while the user travels in time.
func (m *Model) layout() {
	now := layoutOf{m.run, m.version, 0, m.at}
	if m.run != nil {
		now.records = m.run.Len()
	}
	if now == m.laid {
		return
	}
	m.laid = now
	m.lines = m.lines[:0]
	if now.records == 0 {
		return
	}
	all := m.run.Now()
	root := all.Root()
	m.lines = append(m.lines, segment{row: row{key: key{kind: workflowRow}, workflow: root}})
	if f := m.rowFilter(all); m.workers {
		m.layoutWorkers(f, root, 1, 0)
	} else {
		m.layoutSteps(f, root, 1, 0)
	}
}

func (m *Model) layoutSteps(f *rowFilter, w *run.Workflow, depth int, guides uint32) {
	all, steps := f.all, f.steps(w)
	var planned []string
	if depth == 1 {
		planned = m.planned(all, all.Steps(w))
	}
	for i, s := range steps {
		last := i == len(steps)-1 && len(planned) == 0
		below := under(guides, depth, last)
		runs, execs := all.Children(s), all.Executions(s)
		r := row{key: key{kind: stepRow, step: s}, depth: depth, guides: guides, last: last, open: m.unfolded(all, s) || f.opens(s)}
		if len(runs) == 1 && len(execs) == 1 {
			r.workflow = runs[0]
		}
		m.lines = append(m.lines, segment{row: r})
		if err := m.failure(s); err != "" {
			m.lines = append(m.lines, segment{row: row{key: key{kind: errorRow, step: s}, depth: depth, guides: below, error: err}})
		}
		if _, again := s.Retry(m.View(), m.elapsed()); again {
			m.lines = append(m.lines, segment{row: row{key: key{kind: retryRow, step: s}, depth: depth, guides: below}})
		}
		if spreads(all, s) {
			m.lines = append(m.lines, segment{row: row{key: key{kind: spreadRow, step: s}, depth: depth, guides: below}})
		}
		switch {
		case !r.open:
		case r.workflow != nil:
			m.layoutSteps(f, r.workflow, depth+1, below)
		case len(execs) == 1:
			m.layoutAttempts(f, execs[0], depth+1, below, m.layoutSteps)
		case len(runs) > 0:
			m.layoutRuns(f, f.executions(s), depth+1, below, m.layoutSteps)
		default:
			if execs = f.executions(s); len(execs) > 0 {
				m.lines = append(m.lines, segment{row: row{key: key{kind: executionRow, step: s}, depth: depth + 1, guides: below}, execs: execs})
			}
		}
	}
	for i, name := range planned {
		m.lines = append(m.lines, segment{row: row{key: key{kind: plannedRow, plan: name}, depth: depth, guides: guides, last: i == len(planned)-1}})
	}
}

// layoutRuns lists executions that run sub-workflows, with the rows of these.
func (m *Model) layoutRuns(f *rowFilter, execs []*run.Execution, depth int, guides uint32, inner inner) {
	for i, e := range execs {
		r := row{key: key{kind: executionRow, step: e.Step, exec: e}, depth: depth, guides: guides, last: i == len(execs)-1}
		runs, below := f.all.SubWorkflows(e), under(guides, depth, r.last)
		if len(runs) == 1 {
			r.workflow = runs[0]
		}
		m.lines = append(m.lines, segment{row: r})
		if r.workflow != nil {
			inner(f, r.workflow, depth+1, below)
		} else {
			m.layoutAttempts(f, e, depth+1, below, inner)
		}
	}
}

// An inner lists the rows of a sub-workflow.
type inner func(f *rowFilter, w *run.Workflow, depth int, guides uint32)

// layoutAttempts lists the sub-workflows that the attempts of an execution run.
func (m *Model) layoutAttempts(f *rowFilter, e *run.Execution, depth int, guides uint32, inner inner) {
	runs := keep(f, f.all.SubWorkflows(e), f.workflow)
	for i, w := range runs {
		r := row{key: key{kind: attemptRow, step: e.Step, exec: e, sub: w}, workflow: w, depth: depth, guides: guides, last: i == len(runs)-1}
		m.lines = append(m.lines, segment{row: r})
		inner(f, w, depth+1, under(guides, depth, r.last))
	}
}

// under returns the guides of the rows below a row.
func under(guides uint32, depth int, last bool) uint32 {
	if !last {
		guides |= 1 << min(depth, 31)
	}
	return guides
}

// planned lists the steps that have not started. In a finished run they never will, and are not
// listed.
func (m *Model) planned(all run.View, steps []*run.Step) (names []string) {
	if all.Over() || m.filter != nil {
		return nil
	}
	started := make(map[string]bool, len(steps))
	for _, s := range steps {
		started[s.Name] = true
	}
	for _, s := range m.graph.Steps {
		if !started[s.Name] {
			names = append(names, s.Name)
		}
	}
	return names
}

// limit returns how many executions of a step may run at once; 0 if it is not known.
func (m *Model) limit(s *run.Step) int {
	if g := m.graphOf(s.Workflow); g != nil {
		for i := range g.Steps {
			if g.Steps[i].Name == s.Name {
				return g.Steps[i].Workers
			}
		}
	}
	return 0
}

// graphOf returns the graph of the run's workflow or of a sub-workflow; nil if it is not known.
func (m *Model) graphOf(w *run.Workflow) *flow.Graph {
	if w.Parent == nil {
		return &m.graph
	}
	if g := m.graphOf(w.Parent.Step.Workflow); g != nil {
		for i := range g.Steps {
			if g.Steps[i].Name == w.Parent.Step.Name {
				return g.Steps[i].Graph
			}
		}
	}
	return nil
}

// failure returns the first line of the error with which the last execution of a step failed for
// good.
func (m *Model) failure(s *run.Step) string {
	v := m.View()
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

// foldable reports whether a step has more than one row to show.
func foldable(v run.View, s *run.Step) bool {
	return len(v.Executions(s)) > 1 || len(v.Children(s)) > 0
}

func (m *Model) unfolded(v run.View, s *run.Step) bool {
	if folded, told := m.folds[s]; told {
		return !folded && foldable(v, s)
	}
	if n := len(v.Children(s)); n > 0 {
		return n <= unfoldMax
	}
	return len(v.Executions(s)) <= unfoldMax && s.Lane.Peak(v) > 1
}

// count returns the number of rows.
func (m *Model) count() (n int) {
	for i := range m.lines {
		n += m.lines[i].rows()
	}
	return n
}

// row returns row number i.
func (m *Model) row(i int) (row, bool) {
	for j := range m.lines {
		s := &m.lines[j]
		n := s.rows()
		if i >= n {
			i -= n
			continue
		}
		if i < 0 {
			break
		}
		r := s.row
		if s.execs != nil {
			r.exec, r.last = s.execs[i], i == n-1
		}
		return r, true
	}
	return row{}, false
}

// index returns the number of the row with key k, or -1.
func (m *Model) index(k key) int {
	n := 0
	for j := range m.lines {
		s := &m.lines[j]
		switch {
		case s.execs == nil && s.key == k:
			return n
		case s.execs != nil && k.kind == executionRow && k.step == s.step && k.exec != nil:
			if i := sort.Search(len(s.execs), func(i int) bool { return s.execs[i].Number >= k.exec.Number }); i < len(s.execs) && s.execs[i] == k.exec {
				return n + i
			}
		}
		n += s.rows()
	}
	return -1
}
